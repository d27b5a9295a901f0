"""A control-plane worker that says it is alive."""

from __future__ import annotations

from django.db import models


class Worker(models.Model):
    id = models.CharField(max_length=64, primary_key=True)
    beat = models.FloatField()  # wall time of its last heartbeat

    def __str__(self) -> str:
        return self.id
