"""The questions that the console answers, each a read model of its own."""
