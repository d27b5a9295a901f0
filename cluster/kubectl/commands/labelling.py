"""kubectl label and kubectl annotate: one behaviour on two maps of the metadata."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cluster.kubectl import patching, resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, Several
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import (
    ALL,
    ALL_NAMESPACES,
    DRY_RUN,
    FIELD_SELECTOR,
    LOCAL,
    OUTPUT,
    RECORD,
    SELECTOR,
    field_manager,
    filename,
)
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import Say, dry_run, sayer
from cluster.kubectl.record import recorded
from cluster.machinery.errors import OPTIMISTIC_LOCK, StatusError, conflict
from cluster.machinery.meta import Object, resource_version

_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")
VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")


@dataclass(frozen=True)
class Edits:
    """What the words after the resources ask for."""

    set: dict[str, str]
    remove: list[str]


def split(session: Session, what: str) -> tuple[list[str], list[str]]:
    """Part the arguments into resources and changes (`a=b`, `c-`)."""
    found: list[str] = []
    changes: list[str] = []
    for word in session.args:
        is_change = "=" in word or word.endswith("-")
        if changes and not is_change:
            raise CommandError(f"all resources must be specified before {what} changes: {word}")
        (changes if is_change else found).append(word)
    return found, changes


def edits(changes: list[str], what: str, check_values: bool) -> Edits:
    wanted: dict[str, str] = {}
    removed: list[str] = []
    for change in changes:
        if "=" in change:
            key, _, value = change.partition("=")
            if not key:
                raise CommandError(f"invalid {what} spec: {change}")
            if check_values and (not _VALUE.match(value) or len(value) > 63):
                raise CommandError(f'invalid label value: "{change}": {VALUE_RULE}')
            wanted[key] = value
        else:
            removed.append(change[:-1])
    if set(wanted) & set(removed):
        raise CommandError(f"can not both modify and remove {'a label' if check_values else 'an annotation'} in the "
                           "same command")
    return Edits(wanted, removed)


def _find(session: Session, words: list[str]) -> resources.Selection:
    flags = session.flags
    if not words and not flags["filename"] and not flags["kustomize"]:
        raise CommandError("one or more resources must be specified as <resource> <name> or <resource>/<name>")
    return resources.find(
        session, words, selector=flags["selector"], field_selector=flags["field-selector"],
        all_namespaces=flags["all-namespaces"], everything=flags["all"], files=flags["filename"],
        kustomize=flags["kustomize"], recursive=flags["recursive"], fetch=not flags["local"])


def _list(session: Session, selection: resources.Selection, field: str) -> None:
    several = len(selection.infos) > 1
    for info in selection.infos:
        given = (info.object or {}).get("metadata", {}).get(field) or {}
        if several:
            session.out(f"Listing {field} for {info.mapping.kind.kind}.{info.mapping.group}/{info.name}:\n"
                        if info.mapping.group else f"Listing {field} for {info.mapping.kind.kind}./{info.name}:\n")
        for key in sorted(given):
            session.out(f"{' ' if several else ''}{key}={given[key]}\n")


def _changed(obj: Object, field: str, changes: Edits) -> Object:
    meta = dict(obj.get("metadata") or {})
    given = {**(meta.get(field) or {}), **changes.set}
    for key in changes.remove:
        given.pop(key, None)
    meta[field] = given
    return {**obj, "metadata": meta}


EditOne = Callable[[Session, Info, Edits, Say], None]


# -- label -----------------------------------------------------------------------------------------------------------


def label(session: Session) -> int:
    return _edit_all(session, "label", True, _label_one)


def _edit_all(session: Session, noun: str, check_values: bool, edit_one: EditOne) -> int:
    """List or change the labels or annotations of everything chosen; one failure does not stop the others."""
    words, changes = split(session, noun)
    wanted = edits(changes, noun, check_values=check_values)
    if not changes and not session.flags["list"]:
        raise CommandError(f"at least one {noun} update is required")
    selection = _find(session, words)
    if session.flags["list"]:
        _list(session, selection, f"{noun}s")
        selection.check()
        return 0
    say = sayer(session)
    failures = list(selection.failures)
    for info in selection.infos:
        try:
            edit_one(session, info, wanted, say)
        except (StatusError, CommandError) as failure:
            failures.append(failure)
    if failures:
        raise Several(failures)
    return 0


def _label_one(session: Session, info: Info, wanted: Edits, say: Say) -> None:
    before = info.object or {}
    given = before.get("metadata", {}).get("labels") or {}
    _check_version(session, info, before)
    if not session.flags["overwrite"]:
        for key, value in wanted.set.items():
            if key in given and given[key] != value:
                raise CommandError(f"'{key}' already has a value ({given[key]}), and --overwrite is false")
    for key in wanted.remove:
        if key not in given:
            session.out(f'label "{key}" not found.\n')
    after = _changed(before, "labels", wanted)
    if after["metadata"]["labels"] == given:
        say(info, "not labeled")
        return
    operation = "labeled" if any(given.get(key) != value for key, value in wanted.set.items()) else "unlabeled"
    patching.change(session, info, recorded(session, after), manager=session.flags["field-manager"],
                    dry_run=dry_run(session))
    say(info, operation)


def _check_version(session: Session, info: Info, live: Object) -> None:
    asked = session.flags["resource-version"]
    if asked and asked != resource_version(live):
        raise conflict(info.mapping.kind.plural, info.mapping.group, info.name, OPTIMISTIC_LOCK)


# -- annotate --------------------------------------------------------------------------------------------------------


def annotate(session: Session) -> int:
    return _edit_all(session, "annotation", False, _annotate_one)


def _annotate_one(session: Session, info: Info, wanted: Edits, say: Say) -> None:
    before = info.object or {}
    given = before.get("metadata", {}).get("annotations") or {}
    _check_version(session, info, before)
    if not session.flags["overwrite"]:
        clashes = [f"'{key}' already has a value ({given[key]})" for key in sorted(wanted.set) if key in given]
        if clashes:
            raise CommandError("--overwrite is false but found the following declared annotation(s): "
                               + "; ".join(clashes))
    after = _changed(before, "annotations", wanted)
    patching.change(session, info, recorded(session, after), manager=session.flags["field-manager"],
                    dry_run=dry_run(session))
    say(info, "annotated")


def _flags(what: str, plural: str) -> tuple[Flag, ...]:
    return (
        *OUTPUT, DRY_RUN, SELECTOR, FIELD_SELECTOR, ALL_NAMESPACES, ALL, LOCAL, RECORD,
        field_manager(f"kubectl-{what}"), *filename(f"identifying the resource to update the {plural}"),
        Flag("list", "bool", False, f"If true, display the {plural} for a given resource."),
        Flag("overwrite", "bool", False, f"If true, allow {plural} to be overwritten, otherwise reject {what} updates "
             f"that overwrite existing {plural}."),
        Flag("resource-version", help=f"If non-empty, the {what} update will only succeed if this is the current "
             "resource-version for the object."),
    )


LABEL = Command(
    name="label", short="Update the labels on a resource", run=label, flags=_flags("label", "labels"),
    usage="label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    long="Update the labels on a resource.\n\n  *  A key and its value are at most 63 characters of letters, digits, "
         "hyphens, dots and underscores.\n  *  A value that is there already is changed only with --overwrite.\n  *  "
         "KEY- takes a label away.",
    examples="""# A label on a pod
kubectl label pod web tier=frontend

# Another value for it
kubectl label pod web tier=backend --overwrite

# On all pods of the namespace
kubectl label pods --all checked=yes

# Take it away
kubectl label pod web tier-""")
ANNOTATE = Command(
    name="annotate", short="Update the annotations on a resource", run=annotate,
    flags=_flags("annotate", "annotations"),
    usage="annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    long="Update the annotations on one or more resources.\n\n All Kubernetes objects can carry annotations: key and "
         "value pairs for tools and people, not for selecting.",
    examples="""# A note on a pod
kubectl annotate pod web note='ask ada first'

# Another text, and none
kubectl annotate pod web note='all clear' --overwrite
kubectl annotate pod web note-""")
