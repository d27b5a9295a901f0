"""The longer parts of a gate's story as marked lines: what was added (+), taken away (-), what differs (!)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.machinery import goyaml

Words = Mapping[str, str]
Line = tuple[str, str]  # a mark of one character, and the text
# What differs → the field of the rule that says it.
_FIELDS = {
    "verb": "verbs",
    "group": "apiGroups",
    "resource": "resources",
    "name": "resourceNames",
    "path": "nonResourceURLs",
}


@dataclass(frozen=True, slots=True)
class Block:
    """`form` is diff, rule, yaml or commands; of yaml and commands, `text` is what one would copy."""

    form: str
    title: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.lines) + "\n"


def yaml(title: str, *documents: Any) -> Block:
    text = "---\n".join(goyaml.dump(document) for document in documents)
    return Block("yaml", title, tuple((" ", line) for line in text.splitlines()))


def commands(title: str, found: Sequence[str]) -> Block:
    return Block("commands", title, tuple((" ", line) for line in found))


def diff(title: str, operations: Sequence[Mapping[str, Any]]) -> Block:
    """Return JSON-Patch-like operations as lines of YAML."""
    return Block("diff", title, tuple(line for one in operations for line in _operation(one)))


def _operation(one: Mapping[str, Any]) -> Iterator[Line]:
    path = _path(str(one["path"]))
    if "was" in one:
        yield from _lines("-", path, one["was"])
    if "value" in one:
        yield from _lines("+", path, one["value"])


def _lines(mark: str, path: str, value: Any) -> Iterator[Line]:
    text = goyaml.dump(value).rstrip("\n")
    if "\n" not in text and not (isinstance(value, dict | list) and value):
        yield mark, f"{path}: {text}"
        return
    yield mark, f"{path}:"
    for line in text.splitlines():
        yield mark, f"  {line}"


def _path(pointer: str) -> str:
    """Return a JSON pointer as Kubernetes writes field paths: `spec.containers[0].image`."""
    found = ""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if key.isdigit() or "." in key or "/" in key:
            found += f"[{key}]"
        else:
            found += f".{key}" if found else key
    return found


def rule(title: str, written: Mapping[str, Any], differs: Sequence[str] = ()) -> Block:
    """Return a policy rule, one field a line, with what differs marked."""
    return Block("rule", title, tuple(_rule_lines(written, differs)))


def _rule_lines(written: Mapping[str, Any], differs: Sequence[str]) -> Iterator[Line]:
    marked = {_FIELDS.get(word, word) for word in differs}
    for field in _FIELDS.values():
        if field in written:
            mark = "!" if field in marked else " "
            yield mark, f"{field}: [{', '.join(_quoted(item) for item in written[field] or ())}]"
    if marked - set(written):
        yield "!", f"# {', '.join(sorted(marked - set(written)))}"


def _quoted(item: str) -> str:
    return f'"{item}"' if item in ("", "*") or item.startswith("*") else str(item)


def named(reference: Mapping[str, str]) -> str:
    """Return `Role default/reader` of a reference."""
    place = "/".join(part for part in (reference.get("namespace", ""), reference["name"]) if part)
    return f"{reference['kind']} {place}"


def explanation(found: Mapping[str, Any], said: Words) -> list[Block]:
    """Return what the roles say about a denial, the way out last."""
    if not found:
        return []
    views = [view for view in found["bindings"] if view["nearly"] or not view["role_exists"]]
    told = [block for view in views for block in _binding(view, said)]
    if not told:
        told = [Block("rule", said["no.near" if found["bindings"] else "no.bindings"], ())]
    if found["unbound"]:
        lines = tuple((" ", f"{named(one['role'])}") for one in found["unbound"])
        told.append(Block("list", said["unbound"], lines))
    told.append(yaml(said["smallest"], found["role"], found["binding"]))
    told.append(commands(said["commands"], found["commands"]))
    return told


def _binding(view: Mapping[str, Any], said: Words) -> Iterator[Block]:
    names = {"binding": named(view["binding"]), "role": named(view["role"])}
    if not view["role_exists"]:
        yield Block("rule", said["near.missing"].format(**names), ())
        return
    for one in view["rules"][:1] if view["rules"] else ():
        key = "near" if view["counts"] else "near.elsewhere"
        heading = said[key].format(**names, number=one["index"] + 1)
        yield rule(heading, one["rule"], one["differs"])
