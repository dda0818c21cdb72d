"""The people: users, roles, sessions, sign-up, sign-in and profile."""
