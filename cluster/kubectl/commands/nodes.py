"""kubectl cordon, uncordon, taint and drain."""

from __future__ import annotations

import copy
from typing import Any

from cluster.kubectl import draining, patching, resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, Several, Silent, usage_error
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import ALL, CHUNK, DRY_RUN, OUTPUT, SELECTOR, VALIDATE, field_manager
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import dry_run, sayer
from cluster.machinery.errors import StatusError

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def _nodes(session: Session, verb: str) -> resources.Selection:
    if not session.args and not session.flags["selector"]:
        raise usage_error(session.path, f"USAGE: {verb} NODE [flags]")
    if session.args and session.flags["selector"]:
        raise usage_error(session.path, "error: cannot specify both a node name and a --selector option")
    words = ["nodes", *session.args] if session.args else ["nodes"]
    if any("/" in word for word in session.args):
        words = session.args
    return resources.find(session, words, selector=session.flags["selector"])


def _set_unschedulable(session: Session, wanted: bool) -> int:
    verb = "cordon" if wanted else "uncordon"
    selection = _nodes(session, verb)
    say = sayer(session)
    for info in selection.infos:
        say(info, cordon(session, info, wanted))
    if selection.failures:
        raise Several(selection.failures)
    return 0


def cordon(session: Session, info: Info, wanted: bool) -> str:
    """Make a node (un)schedulable; return what to say about it."""
    obj = info.object or {}
    word = "cordoned" if wanted else "uncordoned"
    if bool(obj["spec"].get("unschedulable")) == wanted:
        return f"already {word}"
    mode = dry_run(session)
    if mode != "client":
        info.object = patching.send(session, info, {"spec": {"unschedulable": True if wanted else None}}, "strategic",
                                    manager="kubectl-cordon" if wanted else "kubectl-uncordon",
                                    dry_run=mode == "server")
    return word


# -- taint -----------------------------------------------------------------------------------------------------------


def taint(session: Session) -> int:
    words, changes = _split(session)
    if not changes:
        raise CommandError("at least one taint update is required")
    added, removed = _taints(session, changes)
    selection = resources.find(session, words, selector=session.flags["selector"], everything=session.flags["all"])
    if any(info.mapping.kind.kind != "Node" for info in selection.infos):
        raise CommandError(f"invalid resource type {selection.infos[0].mapping.kind.plural}, only node types are "
                           "supported")
    say = sayer(session)
    failures = list(selection.failures)
    for info in selection.infos:
        try:
            said = _taint_one(session, info, added, removed)
            say(info, said)
        except (CommandError, StatusError) as failure:
            failures.append(failure)
    if failures:
        raise Several(failures)
    return 0


def _split(session: Session) -> tuple[list[str], list[str]]:
    words: list[str] = []
    changes: list[str] = []
    for word in session.args:
        is_change = "=" in word or word.endswith("-") or ":" in word
        if changes and not is_change:
            raise CommandError(f"all resources must be specified before taint changes: {word}")
        (changes if is_change else words).append(word)
    return words, changes


def _taints(session: Session, changes: list[str]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    added: list[dict[str, str]] = []
    removed: list[dict[str, str]] = []
    for change in changes:
        gone = change.endswith("-")
        pair, _, effect = change.removesuffix("-").partition(":")
        key, equals, value = pair.partition("=")
        if effect and effect not in EFFECTS:
            raise usage_error(session.path, f"invalid taint effect: {effect}, unsupported taint effect")
        if not gone and not effect:
            raise usage_error(session.path, f"invalid taint spec: {change}")
        entry = {"key": key, **({"value": value} if equals and value else {}), **({"effect": effect} if effect else {})}
        (removed if gone else added).append(entry)
    return added, removed


def _taint_one(session: Session, info: Info, added: list[dict[str, str]], removed: list[dict[str, str]]) -> str:
    after = copy.deepcopy(info.object or {})
    given: list[dict[str, Any]] = after["spec"].get("taints") or []
    clashing = sorted({one["key"] for one in added for old in given if _same(one, old)})
    if clashing and not session.flags["overwrite"]:
        raise CommandError(f"node {info.name} already has {','.join(clashing)} taint(s) with same effect(s) and "
                           "--overwrite is false")
    kept = list(given)
    for gone in removed:
        left = [one for one in kept if not (one["key"] == gone["key"] and gone.get("effect", one["effect"]) ==
                                            one["effect"])]
        if len(left) == len(kept):
            shown = f"{gone['key']}:{gone['effect']}" if gone.get("effect") else gone["key"]
            raise CommandError(f'taint "{shown}" not found')
        kept = left
    after["spec"]["taints"] = [*added, *(one for one in kept if not any(_same(new, one) for new in added))]
    patching.change(session, info, after, manager=session.flags["field-manager"], dry_run=dry_run(session))
    if added and removed or clashing:
        return "modified"
    return "tainted" if added else "untainted"


def _same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return bool(left["key"] == right["key"] and left.get("effect") == right.get("effect"))


# -- drain -----------------------------------------------------------------------------------------------------------


def drain(session: Session) -> int | None:
    selection = _nodes(session, "drain")
    selection.check()
    say = sayer(session)
    for info in selection.infos:
        say(info, cordon(session, info, True))
    state = session.state
    state["nodes"] = [info.name for info in selection.infos]
    state["pods"] = None
    state["failed"] = []
    timeout = session.flags["timeout"]
    state["until"] = session.now() + timeout if timeout else None
    state["resume"] = True
    return resume(session)


def resume(session: Session) -> int | None:
    """Drain the nodes one after the other, each until its pods are gone."""
    state = session.state
    while state["nodes"]:
        node = state["nodes"][0]
        if state["pods"] is None:
            try:
                state["pods"] = draining.chosen(session, node)
            except CommandError as problem:
                return _give_up(session, node, problem)
        if not draining.advance(session):
            session.wait(draining.wake(session))
            return None
        sayer(session)(Info(session.discovery.resource("nodes"), "", node), "drained")
        state["nodes"].pop(0)
        state["pods"] = None
    return 0


def _give_up(session: Session, node: str, problem: CommandError) -> int:
    lines = problem.message.split("\n")
    joined = lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]"
    session.err(f'error: unable to drain node "{node}" due to error: {joined}, continuing command...\n')
    session.err("There are pending nodes to be drained:\n" + "".join(f" {one}\n" for one in session.state["nodes"]))
    session.err("".join(f"{line}\n" for line in lines))
    raise Silent


_WHICH = (DRY_RUN, SELECTOR)

CORDON = Command(
    name="cordon", short="Mark node as unschedulable", usage="cordon NODE", flags=_WHICH,
    run=lambda session: _set_unschedulable(session, True), long="Mark node as unschedulable.",
    examples="# No new pods on a node\nkubectl cordon worker-1")
UNCORDON = Command(
    name="uncordon", short="Mark node as schedulable", usage="uncordon NODE", flags=_WHICH,
    run=lambda session: _set_unschedulable(session, False), long="Mark node as schedulable.",
    examples="# Pods may come again\nkubectl uncordon worker-1")
TAINT = Command(
    name="taint", short="Update the taints on one or more nodes", run=taint,
    usage="taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
    long="Update the taints on one or more nodes.\n\n  *  A taint consists of a key, value, and effect. As an argument "
         "here, it is expressed as key=value:effect.\n  *  The effect must be NoSchedule, PreferNoSchedule or "
         "NoExecute."
         "\n  *  key:effect- takes one taint away, key- all of that key.",
    examples="""# Only pods that tolerate it
kubectl taint nodes worker-1 dedicated=web:NoSchedule

# Take it away
kubectl taint nodes worker-1 dedicated:NoSchedule-""",
    flags=(*OUTPUT, DRY_RUN, SELECTOR, VALIDATE, field_manager("kubectl-taint"), ALL,
           Flag("overwrite", "bool", False, "If true, allow taints to be overwritten, otherwise reject taint updates "
                "that overwrite existing taints.")))
DRAIN = Command(
    name="drain", short="Drain node in preparation for maintenance", usage="drain NODE", run=drain, resume=resume,
    long="Drain node in preparation for maintenance.\n\n The given node will be marked unschedulable to prevent new "
         "pods "
         "from arriving. Its pods are evicted, which disruption budgets may delay; pods of daemon sets stay.",
    examples="# Empty a node\nkubectl drain worker-1 --ignore-daemonsets\n\n# Also of pods nobody makes anew\nkubectl "
             "drain "
             "worker-1 --ignore-daemonsets --force",
    flags=(
        CHUNK, *_WHICH,
        Flag("delete-emptydir-data", "bool", False, "Continue even if there are pods using emptyDir (local data that "
             "will be deleted when the node is drained)."),
        Flag("disable-eviction", "bool", False, "Force drain to use delete, even if eviction is supported. This will "
             "bypass checking PodDisruptionBudgets, use with caution."),
        Flag("force", "bool", False, "Continue even if there are pods that do not declare a controller."),
        Flag("grace-period", "int", -1, "Period of time in seconds given to each pod to terminate gracefully. If "
             "negative, the default value specified in the pod will be used."),
        Flag("ignore-daemonsets", "bool", False, "Ignore DaemonSet-managed pods."),
        Flag("pod-selector", help="Label selector to filter pods on the node"),
        Flag("skip-wait-for-delete-timeout", "int", 0, "If pod DeletionTimestamp older than N seconds, skip waiting "
                                                       "for "
             "the pod.  Seconds must be greater than 0 to skip."),
        Flag("timeout", "duration", 0.0, "The length of time to wait before giving up, zero means infinite"),
    ))
