"""A request for a certificate. https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, Subresource, name_fields, status_subresource
from cluster.kinds.printing import AGE, NAME, NONE, age
from cluster.kinds.validation.fields import Errors
from cluster.machinery.duration import human_duration
from cluster.machinery.fielderrors import invalid_value, required
from cluster.machinery.meta import Object, name

_USUAL = ["digital signature", "key encipherment"]


def default(draft: Object) -> None:
    draft.setdefault("spec", {})
    draft.setdefault("status", {})


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def fields(obj: Object) -> dict[str, str]:
    return {**name_fields(obj), "spec.signerName": (obj.get("spec") or {}).get("signerName") or ""}


def condition_text(obj: Object) -> str:
    """Return Pending, or Approved or Denied, and then Failed and Issued."""
    status = obj.get("status") or {}
    held = {condition.get("type") for condition in status.get("conditions") or ()}
    words = ["Denied" if "Denied" in held else "Approved" if "Approved" in held else "Pending"]
    words += ["Failed"] if "Failed" in held else []
    words += ["Issued"] if status.get("certificate") else []
    return ",".join(words)


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    seconds = spec.get("expirationSeconds")
    return (
        name(obj),
        age(obj, now),
        spec.get("signerName") or NONE,
        spec.get("username") or "",
        human_duration(seconds) if seconds is not None else NONE,
        condition_text(obj),
    )


_SHORTEST = 600


def _request_text(request: str) -> str:
    try:
        pem = base64.b64decode(request).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        pem = ""
    return "" if "-----BEGIN CERTIFICATE REQUEST-----" in pem else "PEM block type must be CERTIFICATE REQUEST"


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors: Errors = []
    problem = _request_text(spec.get("request") or "")
    if problem:
        errors.append(invalid_value("spec.request", spec.get("request") or "", problem))
    if not spec.get("usages"):
        errors.append(required("spec.usages"))
    signer = spec.get("signerName") or ""
    if signer == "kubernetes.io/legacy-unknown":
        text = "the legacy signerName is not allowed via this API version"
        errors.append(invalid_value("spec.signerName", signer, text))
    elif "/" not in signer:
        text = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        errors.append(invalid_value("spec.signerName", signer, text) if signer else required("spec.signerName"))
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < _SHORTEST:
        text = "may not specify a duration less than 600 seconds (10 minutes)"
        errors.append(invalid_value("spec.expirationSeconds", seconds, text))
    return errors


KIND = Kind(
    group="certificates.k8s.io",
    version="v1",
    kind="CertificateSigningRequest",
    plural="certificatesigningrequests",
    namespaced=False,
    short_names=("csr",),
    subresources=(
        Subresource("approval", "CertificateSigningRequest", ("get", "patch", "update")),
        status_subresource("CertificateSigningRequest"),
    ),
    has_status=True,
    name_rule="path",
    columns=(
        NAME,
        AGE,
        Column("SignerName", about="spec.signerName"),
        Column("Requestor", description="Base64-encoded PKCS#10 CSR data"),
        Column("RequestedDuration", about="spec.expirationSeconds"),
        Column("Condition", description="Conditions applied to the request, such as approval or denial."),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    fields=fields,
    validate=validate,
)
