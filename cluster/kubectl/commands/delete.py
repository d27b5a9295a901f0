"""kubectl delete: by files, names or selectors; waits until what it deleted is gone."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, Several, with_context
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import ALL_NAMESPACES, DRY_RUN, FIELD_SELECTOR, SELECTOR, filename
from cluster.kubectl.manifests import Info
from cluster.machinery import goduration
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import uid

FORCE_WARNING = ("Immediate deletion does not wait for confirmation that the running resource has been terminated. The "
                 "resource may continue to run on the cluster indefinitely.")
POLICIES = {"background": "Background", "orphan": "Orphan", "foreground": "Foreground"}


def run(session: Session) -> int | None:
    _validate(session)
    grace = _grace(session)
    selection = _select(session)
    failures = list(selection.failures)
    deleted: list[dict[str, Any]] = []
    for info in selection.infos:
        try:
            deleted += delete_one(session, info, grace)
        except StatusError as failure:
            if failure.reason == "NotFound" and _ignores_missing(session):
                continue
            failures.append(with_context(failure, f'error when deleting "{info.source}"') if info.source else failure)
    if failures:
        raise Several(failures)
    if not selection.infos:
        if not (session.flags["ignore-not-found"]):
            session.out("No resources found\n")
        return 0
    if not _waits(session) or not deleted:
        return 0
    session.state["resume"] = True
    session.state["delete"] = {"left": deleted, "until": _deadline(session)}
    return resume(session)


def _validate(session: Session) -> None:
    flags = session.flags
    cascade = flags["cascade"]
    if cascade not in (*POLICIES, "true", "false"):
        raise CommandError(f'invalid cascade value ({cascade}). Must be "background", "foreground", or "orphan"')
    if flags["output"] not in ("", "name"):
        raise CommandError('unexpected -o output mode: {}. We only support \'-o name\''.format(flags["output"]))
    if (flags["all"] or flags["all-namespaces"]) and flags["selector"]:
        raise CommandError("cannot set --all and --selector at the same time") if flags["all"] else CommandError("")
    if flags["all"] and flags["field-selector"]:
        raise CommandError("cannot set --all and --field-selector at the same time")
    if flags["now"] and flags["grace-period"] >= 0 and flags.given("grace-period"):
        raise CommandError("--now and --grace-period cannot be specified together")
    if flags["force"] and flags["grace-period"] > 0:
        raise CommandError("--force and --grace-period greater than 0 cannot be specified together")
    if flags["grace-period"] == 0 and not flags["force"] and not flags["wait"] and flags.given("wait"):
        return


def _grace(session: Session) -> int:
    """Return the grace period to send, -1 for the object's own."""
    flags = session.flags
    if flags["now"]:
        return 1
    if flags["grace-period"] == 0 and not flags["force"]:
        # A grace period of 0 means force; without --force the real one waits with the shortest grace.
        return 1
    if flags["force"] and not flags.given("grace-period"):
        return 0
    return int(flags["grace-period"])


def _ignores_missing(session: Session) -> bool:
    return bool(session.flags["ignore-not-found"] or session.flags["all"] or session.flags["selector"])


def _select(session: Session) -> resources.Selection:
    flags = session.flags
    files = flags["filename"] or flags["kustomize"]
    if not files and len(session.args) == 1 and "/" not in session.args[0] and not (
        flags["all"] or flags["selector"] or flags["field-selector"]
    ):
        resources.wanted(session, session.args)
        raise CommandError("resource(s) were provided, but no name was specified")
    if not session.args and not files:
        raise CommandError(resources.MISSING)
    if flags["all"] and len(session.args) > 1 and "/" not in session.args[0]:
        raise CommandError("name cannot be provided when a selector is specified")
    return resources.find(
        session, session.args, selector=flags["selector"], field_selector=flags["field-selector"],
        all_namespaces=flags["all-namespaces"], everything=flags["all"], fetch=False, files=flags["filename"],
        kustomize=flags["kustomize"], recursive=flags["recursive"])


def delete_one(session: Session, info: Info, grace: int) -> list[dict[str, Any]]:
    """Delete one object, say so, and return what must be gone before the command ends."""
    flags = session.flags
    options: dict[str, Any] = {"propagationPolicy": POLICIES.get(_cascade(session), "Background")}
    if grace >= 0:
        options["gracePeriodSeconds"] = grace
    if flags["force"]:
        session.warn([FORCE_WARNING])
    mode = str(flags["dry-run"])
    before = None
    if mode != "client":
        before = info.object if uid(info.object or {}) else None
        answer = session.send("delete", info.mapping, name=info.name, namespace=info.namespace, body=options,
                              dry_run=mode == "server")
        before = before or (answer if uid(answer) else None)
        if before is None and answer.get("details", {}).get("uid"):
            before = {"metadata": {"uid": answer["details"]["uid"]}}
    _say(session, info, grace, mode)
    if mode != "none" or before is None:
        return []
    return [{"resource": info.mapping.prefix, "type": info.mapping.resource, "namespace": info.namespace,
             "name": info.name, "uid": uid(before)}]


def _cascade(session: Session) -> str:
    cascade = str(session.flags["cascade"])
    if cascade in ("true", "false"):
        session.err(f"warning: --cascade={cascade} is deprecated (boolean value) and can be replaced with "
                    f"--cascade={'background' if cascade == 'true' else 'orphan'}.\n")
        return "background" if cascade == "true" else "orphan"
    return cascade


def _say(session: Session, info: Info, grace: int, mode: str) -> None:
    if session.flags["output"] == "name":
        session.out(f"{info.named()}\n")
        return
    word = "force deleted" if grace == 0 else "deleted"
    suffix = {"client": " (dry run)", "server": " (server dry run)"}.get(mode, "")
    session.out(f'{info.mapping.prefix} "{info.name}" {word}{suffix}\n')


def _waits(session: Session) -> bool:
    flags = session.flags
    if flags.given("wait"):
        return bool(flags["wait"])
    return not flags["force"]


def _deadline(session: Session) -> float | None:
    timeout = float(session.flags["timeout"])
    return session.now() + timeout if timeout > 0 else None


def resume(session: Session) -> int | None:
    """Wait until everything deleted is gone or is another object."""
    waiting = session.state["delete"]
    waiting["left"] = [one for one in waiting["left"] if _still_there(session, one)]
    if not waiting["left"]:
        return 0
    until = waiting["until"]
    if until is not None and session.now() >= until:
        one = waiting["left"][0]
        raise CommandError(f"timed out waiting for the condition on {one['type'].partition('.')[0]}/{one['name']}"
                           if not one["type"].partition(".")[2] else
                           f"timed out waiting for the condition on {one['type']}/{one['name']}")
    session.wait(until)
    return None


def _still_there(session: Session, one: dict[str, Any]) -> bool:
    try:
        live = session.client.get(one["type"], one["name"], one["namespace"])
    except StatusError as failure:
        return failure.reason not in ("NotFound", "Forbidden")
    return uid(live) == str(one["uid"])


TIMEOUT = Flag("timeout", "duration", 0.0, "The length of time to wait before giving up on a delete, zero means "
               f"determine a timeout from the size of the object ({goduration.text(0)})")

COMMAND = Command(
    name="delete",
    short="Delete resources by file names, stdin, resources and names, or by resources and label selector",
    usage="delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    long="Delete resources by file names, stdin, resources and names, or by resources and label selector.\n\n JSON and "
         "YAML formats are accepted. Pods get time to end by themselves (their grace period); --now shortens it to one "
         "second, and --grace-period=0 --force removes them from the API at once, without waiting for the node.",
    examples="""# What a file describes
kubectl delete -f pod.yaml

# By name, by label, all of them
kubectl delete pod web service web
kubectl delete pods,services -l app=web
kubectl delete pods --all

# At once
kubectl delete pod web --force""",
    run=run,
    resume=resume,
    flags=(
        ALL_NAMESPACES, DRY_RUN, FIELD_SELECTOR, SELECTOR, *filename("containing the resource to delete."),
        Flag("all", "bool", False, "Delete all resources, in the namespace of the specified resource types."),
        Flag("cascade", "string", "background", 'Must be "background", "orphan", or "foreground". Selects the deletion '
             "cascading strategy for the dependents (e.g. Pods created by a ReplicationController). Defaults to "
             "background.", bare="background"),
        Flag("force", "bool", False, "If true, immediately remove resources from API and bypass graceful deletion. "
                                     "Note "
             "that immediate deletion of some resources may result in inconsistency or data loss and requires "
             "confirmation."),
        Flag("grace-period", "int", -1, "Period of time in seconds given to the resource to terminate gracefully. "
             "Ignored if negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true (force "
             "deletion)."),
        Flag("ignore-not-found", "bool", False, 'Treat "resource not found" as a successful delete. Defaults to "true" '
             "when --all is specified."),
        Flag("interactive", "bool", False, "If true, delete resource only when user confirms.", "i"),
        Flag("now", "bool", False, "If true, resources are signaled for immediate shutdown (same as "
             "--grace-period=1)."),
        Flag("output", help='Output mode. Use "-o name" for shorter output (resource/name).', short="o"),
        Flag("raw", help="Raw URI to DELETE to the server.  Uses the transport specified by the kubeconfig file."),
        TIMEOUT,
        Flag("wait", "bool", True, "If true, wait for resources to be gone before returning. This waits for "
             "finalizers."),
    ),
)
