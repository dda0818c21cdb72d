"""Attacks and failures, by the cases of the security guidance."""
