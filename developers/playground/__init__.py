"""The pages on which one tries the API against one's own data, by a session that was made for that."""
