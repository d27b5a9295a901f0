"""Objects under a schema: which fields a change touches, which fields a configuration sets, how the two merge.

Follows sigs.k8s.io/structured-merge-diff `typed`: granular maps and map-like lists are walked, atomic ones are
leaves. Places without a schema are walked as maps and taken whole as lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from cluster.apiserver.managed.fieldset import Node, key_element, value_element
from cluster.kinds import schema as schemas
from cluster.kinds.schema import Schema

MAP, LIST, SET, LEAF = "map", "list", "set", "leaf"
# Structs by value in Go: a new object has them already, empty, before a client sets anything inside.
_BY_VALUE = frozenset(
    {
        *("metadata", "spec", "status", "strategy", "updateStrategy", "template", "jobTemplate", "source"),
        *("loadBalancer", "scaleTargetRef", "names", "nodeInfo", "daemonEndpoints", "kubeletEndpoint"),
    }
)
_BY_VALUE_OF = frozenset({("ResourceClaimSpec", "devices"), ("PersistentVolumeClaimSpec", "resources")})
_POINTERS = frozenset({("ReplicationControllerSpec", "template")})
# Lists that Go writes as null where they are empty: there before their items are.
_NULL_LISTS = frozenset({("PodSpec", "containers"), ("CSINodeSpec", "drivers")})
# Keys of map-like lists that clients may leave out, since the server defaults them.
KEY_DEFAULTS = {"protocol": "TCP"}


@dataclass(frozen=True, slots=True)
class Type:
    """How a place is walked: as a map of `fields` or of `inner` values, as a list by `keys`, a set, or whole.

    `definition` is the published struct it is, where it is one.
    """

    shape: str
    schema: Schema
    keys: tuple[str, ...] = ()
    struct: bool = False
    definition: str = ""

    def field(self, name: str) -> Type:
        if self.definition:
            return _field_of(self.definition, name)
        found = schemas.property_of(self.schema, name) or schemas.values(self.schema)
        return type_of(found) if found is not None else UNTYPED

    def knows(self, name: str) -> bool:
        return self.struct and schemas.property_of(self.schema, name) is not None

    @property
    def name(self) -> str:
        return self.definition.rpartition(".")[2]

    def has_by_value(self, name: str) -> bool:
        """Say whether a new object of this struct has `name` already, empty."""
        if not self.definition:
            return False
        place = (self.name, name)
        return (name in _BY_VALUE and place not in _POINTERS) or place in _BY_VALUE_OF

    @property
    def item(self) -> Type:
        found = schemas.items(self.schema)
        return type_of(found) if found is not None else UNTYPED


UNTYPED = Type(MAP, {})
_WHOLE = Type(LEAF, {})


def type_of(schema: Schema) -> Type:
    """Return how a place with this schema is walked."""
    name = schemas.reference(schema)
    if name and "x-kubernetes-map-type" not in schema:
        return named(name)
    return _read(schema)


@cache
def named(definition: str) -> Type:
    """Return how a published definition is walked."""
    return _read({"$ref": "#/definitions/" + definition})


@cache
def _field_of(definition: str, name: str) -> Type:
    schema = named(definition).schema
    found = schemas.property_of(schema, name) or schemas.values(schema)
    return type_of(found) if found is not None else UNTYPED


def _read(schema: Schema) -> Type:
    if schemas.items(schema) is not None:
        kind = schemas.list_type(schema)
        if kind == "map":
            return Type(LIST, schema, schemas.list_map_keys(schema))
        return Type(SET, schema) if kind == "set" else _WHOLE
    if schemas.map_type(schema) == "atomic":
        return _WHOLE
    if schemas.properties(schema):
        return Type(MAP, schema, struct=True, definition=schemas.reference(schema))
    return Type(MAP, schema) if schemas.values(schema) is not None else Type(LEAF, schema)


def _shape(kind: Type, value: Any) -> str:
    """Return how this value is walked; a value of another form than its type's is taken whole."""
    if isinstance(value, dict):
        return MAP if kind.shape == MAP else LEAF
    if isinstance(value, list):
        return kind.shape if kind.shape in (LIST, SET) else LEAF
    return LEAF


def elements(kind: Type, value: Any) -> dict[str, Any]:
    """Return the items of a map-like list by path element."""
    return {key_of(kind, item): item for item in value}


def key_of(kind: Type, item: Any) -> str:
    if not isinstance(item, dict):
        return value_element(item)
    return key_element({key: item[key] if key in item else KEY_DEFAULTS.get(key, "") for key in kind.keys})


def compare(kind: Type, old: dict[str, Any], new: dict[str, Any]) -> tuple[Node, Node]:
    """Return (what `new` added or changed, what it removed)."""
    changed: Node = {}
    removed: Node = {}
    for name, value in new.items():
        if name in old:
            _compare(kind.field(name), f"f:{name}", old[name], value, changed, removed)
        elif isinstance(value, dict) and kind.has_by_value(name):
            _compare(kind.field(name), f"f:{name}", {}, value, changed, removed)
        elif isinstance(value, list) and (kind.name, name) in _NULL_LISTS:
            _compare(kind.field(name), f"f:{name}", [], value, changed, removed)
        elif value is not None:
            changed[f"f:{name}"] = whole(kind.field(name), value)
    for name in old:
        if name not in new:
            removed[f"f:{name}"] = whole(kind.field(name), old[name])
    return changed, removed


def _compare(kind: Type, element: str, old: Any, new: Any, changed: Node, removed: Node) -> None:
    if old == new:
        return
    shape = _shape(kind, new)
    if shape != _shape(kind, old) or shape == LEAF or (not old and not new):
        changed[element] = whole(kind, new) if shape != LEAF else {}
        return
    if shape == MAP:
        inner_changed, inner_removed = compare(kind, old, new)
    else:
        inner_changed, inner_removed = _compare_lists(kind, old, new)
    if inner_changed:
        changed[element] = inner_changed
    if inner_removed:
        removed[element] = inner_removed


def _compare_lists(kind: Type, old: list[Any], new: list[Any]) -> tuple[Node, Node]:
    before, after = elements(kind, old), elements(kind, new)
    changed: Node = {}
    removed: Node = {}
    for element, item in after.items():
        if element in before:
            _compare(kind.item, element, before[element], item, changed, removed)
        else:
            changed[element] = whole(kind.item, item)
    for element, item in before.items():
        if element not in after:
            removed[element] = whole(kind.item, item)
    return changed, removed


def whole(kind: Type, value: Any) -> Node:
    """Return a value's fields and itself: all of it is new, or all of it is gone."""
    shape = _shape(kind, value)
    if shape == LEAF or not value:
        return {}
    if shape == MAP:
        inner = {f"f:{name}": whole(kind.field(name), item) for name, item in value.items()}
    else:
        inner = {}
        for item in value:
            element = key_of(kind, item)
            # Two items of one key cannot be told apart: they are owned whole.
            inner[element] = {} if element in inner else whole(kind.item, item)
    return {".": {}, **inner}


def field_set(kind: Type, value: dict[str, Any]) -> Node:
    """Return the fields a configuration sets: its leaves, items of lists, and keys of maps."""
    found: Node = {}
    for name, item in value.items():
        node = _set_of(kind.field(name), item)
        if node is not None:
            bare = kind.knows(name) or not node
            found[f"f:{name}"] = node if bare or "." in node else {".": {}, **node}
    return found


def _set_of(kind: Type, value: Any) -> Node | None:
    shape = _shape(kind, value)
    if shape == LEAF or value is None or value == {}:
        return {}
    if shape == MAP:
        return field_set(kind, value) or None
    items = {element: _item_set(kind.item, item) for element, item in elements(kind, value).items()}
    return items or None


def _item_set(kind: Type, item: Any) -> Node:
    node = _set_of(kind, item)
    return {".": {}, **node} if node else {}


def merge(kind: Type, live: Any, config: Any) -> Any:
    """Return `live` with everything `config` sets."""
    shape = _shape(kind, config)
    if shape == LEAF or _shape(kind, live) != shape:
        return config
    if shape == MAP:
        merged = dict(live)
        for name, value in config.items():
            merged[name] = merge(kind.field(name), live[name], value) if name in live else value
        return merged
    before = elements(kind, live)
    after = elements(kind, config)
    return _merge_items(kind, before, after)


def _merge_items(kind: Type, before: dict[str, Any], after: dict[str, Any]) -> list[Any]:
    """Items of the configuration keep its order; the others stay where they stood before the next shared one."""
    merged = {
        element: merge(kind.item, before[element], item) if element in before else item
        for element, item in after.items()
    }
    order: list[str] = []
    waiting = list(after)
    for element in before:
        if element not in after:
            order.append(element)
        elif element in waiting:
            at = waiting.index(element)
            order += waiting[: at + 1]
            waiting = waiting[at + 1 :]
    order += waiting
    return [merged[element] if element in merged else before[element] for element in order]


def prune(kind: Type, value: Any, gone: Node, kept: Node) -> Any:
    """Return `value` without the members of `gone`; nothing that has a part in `kept` is dropped whole."""
    shape = _shape(kind, value)
    if shape == LEAF:
        return value
    if shape == MAP:
        return _prune_map(kind, value, gone, kept)
    result = []
    for element, item in elements(kind, value).items():
        node = gone.get(element)
        if node is None:
            result.append(item)
        elif not _drops(node, element in kept):
            result.append(prune(kind.item, item, node, kept.get(element, {})))
    return result


def _drops(node: Node, is_kept: bool) -> bool:
    return (not node or "." in node) and not is_kept


def _prune_map(kind: Type, value: dict[str, Any], gone: Node, kept: Node) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, item in value.items():
        element = f"f:{name}"
        node = gone.get(element)
        if node is None:
            result[name] = item
        elif not _drops(node, element in kept):
            rest = prune(kind.field(name), item, node, kept.get(element, {}))
            if rest or not isinstance(rest, (dict, list)):
                result[name] = rest
    return result
