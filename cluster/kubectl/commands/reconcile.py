"""kubectl auth reconcile: roles and bindings as their manifests want them, never less unless extras are removed.

What it changed is told on standard error. Left out: objects that opt out by `autoupdate: "false"`, and making
namespaces that are missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.kubectl import resources
from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import dry_run, sayer
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object

RBAC = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
Entry = Mapping[str, Any]
_RULE = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
_SUBJECT = ("kind", "apiGroup", "name", "namespace")


@dataclass(frozen=True, slots=True)
class Change:
    """What one object needs: none, create, update or recreate, and which entries come and go."""

    operation: str
    body: Object
    missing: Sequence[Entry] = ()
    extra: Sequence[Entry] = ()


def reconcile(session: Session) -> int:
    flags = session.flags
    if not flags["filename"]:
        raise CommandError("must specify one of -f and -k")
    say = sayer(session)
    code = 0
    for found in resources.from_files(session, flags["filename"], flags["kustomize"], flags["recursive"]):
        if isinstance(found, CommandError):
            raise found
        if found.defaulted:
            # 1.33 looks the namespace up by the manifest's own, empty name.
            session.err("resource name may not be empty\n")
            code = 1
        elif found.mapping.kind.kind in RBAC:
            change = _change(session, found)
            if dry_run(session) == "none":
                _apply(session, found, change)
            say(found, "reconciled")
            _tell(session, change, "rules" if _is_role(found) else "subjects")
    return code


def _is_role(info: Info) -> bool:
    return "Binding" not in info.mapping.kind.kind


def _change(session: Session, info: Info) -> Change:
    wanted = info.object or {}
    field = "rules" if _is_role(info) else "subjects"
    try:
        live = resources.get(session, info)
    except StatusError as failure:
        if failure.reason != "NotFound":
            raise
        return Change("create", wanted, wanted.get(field) or ())
    if not _is_role(info) and live.get("roleRef") != wanted.get("roleRef"):
        return Change("recreate", wanted)
    removes = bool(session.flags["remove-extra-permissions" if field == "rules" else "remove-extra-subjects"])
    return _update(live, wanted, field, removes=removes)


def _update(live: Object, wanted: Object, field: str, *, removes: bool) -> Change:
    given, asked = live.get(field) or [], wanted.get(field) or []
    lacking = _lacking_rules if field == "rules" else _lacking_subjects
    missing, extra = list(lacking(given, asked)), list(lacking(asked, given))
    metadata = _merged(live, wanted)
    if not missing and metadata == live["metadata"] and not (removes and extra):
        return Change("", live)
    entries = asked if removes and (missing or extra) else [*given, *missing]
    body = {**live, "metadata": metadata, **({field: entries} if entries != given else {})}
    return Change("update", body, missing, extra if removes else ())


def _merged(live: Object, wanted: Object) -> Object:
    """Return the live metadata with the labels and annotations the manifest adds."""
    metadata = dict(live["metadata"])
    for field in ("labels", "annotations"):
        added = (wanted.get("metadata") or {}).get(field)
        if added:
            metadata[field] = {**(metadata.get(field) or {}), **added}
    return metadata


def _lacking_rules(held: Sequence[Entry], asked: Sequence[Entry]) -> Iterator[Entry]:
    """Yield, in their smallest pieces, the rules of `asked` that no rule of `held` covers."""
    for piece in (piece for rule in asked for piece in _pieces(rule)):
        if not any(_covers(rule, piece) for rule in held):
            yield piece


def _pieces(rule: Entry) -> Iterator[dict[str, list[str]]]:
    for verb in rule.get("verbs") or ():
        for url in rule.get("nonResourceURLs") or ():
            yield {"nonResourceURLs": [url], "verbs": [verb]}
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in rule.get("verbs") or ():
                plain = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
                names = rule.get("resourceNames")
                yield from ({**plain, "resourceNames": [name]} for name in names) if names else [plain]


def _covers(rule: Entry, piece: Mapping[str, list[str]]) -> bool:
    for field in ("verbs", "apiGroups", "resources", "nonResourceURLs"):
        held = rule.get(field) or ()
        if field in piece and "*" not in held and piece[field][0] not in held:
            return False
    names = rule.get("resourceNames")
    return not names or set(piece.get("resourceNames") or [""]) <= set(names)


def _lacking_subjects(held: Sequence[Entry], asked: Sequence[Entry]) -> Iterator[Entry]:
    known = [_identity(one) for one in held]
    return (one for one in asked if _identity(one) not in known)


def _identity(subject: Entry) -> tuple[str, ...]:
    return tuple(subject.get(field) or "" for field in ("kind", "name", "namespace"))


def _apply(session: Session, info: Info, change: Change) -> None:
    where = {"name": info.name, "namespace": info.namespace}
    if change.operation == "recreate":
        session.send("delete", info.mapping, **where)
    if change.operation in ("create", "recreate"):
        info.object = session.send("create", info.mapping, body=change.body, namespace=info.namespace)
    elif change.operation == "update":
        info.object = session.send("update", info.mapping, body=change.body, **where)


def _tell(session: Session, change: Change, what: str) -> None:
    if not change.operation:
        return
    session.err(f"\treconciliation required {change.operation}\n")
    for entries, title in ((change.missing, f"missing {what} added"), (change.extra, f"extra {what} removed")):
        if entries:
            session.err(f"\t{title}:\n" + "".join(f"\t\t{_shown(one, what)}\n" for one in entries))


def _shown(entry: Entry, what: str) -> str:
    """Return an entry as Go prints a struct with the names of its fields."""
    parts = []
    for field in _RULE if what == "rules" else _SUBJECT:
        value = entry.get(field) or ([] if what == "rules" else "")
        name = field.replace("apiGroup", "APIGroup").replace("nonResource", "NonResource")
        shown = f"[{' '.join(value)}]" if what == "rules" else value
        parts.append(f"{name[0].upper()}{name[1:]}:{shown}")
    return f"{{{' '.join(parts)}}}"
