"""AdmissionReview: the question a webhook is sent, and what of its answer can be taken.

https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-request-and-response
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cluster.apiserver.attributes import CONNECT, Attributes
from cluster.apiserver.conversion import api_version, from_stored
from cluster.apiserver.request import User
from cluster.machinery.meta import Object

GROUP = "admission.k8s.io"
VERSIONS = ("v1", "v1beta1")
_OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions", "CONNECT": ""}


class BadResponse(Exception):
    """An answer that is no valid AdmissionReview; the text is the real one."""


def of(attributes: Attributes, version: str, uid: str, spoken: str) -> dict[str, Any]:
    """Return the review of a request, its objects in `version`, as `admission.k8s.io/<spoken>`."""
    kind, request = attributes.kind, attributes.request
    said = str((attributes.draft or {}).get("kind") or kind.kind) if attributes.operation == CONNECT else kind.kind
    body: dict[str, Any] = {
        "uid": uid,
        "kind": {"group": kind.group, "version": version, "kind": said},
        "resource": {"group": kind.group, "version": version, "resource": kind.plural},
        "requestKind": {"group": kind.group, "version": request.version, "kind": said},
        "requestResource": {"group": kind.group, "version": request.version, "resource": kind.plural},
    }
    if attributes.subresource:
        body |= {"subResource": attributes.subresource, "requestSubResource": attributes.subresource}
    if attributes.name:
        body["name"] = attributes.name
    if attributes.namespace:
        body["namespace"] = attributes.namespace
    if kind.resource == "namespaces" and attributes.name:
        body["namespace"] = attributes.name
    body |= {
        "operation": attributes.operation,
        "userInfo": user_info(request.user),
        "object": shown(attributes, attributes.draft, version),
        "oldObject": shown(attributes, attributes.old, version),
        "dryRun": request.dry_run,
        "options": options_of(attributes),
    }
    return {"kind": "AdmissionReview", "apiVersion": f"{GROUP}/{spoken}", "request": body}


def user_info(user: User) -> dict[str, Any]:
    """Return a user as `authentication.k8s.io/v1` UserInfo."""
    found: dict[str, Any] = {"username": user.name}
    if user.uid:
        found["uid"] = user.uid
    if user.groups:
        found["groups"] = list(user.groups)
    if user.extra:
        found["extra"] = {key: list(values) for key, values in user.extra.items()}
    return found


def shown(attributes: Attributes, obj: Object | None, version: str) -> Object | None:
    """Return an object as a webhook sees it: in the version its rules name."""
    if obj is None or attributes.operation == CONNECT:
        return obj
    found = from_stored(attributes.kind, version, obj)
    return {**found, "apiVersion": api_version(attributes.kind, version), "kind": attributes.kind.kind}


def options_of(attributes: Attributes) -> Object | None:
    """Return the options of the request, as the API group `meta.k8s.io` has them."""
    request, operation = attributes.request, attributes.operation
    name = "PatchOptions" if request.verb == "patch" and operation != "DELETE" else _OPTIONS[operation]
    if not name:
        return None
    found: Object = {"kind": name, "apiVersion": "meta.k8s.io/v1"}
    if operation == "DELETE" and isinstance(request.body, dict):
        found |= {key: value for key, value in request.body.items() if key not in ("kind", "apiVersion")}
    if request.dry_run:
        found["dryRun"] = ["All"]
    if operation != "DELETE":
        given = {"fieldManager": request.field_manager, "fieldValidation": request.field_validation}
        found |= {key: value for key, value in given.items() if value}
    if name == "PatchOptions" and request.force:
        found["force"] = True
    return found


def response_of(answer: Any, uid: str, spoken: str, *, mutating: bool) -> Mapping[str, Any]:
    """Return the `response` of an answer; BadResponse when it breaks the rules of its version."""
    found = answer if isinstance(answer, dict) else {}
    response = found.get("response")
    if not isinstance(response, dict):
        raise BadResponse("webhook response was absent")
    if spoken != "v1":
        return response
    if response.get("uid", "") != uid:
        raise BadResponse(f'expected response.uid="{uid}", got "{response.get("uid", "")}"')
    kind, version = str(found.get("kind") or ""), str(found.get("apiVersion") or "")
    if (kind, version) != ("AdmissionReview", f"{GROUP}/v1"):
        group_version = version if version else "/"
        wanted = f"{GROUP}/v1, Kind=AdmissionReview"
        raise BadResponse(f"expected webhook response of {wanted}, got {group_version}, Kind={kind}")
    _check_patch(response, mutating=mutating)
    return response


def _check_patch(response: Mapping[str, Any], *, mutating: bool) -> None:
    patch, kind = response.get("patch"), response.get("patchType")
    if not mutating:
        if patch:
            raise BadResponse("validating webhook may not return response.patch")
        if kind is not None:
            raise BadResponse("validating webhook may not return response.patchType")
        return
    if patch and kind is None:
        raise BadResponse("webhook returned response.patch but not response.patchType")
    if kind is not None and not patch:
        raise BadResponse("webhook returned response.patchType but not response.patch")
    if kind == "":
        raise BadResponse('webhook returned invalid response.patchType of ""')


def patch_of(response: Mapping[str, Any]) -> bytes:
    """Return the JSON patch of a response; BadResponse when it is not base64, or no JSON patch."""
    patch, kind = response.get("patch"), response.get("patchType")
    if not patch:
        return b""
    if kind not in (None, "JSONPatch"):
        raise BadResponse(f'unsupported patch type "{kind}"')
    try:
        return base64.b64decode(str(patch), validate=True)
    except binascii.Error as error:
        raise BadResponse(f"illegal base64 data in response.patch: {error}") from None
