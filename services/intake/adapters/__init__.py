"""What intake keeps beside its journal."""
