"""Request bodies: JSON, YAML and protobuf into plain objects, strictly where that is asked for."""

from __future__ import annotations

from typing import Any

from cluster.apiserver import bodies, gojson, protobuf, strictness
from cluster.apiserver.negotiation import JSON, PROTOBUF, YAML
from cluster.apiserver.options import PATCH_TYPES, media, parse_int
from cluster.apiserver.request import Request
from cluster.apiserver.wireforms import HttpRequest
from cluster.kinds.kind import Kind
from cluster.machinery import goyaml
from cluster.machinery.errors import StatusError, bad_request, too_large

LIMIT = 3 * 1024 * 1024
_ACCEPTED = f"{JSON}, {YAML}, {PROTOBUF}"


def read_body(kind: Kind, request: Request, http: HttpRequest) -> None:
    """Decode the body into `request.body`; 400, 413 or 415 in the real words."""
    if len(http.body) > LIMIT:
        raise too_large(LIMIT)
    if request.verb in ("create", "update"):
        request.body = _object(_body_kind(kind, request), request, http)
    elif request.verb == "patch":
        request.body = _patch(http)
    elif request.verb in ("delete", "deletecollection"):
        request.body = _delete_options(http)


def _body_kind(kind: Kind, request: Request) -> str:
    return next((sub.kind for sub in kind.subresources if sub.name == request.subresource), kind.kind)


def _object(expected: str, request: Request, http: HttpRequest) -> Any:
    kind = media(http) or JSON
    if kind == JSON:
        body = _json(expected, http.body)
    elif kind == YAML:
        body = _yaml(expected, http.body)
    elif kind == PROTOBUF:
        return _protobuf(expected, http.body)
    else:
        raise StatusError(
            415,
            "UnsupportedMediaType",
            f"the body of the request was in an unknown format - accepted media types include: {_ACCEPTED}",
        )
    if not isinstance(body, dict):
        raise _unrecognised(expected, "couldn't get version/kind; json parse error: " + _no_object(body))
    if why := bodies.untyped(body):
        raise _unrecognised(expected, f"{why} ({_beginning(http.body)})")
    if kind == JSON and request.field_validation in ("Strict", "Warn") and gojson.has_duplicates(http.body):
        found = [f'duplicate field "{path}"' for path in gojson.duplicates(http.body)]
        bodies.report(expected, request.version, request, found)
    return body


def _no_object(body: Any) -> str:
    word = {str: "string", bool: "bool", int: "number", float: "number", list: "array"}.get(type(body), "null")
    return f"json: cannot unmarshal {word} into Go value of type struct {{ APIVersion string; Kind string }}"


def _json(expected: str, body: bytes) -> Any:
    try:
        return gojson.decode(body)
    except gojson.GoJsonError as error:
        text = f"couldn't get version/kind; json parse error: {error} ({_beginning(body)})"
        raise _unrecognised(expected, text) from None


def _beginning(body: bytes) -> str:
    if not body:
        return "<empty>"
    text = body.decode(errors="replace")
    return text if len(text) <= 30 else text[:30] + " ..."


def _yaml(expected: str, body: bytes) -> Any:
    try:
        return goyaml.load(body.decode())
    except (goyaml.YamlError, UnicodeDecodeError, RecursionError) as error:
        text = str(error) if isinstance(error, goyaml.YamlError) else "yaml: invalid Unicode character"
        raise _unrecognised(expected, f"{text} ({body[:32].hex()})") from None


def _protobuf(expected: str, body: bytes) -> Any:
    try:
        return protobuf.decode(body)
    except protobuf.ProtobufError as error:
        raise _unrecognised(expected, str(error)) from None


def _unrecognised(expected: str, why: str) -> StatusError:
    return bad_request(f"the object provided is unrecognized (must be of type {expected}): {why}")


def _patch(http: HttpRequest) -> Any:
    if media(http) not in PATCH_TYPES:
        raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    if media(http) == "application/apply-patch+yaml":
        return _applied(http)
    try:
        return gojson.decode(http.body)
    except gojson.GoJsonError as error:
        # A strategic merge patch is decoded elsewhere in the real server, which adds nothing to the decoder's words.
        said = "" if media(http) == "application/strategic-merge-patch+json" else "error decoding patch: "
        raise bad_request(f"{said}{error}") from None


def _applied(http: HttpRequest) -> Any:
    try:
        body = goyaml.load(http.body.decode())
    except (goyaml.YamlError, UnicodeDecodeError, RecursionError) as error:
        raise bad_request(f"error decoding YAML: error converting YAML to JSON: {error}") from None
    if body is not None and not isinstance(body, dict):
        text = f"json: cannot unmarshal {strictness.word_of(body)} into Go value of type map[string]interface {{}}"
        raise bad_request(f"error decoding YAML: error unmarshaling JSON: while decoding JSON: {text}")
    return body or {}


def _delete_options(http: HttpRequest) -> Any:
    if http.body:
        kind = media(http) or JSON
        if kind == PROTOBUF:
            return _protobuf("DeleteOptions", http.body)
        body = _yaml("DeleteOptions", http.body) if kind == YAML else _json("DeleteOptions", http.body)
        if not isinstance(body, dict):
            raise _unrecognised("DeleteOptions", "couldn't get version/kind; json parse error: " + _no_object(body))
        bodies.check_options("DeleteOptions", body)
        return body
    options: dict[str, Any] = {}
    if seconds := http.parameter("gracePeriodSeconds"):
        options["gracePeriodSeconds"] = parse_int(seconds)
    if policy := http.parameter("propagationPolicy"):
        options["propagationPolicy"] = policy
    if orphan := http.parameter("orphanDependents"):
        options["orphanDependents"] = orphan == "true"
    if dry_run := http.parameters.get("dryRun"):
        options["dryRun"] = dry_run
    return options
