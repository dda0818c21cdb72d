"""Activities: calls, e-mails, meetings and notes about contacts and deals."""
