"""Documents, members and secrets as frozen values."""
