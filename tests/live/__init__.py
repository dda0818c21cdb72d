"""What moves as soon as it is committed."""
