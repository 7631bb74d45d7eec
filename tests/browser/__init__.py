"""A real Chromium on the whole system."""
