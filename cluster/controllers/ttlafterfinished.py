"""TTL after finished: deletes finished Jobs when `ttlSecondsAfterFinished` is over.

https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
"""

from __future__ import annotations

from collections.abc import Mapping

from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import is_deleting, name, namespace, uid


class TtlAfterFinishedController(Controller):
    name = "ttl-after-finished"
    account = "ttl-after-finished-controller"
    source = "ttl-after-finished-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {"jobs.batch": own_key}

    def reconcile(self, key: str) -> float | None:
        job = self.store.get("jobs.batch", *split(key))
        if job is None or is_deleting(job) or job["spec"].get("ttlSecondsAfterFinished") is None:
            return None
        ended = [
            each["lastTransitionTime"]
            for each in (job.get("status") or {}).get("conditions") or ()
            if each["type"] in ("Complete", "Failed") and each["status"] == "True"
        ]
        if not ended:
            return None
        wait = parse_timestamp(ended[0]) + float(job["spec"]["ttlSecondsAfterFinished"]) - self.clock.now()
        if wait > 0:
            return wait
        options = {"propagationPolicy": "Foreground", "preconditions": {"uid": uid(job)}}
        try:
            self.client.delete("jobs.batch", name(job), namespace(job), options)
        except StatusError as error:
            if error.code != 404:
                raise
        return None
