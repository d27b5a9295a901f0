"""Defaults of device requests, in a claim and in a claim template."""

from __future__ import annotations

from typing import Any


def default_claim_spec(spec: dict[str, Any]) -> None:
    devices = spec.setdefault("devices", {})
    for request in devices.get("requests") or ():
        if request.get("exactly"):
            _default_request(request["exactly"])
        for choice in request.get("firstAvailable") or ():
            _default_request(choice)


def _default_request(request: dict[str, Any]) -> None:
    if not request.get("allocationMode"):
        request["allocationMode"] = "ExactCount"
    if request["allocationMode"] == "ExactCount" and not request.get("count"):
        request["count"] = 1
    for toleration in request.get("tolerations") or ():
        if not toleration.get("operator"):
            toleration["operator"] = "Equal"
