"""Lines of a lab's audit log on their way from the web process that answered to the worker, who keeps the file."""

from __future__ import annotations

from django.db import models

from cluster.models.lab import Lab


class AuditLine(models.Model):
    """One line; rows are appended in order of `id` and then forgotten."""

    lab = models.ForeignKey(Lab, models.CASCADE, db_constraint=False, related_name="+")
    text = models.TextField()

    def __str__(self) -> str:
        return self.text
