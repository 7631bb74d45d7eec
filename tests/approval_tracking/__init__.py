"""审批: its rooms and its doors."""
