"""Who asks: the kubeconfig's user, --token, and impersonation by --as.

Credentials are resolved by the place's door `identify` (token or certificate to user) where one is wired; a lab
whose kubeconfig names its administrator needs none.
"""

from __future__ import annotations

from typing import Any

from cluster.apiserver.client import Client
from cluster.apiserver.request import User
from cluster.kubectl.config import KubeConfig
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Parsed
from cluster.machinery.errors import StatusError, unauthorized
from cluster.workloads.process import Call


def client(call: Call, config: KubeConfig, flags: Parsed) -> Client:
    """Return the client that speaks for whoever the configuration and the flags name."""
    door = call.place.services.get("client")
    if door is None:
        raise CommandError(
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
            bare=True)
    speaker: Client = door
    credentials = _credentials(config, flags)
    identify = call.place.services.get("identify")
    if credentials and identify is not None:
        user = identify(credentials)
        if user is None:
            raise unauthorized()
        speaker = speaker.as_user(user)
    return _impersonated(speaker, flags)


def _credentials(config: KubeConfig, flags: Parsed) -> dict[str, Any]:
    if flags.get("token"):
        return {"token": flags["token"]}
    if not (config.paths and flags.get("kubeconfig", "") is not None):
        return {}
    try:
        return config.user(flags) or {}
    except CommandError:
        return {}


def _impersonated(speaker: Client, flags: Parsed) -> Client:
    name = str(flags.get("as") or "")
    groups = tuple(flags.get("as-group") or ())
    if not name:
        if groups or flags.get("as-uid"):
            raise CommandError("requesting uid, groups or user-extra without impersonating a user")
        return speaker
    allowed = speaker.user.groups
    if "system:masters" not in allowed:
        _check_impersonation(speaker, name)
    return speaker.as_user(User(name, _groups(name, groups), str(flags.get("as-uid") or "")), impersonated=True)


def _groups(name: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the groups an impersonated user has: service accounts get theirs when none are named."""
    if name.startswith("system:serviceaccount:") and not given:
        namespace = name.split(":")[2]
        given = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
    if name == "system:anonymous":
        return given or ("system:unauthenticated",)
    return (*given, *(() if "system:authenticated" in given else ("system:authenticated",)))


def _check_impersonation(speaker: Client, name: str) -> None:
    review = {
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": "impersonate", "resource": "users", "name": name}},
    }
    answer = speaker.create("selfsubjectaccessreviews.authorization.k8s.io", review)
    if not answer.get("status", {}).get("allowed"):
        raise StatusError(403, "Forbidden", f'users "{name}" is forbidden: User "{speaker.user.name}" cannot '
                          f'impersonate resource "users" in API group "" at the cluster scope')
