"""Django's PostgreSQL backend with a cheaper way to see that a connection was lost."""
