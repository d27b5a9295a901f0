"""Reads what modules say of themselves: the sentences of a docstring behind "Simplified:", "Left out:" or "Absent:".

A remark reaches to the next marker or to the end of its paragraph; an address at its end is not part of it.
"""

from __future__ import annotations

import importlib
import inspect
import re
from types import ModuleType
from typing import Any

from cluster.honesty.lines import Line, Text

_MARKER = r"\b(?:Simplified|Left out(?: so far)?|Absent): "
_REMARK = re.compile(rf"({_MARKER})(.*?)(?={_MARKER}|https?://|\n\s*\n|\Z)", re.S)


def remarks(text: str | None) -> tuple[Text, ...]:
    """Return the remarks of a docstring, in order, each as one line of text."""
    found = (marker + " ".join(rest.split()) for marker, rest in _REMARK.findall(text or ""))
    return tuple({"en": each} for each in found)


def module_of(thing: Any) -> ModuleType:
    """Return the module that defines a class, a function or an instance's class."""
    owner = thing if inspect.isclass(thing) or inspect.isroutine(thing) else type(thing)
    return importlib.import_module(owner.__module__)


def line_of(name: str, thing: Any, *facts: str) -> Line:
    """Return the line of a registered thing, by what it and its module say of themselves."""
    own = thing if inspect.isclass(thing) or inspect.isroutine(thing) else type(thing)
    how = remarks(module_of(thing).__doc__) + remarks(own.__doc__)
    return Line(name, "simplified" if how else "real", how, facts)


def told(module: ModuleType) -> Line:
    """Return the line of a module that stands for a thing: its first sentence is the name."""
    how = remarks(module.__doc__)
    return Line(title_of(module), "simplified" if how else "real", how)


def title_of(module: ModuleType) -> str:
    """Return the first sentence of a module's docstring, without its end."""
    first = " ".join((module.__doc__ or "").split("\n\n")[0].split())
    return re.split(r"(?<=[\w`])[.:;](?:\s|$)", first)[0]
