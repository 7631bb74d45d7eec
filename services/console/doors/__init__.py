"""Where browsers come in."""
