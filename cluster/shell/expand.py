"""Word expansion (XCU 2.6): tilde, parameters, substitutions, arithmetic, splitting, path names, quotes.

Expansion may need the output of `$(…)`, which may take virtual hours. So it is a function of the
results known so far: where one is missing it raises `NeedSubstitution`, its own assignments
(`${x:=y}`, `$((i++))`) are thrown away, and it is done again from the start once the result is there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

from cluster.shell import arithmetic, patterns
from cluster.shell.syntax import Arithmetic, List, Lit, Part, Quoted, Substitution, Var, Word
from cluster.shell.variables import Variables
from cluster.workloads.files import Files


class NeedSubstitution(Exception):
    def __init__(self, body: List):
        self.body = body
        super().__init__("substitution needed")


class ExpansionFault(Exception):
    """An expansion that ends the command: `kind` names the wording in `dialects`."""

    def __init__(self, kind: str, name: str, detail: str = ""):
        self.kind = kind
        self.name = name
        self.detail = detail
        super().__init__(f"{kind} {name} {detail}")


class Surroundings(Protocol):
    """What expansion asks of the shell."""

    variables: Variables

    @property
    def files(self) -> Files: ...

    @property
    def cwd(self) -> str: ...

    @property
    def options(self) -> str: ...

    @property
    def params(self) -> Sequence[str]: ...

    def special(self, name: str) -> str: ...

    def terminal_size(self, name: str) -> str | None: ...

    def home(self, user: str) -> str | None: ...


class _Fields:
    """Collects fields: a field is a list of (text, quoted) pieces."""

    def __init__(self, ifs: str):
        self.done: list[list[tuple[str, bool]]] = []
        self.current: list[tuple[str, bool]] | None = None
        self.ifs = ifs

    def add(self, text: str, quoted: bool) -> None:
        if self.current is None:
            self.current = []
        self.current.append((text, quoted))

    def end(self) -> None:
        if self.current is not None:
            self.done.append(self.current)
        self.current = None

    def split(self, text: str) -> None:
        """Add unquoted text, ending fields at IFS characters."""
        white = "".join(letter for letter in self.ifs if letter in " \t\n")
        word = ""
        i = 0
        while i < len(text):
            letter = text[i]
            if letter not in self.ifs:
                word += letter
                i += 1
                continue
            if word:
                self.add(word, False)
                word = ""
            if letter in white:
                while i < len(text) and text[i] in white:
                    i += 1
                if i < len(text) and text[i] in self.ifs and self.current is not None:
                    continue
                self.end()
            else:
                if self.current is None:
                    self.add("", False)
                self.end()
                i += 1
                while i < len(text) and text[i] in white:
                    i += 1
        if word:
            self.add(word, False)


class Expander:
    """One attempt to expand the words of one command. `results` are the outputs of its substitutions so far."""

    def __init__(self, shell: Surroundings, results: Sequence[Sequence[Any]]):
        self.shell = shell
        self.results = results
        self.used = 0
        self.pending: dict[tuple[str, str], str] = {}

    # -- variables, with the assignments of this attempt on top --------------------------------------

    def value(self, name: str) -> str:
        return self.lookup(name) or ""

    def assign(self, name: str, value: str) -> None:
        base, _, index = name.rstrip("]").partition("[")
        self.pending[(base, self._subscript_text(base, index) if index else "")] = value

    def lookup(self, name: str) -> str | None:
        base, _, index = name.rstrip("]").partition("[")
        if index:
            index = self._subscript_text(base, index)
            if (base, index) in self.pending:
                return self.pending[(base, index)]
            return (self.shell.variables.array(base) or {}).get(index)
        if (name, "") in self.pending:
            return self.pending[(name, "")]
        if name.isdigit() and name != "0":
            number = int(name)
            return self.shell.params[number - 1] if number <= len(self.shell.params) else None
        if not re.match(r"[A-Za-z_]", name):
            return self.shell.special(name)
        if name in ("RANDOM", "SECONDS", "LINENO", "EPOCHSECONDS", "BASHPID", "PPID", "UID", "EUID"):
            return self.shell.special(name)
        value = self.shell.variables.get(name)
        return self.shell.terminal_size(name) if value is None and name in ("COLUMNS", "LINES") else value

    def _subscript_text(self, name: str, index: str) -> str:
        if "A" in self.shell.variables.attributes.get(name, ""):
            return index
        return str(arithmetic.evaluate(index, self))

    def commit(self) -> None:
        """Make the assignments of a successful attempt real."""
        for (name, index), value in self.pending.items():
            self.shell.variables.set(name, value, index)
        self.pending.clear()

    # -- the ways to expand a word -------------------------------------------------------------------

    def fields(self, word: Word) -> list[str]:
        """Return the words a command gets: split, globbed, unquoted."""
        found: list[str] = []
        for pieces in self._split(word):
            if "f" not in self.shell.options and patterns.is_pattern(pieces):
                names = patterns.path_names(self.shell.files, self.shell.cwd, pieces)
                found += names or [patterns.plain(pieces)]
            else:
                found.append(patterns.plain(pieces))
        return found

    def _split(self, word: Word) -> list[list[tuple[str, bool]]]:
        ifs = self.lookup("IFS")
        fields = _Fields(" \t\n" if ifs is None else ifs)
        self._parts(self._tilde(word).parts, fields, quoted=False)
        fields.end()
        return fields.done

    def text(self, word: Word, *, assignment: bool = False) -> str:
        """Return one text: no splitting, no globbing (assignments, here-documents, case words)."""
        return patterns.plain(self.pieces(word, assignment=assignment))

    def pieces(self, word: Word, *, assignment: bool = False) -> list[tuple[str, bool]]:
        """Return one unsplit field with its quoting, for patterns."""
        fields = _Fields("")
        self._parts(self._tilde(word, assignment).parts, fields, quoted=False)
        fields.end()
        found: list[tuple[str, bool]] = []
        for number, field in enumerate(fields.done):
            found += [(" ", True)] * bool(number) + field
        return found

    def _tilde(self, word: Word, assignment: bool = False) -> Word:
        first = word.parts[0] if word.parts else None
        if not isinstance(first, Lit) or first.quoted or "~" not in first.text:
            return word
        pattern = r"(?:(?<=^)|(?<=:))~([A-Za-z_][\w-]*)?(?=[/:]|$)" if assignment else r"^~([A-Za-z_][\w-]*)?(?=/|$)"
        if len(word.parts) > 1 and re.fullmatch(r"~[\w-]*", first.text):
            return word
        match = re.search(pattern, first.text)
        home = self.shell.home(match.group(1) or "") if match else None
        if match is None or home is None:
            return word
        pieces = (Lit(first.text[: match.start()]), Lit(home, True), Lit(first.text[match.end() :]))
        return Word((*(piece for piece in pieces if piece.text), *word.parts[1:]))

    # -- parts -----------------------------------------------------------------------------------------

    def _parts(self, parts: Sequence[Part], fields: _Fields, *, quoted: bool) -> None:
        for part in parts:
            if isinstance(part, Lit):
                if part.text or part.quoted:
                    fields.add(part.text, part.quoted or quoted)
            elif isinstance(part, Quoted):
                self._quoted(part, fields)
            elif isinstance(part, Var):
                self._variable(part, fields, quoted)
            else:
                self._put(self._computed(part), fields, quoted)

    def _quoted(self, part: Quoted, fields: _Fields) -> None:
        # `"$@"` without parameters is no field at all; everything else in quotes is at least an empty one.
        if not part.parts or not all(isinstance(one, Var) and self._is_list(one) for one in part.parts):
            fields.add("", True)
        self._parts(part.parts, fields, quoted=True)

    def _is_list(self, part: Var) -> bool:
        return part.name == "@" or (part.index is not None and part.index.literal() == "@")

    def _put(self, text: str, fields: _Fields, quoted: bool) -> None:
        if quoted:
            fields.add(text, True)
        elif fields.ifs:
            fields.split(text)
        elif text:
            fields.add(text, False)

    def _computed(self, part: Substitution | Arithmetic) -> str:
        if isinstance(part, Substitution):
            if self.used >= len(self.results):
                raise NeedSubstitution(part.body)
            self.used += 1
            return str(self.results[self.used - 1][0])
        return str(self.arithmetic(part.word))

    def arithmetic(self, word: Word) -> int:
        text = self.text(word)
        try:
            return arithmetic.evaluate(text, self)
        except arithmetic.ArithmeticFault as fault:
            raise ExpansionFault(f"arithmetic-{fault.kind}", text.strip(), fault.token) from None

    def _variable(self, part: Var, fields: _Fields, quoted: bool) -> None:
        values = self._values(part)
        if values is None:
            self._put_scalar(part, fields, quoted)
            return
        star = part.name == "*" or (part.index is not None and part.index.literal() == "*")
        if part.length:
            self._put(str(len(values)), fields, quoted)
            return
        values = self._transformed(part, values)
        if values is None:
            self._put_word(part.word, fields, quoted)
        elif star and quoted:
            ifs = self.lookup("IFS")
            fields.add((" " if ifs is None else ifs[:1]).join(values), True)
        else:
            self._put_list(values, fields, quoted)

    def _put_list(self, values: Sequence[str], fields: _Fields, quoted: bool) -> None:
        for number, value in enumerate(values):
            if number:
                fields.end()
            if quoted:
                fields.add(value, True)
            else:
                self._put(value, fields, False)

    def _values(self, part: Var) -> list[str] | None:
        """Return the elements of `$@`, `$*`, `${a[@]}`; None for anything single."""
        if part.name in ("@", "*"):
            return list(self.shell.params)
        if part.index is not None and part.index.literal() in ("@", "*"):
            array = self.shell.variables.array(part.name) or {}
            return list(array) if part.indirect else list(array.values())
        return None

    def _transformed(self, part: Var, values: list[str]) -> list[str] | None:
        """Apply an operator to a whole list; None when its word takes the list's place."""
        op = part.op
        if not op:
            return values
        if op.lstrip(":") in ("-", "="):
            return values if values else None
        if op.lstrip(":") == "+":
            return None if values else []
        if op == ":" and part.word is not None:
            start = self.arithmetic(part.word)
            items = [self.shell.special("0"), *values] if part.name in "@*" else values
            items = items[start:] if part.name not in "@*" or start else items
            return items[: self.arithmetic(part.second)] if part.second is not None else items
        return [self._edited(part, value) for value in values]

    def _put_word(self, word: Word | None, fields: _Fields, quoted: bool) -> None:
        if word is not None:
            self._parts(self._tilde(word).parts if not quoted else word.parts, fields, quoted=quoted)

    def _put_scalar(self, part: Var, fields: _Fields, quoted: bool) -> None:
        value = self._scalar(part)
        op = part.op
        is_set = value is not None and not (op.startswith(":") and len(op) == 2 and value == "")
        plain_op = op.lstrip(":") if len(op.lstrip(":")) == 1 and op.lstrip(":") in "-=?+" else ""
        if plain_op == "-" and not is_set:
            self._put_word(part.word, fields, quoted)
            return
        if plain_op == "+":
            if is_set:
                self._put_word(part.word, fields, quoted)
            return
        if plain_op == "=" and not is_set:
            value = self.text(part.word or Word(()))
            self.assign(part.name, value)
        if plain_op == "?" and not is_set:
            word = self.text(part.word or Word(()))
            raise ExpansionFault("unset-message", part.name, word or ("null" if op == ":?" else ""))
        if value is None and "u" in self.shell.options and not plain_op and part.name not in "!-":
            raise ExpansionFault("unset", part.name)
        text = value or ""
        if part.length:
            text = str(len(text))
        elif op and not plain_op:
            text = self._edited(part, text)
        self._put(text, fields, quoted)

    def _scalar(self, part: Var) -> str | None:
        name = part.name
        if part.index is not None:
            index = self.text(part.index)
            array = self.shell.variables.array(name) or {}
            key = self._subscript_text(name, index)
            if key.startswith("-") and array:
                key = str(max(map(int, array)) + 1 + int(key))
            return self.pending.get((name, key), array.get(key))
        value = self.lookup(name)
        return self.lookup(value) if part.indirect and value else value

    def _edited(self, part: Var, value: str) -> str:
        """Apply the operators that change the value: # ## % %% / // ^ , and substrings."""
        op, word = part.op, part.word or Word(())
        if op == ":":
            return self._substring(value, word, part.second)
        if op[0] in "#%":
            return _trim(op, patterns.marked(self.pieces(word)), value)
        if op[0] == "/":
            return self._replaced(op, word, part.second, value)
        if op[0] in "^,":
            change = str.upper if op[0] == "^" else str.lower
            return change(value) if len(op) == 2 else change(value[:1]) + value[1:]
        return {"@U": value.upper(), "@L": value.lower(), "@Q": f"'{value}'"}.get(op, value)

    def _substring(self, value: str, word: Word, length: Word | None) -> str:
        start = self.arithmetic(word)
        start = max(len(value) + start, 0) if start < 0 else start
        if length is None:
            return value[start:]
        size = self.arithmetic(length)
        return value[start : start + size] if size >= 0 else value[start:size]

    def _replaced(self, op: str, word: Word, second: Word | None, value: str) -> str:
        expression = patterns.regex(patterns.marked(self.pieces(word)))
        if not expression:
            return value
        by = self.text(second) if second is not None else ""
        expression = {"/#": f"\\A(?:{expression})", "/%": f"(?:{expression})\\Z"}.get(op[-2:], expression)
        count = 0 if op.startswith("//") else 1
        return re.sub(expression, lambda _: by, value, count=count, flags=re.DOTALL)


def _trim(op: str, pattern: str, value: str) -> str:
    greedy = len(op) == 2
    if op[0] == "#":
        match = re.match(patterns.regex(pattern, lazy=not greedy), value, re.DOTALL)
        return value[match.end() :] if match else value
    expression = re.compile(patterns.regex(pattern), re.DOTALL)
    starts = range(len(value) + 1) if greedy else range(len(value), -1, -1)
    return next((value[:start] for start in starts if expression.fullmatch(value, start)), value)
