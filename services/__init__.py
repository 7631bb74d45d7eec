"""The offices: one package each."""
