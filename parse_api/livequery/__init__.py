"""LiveQuery: queries whose answers go on (CONTRACT.md, section 22)."""
