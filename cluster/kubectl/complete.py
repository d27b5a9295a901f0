"""What the Tab key offers on a kubectl line: verbs, flags, resource types, names, namespaces, containers.

Follows kubectl's own completion functions: names are asked of the server, in the namespace the line names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cluster.apiserver.client import Client
from cluster.kubectl import app
from cluster.kubectl.command import Command
from cluster.kubectl.discovery import Discovery, Mapping as Resource
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import GLOBAL
from cluster.machinery import goyaml
from cluster.machinery.errors import StatusError
from cluster.workloads.files import FileError
from cluster.workloads.process import Place

POD_COMMANDS = ("logs", "exec", "attach", "port-forward", "cp", "debug")
NODE_COMMANDS = ("cordon", "uncordon", "drain")
TYPED = {
    "scale": ("deployment", "replicaset", "replicationcontroller", "statefulset"),
    "autoscale": ("deployment", "replicaset", "replicationcontroller", "statefulset"),
    "expose": ("pod", "service", "replicationcontroller", "deployment", "replicaset"),
    "taint": ("node",),
    "kubectl rollout": ("deployment", "daemonset", "statefulset"),
}
RESOURCE_COMMANDS = ("get", "describe", "delete", "edit", "label", "annotate", "patch", "wait", "explain")
FORMATS = ("custom-columns", "custom-columns-file", "go-template", "go-template-file", "json", "jsonpath",
           "jsonpath-as-json", "jsonpath-file", "name", "template", "templatefile", "wide", "yaml")
FILES: None = None  # nothing of ours fits here: the shell offers files


class _Line:
    """The words before the cursor, and what can be asked about them."""

    def __init__(self, words: Sequence[str], client: Client, namespace: str):
        self.found = app.find(list(words)[1:])
        self.client = client
        self.discovery = Discovery(client)
        self.flags = {flag.name: flag for flag in (*GLOBAL, *self.found.command.flags)}
        self.shorts = {flag.short: flag for flag in self.flags.values() if flag.short}
        self.args, self.values, self.open = self._read(self.found.rest)
        self.namespace = self.values.get("namespace") or namespace

    def _read(self, words: Sequence[str]) -> tuple[list[str], dict[str, str], Flag | None]:
        """Return arguments, flag values, and the flag that still waits for its value."""
        args: list[str] = []
        values: dict[str, str] = {}
        waiting: Flag | None = None
        for word in words:
            if waiting is not None:
                values[waiting.name] = word
                waiting = None
            elif word.startswith("-") and len(word) > 1:
                name, equals, value = word.lstrip("-").partition("=")
                flag = self.flags.get(name) if word.startswith("--") else self.shorts.get(name[:1])
                if flag is None:
                    continue
                if equals:
                    values[flag.name] = value
                elif not word.startswith("--") and len(name) > 1:
                    values[flag.name] = name[1:]
                elif flag.takes_value:
                    waiting = flag
            else:
                args.append(word)
        return args, values, waiting

    def names(self, resource: Resource) -> list[str]:
        where = self.namespace if resource.namespaced else ""
        try:
            listed = self.client.list(resource.resource, where, version=resource.version)["items"]
        except StatusError:
            return []
        return [item["metadata"]["name"] for item in listed]

    def resource(self, word: str) -> Resource | None:
        try:
            return self.discovery.resource(word)
        except CommandError:
            return None


def complete(words: Sequence[str], client: Client, namespace: str = "default") -> list[str] | None:
    """Return what the last of `words` may become; None where files are wanted."""
    *before, word = words
    line = _Line(before, client, namespace)
    found = _candidates(line, word)
    return None if found is None else sorted(one for one in dict.fromkeys(found) if one.startswith(word))


def _candidates(line: _Line, word: str) -> list[str] | None:
    if line.open is not None:
        return _flag_values(line, line.open.name)
    if word.startswith("--") and "=" in word:
        name = word[2:].partition("=")[0]
        values = _flag_values(line, name)
        return None if values is None else [f"--{name}={value}" for value in values]
    if word.startswith("-"):
        return [f"--{flag.name}" + ("=" if flag.takes_value else "") for flag in line.flags.values() if not flag.hidden]
    command = line.found.command
    if command.subcommands and not line.args:
        return [inner.name for inner in command.subcommands]
    return _arguments(line, command, word)


def _flag_values(line: _Line, name: str) -> list[str] | None:
    """Return what a flag may be given; None where it is a file or free text."""
    source = FLAG_VALUES.get(name)
    return source(line) if source else FILES if name in ("filename", "kustomize", "kubeconfig") else []


def _namespaces(line: _Line) -> list[str]:
    found = line.resource("namespaces")
    return line.names(found) if found else []


def _containers(line: _Line) -> list[str]:
    if not line.args:
        return []
    try:
        pod = line.client.get("pods", line.args[0].removeprefix("pod/"), line.namespace)
    except StatusError:
        return []
    return [one["name"] for field in ("containers", "initContainers") for one in pod["spec"].get(field) or ()]


FLAG_VALUES: Mapping[str, Callable[[_Line], list[str]]] = {
    "namespace": _namespaces,
    "container": _containers,
    "output": lambda line: list(FORMATS),
    "dry-run": lambda line: ["client", "none", "server"],
    "cascade": lambda line: ["background", "foreground", "orphan"],
    "type": lambda line: ["json", "merge", "strategic"],
    "for": lambda line: ["condition=", "create", "delete", "jsonpath="],
}


def _arguments(line: _Line, command: Command, word: str) -> list[str] | None:
    path = line.found.path
    if command.name in POD_COMMANDS or path.startswith("kubectl top pod"):
        return _pods(line, word, slash=command.name != "top")
    if command.name in NODE_COMMANDS or path == "kubectl top node":
        return _named(line, "nodes")
    if path == "kubectl create token":
        return _named(line, "serviceaccounts")
    if path.startswith("kubectl certificate "):
        return _named(line, "csr")
    if path.startswith(("kubectl config use-context", "kubectl config delete-context")):
        return []
    group = path.rpartition(" ")[0]
    if command.name in RESOURCE_COMMANDS or command.name in TYPED or group in TYPED or group == "kubectl set":
        return _typed(line, TYPED.get(command.name) or TYPED.get(group), word)
    return FILES if command.name in ("apply", "create", "replace", "diff") else []


def _named(line: _Line, resource: str) -> list[str]:
    found = line.resource(resource)
    return line.names(found) if found else []


def _pods(line: _Line, word: str, slash: bool) -> list[str]:
    if line.args:
        return _containers(line) if line.found.command.name == "logs" else []
    if "/" in word and slash:
        return _after_slash(line, word)
    return [*_named(line, "pods"), *(["deployment/", "service/", "job/", "statefulset/"] if slash and word else [])]


def _typed(line: _Line, types: Sequence[str] | None, word: str) -> list[str]:
    if "/" in word:
        return _after_slash(line, word)
    if not line.args:
        return list(types) if types else _types(line)
    if "/" in line.args[0]:
        return []
    resource = line.resource(line.args[0].rpartition(",")[2])
    taken = set(line.args[1:])
    return [name for name in line.names(resource) if name not in taken] if resource else []


def _after_slash(line: _Line, word: str) -> list[str]:
    kind = word.partition("/")[0]
    resource = line.resource(kind)
    return [f"{kind}/{name}" for name in line.names(resource)] if resource else []


def _types(line: _Line) -> list[str]:
    found = [kind.resource for kind in line.discovery.all() if "get" in kind.verbs]
    return found if line.found.command.name == "explain" else [*found, "all"]


# -- the shell's side ------------------------------------------------------------------------------------------------


def completer(place: Place, shell: Any, words: Sequence[str], word: str) -> list[str] | None:
    """Offer completions to the shell: None for every program but kubectl."""
    client = place.services.get("client")
    if not words or words[0] != "kubectl" or client is None:
        return None
    return complete([*words, word], client, _current_namespace(place))


def _current_namespace(place: Place) -> str:
    path = re.sub(r"/?$", "", place.environment().get("HOME", "/root")) + "/.kube/config"
    try:
        config = goyaml.load(place.files.read(path).decode(errors="replace")) or {}
    except (FileError, goyaml.YamlError):
        return "default"
    for entry in config.get("contexts") or ():
        if entry.get("name") == config.get("current-context"):
            return str((entry.get("context") or {}).get("namespace") or "default")
    return "default"
