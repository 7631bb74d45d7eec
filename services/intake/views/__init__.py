"""The questions that intake asks of its own facts, each a read model of its own."""
