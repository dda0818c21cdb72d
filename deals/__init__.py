"""Deals: what may be sold, and how far it has come."""
