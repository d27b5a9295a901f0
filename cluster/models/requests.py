"""The last requests of a lab's API server, as `cluster.apiserver.gates` remembers them."""

from __future__ import annotations

from django.db import models

from cluster.models.lab import Lab


class KeptRequest(models.Model):
    """One request. `serial` numbers a lab's requests from 1; `ring` says how long it is kept; `detail` is JSON."""

    lab = models.ForeignKey(Lab, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    serial = models.BigIntegerField()
    ring = models.CharField(max_length=12)
    time = models.FloatField()
    actor = models.CharField(max_length=253, blank=True)
    verb = models.CharField(max_length=32)
    resource = models.CharField(max_length=320, blank=True)
    namespace = models.CharField(max_length=253, blank=True)
    name = models.CharField(max_length=253, blank=True)
    code = models.IntegerField()
    revision = models.BigIntegerField(default=0)
    detail = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lab", "serial"], name="request_serial")]
        indexes = [models.Index(fields=["lab", "ring", "serial"], name="request_of_ring")]

    def __str__(self) -> str:
        return f"{self.serial} {self.verb} {self.resource} {self.namespace}/{self.name}"
