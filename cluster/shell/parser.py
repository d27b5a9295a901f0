"""The shell grammar (POSIX XCU 2.10 and what bash and busybox add), by recursive descent.

One parser serves three dialects: "bash", "dash" (Debian's sh) and "ash" (busybox). It is written
here rather than taken from tree-sitter-bash because a shell must know three things an editor's
grammar does not tell: whether the text merely needs another line, which token the dialect would
complain about, and the exact bytes between expansions. Left out: coprocesses, `select`, `time`,
extended globs, process substitution.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cluster.shell.conditional import ConditionalReader
from cluster.shell.syntax import (
    AndOr,
    ArithmeticCommand,
    Assign,
    Case,
    CountedFor,
    For,
    Function,
    Group,
    If,
    Incomplete,
    List,
    Lit,
    Node,
    Pipeline,
    Redirect,
    Script,
    ShellSyntaxError,
    Simple,
    Subshell,
    While,
    Word,
)
from cluster.shell.words import METACHARACTERS, WordReader, _closing, braces

_OPERATORS = re.compile(r"&&|\|\||;;&|;;|;&|\|&|[;&|()\n]")
_REDIRECT = re.compile(r"(\d*)(<<<|<<-|<<|<>|<&|<|>>|>&|>\||>)|(&>>|&>)")
_ASSIGN = re.compile(r"([A-Za-z_]\w*)(?:\[([^]\n]*)\])?(\+?)=", re.ASCII)
_FUNCTION = re.compile(r"([A-Za-z_][\w.:-]*)[ \t]*\([ \t]*\)")
_KEYWORD = re.compile(r"(?:!|\{|\}|\[\[|[a-z]+)(?=[\s;&|<>()]|$)")
KEYWORDS = frozenset(
    [
        "!",
        "{",
        "}",
        "[[",
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "function",
    ]
)
_DECLARING = frozenset(["export", "local", "readonly", "declare", "typeset", "alias"])
_CLOSERS = frozenset(["then", "else", "elif", "fi", "do", "done", "esac", "}"])


class Parser:
    """One pass over one text; `nodes` is shared with the parsers of embedded texts."""

    def __init__(self, text: str, dialect: str = "bash", *, interactive: bool = False, nodes: list[Node] | None = None):
        self.s = text
        self.i = 0
        self.dialect = dialect
        self.interactive = interactive
        self.nodes: list[Node] = [] if nodes is None else nodes
        self.first_line = 1
        self.words = WordReader(self)
        self._bodies: list[tuple[Redirect, str, bool, bool]] = []

    # -- the text --------------------------------------------------------------------------------

    def line(self) -> int:
        return self.first_line + self.s.count("\n", 0, min(self.i, len(self.s)))

    def sub(self, text: str) -> Parser:
        """Return a parser for a text found inside this one."""
        found = Parser(text, self.dialect, interactive=self.interactive, nodes=self.nodes)
        found.first_line = self.line()
        return found

    def embedded(self, text: str) -> List:
        return self.sub(text).whole()

    def nested(self, stop: str) -> List:
        """Parse a list inside `$(…)`; here-documents opened before it wait for their own line."""
        waiting, self._bodies = self._bodies, []
        body = self.compound(stop, may_be_empty=True)
        self._bodies = waiting + self._bodies
        return body

    def _add(self, node: Node, line: int) -> None:
        node.id, node.line = len(self.nodes), line
        self.nodes.append(node)

    def blanks(self, *, newlines: bool = False) -> None:
        """Skip blanks, line continuations and comments, and newlines too where the grammar has linebreak."""
        while self.i < len(self.s):
            letter = self.s[self.i]
            if letter in " \t":
                self.i += 1
            elif self.s.startswith("\\\n", self.i):
                self.i += 2
            elif letter == "#":
                end = self.s.find("\n", self.i)
                self.i = len(self.s) if end < 0 else end
            elif letter == "\n" and newlines:
                self.newline()
            else:
                return

    def newline(self) -> None:
        self.i += 1
        waiting, self._bodies = self._bodies, []
        for redirect, label, strip, literal in waiting:
            redirect.text = self._here_document(label, strip, literal)

    def _here_document(self, label: str, strip: bool, literal: bool) -> Word:
        lines: list[str] = []
        while True:
            if self.i >= len(self.s):
                if self.interactive:
                    raise Incomplete("", self.line(), quote=label)
                break
            end = self.s.find("\n", self.i)
            line = self.s[self.i :] if end < 0 else self.s[self.i : end]
            self.i = len(self.s) if end < 0 else end + 1
            line = line.lstrip("\t") if strip else line
            if line == label:
                break
            lines.append(line + "\n")
        text = "".join(lines)
        if literal:
            return Word((Lit(text, quoted=True),))
        return Word(self.sub(text).words.double("", heredoc=True))

    def keyword(self) -> str:
        """Return the reserved word that stands here, unread, or ''."""
        match = _KEYWORD.match(self.s, self.i)
        word = match.group() if match else ""
        if word in ("[[", "function") and self.dialect == "dash":
            return ""
        return word if word in KEYWORDS else ""

    def operator(self) -> str:
        match = _OPERATORS.match(self.s, self.i)
        return match.group() if match else ""

    def unexpected(self, expecting: str = "") -> ShellSyntaxError:
        """Return the error for what stands here."""
        self.blanks()
        if self.i >= len(self.s):
            return Incomplete("", self.line(), expecting=expecting)
        line = self.line()
        token = self.operator()
        if not token:
            redirect = _REDIRECT.match(self.s, self.i)
            token = redirect.group() if redirect else ""
        if not token:
            start = self.i
            self.words.word()
            token = self.s[start : self.i]
        return ShellSyntaxError("newline" if token == "\n" else token, line, expecting=expecting)

    def expect(self, word: str) -> None:
        self.blanks(newlines=True)
        if self.keyword() != word:
            raise self.unexpected(word)
        self.i += len(word)

    # -- lists -----------------------------------------------------------------------------------

    def whole(self) -> List:
        body = self.compound("", may_be_empty=True)
        if self.i < len(self.s):
            raise self.unexpected()
        self._finish_bodies()
        return body

    def _finish_bodies(self) -> None:
        if self._bodies:
            self.i = len(self.s)
            self.newline()

    def compound(self, stop: str = "", *, may_be_empty: bool = False) -> List:
        """Parse commands up to `stop` (')' or '') or to a closing keyword or `;;`, which stay unread."""
        found = List()
        line = self.line()
        while True:
            self.blanks(newlines=True)
            if self.i >= len(self.s) or self.operator() in (")", ";;", ";&", ";;&"):
                break
            if self.keyword() in _CLOSERS:
                break
            start = self.i
            item = self.and_or()
            self.blanks()
            background = self.operator() == "&"
            found.items.append((item, background))
            if isinstance(item, (AndOr, Pipeline, Simple)) and hasattr(item, "source"):
                item.source = self.s[start : self.i].strip()
            if self.operator() in ("&", ";"):
                self.i += 1
                continue
            if self.operator() != "\n":
                break
        if not found.items and not may_be_empty:
            raise self.unexpected()
        self._add(found, line)
        return found

    def and_or(self) -> Node:
        line, start = self.line(), self.i
        first = self.pipeline()
        self.blanks()
        if self.operator() not in ("&&", "||"):
            return first
        items = [("", first)]
        while self.operator() in ("&&", "||"):
            op = self.operator()
            self.i += 2
            self.blanks(newlines=True)
            items.append((op, self.pipeline()))
            self.blanks()
        found = AndOr(items=items, source=self.s[start : self.i].strip())
        self._add(found, line)
        return found

    def pipeline(self) -> Node:
        line, start = self.line(), self.i
        negated = False
        while self.keyword() == "!":
            negated = not negated
            self.i += 1
            self.blanks()
        commands, both = [self.command()], []
        self.blanks()
        while self.operator() in ("|", "|&"):
            if self.operator() == "|&" and self.dialect == "dash":
                raise ShellSyntaxError("&", self.line())
            both.append(self.operator() == "|&")
            self.i += len(self.operator())
            self.blanks(newlines=True)
            commands.append(self.command())
            self.blanks()
        if len(commands) == 1 and not negated:
            return commands[0]
        found = Pipeline(negated=negated, commands=commands, both=both, source=self.s[start : self.i].strip())
        self._add(found, line)
        return found

    # -- commands --------------------------------------------------------------------------------

    def command(self) -> Node:
        self.blanks()
        word, line = self.keyword(), self.line()
        if word in _COMPOUND:
            self.i += len(word)
            return self._with_redirects(_COMPOUND[word](self), line)
        if word and word != "in":
            raise self.unexpected()
        if self.s.startswith("((", self.i) and self.dialect == "bash" and _closing(self.s, self.i + 2) >= 0:
            return self._with_redirects(self._arithmetic_command(), line)
        if self.s.startswith("(", self.i):
            self.i += 1
            body = self.compound(")")
            if self.operator() != ")":
                raise self.unexpected(")")
            self.i += 1
            return self._with_redirects(Subshell(body=body), line)
        function = _FUNCTION.match(self.s, self.i)
        if function and function.group(1) not in KEYWORDS:
            self.i = function.end()
            return self._function(function.group(1), line)
        return self._simple()

    def _with_redirects(self, node: Node, line: int) -> Node:
        self.blanks()
        while self._redirect(node):
            self.blanks()
        self._add(node, line)
        return node

    def _function(self, name: str, line: int) -> Node:
        self.blanks(newlines=True)
        body = self.command()
        found = Function(name=name, body=body)
        self._add(found, line)
        return found

    def _function_keyword(self) -> Node:
        self.blanks()
        name = self.words.word()
        text = name.literal() or ""
        self.blanks()
        match = re.compile(r"\([ \t]*\)").match(self.s, self.i)
        self.i = match.end() if match else self.i
        self.blanks(newlines=True)
        return Function(name=text, body=self.command())

    def _arithmetic_command(self) -> Node:
        end = _closing(self.s, self.i + 2)
        self.i += 2
        word = self.words.arithmetic_text(end)
        self.i = end + 2
        return ArithmeticCommand(word=word)

    def _simple(self) -> Node:
        found = Simple()
        line, start = self.line(), self.i
        while True:
            self.blanks()
            if self._redirect(found):
                continue
            if self.i >= len(self.s) or self.s[self.i] in METACHARACTERS:
                break
            self._simple_word(found)
        if not (found.words or found.assigns or found.redirects):
            raise self.unexpected()
        if self.operator() == "(":
            raise self.unexpected()
        found.source = self.s[start : self.i].strip()
        self._add(found, line)
        return found

    def _simple_word(self, found: Simple) -> None:
        declaring = bool(found.words) and found.words[0].literal() in _DECLARING and self.dialect != "dash"
        if not found.words or declaring:
            assign = self._assignment()
            if assign and not found.words:
                found.assigns.append(assign)
                return
            if assign:
                found.declarations[len(found.words)] = assign
                found.words.append(Word(()))
                return
        word = self.words.word()
        found.words += braces(word) if self.dialect == "bash" else [word]

    def _assignment(self) -> Assign | None:
        match = _ASSIGN.match(self.s, self.i)
        only_bash = match is not None and (match.group(2) is not None or (match.group(3) and self.dialect == "dash"))
        if not match or (only_bash and self.dialect != "bash"):
            return None
        self.i = match.end()
        index = self.sub(match.group(2)).words.word("") if match.group(2) is not None else None
        if self.s.startswith("(", self.i) and self.dialect == "bash":
            return Assign(match.group(1), None, bool(match.group(3)), index, self._array())
        return Assign(match.group(1), self.words.word(), bool(match.group(3)), index)

    def _array(self) -> tuple[tuple[Word | None, Word], ...]:
        self.i += 1
        items: list[tuple[Word | None, Word]] = []
        while True:
            self.blanks(newlines=True)
            if self.s.startswith(")", self.i):
                self.i += 1
                return tuple(items)
            if self.i >= len(self.s) or self.s[self.i] in METACHARACTERS:
                raise self.unexpected()
            match = re.compile(r"\[([^]]*)\]=").match(self.s, self.i)
            if match:
                self.i = match.end()
                items.append((self.sub(match.group(1)).words.word(""), self.words.word()))
                continue
            items += [(None, word) for word in braces(self.words.word())]

    def _redirect(self, node: Node) -> bool:
        match = _REDIRECT.match(self.s, self.i)
        if not match:
            return False
        op = match.group(2) or match.group(3)
        if (self.dialect == "dash" and op in ("<<<", "&>", "&>>")) or (self.dialect == "ash" and op == "<<<"):
            if op == "<<<":
                raise ShellSyntaxError("redirection", self.line(), words="redirection unexpected")
            return False
        self.i = match.end()
        self.blanks()
        if self.i >= len(self.s) or self.s[self.i] in METACHARACTERS:
            raise self.unexpected()
        start = self.i
        target = self.words.word()
        redirect = Redirect(op, int(match.group(1)) if match.group(1) else None, target)
        node.redirects.append(redirect)
        if op in ("<<", "<<-"):
            raw = self.s[start : self.i]
            label = re.sub(r"[\"'\\]", "", raw)
            self._bodies.append((redirect, label, op == "<<-", label != raw))
        return True

    # -- compound commands -------------------------------------------------------------------------

    def _group(self) -> Node:
        body = self.compound()
        self.expect("}")
        return Group(body=body)

    def _if(self) -> Node:
        found = If()
        while True:
            test = self.compound()
            self.expect("then")
            found.clauses.append((test, self.compound()))
            self.blanks(newlines=True)
            if self.keyword() != "elif":
                break
            self.i += 4
        if self.keyword() == "else":
            self.i += 4
            found.otherwise = self.compound()
        self.expect("fi")
        return found

    def _loop(self, until: bool) -> Node:
        test = self.compound()
        return While(test=test, body=self._do(), until=until)

    def _do(self) -> List:
        self.expect("do")
        body = self.compound()
        self.expect("done")
        return body

    def _for(self) -> Node:
        self.blanks()
        if self.s.startswith("((", self.i) and self.dialect == "bash":
            return self._counted_for()
        match = re.compile(r"[A-Za-z_]\w*", re.ASCII).match(self.s, self.i)
        if not match:
            raise (
                self.unexpected()
                if self.dialect == "bash"
                else ShellSyntaxError("", self.line(), words="Bad for loop variable")
            )
        self.i = match.end()
        self.blanks(newlines=True)
        words: list[Word] | None = None
        if self.keyword() == "in":
            self.i += 2
            words = self._for_words()
        elif self.operator() == ";":
            self.i += 1
        return For(name=match.group(), words=words, body=self._do())

    def _for_words(self) -> list[Word]:
        words: list[Word] = []
        while True:
            self.blanks()
            if self.operator() in (";", "\n"):
                self.i += self.operator() == ";"
                return words
            if self.i >= len(self.s) or self.s[self.i] in METACHARACTERS:
                raise self.unexpected()
            word = self.words.word()
            words += braces(word) if self.dialect == "bash" else [word]

    def _counted_for(self) -> Node:
        end = _closing(self.s, self.i + 2)
        if end < 0:
            raise Incomplete("", self.line(), quote=")")
        texts = self.s[self.i + 2 : end].split(";")
        if len(texts) != 3:
            raise ShellSyntaxError(";", self.line(), words="syntax error: arithmetic expression required")
        parts = []
        for text in texts:
            parts.append(Word(self.sub(text).words.double("")) if text.strip() else Word(()))
        self.i = end + 2
        self.blanks()
        if self.operator() == ";":
            self.i += 1
        self.blanks(newlines=True)
        if self.keyword() == "{":
            self.i += 1
            body = self.compound()
            self.expect("}")
            return CountedFor(parts=parts, body=body)
        return CountedFor(parts=parts, body=self._do())

    def _case(self) -> Node:
        self.blanks()
        found = Case(word=self.words.word())
        self.expect("in")
        while True:
            self.blanks(newlines=True)
            if self.keyword() == "esac":
                self.i += 4
                return found
            found.arms.append(self._arm())

    def _arm(self) -> tuple[list[Word], Node | None, str]:
        if self.operator() == "(":
            self.i += 1
        patterns: list[Word] = []
        while True:
            self.blanks()
            if self.i >= len(self.s) or self.s[self.i] in METACHARACTERS:
                raise self.unexpected()
            patterns.append(self.words.word())
            self.blanks()
            if self.operator() == ")":
                self.i += 1
                break
            if self.operator() != "|":
                raise self.unexpected(")")
            self.i += 1
        body = self.compound(may_be_empty=True)
        end = self.operator()
        if end in (";;", ";&", ";;&"):
            self.i += len(end)
        elif self.keyword() != "esac":
            raise self.unexpected(";;")
        return patterns, body if body.items else None, end

    def _conditional(self) -> Node:
        return ConditionalReader(self).read()


_COMPOUND: dict[str, Callable[[Parser], Node]] = {
    "{": Parser._group,
    "if": Parser._if,
    "while": lambda parser: parser._loop(False),
    "until": lambda parser: parser._loop(True),
    "for": Parser._for,
    "case": Parser._case,
    "[[": Parser._conditional,
    "function": Parser._function_keyword,
}


def parse(text: str, dialect: str = "bash", *, interactive: bool = False) -> Script:
    """Return the tree of a script; raises ShellSyntaxError, or Incomplete when more lines could complete it."""
    parser = Parser(text, dialect, interactive=interactive)
    body = parser.whole()
    return Script(text, parser.nodes, body)


def split_words(text: str) -> Sequence[Word]:
    """Return the words of an alias's value."""
    parsed = parse(text).body.items
    return parsed[0][0].words if parsed and isinstance(parsed[0][0], Simple) else ()
