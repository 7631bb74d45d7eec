"""The schema of identity's own database."""
