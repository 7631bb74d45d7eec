"""Where commands come in."""
