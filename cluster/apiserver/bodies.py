"""Is a body what its kind says? Version, kind, types and unknown fields, before anything is defaulted.

In-process components are trusted and send no `field_validation`; everybody else is checked here.
"""

from __future__ import annotations

from typing import Any

from cluster.apiserver import customschema
from cluster.apiserver.conversion import api_version
from cluster.apiserver.custom import CustomKind
from cluster.apiserver.request import Request
from cluster.apiserver.strictness import WrongType, check, prune, settle
from cluster.kinds import schema as schemas
from cluster.kinds.kind import Kind
from cluster.machinery.errors import bad_request


def examine(kind: Kind, request: Request, body: Any) -> None:
    """Refuse what cannot be decoded into the kind; warn of or refuse unknown fields, and drop them from `body`."""
    if not request.field_validation or not isinstance(body, dict):
        return
    name, version = kind.kind, request.version
    said = body.get("apiVersion")
    expected = api_version(kind, version)
    if isinstance(said, str) and said and said != expected:
        raise bad_request(f"the API version in the data ({said}) does not match the expected API version ({expected})")
    if isinstance(kind, CustomKind):
        report(name, version, request, [f'unknown field "{path}"' for path in customschema.unknown(kind.schema, body)])
        return
    schema = schemas.of_kind(kind.group, version, name)
    if schema is None or body.get("kind") not in (None, "", name):
        return
    try:
        found = check(schema, body)
    except WrongType as error:
        raise bad_request(f'{name} in version "{version}" cannot be handled as a {name}: {error}') from None
    report(name, version, request, [f'unknown field "{path}"' for path in found.unknown])
    if found.unknown:
        prune(schema, body)
    if found.nulls:
        settle(schema, body)


def examine_part(kind: Kind, request: Request) -> None:
    """Do the same for the body of a review or of a subresource that has a kind of its own."""
    sub = next((one for one in kind.subresources if one.name == request.subresource), None)
    if not request.field_validation or request.verb == "patch" or not isinstance(request.body, dict):
        return
    group, version, name = kind.group, request.version, kind.kind
    if sub is not None:
        group, version, name = sub.group or group, sub.version or version, sub.kind
    schema = schemas.of_kind(group, version, name)
    if schema is None or body_is_other(request.body, name):
        return
    try:
        unknown = check(schema, request.body).unknown
    except WrongType as error:
        raise bad_request(f'{name} in version "{version}" cannot be handled as a {name}: {error}') from None
    report(name, version, request, [f'unknown field "{path}"' for path in unknown])


def body_is_other(body: dict[str, Any], name: str) -> bool:
    return body.get("kind") not in (None, "", name)


def report(name: str, version: str, request: Request, found: list[str]) -> None:
    """Act on strictness errors as `fieldValidation` says."""
    if not found:
        return
    if request.field_validation == "Strict":
        text = f"strict decoding error: {', '.join(found)}"
        raise bad_request(f'{name} in version "{version}" cannot be handled as a {name}: {text}')
    if request.field_validation == "Warn":
        request.warnings.extend(text for text in found if text not in request.warnings)
