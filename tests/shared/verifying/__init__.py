"""`siku verify` says yes to a sound system, and names whatever is not as it must be."""
