"""Proves lessons in virtual time: what must fail fails, what must pass passes, in both languages."""
