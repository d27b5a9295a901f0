"""Long-lived tokens: fills Secrets of type `kubernetes.io/service-account-token`, deletes those without an account.

Follows pkg/controller/serviceaccount/tokens_controller.go.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from cluster.apiserver.request import User, component
from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations_of, is_deleting, meta, name, namespace, uid
from cluster.store.interface import Revision

TYPE = "kubernetes.io/service-account-token"
ACCOUNT_NAME = "kubernetes.io/service-account.name"
ACCOUNT_UID = "kubernetes.io/service-account.uid"


class TokensController(Controller):
    name = "serviceaccount-token"
    account = ""
    source = "serviceaccount-token-controller"

    @classmethod
    def identity(cls) -> User:
        """It works as the controller manager itself: it must act before any account has a token."""
        return component("system:kube-controller-manager")

    def watches(self) -> Mapping[str, Handler]:
        return {"secrets": self._secret_changed, "serviceaccounts": self._account_changed}

    def _secret_changed(self, revision: Revision) -> Iterable[str]:
        wanted = revision.object.get("type") == TYPE and revision.verb != "DELETED"
        return own_key(revision) if wanted else ()

    def _account_changed(self, revision: Revision) -> Iterable[str]:
        if revision.verb != "MODIFIED":
            for secret in self.store.list("secrets", revision.namespace):
                if secret.get("type") == TYPE and annotations_of(secret).get(ACCOUNT_NAME) == revision.name:
                    yield f"{revision.namespace}/{name(secret)}"

    def reconcile(self, key: str) -> float | None:
        secret = self.store.get("secrets", *split(key))
        if secret is None or is_deleting(secret):
            return None
        account = self.store.get("serviceaccounts", namespace(secret), annotations_of(secret).get(ACCOUNT_NAME, ""))
        known = annotations_of(secret).get(ACCOUNT_UID)
        if account is None or (known and known != uid(account)):
            self._delete(secret)
        elif not (secret.get("data") or {}).get("token"):
            self._fill(secret, account)
        return None

    def _delete(self, secret: Object) -> None:
        try:
            self.client.delete("secrets", name(secret), namespace(secret))
        except StatusError as error:
            if error.code != 404:
                raise

    def _fill(self, secret: Object, account: Object) -> None:
        server = self.client.server
        claims: dict[str, Any] = {
            "iss": "kubernetes/serviceaccount",
            "kubernetes.io/serviceaccount/namespace": namespace(secret),
            "kubernetes.io/serviceaccount/secret.name": name(secret),
            "kubernetes.io/serviceaccount/service-account.name": name(account),
            "kubernetes.io/serviceaccount/service-account.uid": uid(account),
            "sub": f"system:serviceaccount:{namespace(secret)}:{name(account)}",
        }
        parts = {
            "ca.crt": str(self.context.config.options.get("root-ca", "")),
            "namespace": namespace(secret),
            "token": server.tokens.sign(claims),
        }
        data = {**(secret.get("data") or {}), **{key: _encoded(value) for key, value in parts.items()}}
        notes = {**annotations_of(secret), ACCOUNT_UID: uid(account)}
        self.client.update("secrets", {**secret, "metadata": {**meta(secret), "annotations": notes}, "data": data})


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
