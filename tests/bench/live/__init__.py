"""LiveQuery beside parse-server's: how soon an event comes, how many come, what a subscription weighs."""
