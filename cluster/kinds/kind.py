"""The declaration of one kind: names, scope, verbs, columns, defaulting, validation, update strategy.

A declaration says what the kind is; the API server does what it says. Functions that change an
object receive a draft of their own (no part shared with anybody) and may change it in place;
functions that judge never change. The server judges `metadata`; beyond it `validate` returns all the
errors of a create and `validate_update` all those of an update, in the real server's order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cluster.machinery.fielderrors import FieldError
from cluster.machinery.meta import Object, name, namespace

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Column:
    """One `additionalPrinterColumn` or built-in table column; priority 1 shows with `-o wide` only."""

    name: str
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0
    about: str = ""  # the field whose OpenAPI description serves as this one's (`printing.described`)


@dataclass(frozen=True, slots=True)
class Subresource:
    """`pods/status`: its name, the kind its body has, and its verbs."""

    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = ""  # of the body's kind, where it differs (autoscaling for Scale)
    version: str = ""


SCALE = Subresource("scale", "Scale", ("get", "patch", "update"), "autoscaling", "v1")


def status_subresource(kind: str) -> Subresource:
    return Subresource("status", kind, ("get", "patch", "update"))


def _nothing(draft: Object) -> None:
    """Default of every hook that changes a draft."""


def _no_errors(obj: Object) -> list[FieldError]:
    return []


def _no_update_errors(new: Object, old: Object) -> list[FieldError]:
    return []


def _no_warnings(new: Object, old: Object | None) -> list[str]:
    return []


def name_fields(obj: Object) -> dict[str, str]:
    """Field selectors that every kind has."""
    return {"metadata.name": name(obj), "metadata.namespace": namespace(obj)}


def _keep(new: Object, old: Object) -> None:
    """Default of update preparation: nothing beyond what the server does for every kind."""


@dataclass(frozen=True)
class Kind:
    """One kind at its preferred version. `versions` lists further served ones with their converters."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[Subresource, ...] = ()
    stored: bool = True  # False: reviews and bindings, which are answered and forgotten
    columns: tuple[Column, ...] = ()
    row: Callable[[Object, float], Sequence[Any]] | None = None  # cells, given the lab's now; None: Name and Age
    default: Callable[[Object], None] = _nothing
    prepare_create: Callable[[Object], None] = _nothing  # drop status, set what a create may not choose
    finish_create: Callable[[Object], None] = _nothing  # what needs name and uid, which the server has set by then
    prepare_update: Callable[[Object, Object], None] = _keep  # (draft of new, old)
    validate: Callable[[Object], list[FieldError]] = _no_errors
    validate_update: Callable[[Object, Object], list[FieldError]] = _no_update_errors  # (new, old), all of them
    validate_subresource: Mapping[str, Callable[[Object, Object], list[FieldError]]] = field(default_factory=dict)
    """The same for updates through a subresource that have rules of their own (`pods/binding`)."""
    validate_status: Callable[[Object, Object], list[FieldError]] = _no_update_errors
    judged_twice: bool = False  # an update is judged as a new object and as a change: each fault is told twice
    metadata_checks: int = 1  # how often its own rules look at the metadata of an update, after the server has
    warnings: Callable[[Object, Object | None], list[str]] = _no_warnings
    deprecation: str = ""  # the warning every request for this kind gets
    fields: Callable[[Object], dict[str, str]] = name_fields  # what fieldSelector may ask
    has_status: bool = False  # has a status subresource: create and update keep the stored status
    has_generation: bool = False  # metadata.generation counts changes of everything but metadata and status
    graceful_delete: bool = False  # pods: delete waits for the kubelet
    storage: str = ""  # storage key when it is not plural[.group] (both Event APIs are `events`)
    other_versions: tuple[str, ...] = ()
    convert: dict[str, tuple[Callable[[Object], Object], Callable[[Object], Object]]] = field(default_factory=dict)
    """version -> (from that version to the stored one, from the stored one to that version); may name `version`
    itself where that is not what is stored (events.k8s.io)."""
    name_rule: str = "subdomain"  # subdomain | label | label1035 | path (RBAC): the check of metadata.name

    def update_errors(self, new: Object, old: Object, subresource: str = "") -> list[FieldError]:
        """Return what is wrong with an update, beyond its metadata."""
        judge = self.validate_subresource.get(subresource, self.validate_update)
        found = self.validate(new) if judge is _no_update_errors else judge(new, old)
        return self.validate(new) + found if self.judged_twice and not subresource else found

    def at(self, version: str) -> Kind:
        """Return the kind as requests for `version` see it: custom kinds may differ from version to version."""
        return self

    def deprecation_of(self, version: str) -> str:
        """Return the warning every request for this version gets."""
        return self.deprecation

    @property
    def resource(self) -> str:
        """Return the name authorisation and errors use: `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def key(self) -> str:
        """Return the storage key."""
        return self.storage or self.resource

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def stored_api_version(self) -> str:
        """Return the apiVersion of its objects in the store: kinds that share a storage are stored as the core one."""
        return self.version if self.storage else self.api_version

    @property
    def singular_name(self) -> str:
        return self.singular or self.kind.lower()
