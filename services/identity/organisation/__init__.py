"""机构: the units over time; what was reported under an old one stays its own."""
