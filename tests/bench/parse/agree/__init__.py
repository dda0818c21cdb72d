"""Asks both servers hundreds of requests, and tells where they do not answer the same."""
