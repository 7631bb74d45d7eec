"""机器账号: another system acts for a unit, within what it was given."""
