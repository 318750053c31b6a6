"""Where the raw files come from."""
