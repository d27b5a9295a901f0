"""A shell's variables, as data: text, or a dict of subscript → text for arrays; and their attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# r read-only, x exported, a indexed array, A associative array, i integer


LARGEST = 1 << 22  # letters in one variable; a script that wants more is killed as by the kernel


class OutOfMemory(Exception):
    """A script wants more than there is."""


class ReadonlyVariable(Exception):
    def __init__(self, name: str):
        self.name = name
        super().__init__(name)


class Variables:
    """A view over `data["vars"]` and `data["attrs"]` of one shell."""

    def __init__(self, data: dict[str, Any]):
        self.values: dict[str, Any] = data["vars"]
        self.attributes: dict[str, str] = data["attrs"]

    def get(self, name: str) -> str | None:
        value = self.values.get(name)
        if isinstance(value, dict):
            return value.get("0")
        return value

    def array(self, name: str) -> dict[str, str] | None:
        """Return the elements of a variable by subscript; a text is element 0."""
        value = self.values.get(name)
        return {"0": value} if isinstance(value, str) else value

    def set(self, name: str, value: str, index: str = "") -> None:
        self.check(name)
        if len(value) > LARGEST:
            raise OutOfMemory
        held = self.values.get(name)
        if index or isinstance(held, dict):
            array = {"0": held} if isinstance(held, str) else dict(held or {})
            array[index or "0"] = value
            self.values[name] = self._ordered(name, array)
        else:
            self.values[name] = value

    def set_array(self, name: str, elements: Mapping[str, str]) -> None:
        self.check(name)
        self.values[name] = self._ordered(name, dict(elements))
        if "A" not in self.attributes.get(name, ""):
            self.mark(name, "a")

    def _ordered(self, name: str, array: dict[str, str]) -> dict[str, str]:
        if "A" in self.attributes.get(name, ""):
            return array
        return {key: array[key] for key in sorted(array, key=int)}

    def unset(self, name: str, index: str = "") -> None:
        self.check(name)
        if index:
            array = dict(self.array(name) or {})
            array.pop(index, None)
            self.values[name] = array
            return
        self.values.pop(name, None)
        self.attributes.pop(name, None)

    def check(self, name: str) -> None:
        if "r" in self.attributes.get(name, ""):
            raise ReadonlyVariable(name)

    def mark(self, name: str, attributes: str) -> None:
        held = self.attributes.get(name, "")
        self.attributes[name] = held + "".join(letter for letter in attributes if letter not in held)

    def unmark(self, name: str, attribute: str) -> None:
        self.attributes[name] = self.attributes.get(name, "").replace(attribute, "")

    def exported(self) -> dict[str, str]:
        found = {}
        for name, attributes in self.attributes.items():
            value = self.get(name)
            if "x" in attributes and value is not None:
                found[name] = value
        return found
