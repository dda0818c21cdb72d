"""Delta sync: a copy of what somebody may read, brought up to date without reading all of it again."""
