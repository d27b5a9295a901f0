"""--validate: what it means for the server's field validation."""

from __future__ import annotations

from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError

_WORDS = {"strict": "Strict", "true": "Strict", "warn": "Warn", "ignore": "Ignore", "false": "Ignore"}


def field_validation(session: Session) -> str:
    """Return Strict, Warn or Ignore."""
    text = str(session.flags["validate"])
    if text not in _WORDS:
        raise CommandError(f'invalid - validate option "{text}"; must be one of: strict (or true), warn, ignore (or '
                           "false)")
    return _WORDS[text]
