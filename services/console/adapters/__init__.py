"""The offices whose doors the console knocks at with the user's own token."""
