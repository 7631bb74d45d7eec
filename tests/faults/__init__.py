"""The whole city while its processes are killed in the middle of work."""
