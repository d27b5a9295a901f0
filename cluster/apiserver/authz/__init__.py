"""Authorisation: who may do what."""
