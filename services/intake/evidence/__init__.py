"""佐证附件: the files that a fact may name, and what a file must be to be kept."""
