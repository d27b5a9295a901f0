"""Certificate signing: approved requests to Kubernetes' own signers get their certificate; kubelets' are approved.

Follows pkg/controller/certificates. https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
The signing itself is a port, `Config.options["sign-certificate"]`; without it requests stay approved and unsigned.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from cluster.controllers.base import Controller, Handler, own_key
from cluster.machinery.clock import timestamp
from cluster.machinery.conditions import is_true, replaced
from cluster.machinery.meta import Object

REQUESTS = "certificatesigningrequests.certificates.k8s.io"
SIGNERS = (
    "kubernetes.io/kube-apiserver-client",
    "kubernetes.io/kube-apiserver-client-kubelet",
    "kubernetes.io/kubelet-serving",
    "kubernetes.io/legacy-unknown",
)
KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet"
DEFAULT_SECONDS = 31_536_000
Sign = Callable[[bytes, list[str], int], bytes]
"""(PEM request, usages, seconds) → PEM certificate; ValueError in words for a request that cannot be signed."""


class CertificateSigner(Controller):
    name = "certificatesigningrequest-signing"
    account = "certificate-controller"
    source = "certificate-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {REQUESTS: own_key}

    def reconcile(self, key: str) -> float | None:
        request = self.store.get(REQUESTS, "", key)
        sign: Sign | None = self.context.config.options.get("sign-certificate")
        if request is None or sign is None or request["spec"]["signerName"] not in SIGNERS:
            return None
        status = request.get("status") or {}
        if status.get("certificate") or not is_true(request, "Approved") or is_true(request, "Denied"):
            return None
        self._sign(request, sign)
        return None

    def _sign(self, request: Object, sign: Sign) -> None:
        spec, status = request["spec"], dict(request.get("status") or {})
        seconds = int(spec.get("expirationSeconds") or DEFAULT_SECONDS)
        try:
            certificate = sign(base64.b64decode(spec["request"]), list(spec.get("usages") or ()), seconds)
        except ValueError as problem:
            now = timestamp(self.clock.now())
            failed = {"type": "Failed", "status": "True", "reason": "SignerValidationFailure", "message": str(problem)}
            condition = {**failed, "lastUpdateTime": now, "lastTransitionTime": now}
            status["conditions"] = replaced(status.get("conditions"), condition)
        else:
            status["certificate"] = base64.b64encode(certificate).decode()
        self.client.update_status(REQUESTS, {**request, "status": status})


class KubeletApprover(Controller):
    """Approves what a joining kubelet asks for itself."""

    name = "certificatesigningrequest-approving"
    account = "certificate-controller"
    source = "certificate-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {REQUESTS: own_key}

    def reconcile(self, key: str) -> float | None:
        request = self.store.get(REQUESTS, "", key)
        if request is None or request["spec"]["signerName"] != KUBELET_CLIENT:
            return None
        groups = set(request["spec"].get("groups") or ())
        status = dict(request.get("status") or {})
        if status.get("conditions") or not groups & {"system:nodes", "system:bootstrappers"}:
            return None
        now = timestamp(self.clock.now())
        own = "system:nodes" in groups
        condition = {
            "type": "Approved",
            "status": "True",
            "reason": "AutoApproved",
            "message": f"Auto approving {'self ' if own else ''}kubelet client certificate after SubjectAccessReview.",
            "lastUpdateTime": now,
            "lastTransitionTime": now,
        }
        status["conditions"] = [condition]
        self.client.update(REQUESTS, {**request, "status": status}, subresource="approval")
        return None
