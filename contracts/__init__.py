"""The published language: the only thing that two services share about the domain."""
