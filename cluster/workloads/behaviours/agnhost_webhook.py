"""`agnhost webhook`: the webhook server of Kubernetes' own tests, one decision per path.

Left out: conversion of custom resources. https://github.com/kubernetes/kubernetes/tree/master/test/images/agnhost
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from cluster.workloads.process import WebReply

Asked = Mapping[str, Any]
Response = dict[str, Any]
Decide = Callable[[Asked, str], Response]

DELAY = 5.0
MARK, UNWANTED = "webhook-e2e-test", "webhook-disallow"
ALLOWED: Response = {"allowed": True}


def answer(path: str, body: bytes, sidecar: str) -> WebReply:
    """Answer one AdmissionReview sent to `path`; `sidecar` is the image of `--sidecar-image`."""
    decide = PATHS.get(path)
    if decide is None:
        return WebReply(404, (("Content-Type", "text/plain; charset=utf-8"),), b"404 page not found\n")
    try:
        review = json.loads(body)
        asked = review["request"]
    except (ValueError, KeyError, TypeError):
        return WebReply(400, (("Content-Type", "text/plain; charset=utf-8"),), b"Request could not be decoded\n")
    response = {"uid": asked.get("uid", ""), **decide(asked, sidecar)}
    head = {"kind": "AdmissionReview", "apiVersion": review.get("apiVersion", "admission.k8s.io/v1")}
    text = json.dumps({**head, "response": response}).encode()
    return WebReply(200, (("Content-Type", "application/json"),), text, seconds=DELAY if "delay" in path else 0.0)


def _denied(message: str) -> Response:
    return {"allowed": False, "status": {"metadata": {}, "message": message}}


def _patched(*operations: Mapping[str, Any]) -> Response:
    text = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"allowed": True, "patchType": "JSONPatch", "patch": text}


def _object(asked: Asked) -> Mapping[str, Any]:
    return asked.get("object") or asked.get("oldObject") or {}


def _labels(asked: Asked) -> Mapping[str, str]:
    return (_object(asked).get("metadata") or {}).get("labels") or {}


def _always_allow(asked: Asked, sidecar: str) -> Response:
    return {"allowed": True, "status": {"metadata": {}, "message": "this webhook allows all requests"}}


def _always_deny(asked: Asked, sidecar: str) -> Response:
    return _denied("this webhook denies all requests")


def _add_label(asked: Asked, sidecar: str) -> Response:
    labels = _labels(asked)
    if not labels:
        return _patched({"op": "add", "path": "/metadata/labels", "value": {"added-label": "yes"}})
    if labels.get("added-label") == "yes":
        return ALLOWED
    operation = "replace" if "added-label" in labels else "add"
    return _patched({"op": operation, "path": "/metadata/labels/added-label", "value": "yes"})


def _pods(asked: Asked, sidecar: str) -> Response:
    reasons = ["the pod contains unwanted label;"] if _labels(asked).get(MARK) == UNWANTED else []
    containers = (_object(asked).get("spec") or {}).get("containers") or ()
    reasons += ["the pod contains unwanted container name;" for each in containers if UNWANTED in each["name"]]
    return _denied(" ".join(reasons)) if reasons else ALLOWED


def _attach(asked: Asked, sidecar: str) -> Response:
    options = _object(asked)
    if asked.get("name") != "to-be-attached-pod" or not options.get("stdin"):
        return ALLOWED
    if options.get("container") != "container1":
        return ALLOWED
    return _denied("attaching to pod 'to-be-attached-pod' is not allowed")


def _mutating_pods(asked: Asked, sidecar: str) -> Response:
    if (_object(asked).get("metadata") or {}).get("name") != "webhook-to-be-mutated":
        return ALLOWED
    added = {"image": "webhook-added-image", "name": "webhook-added-init-container", "resources": {}}
    return _patched({"op": "add", "path": "/spec/initContainers", "value": [added]})


def _sidecar(asked: Asked, sidecar: str) -> Response:
    if not sidecar:
        return _denied("No image specified by the sidecar-image parameter")
    names = [each["name"] for each in (_object(asked).get("spec") or {}).get("containers") or ()]
    if "webhook-added-sidecar" in names:
        return ALLOWED
    added = {"image": sidecar, "name": "webhook-added-sidecar", "resources": {}}
    return _patched({"op": "add", "path": "/spec/containers/-", "value": added})


def _data(asked: Asked) -> Mapping[str, Any]:
    return _object(asked).get("data") or {}


def _configmaps(asked: Asked, sidecar: str) -> Response:
    unwanted = _data(asked).get(MARK) == UNWANTED
    return _denied("the configmap contains unwanted key and value") if unwanted else ALLOWED


def _custom_resource(asked: Asked, sidecar: str) -> Response:
    unwanted = _data(asked).get(MARK) == UNWANTED
    return _denied("the custom resource contains unwanted data") if unwanted else ALLOWED


def _definition(asked: Asked, sidecar: str) -> Response:
    return _denied("the crd contains unwanted label") if _labels(asked).get(MARK) == UNWANTED else ALLOWED


def _mutating_data(asked: Asked, sidecar: str) -> Response:
    data = _data(asked)
    stages = {"mutation-start": "mutation-stage-1", "mutation-stage-1": "mutation-stage-2"}
    added = [stage for key, stage in stages.items() if data.get(key) == "yes"]
    operations = [{"op": "add", "path": f"/data/{stage}", "value": "yes"} for stage in added]
    return _patched(*operations) if operations else ALLOWED


PATHS: Mapping[str, Decide] = {
    "/always-allow-delay-5s": _always_allow,
    "/always-deny": _always_deny,
    "/add-label": _add_label,
    "/pods": _pods,
    "/pods/attach": _attach,
    "/mutating-pods": _mutating_pods,
    "/mutating-pods-sidecar": _sidecar,
    "/configmaps": _configmaps,
    "/mutating-configmaps": _mutating_data,
    "/custom-resource": _custom_resource,
    "/mutating-custom-resource": _mutating_data,
    "/crd": _definition,
}
