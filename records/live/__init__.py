"""What moves as soon as it is committed: the news of the change log, and who may hear of them."""
