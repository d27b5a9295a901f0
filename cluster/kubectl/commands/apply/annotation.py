"""kubectl apply view-last-applied, set-last-applied and edit-last-applied."""

from __future__ import annotations

import json

from cluster.kubectl import editing, patching, resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, usage_error
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import ALL, DRY_RUN, OUTPUT, SELECTOR, filename
from cluster.kubectl.lastapplied import ANNOTATION, encoded, last_applied
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import dry_run, sayer
from cluster.kubectl.printers.structured import to_json
from cluster.machinery import goyaml
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object


def view(session: Session) -> int:
    flags = session.flags
    if flags["output"] not in ("yaml", "json"):
        raise usage_error(
            session.path, f"Unexpected -o output mode: {flags['output']}, the flag 'output' must be one of yaml|json"
        )
    selection = resources.find(
        session,
        session.args,
        selector=flags["selector"],
        everything=flags["all"],
        files=flags["filename"],
        recursive=flags["recursive"],
        kustomize=flags["kustomize"],
    )
    selection.check()
    for info in selection.infos:
        data = _found(info)
        session.out(to_json(data, 2) if flags["output"] == "json" else goyaml.dump(data))
    return 0


def _found(info: Info) -> Object:
    data = last_applied(info.object or {})
    if data is None:
        raise CommandError(f"no last-applied-configuration annotation found on resource: {info.name}")
    return data


def set_(session: Session) -> int:
    flags = session.flags
    say = sayer(session)
    if not flags["filename"]:
        raise usage_error(session.path, "one or more files must be specified")
    for found in resources.from_files(session, flags["filename"], "", flags["recursive"]):
        if isinstance(found, CommandError):
            raise found
        text = encoded(found.object or {})
        try:
            live = resources.get(session, found)
        except StatusError as failure:
            if failure.reason == "NotFound":
                raise CommandError(f"{failure.message}") from None
            raise
        if last_applied(live) is None and not flags["create-annotation"]:
            raise CommandError(
                f"no last-applied-configuration annotation found on resource: {found.name}, to create "
                f"the "
                "annotation, run the command with --create-annotation"
            )
        if dry_run(session) != "client":
            found.object = patching.send(
                session,
                found,
                {"metadata": {"annotations": {ANNOTATION: text}}},
                "merge",
                dry_run=dry_run(session) == "server",
            )
        say(found, "configured")
    return 0


def edit(session: Session) -> int | None:
    flags = session.flags
    selection = resources.find(session, session.args, files=flags["filename"], recursive=flags["recursive"])
    selection.check()
    info = selection.infos[0]
    before = goyaml.dump(_found(info))
    after = editing.edited(session, before, f"{info.name}-last-applied.yaml")
    if after is None:
        return None
    if editing.without_comments(after).strip() in ("", before.strip()):
        session.err("Edit cancelled, no changes made.\n")
        return 0
    data = goyaml.load(editing.without_comments(after))
    text = json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n"
    info.object = patching.send(session, info, {"metadata": {"annotations": {ANNOTATION: text}}}, "merge")
    sayer(session)(info, "edited")
    return 0


VIEW = Command(
    name="view-last-applied",
    short="View the latest last-applied-configuration annotations of a resource/object",
    usage="view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    run=view,
    examples="# What was last applied to a deployment\nkubectl apply view-last-applied deployment/web",
    flags=(
        ALL,
        SELECTOR,
        *filename("that contains the last-applied-configuration annotations"),
        Flag("output", "string", "yaml", "Output format. Must be one of (yaml, json)", "o"),
    ),
)
SET = Command(
    name="set-last-applied",
    short="Set the last-applied-configuration annotation on a live object to match the contents of a file",
    usage="set-last-applied -f FILENAME",
    run=set_,
    examples="# Take a file's content as what was last applied\nkubectl apply set-last-applied -f web.yaml",
    flags=(
        *OUTPUT,
        DRY_RUN,
        *filename("that contains the last-applied-configuration annotations"),
        Flag(
            "create-annotation",
            "bool",
            False,
            "Will create 'last-applied-configuration' annotations if current objects doesn't have one",
        ),
    ),
)
EDIT = Command(
    name="edit-last-applied",
    short="Edit latest last-applied-configuration annotations of a resource/object",
    usage="edit-last-applied (RESOURCE/NAME | -f FILENAME)",
    run=edit,
    examples="# Edit what was last applied to a deployment\nkubectl apply edit-last-applied deployment/web",
    flags=(*OUTPUT, *filename("to use to edit the resource")),
)
