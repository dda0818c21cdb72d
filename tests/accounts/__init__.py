"""Tests of the people: sign-up, sign-in, sessions, profile and limits."""
