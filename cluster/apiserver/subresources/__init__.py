"""Subresources: one file each, listed in `registry`."""
