"""The write side: bodies read into changes, whose a record is, and the statements that write it."""
