"""The expressions of admission policies and match conditions: which variables they see, and what they must give.

https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cluster.kinds.validation.fields import Errors
from cluster.machinery.cel import CompileError, Compiler, Program, broken
from cluster.machinery.cel.shapes import DYN, Declared, Schema
from cluster.machinery.fielderrors import FieldError, invalid_value

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_LABELS: Schema = {"type": "object", "additionalProperties": _TEXT}
_TIME: Schema = {"type": "string", "format": "date-time"}
_NUMBER: Schema = {"type": "integer"}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _texts(*names: str) -> Schema:
    return _object(**dict.fromkeys(names, _TEXT))


REQUEST = _object(
    kind=_texts("group", "version", "kind"),
    resource=_texts("group", "version", "resource"),
    subResource=_TEXT,
    requestKind=_texts("group", "version", "kind"),
    requestResource=_texts("group", "version", "resource"),
    requestSubResource=_TEXT,
    name=_TEXT,
    namespace=_TEXT,
    operation=_TEXT,
    userInfo=_object(
        username=_TEXT, uid=_TEXT, groups=_TEXTS, extra={"type": "object", "additionalProperties": _TEXTS}
    ),
    dryRun={"type": "boolean"},
    options=DYN,
)
NAMESPACE = _object(
    metadata=_object(
        name=_TEXT,
        generateName=_TEXT,
        namespace=_TEXT,
        labels=_LABELS,
        annotations=_LABELS,
        UID=_TEXT,
        creationTimestamp=_TIME,
        deletionTimestamp=_TIME,
        deletionGracePeriodSeconds=_NUMBER,
        generation=_NUMBER,
        resourceVersion=_TEXT,
        finalizers=_TEXTS,
    ),
    spec=_object(finalizers=_TEXTS),
    status=_object(phase=_TEXT),
)
_BASE: Mapping[str, Declared] = {"object": "dyn", "oldObject": "dyn", "request": REQUEST, "namespaceObject": NAMESPACE}
_AUTHORIZER: Mapping[str, Declared] = {"authorizer": "Authorizer", "authorizer.requestResource": "ResourceCheck"}
_PARAMS: Mapping[str, Declared] = {"params": "dyn"}
_KNOWN: Mapping[str, Schema] = {
    "string": _TEXT,
    "int": _NUMBER,
    "bool": {"type": "boolean"},
    "double": {"type": "number"},
    "list<string>": _TEXTS,
    "map<string, string>": _LABELS,
}


@lru_cache(maxsize=8)
def _plain(params: bool, authorizer: bool) -> Compiler:
    return Compiler({**_BASE, **(_PARAMS if params else {}), **(_AUTHORIZER if authorizer else {})})


class Scope:
    """What the expressions of one policy see; `variables` join one by one, each seen by those after it."""

    def __init__(self, *, params: bool = False, objects: Declared = "dyn"):
        self.params = params
        self.programs: dict[str, Program] = {}
        self._objects = objects
        self._types: dict[str, Schema] = {}
        self._compilers: dict[bool, Compiler] = {}

    def compile(self, expression: str, *types: str, authorizer: bool = True) -> Program:
        """Return the program of an expression that must give one of `types`; raise CompileError."""
        program = self._compiler(authorizer).compile(expression)
        if types and not program.gives(*types):
            wanted = types[0] if len(types) == 1 else f"one of [{' '.join(types)}]"
            raise CompileError(f"must evaluate to {wanted}")
        return program

    def ready(self, expression: str, *types: str, authorizer: bool = True) -> Program:
        """Compile what is stored already; what does not compile (an older lab may hold it) fails when it is run."""
        try:
            return self.compile(expression, *types, authorizer=authorizer)
        except CompileError as error:
            return broken(expression, f"compilation error: {error}")

    def add_stored_variable(self, name: str, expression: str) -> None:
        """Take a variable that is stored already."""
        program = self.programs[name] = self.ready(expression)
        self.declare_variable(name, program.result)

    def add_variable(self, name: str, expression: str) -> None:
        """Compile `variables[name]`; raise CompileError."""
        program = self.compile(expression)
        self.programs[name] = program
        self.declare_variable(name, program.result)

    def declare_variable(self, name: str, type_: str = "dyn") -> None:
        """Let the following expressions see a variable, even one that does not compile."""
        self._types[name] = _KNOWN.get(type_, DYN)
        self._compilers.clear()

    def _compiler(self, authorizer: bool) -> Compiler:
        if not self._types and self._objects == "dyn":
            return _plain(self.params, authorizer)
        found = self._compilers.get(authorizer)
        if found is None:
            declared = dict(_plain(self.params, authorizer).variables)
            declared["object"] = declared["oldObject"] = self._objects
            if self._types:
                declared["variables"] = _object(**self._types)
            found = self._compilers[authorizer] = Compiler(declared)
        return found


def judge(scope: Scope, path: str, expression: str, *types: str, authorizer: bool = True) -> Errors:
    """Return what the compiler has against an expression."""
    try:
        scope.compile(expression, *types, authorizer=authorizer)
    except CompileError as error:
        return [refused(path, expression, error)]
    return []


def refused(path: str, expression: Any, error: CompileError) -> FieldError:
    return invalid_value(path, expression, str(error))
