"""The in-process client: how controllers, kubelets, the terminal, lessons and views reach the API server.

Resources are named `plural` or `plural.group`, as in `kubectl get deployments.apps`. Every method
raises `StatusError` with the server's own words. Objects that come back must not be changed in
place: copy what you change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cluster.apiserver.request import Request, Result, User, Verdict
from cluster.machinery.meta import Object, name as name_of, namespace as namespace_of

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


class Client:
    """One identity's door to one lab. `manager` is its fieldManager, `cause` what made it act.

    `checked`: what it sends is a person's, and held against the schemas as a body from outside is.
    """

    def __init__(self, server: ApiServer, user: User, *, manager: str = "", cause: str = "", checked: bool = False):
        self.server = server
        self.user = user
        self.manager = manager or user.name.rpartition(":")[2]
        self.cause = cause
        self.checked = checked
        self.impersonator: User | None = None
        self.verdicts: tuple[Verdict, ...] = ()  # of the first gate, where a person's credentials came through it

    def because(self, cause: str) -> Client:
        """Return this client acting for another cause."""
        other = Client(self.server, self.user, manager=self.manager, cause=cause, checked=self.checked)
        other.impersonator, other.verdicts = self.impersonator, self.verdicts
        return other

    def as_user(self, user: User, *, impersonated: bool = False) -> Client:
        """Return this client speaking for `user`, who may be impersonated by this one's."""
        other = Client(self.server, user, manager=self.manager, cause=self.cause, checked=self.checked)
        other.impersonator = self.user if impersonated else None
        return other

    def request(self, verb: str, resource: str, **fields: Any) -> Result:
        """Send one request; `fields` are those of `Request`."""
        plural, _, group = resource.partition(".")
        version = fields.pop("version", "") or self.server.preferred_version(group, plural)
        fields.setdefault("cause", self.cause)
        fields.setdefault("field_manager", self.manager)
        fields.setdefault("impersonator", self.impersonator)
        if self.verdicts:
            fields.setdefault("verdicts", list(self.verdicts))
        if self.checked and verb in ("create", "update", "patch"):
            fields["field_validation"] = fields.get("field_validation") or "Warn"
        return self.server.handle(Request(verb, self.user, group=group, version=version, resource=plural, **fields))

    def get(self, resource: str, name: str, namespace: str = "", **fields: Any) -> Object:
        return self.request("get", resource, name=name, namespace=namespace, **fields).object

    def list(self, resource: str, namespace: str = "", **fields: Any) -> Object:
        """Return the List object (`items`, `metadata.resourceVersion`); `label_selector=`, `field_selector=` …"""
        return self.request("list", resource, namespace=namespace, **fields).object

    def create(self, resource: str, obj: Object, namespace: str = "", **fields: Any) -> Object:
        """Create `obj`; for subresources (`subresource="binding"`) give `name` too."""
        where = namespace or namespace_of(obj)
        return self.request("create", resource, body=obj, namespace=where, **fields).object

    def update(self, resource: str, obj: Object, **fields: Any) -> Object:
        """Replace `obj`; with a resourceVersion in it, only if it is still current (409 Conflict)."""
        return self.request(
            "update", resource, body=obj, name=name_of(obj), namespace=namespace_of(obj), **fields
        ).object

    def update_status(self, resource: str, obj: Object, **fields: Any) -> Object:
        return self.update(resource, obj, subresource="status", **fields)

    def patch(
        self, resource: str, name: str, patch: Any, namespace: str = "", *, patch_type: str = "merge", **fields: Any
    ) -> Object:
        """Patch by `json` (a list of operations), `merge`, `strategic` or `apply`."""
        return self.request(
            "patch", resource, name=name, namespace=namespace, body=patch, patch_type=patch_type, **fields
        ).object

    def delete(
        self, resource: str, name: str, namespace: str = "", options: Object | None = None, **fields: Any
    ) -> Object:
        """Delete with `DeleteOptions` (gracePeriodSeconds, propagationPolicy, preconditions)."""
        return self.request("delete", resource, name=name, namespace=namespace, body=options, **fields).object

    def delete_collection(self, resource: str, namespace: str = "", **fields: Any) -> Object:
        return self.request("deletecollection", resource, namespace=namespace, **fields).object
