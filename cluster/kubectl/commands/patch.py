"""kubectl patch."""

from __future__ import annotations

import json
from typing import Any

from cluster.kubectl import patching, resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, Several
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import DRY_RUN, LOCAL, OUTPUT, RECORD, field_manager, filename
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers import structured
from cluster.kubectl.printers.outcome import dry_run
from cluster.machinery import goyaml
from cluster.machinery.errors import StatusError, bad_request
from cluster.machinery.meta import resource_version

TYPES = ("json", "merge", "strategic")


def run(session: Session) -> int:
    flags = session.flags
    if flags["patch"] and flags["patch-file"]:
        raise CommandError("cannot specify --patch and --patch-file together")
    if not flags["patch"] and not flags["patch-file"]:
        raise CommandError("must specify --patch or --patch-file containing the contents of the patch")
    if flags["type"] not in TYPES:
        raise CommandError(f'--type must be one of [{" ".join(TYPES)}], not "{flags["type"]}"')
    patch = _read(session)
    printer = structured.printer(session)
    dry_run(session)
    selection = resources.find(session, session.args, files=flags["filename"], kustomize=flags["kustomize"],
                               recursive=flags["recursive"], fetch=False)
    failures = list(selection.failures)
    for info in selection.infos:
        try:
            _patch_one(session, info, patch, printer)
        except (StatusError, CommandError) as failure:
            failures.append(failure)
    if failures:
        raise Several(failures)
    return 0


def _read(session: Session) -> Any:
    text = session.flags["patch"] or session.read_file(session.flags["patch-file"]).decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return goyaml.load(text)
    except goyaml.YamlError as problem:
        if text.lstrip()[:1] in "{[":
            raise bad_request("unexpected end of JSON input") from None
        raise CommandError(f'unable to parse "{text}": {problem}') from None


def _patch_one(session: Session, info: Info, patch: Any, printer: structured.Printer | None) -> None:
    flags = session.flags
    mode = dry_run(session)
    before = resources.get(session, info, flags["subresource"])
    patch_type = flags["type"]
    if patch_type == "strategic" and patching.two_way(info, {}, {})[1] != "strategic":
        kind = f"{info.mapping.api_version}, Kind={info.mapping.kind.kind}"
        raise CommandError(
            f"application/strategic-merge-patch+json is not supported by {kind}: the body of the request was in an "
            "unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, "
            "application/apply-patch+yaml")
    after = before if mode == "client" else patching.send(
        session, info, patch, patch_type, manager=flags["field-manager"], dry_run=mode == "server",
        subresource=flags["subresource"])
    info.object = after
    if printer is not None:
        session.out(printer(after))
        return
    unchanged = resource_version(after) == resource_version(before) and mode == "none"
    subject = info.named()
    if flags["subresource"] == "scale":
        subject = f"scale.autoscaling/{info.name}"
    session.out(f"{subject} patched{' (no change)' if unchanged else ''}\n")


COMMAND = Command(
    name="patch", short="Update fields of a resource", run=run,
    usage="patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    long="Update fields of a resource using strategic merge patch, a JSON merge patch, or a JSON patch.\n\n JSON and "
         "YAML formats are accepted.",
    examples="""# Another number of replicas
kubectl patch deployment web -p '{"spec":{"replicas":2}}'

# Another image, by a strategic merge of the list of containers
kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx:1.27"}]}}}}'

# By a JSON patch with a position
kubectl patch pod web --type=json -p='[{"op":"replace","path":"/spec/containers/0/image","value":"nginx:1.27"}]'

# Through a subresource
kubectl patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":2}}'""",
    flags=(
        *OUTPUT, DRY_RUN, LOCAL, RECORD, field_manager("kubectl-patch"), *filename("identifying the resource to "
                                                                                   "update"),
        Flag("patch", help="The patch to be applied to the resource JSON file.", short="p"),
        Flag("patch-file", help="A file containing a patch to be applied to the resource."),
        Flag("subresource", help="If specified, patch will operate on the subresource of the requested object."),
        Flag("type", "string", "strategic", "The type of patch being provided; one of [json merge strategic]"),
    ),
)
