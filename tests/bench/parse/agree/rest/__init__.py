"""Asks both servers the same in REST, and tells where they do not answer the same."""
