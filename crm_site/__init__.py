"""The site: settings, addresses, start-up."""
