"""Jobs by the clock. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="batch",
    version="v1",
    kind="CronJob",
    plural="cronjobs",
    namespaced=True,
    short_names=("cj",),
    categories=("all",),
    subresources=(status_subresource("CronJob"),),
    has_status=True,
    has_generation=True,
)
