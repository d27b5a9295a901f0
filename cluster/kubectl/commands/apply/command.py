"""kubectl apply: client-side three-way merge, or server-side apply; pruning by label."""

from __future__ import annotations

from functools import partial

from cluster.kubectl import patching, resources, threeway
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.apply import annotation, migrating, prune
from cluster.kubectl.errors import CommandError, Several, usage_error, with_context
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import DRY_RUN, OUTPUT, SELECTOR, VALIDATE, filename
from cluster.kubectl.lastapplied import ANNOTATION, last_applied, with_last_applied
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import Say, dry_run, sayer
from cluster.kubectl.printers.structured import compact_json
from cluster.kubectl.validation import field_validation
from cluster.machinery import labels
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations as annotations_of, is_deleting, name, uid

MANAGER = "kubectl-client-side-apply"
CONFLICT_HELP = """
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts"""
MISSING_ANNOTATION = (
    "resource {} is missing the " + ANNOTATION + " annotation which is required by kubectl apply. kubectl apply should "
    "only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The "
    "missing annotation will be patched automatically."
)


def run(session: Session) -> int:
    _validate(session)
    flags = session.flags
    say = sayer(session)
    strictness = field_validation(session)
    chosen = labels.parse(flags["selector"]) if flags["selector"] else None
    failures: list[Exception] = []
    done: list[Info] = []
    count = 0
    for found in resources.from_files(
        session, flags["filename"], flags["kustomize"], flags["recursive"], validate=strictness != "Ignore"
    ):
        if isinstance(found, CommandError):
            failures.append(found)
        elif chosen is None or chosen.matches_object(found.object or {}):
            count += 1
            _try(session, found, strictness, say, done, failures)
    if not count and not failures:
        raise CommandError("no objects passed to apply")
    if flags["prune"] and not failures:
        prune.prune(session, done, say)
    if failures:
        raise Several(failures)
    return 0


def _validate(session: Session) -> None:
    flags = session.flags
    if session.args:
        raise usage_error(session.path, f"Unexpected args: [{' '.join(session.args)}]")
    if not flags["filename"] and not flags["kustomize"]:
        raise CommandError("must specify one of -f and -k")
    if flags["server-side"] and dry_run(session) == "client":
        raise CommandError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)")
    if flags["force-conflicts"] and not flags["server-side"]:
        raise CommandError("--force-conflicts only works with --server-side")
    if flags["force"] and flags["server-side"]:
        raise CommandError("--force cannot be used with --server-side")
    if flags["prune"] and not flags["all"] and not flags["selector"]:
        raise CommandError(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the "
            "--all flag. If you did not mean to prune all resources, specify a label selector"
        )


def _try(session: Session, info: Info, strictness: str, say: Say, done: list[Info], failures: list[Exception]) -> None:
    try:
        if session.flags["server-side"]:
            say(info, _server_side(session, info, strictness))
        else:
            say(info, _client_side(session, info, strictness))
        done.append(info)
    except (StatusError, CommandError) as failure:
        failures.append(failure)


def _server_side(session: Session, info: Info, strictness: str) -> str:
    flags = session.flags
    manager, dry = flags["field-manager"] or migrating.MANAGER, dry_run(session) == "server"
    send = partial(
        patching.send,
        session,
        info,
        info.object,
        "apply",
        manager=manager,
        dry_run=dry,
        force=flags["force-conflicts"],
        field_validation=strictness,
    )
    try:
        info.object = send()
        migrating.migrate(session, info, manager, dry, send)
    except StatusError as failure:
        if failure.reason == "Conflict":
            raise CommandError(failure.message + CONFLICT_HELP) from None
        raise
    return "serverside-applied"


def _client_side(session: Session, info: Info, strictness: str) -> str:
    mode = dry_run(session)
    try:
        live = resources.get(session, info) if info.name else None
    except StatusError as failure:
        if failure.reason != "NotFound":
            raise with_context(
                failure,
                f'error when retrieving current configuration of:\n{_about(info)}\nfrom server for: "{info.source}"',
            ) from None
        live = None
    if live is None:
        return _create(session, info, mode, strictness)
    return _update(session, info, live, mode, strictness)


def _create(session: Session, info: Info, mode: str, strictness: str) -> str:
    info.object = with_last_applied(info.object or {})
    if mode != "client":
        try:
            info.object = session.send(
                "create",
                info.mapping,
                body=info.object,
                namespace=info.namespace,
                dry_run=mode == "server",
                field_manager=session.flags["field-manager"] or MANAGER,
                field_validation=strictness,
            )
        except StatusError as failure:
            raise with_context(failure, f'error when creating "{info.source}"') from None
        info.name = name(info.object)
    return "created"


def _update(session: Session, info: Info, live: Object, mode: str, strictness: str) -> str:
    modified = with_last_applied(info.object or {})
    if ANNOTATION not in annotations_of(live):
        session.warn(
            [
                MISSING_ANNOTATION.format(
                    f"{info.mapping.resource.partition('.')[0]}/{info.name}"
                    if not info.mapping.group
                    else f"{info.mapping.resource}/{info.name}"
                )
            ]
        )
    if is_deleting(live):
        session.warn([f"Detected changes to resource {info.name} which is currently being deleted."])
    if mode == "client":
        info.object = live
        return "configured"
    patch, patch_type = _patch(info, modified, live)
    if not patch:
        info.object = live
        return "unchanged"
    try:
        info.object = patching.send(
            session,
            info,
            patch,
            patch_type,
            manager=session.flags["field-manager"] or MANAGER,
            dry_run=mode == "server",
            field_validation=strictness,
        )
    except StatusError as failure:
        if session.flags["force"] and failure.reason in ("Invalid", "Conflict"):
            return _recreate(session, info, modified, live, strictness)
        raise with_context(
            failure,
            f"error when applying patch:\n{compact_json(patch)}\nto:\n{_about(info)}\nfor: "
            f'"{info.source}": error when patching "{info.source}"',
        ) from None
    return "configured"


def _patch(info: Info, modified: Object, live: Object) -> tuple[Object, str]:
    original = last_applied(live) or {}
    if original:
        original = with_last_applied(original)
    schema = threeway.schema_of(info.mapping)
    if schema is None:
        return threeway.merge_patch(original, modified, live), "merge"
    return threeway.strategic_patch(original, modified, live, schema), "strategic"


def _recreate(session: Session, info: Info, modified: Object, live: Object, strictness: str) -> str:
    session.send(
        "delete",
        info.mapping,
        name=info.name,
        namespace=info.namespace,
        body={"propagationPolicy": "Background", "preconditions": {"uid": uid(live)}},
    )
    info.object = session.send(
        "create",
        info.mapping,
        body=modified,
        namespace=info.namespace,
        field_manager=MANAGER,
        field_validation=strictness,
    )
    return "configured"


def _about(info: Info) -> str:
    mapping = info.mapping
    return (
        f'Resource: "{mapping.group}/{mapping.version}, Resource={mapping.kind.plural}", GroupVersionKind: '
        f'"{mapping.group}/{mapping.version}, Kind={mapping.kind.kind}"\nName: "{info.name}", Namespace: '
        f'"{info.namespace}"'
    )


COMMAND = Command(
    name="apply",
    short="Apply a configuration to a resource by file name or stdin",
    usage="apply (-f FILENAME | -k DIRECTORY)",
    long="Apply a configuration to a resource by file name or stdin. The resource name must be specified. This "
    "resource "
    "will be created if it doesn't exist yet. To use 'apply', always create the resource initially with either "
    "'apply' or 'create --save-config'.\n\n JSON and YAML formats are accepted.",
    examples="""# Apply what a file describes
kubectl apply -f web.yaml

# All manifests of a folder and its subfolders
kubectl apply -R -f site/

# From standard input
cat web.yaml | kubectl apply -f -

# With a kustomization
kubectl apply -k overlays/prod""",
    run=run,
    flags=(
        *OUTPUT,
        DRY_RUN,
        SELECTOR,
        VALIDATE,
        *filename("that contains the configuration to apply"),
        Flag("all", "bool", False, "Select all resources in the namespace of the specified resource types."),
        Flag("cascade", "string", "background", 'Must be "background", "orphan", or "foreground".', bare="background"),
        Flag("field-manager", "string", "", "Name of the manager used to track field ownership."),
        Flag("force", "bool", False, "If true, immediately remove resources from API and bypass graceful deletion."),
        Flag("force-conflicts", "bool", False, "If true, server-side apply will force the changes against conflicts."),
        Flag("grace-period", "int", -1, "Period of time in seconds given to the resource to terminate gracefully."),
        Flag("openapi-patch", "bool", True, "If true, use openapi to calculate diff when the openapi presents."),
        Flag(
            "overwrite",
            "bool",
            True,
            "Automatically resolve conflicts between the modified and live configuration "
            "by "
            "using values from the modified configuration",
        ),
        Flag(
            "prune",
            "bool",
            False,
            "Automatically delete resource objects, that do not appear in the configs and are "
            "created by either apply or create --save-config. Should be used with either -l or --all.",
        ),
        Flag("prune-allowlist", "array", (), "Overwrite the default allowlist with <group/version/kind> for --prune"),
        Flag("server-side", "bool", False, "If true, apply runs in the server instead of the client."),
        Flag("subresource", help="If specified, apply will operate on the subresource of the requested object."),
        Flag("timeout", "duration", 0.0, "The length of time to wait before giving up on a delete."),
        Flag("wait", "bool", False, "If true, wait for resources to be gone before returning."),
    ),
    subcommands=(annotation.EDIT, annotation.SET, annotation.VIEW),
)
