"""The query side: what a where means, what is asked beside it, and lists and objects as JSON made in SQL."""
