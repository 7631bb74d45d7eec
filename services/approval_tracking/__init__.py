"""审批: which approvals a project needs, and on which days their terms run."""
