"""Companies: the organisations that contacts and deals belong to."""
