"""The live process: what moves on pages and in apps while others work."""
