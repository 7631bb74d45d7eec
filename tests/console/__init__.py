"""The console's pages on sample rows in a real PostgreSQL."""
