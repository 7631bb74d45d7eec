"""审批计划: the approvals of a project, from the plan to the last acceptance."""
