"""Measures pages at ten thousand and at a million deals: `make bench`. No part of the tests."""
