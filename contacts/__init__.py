"""Contacts: the people one sells to."""
