"""Watching from inside the lab: the revisions after a number that concern one resource and a selection.

A real kubectl holds a stream open; here the command asks for the next revision and reads what came since.
"""

from __future__ import annotations

from collections.abc import Iterator

from cluster.apiserver.request import Request
from cluster.apiserver.selection import Selection
from cluster.kubectl.command import Session
from cluster.kubectl.discovery import Mapping
from cluster.machinery.meta import Object


def allowed(session: Session, mapping: Mapping, namespace: str) -> None:
    """Ask the authoriser whether this user may watch; raises Forbidden."""
    session.client.server.permit(_request(session, mapping, namespace, "", ""))


def _request(session: Session, mapping: Mapping, namespace: str, selector: str, fields: str) -> Request:
    return Request("watch", session.client.user, group=mapping.group, version=mapping.version,
                   resource=mapping.kind.plural, namespace=namespace, label_selector=selector, field_selector=fields,
                   field_manager=session.client.manager, impersonator=session.client.impersonator)


def since(
    session: Session, mapping: Mapping, number: int, *, namespace: str = "", name: str = "", selector: str = "",
    field_selector: str = ""
) -> Iterator[tuple[int, str, Object]]:
    """Yield (revision, ADDED | MODIFIED | DELETED, object) after `number`, as a watch with selectors does."""
    selection = Selection.of(mapping.kind, _request(session, mapping, namespace, selector, field_selector))
    for revision in session.client.server.store.since(number, mapping.kind.key):
        if namespace and revision.namespace != namespace or name and revision.name != name:
            continue
        event = _event(revision.verb, revision.object, revision.previous, selection)
        if event:
            yield revision.number, event, revision.object


def _event(verb: str, obj: Object, previous: Object | None, selection: Selection) -> str:
    now = selection.matches(obj)
    before = previous is not None and selection.matches(previous)
    if verb == "DELETED":
        return verb if before or now else ""
    if now:
        return "MODIFIED" if before else "ADDED"
    return "DELETED" if before else ""
