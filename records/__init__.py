"""What every CRM record shares: id, timestamps, who may see it, its history and its pages."""
