"""The ways into identity."""
