"""Everything fails in turn while people work; afterwards nothing is lost and nothing doubled."""
