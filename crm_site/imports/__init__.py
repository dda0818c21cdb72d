"""Reads the tables of other programs: a CSV file, and a mapping file that says what its columns mean."""
