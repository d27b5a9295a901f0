"""kubectl diff: what apply would change, as a unified diff of the two YAML forms."""

from __future__ import annotations

import difflib
import json

from cluster.kubectl import patching, resources, threeway
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, Silent
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import SELECTOR, filename
from cluster.kubectl.lastapplied import encoded, last_applied
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.structured import without_managed_fields
from cluster.machinery import goyaml, labels
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object


def run(session: Session) -> int:
    try:
        return _run(session)
    except CommandError as failure:
        failure.code = max(failure.code, 2)
        raise


def _run(session: Session) -> int:
    flags = session.flags
    if session.args:
        raise CommandError(f"Unexpected args: [{' '.join(session.args)}]\nSee 'kubectl diff -h' for help and examples")
    if not flags["filename"] and not flags["kustomize"]:
        raise CommandError("must specify one of -f and -k")
    chosen = labels.parse(flags["selector"]) if flags["selector"] else None
    differs = False
    for info in resources.from_files(session, flags["filename"], flags["kustomize"], flags["recursive"]):
        if isinstance(info, CommandError):
            raise info
        if chosen is None or chosen.matches_object(info.object or {}):
            differs = _diff_one(session, info) or differs
    if differs:
        raise Silent(1)
    return 0


def _diff_one(session: Session, info: Info) -> bool:
    try:
        live = resources.get(session, info)
    except StatusError as failure:
        if failure.reason != "NotFound":
            raise
        live = None
    merged = _merged(session, info, live)
    before, after = _text(session, live), _text(session, merged)
    if before == after:
        return False
    name = _file_name(info)
    number = session.client.server.store.revision
    left, right = f"/tmp/LIVE-{number}/{name}", f"/tmp/MERGED-{number}/{name}"
    stamp = timestamp(session.now()).replace("T", " ").replace("Z", ".000000000 +0000")
    lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), left, right, stamp,
                                 stamp)
    session.out(f"diff -u -N {left} {right}\n" + "".join(lines))
    return True


def _file_name(info: Info) -> str:
    mapping = info.mapping
    group = f"{mapping.group}." if mapping.group else ""
    return f"{group}{mapping.version}.{mapping.kind.kind}.{info.namespace}.{info.name}"


def _merged(session: Session, info: Info, live: Object | None) -> Object:
    """Ask the server what the object would be."""
    if session.flags["server-side"]:
        return patching.send(session, info, info.object, "apply", manager=session.flags["field-manager"] or "kubectl",
                             dry_run=True, force=True)
    if live is None:
        return session.send("create", info.mapping, body=info.object, namespace=info.namespace, dry_run=True)
    modified, known = json.loads(encoded(info.object or {})), last_applied(live) or {}
    schema = threeway.schema_of(info.mapping)
    patch = threeway.merge_patch(known, modified, live) if schema is None else threeway.strategic_patch(
        known, modified, live, schema)
    if not patch:
        return live
    return patching.send(session, info, patch, "merge" if schema is None else "strategic", dry_run=True)


def _text(session: Session, obj: Object | None) -> str:
    if obj is None:
        return ""
    return goyaml.dump(obj if session.flags["show-managed-fields"] else without_managed_fields(obj))


COMMAND = Command(
    name="diff", short="Diff the live version against a would-be applied version", usage="diff -f FILENAME", run=run,
    long="Diff configurations specified by file name or stdin between the current online configuration, and the "
         "configuration as it would be if applied.\n\n Exit status: 0 No differences were found. 1 Differences were "
         "found. >1 Kubectl or diff failed with an error.",
    examples="# What applying a file would change\nkubectl diff -f web.yaml",
    flags=(SELECTOR, *filename("contains the configuration to diff"),
           Flag("concurrency", "int", 1, "Number of objects to process in parallel when diffing against the live "
                "version."),
           Flag("field-manager", "string", "", "Name of the manager used to track field "
                "ownership."),
           Flag("force-conflicts", "bool", False, "If true, server-side apply will force the changes against "
                "conflicts."),
           Flag("prune", "bool", False, "Include resources that would be deleted by pruning."),
           Flag("server-side", "bool", False, "If true, apply runs in the server instead of the client."),
           Flag("show-managed-fields", "bool", False, "If true, include managed fields in the diff.")))
