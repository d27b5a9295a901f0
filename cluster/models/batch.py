"""Rows of batch."""

from __future__ import annotations

from cluster.models.base import KubeObject, at, condition, short


class CronJob(KubeObject):
    RESOURCE = "cronjobs.batch"
    TYPED = {"schedule": at("spec", "schedule")}

    schedule = short()


class Job(KubeObject):
    RESOURCE = "jobs.batch"
    TYPED = {"complete": condition("Complete")}

    complete = short(8)
