"""A lab: one simulated cluster, its clock, its lease and its place in history."""

from __future__ import annotations

import secrets

from django.db import models

from cluster.models.visitor import Visitor

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_lab_id() -> str:
    """Return an id nobody guesses: 80 bits in letters that survive being read aloud."""
    return "".join(secrets.choice(LETTERS) for _ in range(16))


def new_token() -> str:
    return secrets.token_urlsafe(32)


class Lab(models.Model):
    """`slug` is the public id. The row's lock is the lab's lock: whoever writes the lab holds it.

    The clock: virtual now = `virtual_base` + (wall − `wall_base`) × `speed`, standing still while
    `paused`; never before `reached`, the moment up to which the simulation has run. `jump_to` is a
    moment to which timers are to be run as fast as possible. A lab nobody has looked at since
    `watched_at` for a while sleeps: no worker runs it until somebody comes back.
    """

    slug = models.CharField(max_length=32, unique=True, default=new_lab_id)
    name = models.CharField(max_length=63)
    owner = models.ForeignKey(Visitor, models.CASCADE, related_name="labs")
    token = models.CharField(max_length=64, default=new_token)
    made = models.DateTimeField(auto_now_add=True)
    settings = models.TextField(default="{}")  # LabSettings.data() as JSON

    revision = models.BigIntegerField(default=0)
    oldest = models.BigIntegerField(default=0)
    requests = models.BigIntegerField(default=0)  # the number of the last request that is remembered
    batch = models.BigIntegerField(default=0)  # commits by workers: another one's makes a replica stale

    virtual_base = models.FloatField(default=0)
    wall_base = models.FloatField(default=0)
    speed = models.FloatField(default=1)
    paused = models.BooleanField(default=False)
    reached = models.FloatField(default=0)
    jump_to = models.FloatField(null=True)
    next_due = models.FloatField(null=True)

    lease_holder = models.CharField(max_length=64, blank=True)
    lease_until = models.FloatField(default=0)
    watched_at = models.FloatField(default=0)  # wall time somebody last looked
    broken = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="lab_name_of_owner")]

    def __str__(self) -> str:
        return self.name
