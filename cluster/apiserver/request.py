"""A request as the three gates see it, and what each gate said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.machinery.meta import Object


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. `groups` decide most of it."""

    name: str
    groups: tuple[str, ...] = ("system:authenticated",)
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


ADMIN = User("kubernetes-admin", ("system:masters", "system:authenticated"))
ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))


def component(name: str, *groups: str) -> User:
    """Return a control-plane identity such as `system:kube-scheduler`."""
    return User(name, (*groups, "system:authenticated"))


LOOPBACK = component("system:apiserver", "system:masters")


def service_account(namespace: str, name: str, uid: str = "") -> User:
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return User(f"system:serviceaccount:{namespace}:{name}", groups, uid)


def node_user(name: str) -> User:
    return User(f"system:node:{name}", ("system:nodes", "system:authenticated"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one stage said; `by` is the module in it.

    `stage` is authn, authz, defaulting, mutating (admission), validation, validating (admission) or store. Where a
    stage changed the object, `detail["change"]` is a `Change`.
    """

    stage: str
    by: str
    allowed: bool | None  # None: an authoriser without an opinion
    text: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Request:
    """One API request, decoded. `resource` is the plural without group."""

    verb: str  # get list watch create update patch delete deletecollection
    user: User
    group: str = ""
    version: str = "v1"
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    body: Any = None  # the decoded object; for patch the decoded patch
    patch_type: str = ""  # json | merge | strategic | apply
    label_selector: str = ""
    field_selector: str = ""
    limit: int = 0
    continue_token: str = ""
    resource_version: str = ""
    resource_version_match: str = ""
    send_initial_events: bool = False
    allow_bookmarks: bool = False
    timeout: float = 0.0
    dry_run: bool = False
    field_manager: str = ""
    field_validation: str = ""  # Strict | Warn | Ignore
    force: bool = False
    pretty: bool = False
    query: Mapping[str, str] = field(default_factory=dict)  # everything else (log and exec options)
    cause: str = ""  # the revision or command behind this request, for the causal log
    user_agent: str = ""
    method: str = ""  # of HTTP; '' for a request that came by no wire
    uri: str = ""  # path and query as asked
    source: str = ""  # the client's address
    impersonator: User | None = None  # who really asks, where `user` is impersonated
    warnings: list[str] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    told: bool = False  # the witnesses know how it ended


@dataclass(slots=True)
class Result:
    """A successful answer. `created` says 201 instead of 200."""

    object: Object
    created: bool = False
    code: int = 200
    warnings: list[str] = field(default_factory=list)
