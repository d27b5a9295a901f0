"""Fragments of the lab page, and the small answers its scripts ask for."""
