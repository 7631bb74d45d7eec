"""Every route, asked by every role about every organisation's projects, against a table."""
