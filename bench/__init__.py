"""How fast it is against what the machine could do: one file a question, each prints a ratio."""
