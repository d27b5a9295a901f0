"""Which objects a command line means: TYPE, TYPE NAME…, TYPE/NAME…, TYPE,TYPE, categories, files, selectors.

Follows cli-runtime's resource.Builder, error texts included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cluster.kubectl import manifests
from cluster.kubectl.command import Session
from cluster.kubectl.discovery import Mapping
from cluster.kubectl.errors import CommandError, Several
from cluster.kubectl.kustomize import build
from cluster.kubectl.manifests import Info
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, name, namespace

MISSING = (
    "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n"
    "   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'"
)


@dataclass(slots=True)
class Wanted:
    """One type, and names of it; no names means all that the selectors match."""

    mapping: Mapping
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Selection:
    """What was found, and what failed on the way. `single` says that exactly one thing was asked for."""

    infos: list[Info] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    single: bool = False

    def check(self) -> None:
        """Raise the failures, if there are any."""
        if len(self.failures) == 1:
            raise self.failures[0]
        if self.failures:
            raise Several(self.failures)


def wanted(session: Session, args: Sequence[str]) -> list[Wanted]:
    """Read resource arguments into types and names."""
    joined = _normalised(args)
    if any("/" in arg for arg in joined):
        return _pairs(session, joined)
    if not joined:
        return []
    mappings = _types(session, joined[0])
    return [Wanted(mapping, list(joined[1:])) for mapping in mappings]


def _normalised(args: Sequence[str]) -> list[str]:
    """`pods, services` typed with a blank after the comma is still one list."""
    joined: list[str] = []
    for arg in args:
        if joined and joined[-1].endswith(","):
            joined[-1] += arg
        else:
            joined.append(arg)
    return joined


def _pairs(session: Session, args: Sequence[str]) -> list[Wanted]:
    found: list[Wanted] = []
    for arg in args:
        if "/" not in arg:
            raise CommandError(
                "there is no need to specify a resource type as a separate argument when passing arguments in "
                "resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource "
                "resource/<resource_name>'")
        parts = arg.split("/")
        if len(parts) != 2:
            raise CommandError("arguments in resource/name form may not have more than one slash")
        if not all(parts):
            raise CommandError("arguments in resource/name form must have a single resource and name")
        found += [Wanted(mapping, [parts[1]]) for mapping in _types(session, parts[0])]
    return found


def _types(session: Session, text: str) -> list[Mapping]:
    found: list[Mapping] = []
    for part in text.split(","):
        if not part:
            continue
        group = session.discovery.category(part) if not session.discovery.knows(part) else []
        found += group or [session.discovery.resource(part)]
    return found


def find(
    session: Session,
    args: Sequence[str],
    *,
    selector: str = "",
    field_selector: str = "",
    all_namespaces: bool = False,
    everything: bool = False,
    types_suffice: bool = False,
    fetch: bool = True,
    files: Sequence[str] = (),
    kustomize: str = "",
    recursive: bool = False,
    ignore_missing: bool = False,
) -> Selection:
    """Return the objects that files or arguments mean; `types_suffice` lets `TYPE` alone mean all (get)."""
    if files or kustomize:
        return _from_files(session, args, files, kustomize, recursive, fetch, ignore_missing)
    targets = wanted(session, args)
    if not targets:
        raise CommandError(MISSING)
    named = any(target.names for target in targets)
    _check_names(named, selector, field_selector, all_namespaces, everything, types_suffice)
    if named:
        return _by_name(session, targets, fetch, ignore_missing)
    return _by_type(session, targets, selector, field_selector, all_namespaces)


def _check_names(
    named: bool, selector: str, field_selector: str, all_namespaces: bool, everything: bool, types_suffice: bool
) -> None:
    if named and (selector or everything):
        raise CommandError("name cannot be provided when a selector is specified")
    if named and field_selector:
        raise CommandError("name cannot be provided when a selector is specified")
    if named and all_namespaces:
        raise CommandError("a resource cannot be retrieved by name across all namespaces")
    if not (named or selector or field_selector or everything or types_suffice):
        raise CommandError("resource(s) were provided, but no name was specified")


def _from_files(
    session: Session, args: Sequence[str], files: Sequence[str], kustomize: str, recursive: bool, fetch: bool,
    ignore_missing: bool,
) -> Selection:
    if args:
        raise CommandError("when paths, URLs, or stdin is provided as input, you may not specify resource arguments "
                           "as well")
    selection = Selection()
    for found in from_files(session, files, kustomize, recursive):
        if isinstance(found, CommandError):
            selection.failures.append(found)
        elif fetch:
            _fetched(session, found, selection, ignore_missing)
        else:
            selection.infos.append(found)
    selection.single = len(selection.infos) == 1 and len(files) == 1
    return selection


def from_files(
    session: Session, files: Sequence[str], kustomize: str = "", recursive: bool = False, validate: bool = False
) -> Iterator[Info | CommandError]:
    """Yield the objects of -f and -k."""
    if kustomize and files:
        raise CommandError("only one of -f or -k can be specified")
    if kustomize:
        for data in build(session, kustomize):
            yield from manifests.infos(session, manifests.Document(kustomize, data), validate)
    yield from manifests.objects(session, files, recursive=recursive, validate=validate)


def _by_name(session: Session, targets: Iterable[Wanted], fetch: bool, ignore_missing: bool) -> Selection:
    selection = Selection()
    count = 0
    for target in targets:
        for given in target.names:
            count += 1
            where = session.namespace if target.mapping.namespaced else ""
            info = Info(target.mapping, where, given)
            if fetch:
                _fetched(session, info, selection, ignore_missing)
            else:
                selection.infos.append(info)
    selection.single = count == 1
    return selection


def _fetched(session: Session, info: Info, selection: Selection, ignore_missing: bool) -> None:
    try:
        info.object = get(session, info)
        selection.infos.append(info)
    except StatusError as failure:
        if not (ignore_missing and failure.reason == "NotFound"):
            selection.failures.append(failure)


def get(session: Session, info: Info, subresource: str = "") -> Object:
    """Read the live object."""
    return session.send("get", info.mapping, name=info.name, namespace=info.namespace, subresource=subresource)


def _by_type(
    session: Session, targets: Iterable[Wanted], selector: str, field_selector: str, all_namespaces: bool
) -> Selection:
    selection = Selection()
    for target in targets:
        try:
            listed = list_objects(session, target.mapping, selector, field_selector, all_namespaces)
        except StatusError as failure:
            selection.failures.append(failure)
            continue
        selection.infos += [as_info(target.mapping, item) for item in listed["items"]]
    return selection


def as_info(mapping: Mapping, item: Object) -> Info:
    return Info(mapping, namespace(item), name(item), typed(mapping, item))


def typed(mapping: Mapping, item: Object) -> Object:
    """List items come without kind and apiVersion from some servers; printing wants them."""
    if "kind" in item and "apiVersion" in item:
        return item
    return {"apiVersion": mapping.api_version, "kind": mapping.kind.kind, **item}


def list_objects(
    session: Session, mapping: Mapping, selector: str = "", field_selector: str = "", all_namespaces: bool = False
) -> Object:
    """List one type; selectors the server cannot read are worded as the builder words them."""
    where = "" if all_namespaces or not mapping.namespaced else session.namespace
    try:
        return session.send("list", mapping, namespace=where, label_selector=selector, field_selector=field_selector)
    except StatusError as failure:
        if failure.reason == "BadRequest" and (selector or field_selector):
            raise StatusError(400, "BadRequest", (
                f'Unable to find "{mapping.group}/{mapping.version}, Resource={mapping.kind.plural}" that match '
                f'label selector "{selector}", field selector "{field_selector}": {failure.message}'
            )) from None
        raise
