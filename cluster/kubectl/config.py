"""The kubeconfig of whoever types: clusters, users, contexts, in a file of their own file system.

The lab is the only cluster there is, so `server` is read and shown but every context reaches the lab. A user
entry decides who asks (see `credentials`). `KUBECONFIG` lists are merged, first file wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Parsed
from cluster.machinery import goyaml
from cluster.workloads.files import FileError
from cluster.workloads.process import Call

SECTIONS = {"clusters": "cluster", "contexts": "context", "users": "user"}


class KubeConfig:
    """The merged configuration and where it came from."""

    def __init__(self, call: Call, explicit: str = ""):
        self.call = call
        self.explicit = explicit
        self.paths = self._paths()
        self._data: dict[str, Any] | None = None

    def _paths(self) -> list[str]:
        if self.explicit:
            return [self.explicit]
        listed = [path for path in self.call.environ.get("KUBECONFIG", "").split(":") if path]
        return listed or [f"{self.call.environ.get('HOME', '/root').rstrip('/')}/.kube/config"]

    def absolute(self, path: str) -> str:
        return path if path.startswith("/") else f"{self.call.cwd.rstrip('/')}/{path}"

    def beside(self, path: str) -> str:
        """Return a path that stands in the configuration: it is relative to the file's own folder."""
        return path if path.startswith("/") else f"{self.absolute(self.target).rpartition('/')[0]}/{path}"

    @property
    def data(self) -> dict[str, Any]:
        if self._data is None:
            self._data = self._load()
        return self._data

    def _load(self) -> dict[str, Any]:
        merged = empty()
        for path in self.paths:
            try:
                found = goyaml.load(self.call.place.files.read(self.absolute(path)).decode(errors="replace"))
            except FileError as failure:
                if self.explicit and failure.code == "ENOENT":
                    raise CommandError(f"stat {self.explicit}: no such file or directory") from None
                continue
            except goyaml.YamlError as problem:
                raise CommandError(f'error loading config file "{path}": {problem}') from None
            if isinstance(found, dict):
                _merge(merged, found)
        return merged

    @property
    def is_empty(self) -> bool:
        return not any(self.data[section] for section in SECTIONS)

    @property
    def target(self) -> str:
        """Return the file that changes are written to."""
        return self.paths[0] if len(self.paths) == 1 else next(
            (path for path in self.paths if self.call.place.files.exists(self.absolute(path))), self.paths[-1]
        )

    def save(self, data: dict[str, Any]) -> None:
        """Write the configuration as client-go does: keys sorted, sections always there."""
        path = self.absolute(self.target)
        folder = path.rpartition("/")[0]
        if folder and not self.call.place.files.exists(folder):
            self.call.place.files.make_dir(folder, parents=True, mode=0o750)
        self.call.place.files.write(path, goyaml.dump(file_form(data)).encode(), mode=0o600)
        self._data = data

    def entry(self, section: str, name: str) -> dict[str, Any] | None:
        """Return the body of a named entry."""
        for entry in self.data[section]:
            if entry.get("name") == name:
                return dict(entry.get(SECTIONS[section]) or {})
        return None

    def names(self, section: str) -> list[str]:
        return sorted(str(entry.get("name", "")) for entry in self.data[section])

    def current(self, flags: Parsed | None = None) -> str:
        chosen = flags.get("context") if flags else ""
        return str(chosen or self.data.get("current-context") or "")

    def namespace(self, flags: Parsed | None = None) -> str:
        """Return the namespace of the current context; the service account's inside a container."""
        context = self.entry("contexts", self.current(flags))
        if context and context.get("namespace"):
            return str(context["namespace"])
        return self._container_namespace() if self.is_empty else ""

    def _container_namespace(self) -> str:
        try:
            return self.call.place.files.read("/var/run/secrets/kubernetes.io/serviceaccount/namespace").decode()
        except FileError:
            return ""

    def check(self, flags: Parsed) -> None:
        """Refuse a context, cluster or user that is not there, as client-go does before any request."""
        name = flags.get("context")
        if name and self.entry("contexts", str(name)) is None:
            raise CommandError(f'context "{name}" does not exist')
        for flag, section in (("cluster", "clusters"), ("user", "users")):
            asked = flags.get(flag)
            if asked and self.entry(section, str(asked)) is None:
                word = {"cluster": "cluster", "user": "auth info"}[flag]
                raise CommandError(f'{word} "{asked}" does not exist')

    def user(self, flags: Parsed) -> dict[str, Any] | None:
        """Return the user entry that speaks."""
        name = self.user_name(flags)
        return self.entry("users", name) if name else None

    def user_name(self, flags: Parsed) -> str:
        context = self.entry("contexts", self.current(flags)) or {}
        return str(flags.get("user") or context.get("user") or "")

    def cluster(self, flags: Parsed) -> dict[str, Any] | None:
        """Return the cluster entry that is talked to."""
        name = self.cluster_name(flags)
        return self.entry("clusters", name) if name else None

    def cluster_name(self, flags: Parsed) -> str:
        context = self.entry("contexts", self.current(flags)) or {}
        return str(flags.get("cluster") or context.get("cluster") or "")

    def server(self, flags: Parsed) -> str:
        cluster = self.cluster(flags) or {}
        return str(flags.get("server") or cluster.get("server") or "")


def empty() -> dict[str, Any]:
    return {
        "apiVersion": "v1", "kind": "Config", "clusters": [], "contexts": [], "users": [],
        "current-context": "", "preferences": {},
    }


def _merge(merged: dict[str, Any], found: dict[str, Any]) -> None:
    for section in SECTIONS:
        known = {entry.get("name") for entry in merged[section]}
        merged[section] += [
            entry for entry in found.get(section) or [] if isinstance(entry, dict) and entry.get("name") not in known
        ]
    merged["current-context"] = merged["current-context"] or found.get("current-context") or ""


def file_form(data: dict[str, Any]) -> dict[str, Any]:
    """Return the form that is written: entries sorted by name."""
    form = {**empty(), **data}
    for section in SECTIONS:
        form[section] = sorted(form[section], key=lambda entry: str(entry.get("name", ""))) or []
    return form


def redacted(data: dict[str, Any]) -> dict[str, Any]:
    """Hide secrets as `config view` does."""
    words = {"certificate-authority-data": "DATA+OMITTED", "client-certificate-data": "DATA+OMITTED",
             "client-key-data": "DATA+OMITTED", "token": "REDACTED", "password": "REDACTED"}
    return {**data, "clusters": _hidden(data["clusters"], "cluster", words),
            "users": _hidden(data["users"], "user", words)}


def _hidden(entries: Sequence[dict[str, Any]], inner: str, words: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {**entry, inner: {key: words.get(key, value) for key, value in (entry.get(inner) or {}).items()}}
        for entry in entries
    ]
