"""What an app developer opens first: the API described, from the tables that it answers from."""
