"""A person at the glass: known by a signed cookie alone, no account."""

from __future__ import annotations

import secrets

from django.db import models

LOCAL = "local"  # owns what management commands make: whoever sits at this machine


def new_visitor_id() -> str:
    return secrets.token_urlsafe(18)


class Visitor(models.Model):
    id = models.CharField(max_length=64, primary_key=True, default=new_visitor_id)
    created = models.DateTimeField(auto_now_add=True)
    language = models.CharField(max_length=16, blank=True)

    def __str__(self) -> str:
        return self.id
