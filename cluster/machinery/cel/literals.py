"""Objects written with a type, `Object.spec{replicas: 3}`, made maps, `{"replicas": 3}`, for the type checker.

The checker knows no type `Object.spec`, nor does it need to: the real server takes any field there. Parsing for
evaluation sees the expression as written. https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
"""

from __future__ import annotations

import re
from bisect import bisect_right

_TOKEN = re.compile(
    r"""[rRbB]{0,2}(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
    |//[^\n]*|\s+|[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*|.""",
    re.VERBOSE | re.DOTALL,
)
_TYPED = re.compile(r"^(?:JSONPatch|Object(?:\s*\.\s*\w+)*)$")


class Plain:
    """An expression without typed literals, and where its characters stood before."""

    def __init__(self, expression: str):
        self.expression = expression
        self.text = ""
        self._added: list[int] = []  # places in `text` of quotes that are ours
        self._open: list[bool] = []  # of each open brace: does it belong to a typed literal
        self._field_next = False
        if "Object" in expression or "JSONPatch" in expression:
            self._rewrite([match[0] for match in _TOKEN.finditer(expression)])
        else:
            self.text = expression

    def _rewrite(self, tokens: list[str]) -> None:
        for at, token in enumerate(tokens):
            if _TYPED.match(token) and _next(tokens, at) == "{":
                self.text += " " * len(token)
                self._open.append(True)
            elif token == "{":
                self._brace(tokens, at)
            elif self._field_next and token[0].isidentifier():
                self._quote(token)
            else:
                self._pass(token)

    def _brace(self, tokens: list[str], at: int) -> None:
        before = next((token for token in reversed(tokens[:at]) if not token.isspace()), "")
        if not _TYPED.match(before):
            self._open.append(False)
        self._field_next = self._open[-1]
        self.text += "{"

    def _quote(self, token: str) -> None:
        self._added.append(len(self.text))
        self.text += f'"{token}"'
        self._added.append(len(self.text) - 1)
        self._field_next = False

    def _pass(self, token: str) -> None:
        if token in "([":
            self._open.append(False)
        elif token in ")]}" and self._open:
            self._open.pop()
        if token == ",":
            self._field_next = bool(self._open) and self._open[-1]
        elif token != "?" and not token.isspace():
            self._field_next = False
        self.text += token

    def column(self, line: int, column: int) -> int:
        """Return where a column (from 1) of a line (from 1) of `text` stood in the expression."""
        start = sum(len(one) + 1 for one in self.text.split("\n")[: line - 1])
        place = start + column - 1
        return column - (bisect_right(self._added, place) - bisect_right(self._added, start - 1))


def _next(tokens: list[str], at: int) -> str:
    return next((token for token in tokens[at + 1 :] if not token.isspace()), "")
