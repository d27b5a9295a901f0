"""kubectl rollout history and undo, and the revisions both read: ReplicaSets or ControllerRevisions."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from cluster.kubectl import patching, podchoice, resources, tabwriter
from cluster.kubectl.command import Command, Session
from cluster.kubectl.describe.template import describe_template
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import DRY_RUN, OUTPUT, SELECTOR, filename
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers import structured
from cluster.kubectl.printers.outcome import dry_run, sayer
from cluster.machinery.meta import Object, annotations as annotations_of, controller_of, uid

REVISION = "deployment.kubernetes.io/revision"
CAUSE = "kubernetes.io/change-cause"
HASH = "pod-template-hash"
SUPPORTED = ("Deployment", "DaemonSet", "StatefulSet")
# annotations a Deployment passes to its ReplicaSets and does not take back at a rollback
KEPT = ("kubectl.kubernetes.io/last-applied-configuration", REVISION, "deployment.kubernetes.io/revision-history",
        "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to")


@dataclass(frozen=True)
class Past:
    """One revision: its number, why it was made, the template it had, the object that keeps it."""

    number: int
    cause: str
    template: dict[str, Any]
    source: Object


def revisions(session: Session, info: Info) -> list[Past]:
    """Return the revisions of a workload, oldest first."""
    obj = info.object or {}
    selector = podchoice.text(obj["spec"]["selector"])
    if info.mapping.kind.kind == "Deployment":
        listed = session.client.list("replicasets.apps", info.namespace, label_selector=selector)["items"]
        found = [_of_replicaset(one) for one in listed if (controller_of(one) or {}).get("uid") == uid(obj)]
    else:
        listed = session.client.list("controllerrevisions.apps", info.namespace, label_selector=selector)["items"]
        found = [_of_revision(obj, one) for one in listed if (controller_of(one) or {}).get("uid") == uid(obj)]
    return sorted((one for one in found if one.number), key=lambda one: one.number)


def _of_replicaset(obj: Object) -> Past:
    number = annotations_of(obj).get(REVISION, "0")
    template = copy.deepcopy(obj["spec"]["template"])
    cause = annotations_of(obj).get(CAUSE, "")
    if cause:
        meta = template.setdefault("metadata", {})
        meta["annotations"] = {**(meta.get("annotations") or {}), CAUSE: cause}
    return Past(int(number), cause, template, obj)


def _of_revision(owner: Object, obj: Object) -> Past:
    template = (obj.get("data") or {}).get("spec", {}).get("template", owner["spec"]["template"])
    kept = {key: value for key, value in template.items() if key != "$patch"}
    return Past(int(obj.get("revision", 0)), annotations_of(obj).get(CAUSE, ""), kept, obj)


def targets(session: Session) -> resources.Selection:
    flags = session.flags
    if not session.args and not flags["filename"] and not flags["kustomize"]:
        raise CommandError("required resource not specified")
    return resources.find(
        session, session.args, selector=flags.get("selector", ""), types_suffice=True, files=flags["filename"],
        kustomize=flags["kustomize"], recursive=flags["recursive"])


def check_kind(info: Info, what: str) -> None:
    if info.mapping.kind.kind not in SUPPORTED:
        group = f".{info.mapping.group}" if info.mapping.group else ""
        raise CommandError(f"no {what} has been implemented for \"{info.mapping.kind.kind}{group}\"")


# -- history ---------------------------------------------------------------------------------------------------------


def run(session: Session) -> int:
    flags = session.flags
    if flags["revision"] < 0:
        raise CommandError(f"revision must be a positive integer: {flags['revision']}")
    printer = structured.printer(session)
    selection = targets(session)
    selection.check()
    for info in selection.infos:
        check_kind(info, "history viewer")
        found = revisions(session, info)
        if printer is not None:
            chosen = [one for one in found if not flags["revision"] or one.number == flags["revision"]]
            for one in chosen:
                session.out(printer(one.source))
            continue
        _print_history(session, info, found)
    return 0


def _print_history(session: Session, info: Info, found: list[Past]) -> None:
    number = session.flags["revision"]
    if not number:
        rows = [("REVISION", "CHANGE-CAUSE"), *((str(one.number), one.cause or "<none>") for one in found)]
        text = tabwriter.align("\n".join("\t".join(row) for row in rows))
        session.out(f"{info.named()} \n{text}\n\n")
        return
    chosen = next((one for one in found if one.number == number), None)
    if chosen is None:
        raise CommandError("unable to find the specified revision")
    session.out(f"{info.named()} with revision #{number}\n{describe_template(chosen.template)}\n")


# -- undo ------------------------------------------------------------------------------------------------------------


def undo(session: Session) -> int:
    if session.flags["to-revision"] < 0:
        raise CommandError(f"revision must be a positive integer: {session.flags['to-revision']}")
    selection = targets(session)
    selection.check()
    say = sayer(session)
    for info in selection.infos:
        check_kind(info, "rollbacker")
        said = _undo_one(session, info)
        say(info, said)
    return 0


def _undo_one(session: Session, info: Info) -> str:
    obj = info.object or {}
    if obj["spec"].get("paused"):
        raise CommandError("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and "
                           "try again")
    chosen = _chosen(session, info)
    mode = dry_run(session)
    if mode == "client":
        return describe_template(chosen.template)
    if info.mapping.kind.kind == "Deployment":
        return _undo_deployment(session, info, chosen, mode)
    current = obj["spec"]["template"]
    if _same_template(current, chosen.template):
        return f"skipped rollback (current template already matches revision {chosen.number})"
    patching.send(session, info, {"spec": {"template": {**chosen.template, "$patch": "replace"}}}, "strategic",
                  manager="kubectl-rollout", dry_run=mode == "server")
    return "rolled back"


def _chosen(session: Session, info: Info) -> Past:
    number = session.flags["to-revision"]
    found = revisions(session, info)
    if number:
        for one in found:
            if one.number == number:
                return one
        raise CommandError(f"unable to find specified revision {number} in history")
    if len(found) < 2:
        raise CommandError(f"no rollout history found for deployment \"{info.name}\"")
    return found[-2]


def _undo_deployment(session: Session, info: Info, chosen: Past, mode: str) -> str:
    obj = info.object or {}
    template = copy.deepcopy(chosen.source["spec"]["template"])
    template.get("metadata", {}).get("labels", {}).pop(HASH, None)
    if _same_template(obj["spec"]["template"], template):
        return f"skipped rollback (current template already matches revision {chosen.number})"
    kept = {key: value for key, value in annotations_of(obj).items() if key in KEPT}
    given = {key: value for key, value in annotations_of(chosen.source).items() if key not in KEPT}
    patch = [{"op": "replace", "path": "/spec/template", "value": template},
             {"op": "replace", "path": "/metadata/annotations", "value": {**kept, **given}}]
    if not annotations_of(obj):
        patch[1]["op"] = "add"
    patching.send(session, info, patch, "json", manager="kubectl-rollout", dry_run=mode == "server")
    return "rolled back"


def _same_template(left: dict[str, Any], right: dict[str, Any]) -> bool:
    def plain(template: dict[str, Any]) -> dict[str, Any]:
        meta = {key: value for key, value in (template.get("metadata") or {}).items()
                if key in ("labels", "annotations") and value}
        return {"metadata": meta, "spec": template.get("spec")}

    return plain(left) == plain(right)


HISTORY = Command(
    name="history", short="View rollout history", usage="history (TYPE NAME | TYPE/NAME) [flags]", run=run,
    long="View previous rollout revisions and configurations.",
    examples="# The revisions of a deployment\nkubectl rollout history deployment/web\n\n# What the third one was\n"
             "kubectl rollout history deployment/web --revision=3",
    flags=(*OUTPUT, SELECTOR, *filename("identifying the resource to get from a server."),
           Flag("revision", "int", 0, "See the details, including podTemplate of the revision specified")))
UNDO = Command(
    name="undo", short="Undo a previous rollout", usage="undo (TYPE NAME | TYPE/NAME) [flags]", run=undo,
    long="Roll back to a previous rollout.",
    examples="# Back to the revision before\nkubectl rollout undo deployment/web\n\n# Back to the third\nkubectl "
             "rollout "
             "undo deployment/web --to-revision=3",
    flags=(*OUTPUT, DRY_RUN, SELECTOR, *filename("identifying the resource to get from a server."),
           Flag("to-revision", "int", 0, "The revision to rollback to. Default to 0 (last revision).")))
