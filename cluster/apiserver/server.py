"""The API server of one lab: resolves a request, takes it through the gates and answers.

Reads and writes live in modules of their own (`read`, `create`, `update`, `patching`, `delete`,
`subresources`); this one knows the order of the gates. It keeps nothing but caches: any number of
servers may stand before one store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.apiserver import bodies, create, delete, patching, read, update
from cluster.apiserver.admission.chain import Admission
from cluster.apiserver.admission.registry import plugins_of
from cluster.apiserver.allocation import Allocations
from cluster.apiserver.attributes import Attributes
from cluster.apiserver.audit.log import AuditLog, Sink, audit_of
from cluster.apiserver.authn.chain import Authenticators
from cluster.apiserver.authn.tokens import TokenIssuer
from cluster.apiserver.authz.chain import Authorizer
from cluster.apiserver.exchange import Exchange, Witness
from cluster.apiserver.launch import Launch
from cluster.apiserver.managed.manager import FieldManager
from cluster.apiserver.ports import Callout, Metrics
from cluster.apiserver.registries import RegistryCache
from cluster.apiserver.request import Request, Result, User, Verdict
from cluster.apiserver.reviews import registry as reviews
from cluster.apiserver.subresources import registry as subresources
from cluster.kinds.kind import Kind
from cluster.kinds.registry import REGISTRY, Registry
from cluster.machinery.clock import Clock, timestamp
from cluster.machinery.errors import StatusError, Unreachable, no_such_path
from cluster.machinery.ids import Ids
from cluster.machinery.meta import Object
from cluster.store.interface import Revision, Store

NODES = "system:node"  # how the names of all kubelets begin
Handler = Callable[["ApiServer", Kind, Request], Result]

READS: Mapping[str, Handler] = {"get": read.get, "list": read.list_objects}
WRITES: Mapping[str, Handler] = {
    "create": create.create,
    "update": update.replace,
    "patch": patching.patch,
    "delete": delete.delete,
    "deletecollection": delete.delete_collection,
}


@dataclass(frozen=True)
class ServerConfig:
    """Flags of the API server."""

    service_cidr: str = "10.96.0.0/12"
    node_ports: tuple[int, int] = (30000, 32767)
    issuer: str = "https://kubernetes.default.svc.cluster.local"
    options: Mapping[str, Any] = field(default_factory=dict)


class ApiServer:
    """One API server. `tokens` signs service-account tokens, with a secret of the lab's own where they must open it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        *,
        registry: Registry = REGISTRY,
        authorizer: Authorizer | None = None,
        admission: Admission | None = None,
        config: ServerConfig | None = None,
        tokens: TokenIssuer | None = None,
    ):
        self.store = store
        self.clock = clock
        self.ids = ids
        self.config = config or ServerConfig()
        self.tokens = tokens or TokenIssuer(ids.token(32, "service-account-key"))
        self.admission = admission or Admission(plugins_of(Launch()))
        self.authorizer = authorizer or Authorizer(store)
        self.fields = FieldManager(self)
        self.allocations = Allocations(self)
        self.metrics: Metrics | None = None
        self.callout: Callout | None = None
        self.audit_sink: Sink | None = None
        self.launch = Launch()
        self.roots = ""  # PEM of who signs client certificates, where no flag says so
        self.authenticators = Authenticators(self)
        self.witnesses: list[Witness] = []
        self.wants_changes: Callable[[Request], bool] | None = None  # asked whether a stage's change is worth noting
        self._registries = RegistryCache(store, registry)

    @property
    def registry(self) -> Registry:
        """Return the kinds served now, those of CustomResourceDefinitions included."""
        return self._registries.current()

    def now(self) -> str:
        return timestamp(self.clock.now())

    def preferred_version(self, group: str, plural: str) -> str:
        """Return the version clients use for a resource when they name none."""
        kind = self.registry.by_resource(group, plural)
        return kind.version if kind else "v1"

    def start(self, launch: Launch) -> None:
        """Be the process that `launch` tells of: as after a restart with its flags."""
        self.launch = launch
        self.authorizer.start(self, launch)
        self.admission = Admission(plugins_of(launch))
        audit = audit_of(self, launch)
        others = [witness for witness in self.witnesses if not isinstance(witness, AuditLog)]
        self.witnesses[:] = [*others, audit] if audit is not None else others

    def handle(self, request: Request) -> Result:
        """Answer one request; raises `StatusError`."""
        self.must_serve(request.user)
        if not self.witnesses:
            return self._handle(request)
        try:
            result = self._handle(request)
        except StatusError as error:
            self.tell(request, error.code, error=error)
            raise
        self.tell(request, result.code, answer=result.object)
        return result

    def must_serve(self, user: User) -> None:
        """Raise `Unreachable` while no API server of the lab runs; the kubelets, which start it, go on."""
        if not self.launch.serving and not user.name.startswith(NODES):
            raise Unreachable(f"{self.launch.value('advertise-address', '127.0.0.1')}:6443")

    def notes_changes(self, request: Request) -> bool:
        """Say whether somebody wants to know what each stage changes of this request; looking costs time."""
        return self.wants_changes is not None and self.wants_changes(request)

    def tell(
        self, request: Request, code: int, *, answer: Object | None = None, error: StatusError | None = None
    ) -> None:
        """Tell the witnesses how a request ended."""
        request.told = True
        exchange = Exchange(request, code, self.clock.now(), answer, error)
        for witness in self.witnesses:
            witness.saw(exchange)

    def permit(self, request: Request) -> None:
        """Judge a request that is answered elsewhere, such as a connection into a pod; raises 403."""
        try:
            self.authorizer.require(request)
        except StatusError as error:
            self.tell(request, error.code, error=error)
            raise
        self.tell(request, 200)

    def _handle(self, request: Request) -> Result:
        kind = self.registry.find(request.group, request.version, request.resource)
        if kind is None:
            raise no_such_path()
        self.authorizer.require(request)
        deprecated = kind.deprecation_of(request.version)
        if deprecated:
            request.warnings.append(deprecated)
        handler = self._handler(kind, request)
        if request.subresource or not kind.stored:
            bodies.examine_part(kind, request)
        if request.verb in READS:
            result = handler(self, kind, request)
        else:
            with self.store.transaction():
                result = handler(self, kind, request)
        result.warnings = request.warnings
        return result

    def _handler(self, kind: Kind, request: Request) -> Handler:
        if request.subresource:
            return subresources.handler(kind, request)
        if not kind.stored:
            return reviews.handler(kind, request)
        if request.verb not in kind.verbs:
            raise StatusError(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}
            )
        return READS.get(request.verb) or WRITES[request.verb]

    def attributes(self, kind: Kind, request: Request, operation: str, **objects: Any) -> Attributes:
        return Attributes(self, kind, request, operation, subresource=request.subresource, **objects)

    def write(self, kind: Kind, obj: Object, request: Request) -> Object:
        """Store a finished object, unless this is a dry run; return it as stored."""
        if request.dry_run:
            return obj
        revision = self.store.put(kind.key, obj, actor=request.user.name, cause=request.cause, time=self.clock.now())
        if self.witnesses:
            request.verdicts.append(_stored(revision))
        return revision.object

    def erase(self, kind: Kind, obj: Object, request: Request) -> Object:
        if request.dry_run:
            return obj
        self.allocations.released(kind, obj, request)
        revision = self.store.remove(kind.key, obj, actor=request.user.name, cause=request.cause, time=self.clock.now())
        if self.witnesses:
            request.verdicts.append(_stored(revision))
        return revision.object


def _stored(revision: Revision) -> Verdict:
    """Return what the store did: one revision of one object."""
    detail = {
        "revision": revision.number,
        "verb": revision.verb,
        "resource": revision.resource,
        "namespace": revision.namespace,
        "name": revision.name,
    }
    return Verdict("store", "etcd", True, "", detail)
