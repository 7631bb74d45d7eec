"""What the days and other services' facts do to plans: each finds in a view what may be due."""
