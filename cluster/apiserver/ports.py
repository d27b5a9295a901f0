"""Doors through which the API server reaches what is not API: the kubelets' containers.

`runtime` wires them. Where nothing is wired (a web process while the worker is away) the server
answers as a real one does when a kubelet cannot be reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from cluster.workloads.process import Place, WebReply, WebRequest


class Containers(Protocol):
    """What the kubelets offer, by pod. All raise `StatusError` in the kubelet's words (400, 404)."""

    def logs(self, namespace: str, pod: str, options: Mapping[str, str]) -> bytes:
        """Return log text by `PodLogOptions` (container, previous, tailLines, sinceSeconds, sinceTime,
        timestamps, limitBytes). Following is the caller's: ask again with `offset`."""
        ...

    def logs_since(
        self, namespace: str, pod: str, container: str, offset: int, *, timestamps: bool = False
    ) -> tuple[bytes, int, bool]:
        """Return (new text, new offset, whether the container still runs)."""
        ...

    def exec(
        self,
        namespace: str,
        pod: str,
        container: str,
        argv: Sequence[str],
        *,
        tty: bool = False,
        stdin: bool = False,
        columns: int = 80,
        rows: int = 24,
    ) -> str:
        """Start a process in a running container; return its session id."""
        ...

    def attach(self, namespace: str, pod: str, container: str, *, stdin: bool = False) -> str:
        """Join the container's main process; return a session id."""
        ...

    def exec_input(self, session: str, data: bytes, *, end: bool = False) -> None: ...

    def exec_resize(self, session: str, columns: int, rows: int) -> None:
        """The client's terminal has another size now; nothing changes where the process has no terminal."""
        ...

    def exec_output(self, session: str) -> tuple[list[tuple[int, bytes]], int | None]:
        """Return what was written since ((1|2, bytes) …) and the exit code once it is over."""
        ...

    def exec_close(self, session: str) -> None:
        """The client went away: hang up (SIGHUP) and forget."""
        ...

    def place(self, namespace: str, pod: str, container: str) -> Place:
        """Return the running container as a place."""
        ...

    def serve(self, pod_uid: str, port: int, request: WebRequest) -> WebReply:
        """Hand a request that reached the pod to whatever listens there; `error='refused'` when nothing does."""
        ...


class Metrics(Protocol):
    """The resource metrics (`cluster.metrics.resource`), for the aggregated API; they need store and state only."""

    def is_available(self) -> bool:
        """Say whether a metrics-server is ready to answer."""
        ...

    def pod_metrics(self, space: str = "") -> Sequence[dict[str, Any]]: ...

    def node_metrics(self) -> Sequence[dict[str, Any]]: ...


class Callout(Protocol):
    """The API server's own way into the lab, for calls to webhooks; absent where no containers live."""

    def fetch(self, request: WebRequest) -> WebReply:
        """Walk the network from the API server's machine."""
        ...

    def kubelet(self, node: str, request: WebRequest) -> WebReply:
        """Ask a node's kubelet with the API server's own credentials."""
        ...


class Network(Protocol):
    """The walker (`cluster.network`), as the kubelets, terminal and proxy subresources use it."""

    def fetch_from_pod(self, namespace: str, pod: str, request: WebRequest) -> WebReply: ...

    def fetch_from_node(self, node: str, request: WebRequest) -> WebReply: ...

    def fetch_from_outside(self, request: WebRequest) -> WebReply:
        """From the learner's terminal: a host beside the cluster that reaches node addresses, and, because
        it is a lab, cluster addresses too."""
        ...
