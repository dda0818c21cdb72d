"""What an app asks of the server itself: devices, settings, schemas, and what is not here."""
