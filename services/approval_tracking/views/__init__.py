"""What approval_tracking keeps of what it hears, to decide by and to answer from."""
