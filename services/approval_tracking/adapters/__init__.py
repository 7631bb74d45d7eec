"""What lies outside: SQL of its own."""
