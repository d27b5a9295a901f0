"""Is a body what its kind says? Version, kind, types and unknown fields, before anything is defaulted.

In-process components are trusted and send no `field_validation`; everybody else is checked here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cluster.apiserver import customschema
from cluster.apiserver.conversion import api_version
from cluster.apiserver.custom import CustomKind
from cluster.apiserver.request import Request
from cluster.apiserver.strictness import WrongType, check, prune, settle, word_of
from cluster.kinds import schema as schemas
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, bad_request

# From the decoder's complaint, and the converter's where that differs, to the answer.
Refuse = Callable[[str, str], StatusError]


def examine(kind: Kind, request: Request, body: Any, refuse: Refuse | None = None) -> None:
    """Refuse what cannot be decoded into the kind; warn of or refuse unknown fields, and drop them from `body`."""
    if not request.field_validation or not isinstance(body, dict):
        return
    name, version = kind.kind, request.version
    said = body.get("apiVersion")
    expected = api_version(kind, version)
    if isinstance(said, str) and said and said != expected:
        raise bad_request(f"the API version in the data ({said}) does not match the expected API version ({expected})")
    if isinstance(kind, CustomKind):
        found = [f'unknown field "{path}"' for path in customschema.unknown(kind.schema, body)]
        report(name, version, request, found, refuse)
        return
    if not body_is_other(body, name):
        examine_as(schemas.of_kind(kind.group, version, name), name, version, request, body, refuse)


def examine_as(
    schema: schemas.Schema | None, name: str, version: str, request: Request, body: Any, refuse: Refuse | None = None
) -> None:
    """Hold a body against the schema of a kind; what has none passes."""
    if schema is None or not request.field_validation:
        return
    try:
        found = check(schema, body, name)
    except WrongType as error:
        raise (refuse or _refusal(name, version))(str(error), error.converter) from None
    report(name, version, request, [f'unknown field "{path}"' for path in found.unknown], refuse)
    if found.unknown:
        prune(schema, body)
    if found.nulls:
        settle(schema, body)


def _refusal(name: str, version: str) -> Refuse:
    """Return how a whole body is refused."""

    def refuse(decoder: str, converter: str) -> StatusError:
        return bad_request(f'{name} in version "{version}" cannot be handled as a {name}: {decoder}')

    return refuse


def examine_part(kind: Kind, request: Request) -> None:
    """Do the same for the body of a review or of a subresource that has a kind of its own."""
    sub = next((one for one in kind.subresources if one.name == request.subresource), None)
    if not request.field_validation or request.verb == "patch" or not isinstance(request.body, dict):
        return
    group, version, name = kind.group, request.version, kind.kind
    if sub is not None:
        group, version, name = sub.group or group, sub.version or version, sub.kind
    if body_is_other(request.body, name):
        raise other_kind(request.body["kind"], request.body.get("apiVersion"), group, version, name)
    examine_as(schemas.of_kind(group, version, name), name, version, request, request.body)


def check_options(name: str, body: dict[str, Any]) -> None:
    """Refuse options whose fields have other types than meta/v1 says."""
    try:
        check(schemas.definitions()[f"io.k8s.apimachinery.pkg.apis.meta.v1.{name}"], body)
    except WrongType as error:
        raise bad_request(f'{name} in version "v1" cannot be handled as a {name}: {error}') from None


def other_kind(said: Any, api_version: Any, group: str, version: str, name: str) -> StatusError:
    """Return the answer to an object that is not of the kind `name`."""
    given = str(api_version or (f"{group}/{version}" if group else version))
    internal = group.split(".")[0] or "core"
    return bad_request(
        f'{said} in version "{given}" cannot be handled as a {name}: '
        f"converting ({given.replace('/', '.')}.{said}) to ({internal}.{name}): unknown conversion"
    )


def body_is_other(body: dict[str, Any], name: str) -> bool:
    """Return whether a body says it is of another kind; a kind that is no text says nothing, and is a wrong type."""
    said = body.get("kind")
    return isinstance(said, str) and said not in ("", name)


def untyped(body: dict[str, Any]) -> str:
    """Return what Go's decoder says of a kind or apiVersion that is no text, '' when both could be read."""
    for key in body:
        if key in ("kind", "apiVersion") and not isinstance(body[key], str | None):
            found = f"json: cannot unmarshal {word_of(body[key])} into Go struct field .{key} of type string"
            return f"couldn't get version/kind; json parse error: {found}"
    return ""


def report(name: str, version: str, request: Request, found: list[str], refuse: Refuse | None = None) -> None:
    """Act on strictness errors as `fieldValidation` says."""
    if not found:
        return
    if request.field_validation == "Strict":
        text = f"strict decoding error: {', '.join(found)}"
        raise (refuse or _refusal(name, version))(text, text)
    if request.field_validation == "Warn":
        request.warnings.extend(text for text in found if text not in request.warnings)
