"""The Parse protocol over the same records, gate and change log as the pages."""
