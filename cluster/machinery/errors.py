"""The Status family: every error an API server answers, with its reason, code and wording.

Follows k8s.io/apimachinery `api/errors` and the `metav1.Status` reference. A learner's mistake is
one of these; anything else that escapes is a bug and stays a traceback.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.machinery.fielderrors import FieldError


class StatusError(Exception):
    """An API answer of failure; `status()` is the `v1.Status` object that goes on the wire."""

    def __init__(self, code: int, reason: str, message: str, details: Mapping[str, Any] | None = None):
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = dict(details or {})
        # The real server writes `details: {}` where its generic handlers answer.
        self.has_details = details is not None

    def status(self) -> dict[str, Any]:
        """Return the Status object, fields in the order the real server writes them."""
        status: dict[str, Any] = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        if self.message:
            status["message"] = self.message
        if self.reason:
            status["reason"] = self.reason
        if self.has_details:
            status["details"] = self.details
        status["code"] = self.code
        return status


class Unreachable(StatusError):
    """Nothing listens where the API server should: no answer of a server, but what a client says of it."""

    def __init__(self, address: str):
        text = f"The connection to the server {address} was refused - did you specify the right host or port?"
        super().__init__(503, "ServiceUnavailable", text)


def _named(resource: str, group: str, name: str) -> dict[str, Any]:
    details = {"name": name, "group": group, "kind": resource}
    return {key: value for key, value in details.items() if value}


def _qualified(resource: str, group: str) -> str:
    return f"{resource}.{group}" if group else resource


def not_found(resource: str, group: str, name: str) -> StatusError:
    """404 for an object: `pods "web" not found`."""
    return StatusError(
        404, "NotFound", f'{_qualified(resource, group)} "{name}" not found', _named(resource, group, name)
    )


def no_such_path() -> StatusError:
    """404 for a URL that serves nothing."""
    return StatusError(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(resource: str, group: str, name: str) -> StatusError:
    """409 AlreadyExists: `pods "web" already exists`."""
    return StatusError(
        409, "AlreadyExists", f'{_qualified(resource, group)} "{name}" already exists', _named(resource, group, name)
    )


def conflict(resource: str, group: str, name: str, why: str) -> StatusError:
    """409 Conflict: a failed optimistic lock or precondition."""
    message = f'Operation cannot be fulfilled on {_qualified(resource, group)} "{name}": {why}'
    return StatusError(409, "Conflict", message, _named(resource, group, name))


OPTIMISTIC_LOCK = "the object has been modified; please apply your changes to the latest version and try again"


def invalid(kind: str, group: str, name: str, causes: Sequence[FieldError]) -> StatusError:
    """422 Invalid with one cause per field error, in the order given."""
    messages = list(dict.fromkeys(str(cause) for cause in causes))
    text = messages[0] if len(messages) == 1 else f"[{', '.join(messages)}]"
    details = _named(kind, group, name)
    details["causes"] = [cause.cause() for cause in causes]
    qualified = f"{kind}.{group}" if group else kind
    return StatusError(422, "Invalid", f'{qualified} "{name}" is invalid: {text}', details)


def bad_request(message: str) -> StatusError:
    """400 BadRequest."""
    return StatusError(400, "BadRequest", message)


def unauthorized() -> StatusError:
    """401 Unauthorized."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def forbidden(resource: str, group: str, name: str, why: str) -> StatusError:
    """403 Forbidden for an object, as admission plugins and authorisers word it."""
    qualified = _qualified(resource, group)
    subject = f'{qualified} "{name}" is forbidden' if name else f"{qualified} is forbidden"
    return StatusError(403, "Forbidden", f"{subject}: {why}", _named(resource, group, name))


def method_not_supported(resource: str, group: str, verb: str) -> StatusError:
    """405: `create is not supported on resources of kind "componentstatuses"`."""
    return StatusError(
        405,
        "MethodNotAllowed",
        f'{verb} is not supported on resources of kind "{_qualified(resource, group)}"',
        _named(resource, group, ""),
    )


def gone(message: str) -> StatusError:
    """410 Expired: a resourceVersion that compaction has removed."""
    return StatusError(410, "Expired", message)


def too_many_requests(message: str, retry_after: int = 0, details: Mapping[str, Any] | None = None) -> StatusError:
    """429: disruption budgets and priority-and-fairness."""
    full = dict(details or {})
    if retry_after:
        full["retryAfterSeconds"] = retry_after
    return StatusError(429, "TooManyRequests", message, full)


def too_large(limit: int) -> StatusError:
    """413: a body over the limit, in bytes."""
    return StatusError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {limit}")


def unsupported_media_type(message: str) -> StatusError:
    """415."""
    return StatusError(415, "UnsupportedMediaType", message)


def not_acceptable(message: str) -> StatusError:
    """406."""
    return StatusError(406, "NotAcceptable", message)


def internal(message: str) -> StatusError:
    """500: the lab broke. Never used for a learner's mistake."""
    return StatusError(500, "InternalError", f"Internal error occurred: {message}", {"causes": [{"message": message}]})
