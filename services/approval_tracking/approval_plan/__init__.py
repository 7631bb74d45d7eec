"""The plan of approvals (审批计划) of a project: its items, their clocks, their milestones."""
