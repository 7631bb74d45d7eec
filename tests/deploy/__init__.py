"""The launcher, the table of what runs, and the compose file that must say the same."""
