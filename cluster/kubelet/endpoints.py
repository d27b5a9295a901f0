"""The kubelet's own HTTP API, as the API server's node proxy reaches it: health, pods, metrics, logs.

Left out: profiling, cadvisor's metrics, streaming endpoints (those are exec, attach and port-forward).
https://kubernetes.io/docs/reference/node/kubelet-authn-authz/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from cluster.apiserver.context import Context
from cluster.apiserver.ports import Containers
from cluster.kubelet.machines import is_working, read_machine
from cluster.kubelet.volumes import node_files_key
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object
from cluster.machinery.quantity import parse
from cluster.workloads.process import WebReply, WebRequest

_TEXT = "text/plain; charset=utf-8"


class KubeletApi:
    """The kubelets of one lab, asked by node."""

    def __init__(self, context: Context, containers: Containers):
        self._context = context
        self._containers = containers

    def answer(self, node: str, request: WebRequest) -> WebReply:
        """Answer one request to a node's port 10250."""
        machine = read_machine(self._context.state, node)
        if machine is None or not machine["powered"]:
            return WebReply(error="unreachable")
        if not is_working(machine):
            return WebReply(error="refused")
        path = "/" + request.url.split("://", 1)[-1].partition("/")[2].partition("?")[0]
        if path.startswith("/containerLogs/"):
            return self._logs(path)
        if path == "/logs" or path.startswith("/logs/"):
            return self._files(node, path)
        found = _PATHS.get(path.rstrip("/") or "/")
        return found(self, node) if found else _text("404 page not found\n", 404)

    def pods(self, node: str) -> WebReply:
        return _json({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": self._on(node)})

    def _on(self, node: str) -> list[Object]:
        return [pod for pod in self._context.store.list("pods") if pod["spec"].get("nodeName") == node]

    def healthz(self, node: str) -> WebReply:
        return _text("ok")

    def configz(self, node: str) -> WebReply:
        config = self._context.config
        found = {
            "enableServer": True,
            "port": 10250,
            "staticPodPath": "/etc/kubernetes/manifests",
            "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True, "cacheTTL": "2m0s"}},
            "authorization": {"mode": "Webhook"},
            "clusterDomain": config.cluster_domain,
            "clusterDNS": [config.dns_ip],
            "maxPods": 110,
            "cgroupDriver": "systemd",
            "nodeStatusUpdateFrequency": "10s",
            "nodeLeaseDurationSeconds": 40,
        }
        return _json({"kubeletconfig": found})

    def summary(self, node: str) -> WebReply:
        """Tell what the node and its pods use, from the same numbers as the resource metrics."""
        pods = []
        for pod, measured in self._measured(node):
            metadata = pod["metadata"]
            containers = [{"name": one["name"], **self._usage(one["usage"])} for one in measured["containers"]]
            reference = {"name": metadata["name"], "namespace": metadata["namespace"], "uid": metadata["uid"]}
            pods.append({"podRef": reference, "startTime": metadata["creationTimestamp"], "containers": containers})
        total = next((one["usage"] for one in self._nodes() if one["metadata"]["name"] == node), None)
        machine = {"nodeName": node, **(self._usage(total) if total else {})}
        return _json({"node": machine, "pods": pods})

    def _nodes(self) -> list[Object]:
        metrics = self._context.config.options.get("metrics")
        return list(metrics.node_metrics()) if metrics else []

    def _measured(self, node: str) -> list[tuple[Object, Object]]:
        metrics = self._context.config.options.get("metrics")
        found = metrics.pod_metrics() if metrics else []
        known = {(one["metadata"]["namespace"], one["metadata"]["name"]): one for one in found}
        keys = [((pod["metadata"]["namespace"], pod["metadata"]["name"]), pod) for pod in self._on(node)]
        return [(pod, known[key]) for key, pod in keys if key in known]

    def _usage(self, usage: Mapping[str, str]) -> dict[str, Any]:
        now = timestamp(self._context.clock.now())
        cores, memory = parse(usage["cpu"]).nanos, parse(usage["memory"]).nanos // 10**9
        return {
            "cpu": {"time": now, "usageNanoCores": int(cores)},
            "memory": {"time": now, "workingSetBytes": int(memory), "usageBytes": int(memory)},
        }

    def resource_metrics(self, node: str) -> WebReply:
        lines = ["# TYPE node_memory_working_set_bytes gauge"]
        for one in self._nodes():
            if one["metadata"]["name"] == node:
                lines.append(f"node_memory_working_set_bytes {parse(one['usage']['memory']).nanos // 10**9}")
        lines.append("# TYPE container_memory_working_set_bytes gauge")
        for pod, measured in self._measured(node):
            where = f'namespace="{pod["metadata"]["namespace"]}",pod="{pod["metadata"]["name"]}"'
            for one in measured["containers"]:
                memory = parse(one["usage"]["memory"]).nanos // 10**9
                lines.append(f'container_memory_working_set_bytes{{container="{one["name"]}",{where}}} {memory}')
        return _text("\n".join(lines) + "\n")

    def metrics(self, node: str) -> WebReply:
        running = [pod for pod in self._on(node) if (pod.get("status") or {}).get("phase") == "Running"]
        containers = sum(len(pod["spec"]["containers"]) for pod in running)
        name = self._context.config.version
        lines = [
            "# TYPE kubelet_node_name gauge",
            f'kubelet_node_name{{node="{node}"}} 1',
            "# TYPE kubelet_running_containers gauge",
            f'kubelet_running_containers{{container_state="running"}} {containers}',
            "# TYPE kubelet_running_pods gauge",
            f"kubelet_running_pods {len(running)}",
            "# TYPE kubernetes_build_info gauge",
            f'kubernetes_build_info{{git_version="{name}"}} 1',
        ]
        return _text("\n".join(lines) + "\n")

    def _logs(self, path: str) -> WebReply:
        parts = path.split("/")[2:]
        if len(parts) != 3:
            return _text("404 page not found\n", 404)
        try:
            return _text(self._containers.logs(parts[0], parts[1], {"container": parts[2]}))
        except StatusError as error:
            return _text(error.message, error.code)

    def _files(self, node: str, path: str) -> WebReply:
        """Show /var/log of the machine: a file, or the names in a folder as Go's file server lists them."""
        tree: Mapping[str, Any] = self._context.state.get(node_files_key(node)) or {}
        wanted = "/var/log" + path.removeprefix("/logs").rstrip("/")
        entry = tree.get(wanted)
        if entry is not None and not (isinstance(entry, Mapping) and "dir" in entry):
            return _text(entry if isinstance(entry, str) else str(entry.get("text", "")))
        below = [name.removeprefix(wanted + "/") for name in tree if name.startswith(wanted + "/")]
        if not below and wanted != "/var/log":
            return _text("404 page not found\n", 404)
        names = sorted({name.partition("/")[0] + ("/" if "/" in name else "") for name in below})
        links = "".join(f'<a href="{name}">{name}</a>\n' for name in names)
        page = f'<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n{links}</pre>\n'
        return WebReply(200, (("Content-Type", "text/html; charset=utf-8"),), page.encode())


def _text(text: str | bytes, status: int = 200) -> WebReply:
    return WebReply(status, (("Content-Type", _TEXT),), text.encode() if isinstance(text, str) else text)


def _json(body: Object) -> WebReply:
    return WebReply(200, (("Content-Type", "application/json"),), json.dumps(body).encode())


_PATHS: Mapping[str, Callable[[KubeletApi, str], WebReply]] = {
    "/healthz": KubeletApi.healthz,
    "/pods": KubeletApi.pods,
    "/runningpods": KubeletApi.pods,
    "/configz": KubeletApi.configz,
    "/stats/summary": KubeletApi.summary,
    "/metrics": KubeletApi.metrics,
    "/metrics/resource": KubeletApi.resource_metrics,
}
