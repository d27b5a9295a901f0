"""Which objects a list, watch or collection delete is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cluster.apiserver.request import Request
from cluster.kinds.kind import Kind, name_fields
from cluster.machinery import fieldselector, labels
from cluster.machinery.errors import bad_request
from cluster.machinery.meta import Object


@dataclass(frozen=True, slots=True)
class Selection:
    """Label and field selectors of one request, over one kind."""

    kind: Kind
    labels: labels.Selector
    fields: fieldselector.FieldSelector

    @classmethod
    def of(cls, kind: Kind, request: Request) -> Selection:
        """Read the selectors; 400 in the real words when they cannot be."""
        try:
            by_label = labels.parse(request.label_selector)
            by_field = fieldselector.parse(request.field_selector)
        except (labels.SelectorError, fieldselector.FieldSelectorError) as error:
            raise bad_request(str(error)) from None
        if by_field.terms:
            _check_fields(kind, by_field)
        return cls(kind, by_label, by_field)

    @property
    def is_everything(self) -> bool:
        return self.labels.is_empty and not self.fields.terms

    def matches(self, obj: Object) -> bool:
        if not self.labels.is_empty and not self.labels.matches_object(obj):
            return False
        return not self.fields.terms or self.fields.matches(self.kind.fields(obj))

    def filter(self, objects: Iterable[Object]) -> list[Object]:
        if self.is_everything:
            return list(objects)
        return [obj for obj in objects if self.matches(obj)]


def _check_fields(kind: Kind, selector: fieldselector.FieldSelector) -> None:
    known = kind.fields({"metadata": {}})
    for term in selector.terms:
        if term.field in known:
            continue
        if kind.fields is name_fields:
            raise bad_request(
                f'"{term.field}" is not a known field selector: only "metadata.name", "metadata.namespace"'
            )
        raise bad_request(f"field label not supported: {term.field}")
