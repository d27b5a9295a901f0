"""Auditing: who asked what, when, and with which answer, as a policy wants it told."""
