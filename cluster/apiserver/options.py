"""Query parameters as the options kinds of meta.k8s.io read and check them."""

from __future__ import annotations

from cluster.apiserver.paths import ResourcePath
from cluster.apiserver.request import Request, User
from cluster.apiserver.wireforms import HttpRequest
from cluster.machinery.errors import bad_request, invalid
from cluster.machinery.fielderrors import FieldError, forbidden_field, invalid_value, required, too_long, unsupported

_LONGEST_MANAGER = 128
_OPTIONS = {"create": "CreateOptions", "update": "UpdateOptions", "patch": "PatchOptions"}
PATCH_TYPES = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
    "application/apply-patch+yaml": "apply",
}


def request_of(http: HttpRequest, user: User, place: ResourcePath, verb: str) -> Request:
    """Return the API request an HTTP request asks for, its body not yet read."""
    request = Request(
        verb,
        user,
        group=place.group,
        version=place.version,
        resource=place.resource,
        subresource=place.subresource,
        namespace=place.namespace,
        name=place.name,
        label_selector=http.parameter("labelSelector"),
        field_selector=http.parameter("fieldSelector"),
        limit=_number(http, "limit"),
        continue_token=http.parameter("continue"),
        resource_version=http.parameter("resourceVersion"),
        resource_version_match=http.parameter("resourceVersionMatch"),
        send_initial_events=http.flag("sendInitialEvents"),
        allow_bookmarks=http.flag("allowWatchBookmarks"),
        timeout=float(_number(http, "timeoutSeconds")),
        dry_run=bool(http.parameters.get("dryRun")),
        field_manager=manager(http),
        force=http.flag("force"),
        pretty=http.flag("pretty"),
        user_agent=http.header("user-agent"),
        method=http.method,
        uri=http.uri,
        source=http.source,
        query={key: values[0] for key, values in http.parameters.items()},
    )
    if verb in _OPTIONS:
        request.field_validation = http.parameter("fieldValidation") or "Warn"
        request.patch_type = PATCH_TYPES.get(media(http), "") if verb == "patch" else ""
        _check(http, request)
    if verb == "watch" and place.name:
        request.field_selector = f"metadata.name={place.name}"
    return request


def media(http: HttpRequest) -> str:
    return http.header("content-type").partition(";")[0].strip().lower()


def manager(http: HttpRequest) -> str:
    """Return the field manager: what the client says, or the first word of its User-Agent."""
    return http.parameter("fieldManager") or http.header("user-agent").partition("/")[0] or "unknown"


def _number(http: HttpRequest, name: str) -> int:
    text = http.parameter(name)
    if not text:
        return 0
    return parse_int(text)


def parse_int(text: str) -> int:
    """Return the int64 a parameter says; 400 in the real words when it says none."""
    try:
        number = int(text)
    except ValueError:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None
    if not -(1 << 63) <= number < 1 << 63:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": value out of range')
    return number


def _check_manager(name: str) -> list[FieldError]:
    errors = [too_long("fieldManager", _LONGEST_MANAGER)] if len(name.encode()) > _LONGEST_MANAGER else []
    for position, letter in enumerate(name):
        if not letter.isprintable():
            text = f"invalid character U+{ord(letter):04X} (at position {position})"
            errors.append(invalid_value("fieldManager", name, text))
    return errors


def _check(http: HttpRequest, request: Request) -> None:
    errors: list[FieldError] = []
    if request.patch_type == "apply" and not http.parameter("fieldManager"):
        errors.append(required("fieldManager", "is required for apply patch"))
    elif request.verb == "patch" and request.patch_type != "apply" and http.parameters.get("force"):
        errors.append(forbidden_field("force", "may not be specified for non-apply patch"))
    errors += _check_manager(http.parameter("fieldManager"))
    dry_run = http.parameters.get("dryRun")
    if dry_run and dry_run != ["All"]:
        errors.append(unsupported("dryRun", dry_run, ["All"]))
    validation = http.parameter("fieldValidation")
    if validation not in ("", "Ignore", "Strict", "Warn"):
        errors.append(unsupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]))
    if errors:
        raise invalid(_OPTIONS[request.verb], "meta.k8s.io", "", errors)
