"""POST: a new object through defaulting, admission and validation into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from cluster.apiserver import bodies, definitions, objectmeta
from cluster.apiserver.attributes import CREATE, Attributes
from cluster.apiserver.conversion import from_stored, to_stored
from cluster.apiserver.custom import DEFINITIONS
from cluster.apiserver.defaulting import default
from cluster.apiserver.request import Request, Result
from cluster.kinds import wire
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, already_exists, bad_request, invalid
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_NAME_ATTEMPTS = 8


def draft_of(obj: Object) -> Object:
    """Return a copy to work on; a JSON round trip is the cheapest deep copy there is."""
    try:
        copy: Object = orjson.loads(orjson.dumps(obj))
    except orjson.JSONEncodeError as error:
        raise bad_request(f"the object cannot be written as JSON: {error}") from None
    return copy


def create(server: ApiServer, kind: Kind, request: Request) -> Result:
    if not isinstance(request.body, dict):
        raise bad_request("the body of a create must be an object")
    definitions.refuse_creation(kind)
    draft = draft_of(request.body)
    bodies.examine(kind, request, draft)
    draft = to_stored(kind, request.version, draft)
    stored = create_stored(server, kind, request, draft)
    return Result(from_stored(kind, request.version, stored), created=True, code=201)


def create_stored(server: ApiServer, kind: Kind, request: Request, draft: Object) -> Object:
    """Take a draft of the stored version through the gates; return it as stored."""
    check_kind(kind, draft)
    objectmeta.match_path(draft, kind, request.namespace, request.name)
    objectmeta.refuse_resource_version(draft["metadata"])
    wire.normalise(kind.group, kind.version, kind.kind, draft)
    default(server, kind, request, draft)
    attributes = server.attributes(kind, request, CREATE, draft=draft, name=draft["metadata"].get("name") or "")
    server.fields.created(kind, draft, request)
    server.admission.admit(attributes)
    draft = attributes.object
    kind.prepare_create(draft)
    _name_and_stamp(server, kind, draft)
    kind.finish_create(draft)
    attributes.name = draft["metadata"].get("name") or ""
    server.allocations.complete(kind, request, draft, None)
    _validate(server, kind, attributes)
    name, namespace = draft["metadata"]["name"], draft["metadata"].get("namespace") or ""
    if server.store.get(kind.key, namespace, name) is not None:
        raise already_exists(kind.plural, kind.group, name)
    server.admission.judge(attributes)
    stored = server.write(kind, draft, request)
    return definitions.establish(server, kind, request, stored) if kind.key == DEFINITIONS else stored


def check_kind(kind: Kind, draft: Object) -> None:
    """Fill in apiVersion and kind; refuse an object of another kind."""
    said = draft.get("kind") or kind.kind
    if said != kind.kind:
        raise bodies.other_kind(said, draft.get("apiVersion"), kind.group, kind.version, kind.kind)
    rest = {field: value for field, value in draft.items() if field not in ("apiVersion", "kind")}
    draft.clear()
    # Type first: lists of stored texts are made by cutting it off again.
    draft.update({"kind": kind.kind, "apiVersion": kind.stored_api_version, **rest})


def _name_and_stamp(server: ApiServer, kind: Kind, draft: Object) -> None:
    metadata = draft["metadata"]
    revision = server.store.revision + 1
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = _free_name(server, kind, metadata, revision)
    uid = server.ids.uid(kind.key, metadata.get("namespace"), metadata.get("name"), revision)
    objectmeta.fill_new(metadata, uid, server.now())
    if kind.has_generation:
        metadata["generation"] = 1


def _free_name(server: ApiServer, kind: Kind, metadata: Object, revision: int) -> str:
    base, namespace = metadata["generateName"], metadata.get("namespace") or ""
    for attempt in range(_NAME_ATTEMPTS):
        suffix = server.ids.letters(5, kind.key, namespace, base, revision, attempt)
        name = objectmeta.generated_name(base, suffix)
        if server.store.get(kind.key, namespace, name) is None:
            return name
    raise StatusError(
        409,
        "AlreadyExists",
        f'{kind.resource} "{base}" already exists, the server was not able to generate a unique name for the object',
    )


def _validate(server: ApiServer, kind: Kind, attributes: Attributes) -> None:
    draft = attributes.object
    errors = objectmeta.validate(kind, draft["metadata"]) + kind.validate(draft)
    if errors:
        error = invalid(kind.kind, kind.group, draft["metadata"].get("name") or "", errors)
        attributes.verdict("validation", kind.kind, False, error.message, {"causes": error.details["causes"]})
        raise error
    attributes.verdict("validation", kind.kind, True)
    for text in kind.warnings(draft, None):
        attributes.warn(text)
