"""The revision log and the components' state book of a lab."""

from __future__ import annotations

from django.db import models

from cluster.models.lab import Lab


class Revision(models.Model):
    """One write. `previous` is the number of the revision that wrote the object before, 0 for none."""

    lab = models.ForeignKey(Lab, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    number = models.BigIntegerField()
    verb = models.CharField(max_length=8)
    resource = models.CharField(max_length=253)
    namespace = models.CharField(max_length=253, blank=True)
    name = models.CharField(max_length=253)
    object = models.TextField()
    previous = models.BigIntegerField(default=0)
    actor = models.CharField(max_length=253, blank=True)
    cause = models.TextField(blank=True)
    time = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lab", "number"], name="revision_number")]
        indexes = [
            models.Index(fields=["lab", "resource", "number"], name="revision_of_resource"),
            models.Index(fields=["lab", "resource", "namespace", "name", "number"], name="revision_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.verb} {self.resource} {self.namespace}/{self.name}"


class State(models.Model):
    """Explicit data of a component that is no API object (`StateBook`)."""

    lab = models.ForeignKey(Lab, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    key = models.CharField(max_length=512)
    value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lab", "key"], name="state_key")]

    def __str__(self) -> str:
        return self.key
