"""Which resources the server serves: names to kinds, kinds to resources, as kubectl's RESTMapper answers.

The lab's API server is in the same process, so its registry is read instead of fetching discovery documents;
there is no cache to grow stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.apiserver.client import Client
from cluster.kinds.kind import Kind
from cluster.kinds.registry import Registry
from cluster.kubectl.errors import CommandError


@dataclass(frozen=True)
class Mapping:
    """A kind at one of its versions."""

    kind: Kind
    version: str

    @property
    def group(self) -> str:
        return self.kind.group

    @property
    def resource(self) -> str:
        return self.kind.resource

    @property
    def namespaced(self) -> bool:
        return self.kind.namespaced

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def prefix(self) -> str:
        """Return what `-o name` puts before the slash: `deployment.apps`."""
        lower = self.kind.kind.lower()
        return f"{lower}.{self.group}" if self.group else lower

    def named(self, name: str) -> str:
        return f"{self.prefix}/{name}"


class Discovery:
    """The server's kinds, looked up as kubectl looks them up."""

    def __init__(self, client: Client):
        self.client = client

    @property
    def registry(self) -> Registry:
        return self.client.server.registry

    def all(self) -> Iterator[Kind]:
        yield from self.registry.all()

    def resource(self, argument: str) -> Mapping:
        """Resolve `po`, `pods`, `Pod`, `deployments.apps`, `deploy.v1.apps`."""
        name, _, rest = argument.lower().partition(".")
        version, _, group = rest.partition(".")
        found = self._full(name, version, group) if group else None
        if found is None:
            found = self._by_group(name, rest)
        if found is None and group:
            found = self._by_group(name, group)
        if found is None:
            raise CommandError(f'the server doesn\'t have a resource type "{name}"')
        return found

    def _full(self, name: str, version: str, group: str) -> Mapping | None:
        for kind in self.registry.all():
            if kind.group == group and version in (kind.version, *kind.other_versions) and _called(kind, name):
                return Mapping(kind, version)
        return None

    def _by_group(self, name: str, group: str) -> Mapping | None:
        exact = [kind for kind in self.registry.all() if _called(kind, name) and (not group or kind.group == group)]
        if not exact and group:
            exact = [kind for kind in self.registry.all() if _called(kind, name) and kind.group.startswith(group)]
        for kind in exact:
            if name in (kind.plural, kind.singular_name):
                return Mapping(kind, kind.version)
        return Mapping(exact[0], exact[0].version) if exact else None

    def knows(self, argument: str) -> bool:
        try:
            self.resource(argument)
        except CommandError:
            return False
        return True

    def category(self, name: str) -> list[Mapping]:
        return [Mapping(kind, kind.version) for kind in self.registry.all() if name in kind.categories]

    def kind(self, api_version: str, kind: str) -> Mapping | None:
        """Return the resource of a manifest's apiVersion and kind."""
        group, _, version = api_version.rpartition("/")
        found = self.registry.by_kind(group, kind)
        if found is None or version not in (found.version, *found.other_versions):
            return None
        return Mapping(found, version)


def _called(kind: Kind, name: str) -> bool:
    return name in (kind.plural, kind.singular_name, kind.kind.lower()) or name in kind.short_names
