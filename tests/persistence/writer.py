"""A process that is to be killed: it writes ConfigMaps while a worker runs the lab, and says what was acknowledged.

Run as `python -m tests.persistence.writer <lab> <prefix> <count>`; each acknowledged write is a line.
"""

from __future__ import annotations

import sys

import django


def main(slug: str, prefix: str, count: int) -> None:
    django.setup()
    from cluster.apiserver.client import Client
    from cluster.apiserver.openapi.documents import OpenApi
    from cluster.apiserver.request import ADMIN
    from cluster.persistence.worker_loop import WorkerLoop
    from cluster.web.gate import build_api, find
    from tests.persistence.outlet import Silent

    worker = WorkerLoop(Silent())
    worker.start()
    client = Client(build_api(find(slug), OpenApi()).server, ADMIN)
    print("ready", flush=True)
    for number in range(count):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{prefix}-{number}"}, "data": {"a": "b"}}
        made = client.create("configmaps", body, namespace="default")
        print(made["metadata"]["name"], made["metadata"]["resourceVersion"], flush=True)
    worker.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
