"""Authentication: who asks."""
