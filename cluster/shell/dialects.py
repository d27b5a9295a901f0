"""How bash, dash (Debian's sh) and busybox ash word the same trouble, and with which exit code they leave."""

from __future__ import annotations

from dataclasses import dataclass

from cluster.shell.syntax import Incomplete, ShellSyntaxError


@dataclass(frozen=True)
class Dialect:
    """One shell's manner of speech. Messages are templates over `name` and `detail`."""

    name: str
    usage_status: int  # the status of a special builtin misused
    fatal_special: bool  # an error in a special builtin ends a script
    messages: dict[str, str]
    path_messages: dict[str, str]  # by errno, for redirections and cd

    def prefix(self, shell: str, line: int, *, interactive: bool, command: bool, builtin: str = "") -> str:
        """Return what stands before every message. `command`: the text came by -c or standard input."""
        if self.name == "bash":
            return f"{shell}: " + ("" if interactive else f"line {line}: ") + (f"{builtin}: " if builtin else "")
        if self.name == "dash":
            return f"{shell}: {line}: " + (f"{builtin}: " if builtin else "")
        where = f"line {line}: " if builtin or not command else ""
        return f"{shell}: " + (f"{builtin}: " if builtin else "") + where

    def say(self, kind: str, name: str = "", detail: str = "") -> str:
        return self.messages.get(kind, BASH.messages.get(kind, kind)).format(name=name, detail=detail)

    def open_failed(self, path: str, code: str, words: str, *, writing: bool) -> str:
        key = f"{'create' if writing else 'open'}-{code}"
        return self.path_messages.get(key, self.path_messages["create" if writing else "open"]).format(
            path=path, words=words
        )


BASH = Dialect(
    "bash",
    2,
    False,
    {
        "not-found": "{name}: command not found",
        "no-file": "{name}: No such file or directory",
        "denied": "{name}: Permission denied",
        "is-directory": "{name}: Is a directory",
        "unset": "{name}: unbound variable",
        "unset-message": "{name}: {detail}",
        "null": "parameter null or not set",
        "not-set": "parameter null or not set",
        "arithmetic-zero": '{name}: division by 0 (error token is "{detail}")',
        "arithmetic-syntax": '{name}: syntax error: operand expected (error token is "{detail}")',
        "readonly": "{name}: readonly variable",
        "cd": "cd: {name}: {detail}",
        "illegal-option": "{name}: invalid option",
        "number": "{name}: numeric argument required",
        "identifier": "`{name}': not a valid identifier",
        "ambiguous": "{name}: ambiguous redirect",
        "bad-fd": "{name}: Bad file descriptor",
    },
    {"create": "{path}: {words}", "open": "{path}: {words}"},
)
DASH = Dialect(
    "dash",
    2,
    True,
    {
        "not-found": "{name}: not found",
        "no-file": "{name}: not found",
        "is-directory": "{name}: Permission denied",
        "unset": "{name}: parameter not set",
        "not-set": "parameter not set",
        "null": "parameter not set or null",
        "arithmetic-zero": 'arithmetic expression: division by zero: "{name}"',
        "arithmetic-syntax": 'arithmetic expression: expecting primary: "{name}"',
        "readonly": "{name}: is read only",
        "cd": "cd: can't cd to {name}",
        "illegal-option": "Illegal option {name}",
        "number": "Illegal number: {name}",
        "identifier": "{name}: bad variable name",
        "ambiguous": "cannot create {name}: Directory nonexistent",
        "bad-fd": "{name}: Bad file descriptor",
    },
    {
        "create": "cannot create {path}: {words}",
        "create-ENOENT": "cannot create {path}: Directory nonexistent",
        "open": "cannot open {path}: {words}",
        "open-ENOENT": "cannot open {path}: No such file",
    },
)
ASH = Dialect(
    "ash",
    2,
    True,
    {
        **DASH.messages,
        "cd": "can't cd to {name}: {detail}",
        "arithmetic-zero": "divide by zero",
        "arithmetic-syntax": "arithmetic syntax error",
        "illegal-option": "illegal option {name}",
        "number": "Illegal number: {name}",
    },
    {
        "create": "can't create {path}: {words}",
        "create-ENOENT": "can't create {path}: nonexistent directory",
        "open": "can't open {path}: {words}",
        "open-ENOENT": "can't open {path}: no such file",
    },
)
DIALECTS = {one.name: one for one in (BASH, DASH, ASH)}


def syntax_message(
    dialect: str, fault: ShellSyntaxError, shell: str, text: str, *, interactive: bool, flag: str
) -> str:
    """Return the lines a shell prints for a script it cannot parse. `flag` is "-c" where it came by that."""
    if dialect == "bash":
        return _bash_syntax(fault, shell, text, interactive=interactive, flag=flag)
    mark = f"{shell}: {fault.line}: " if dialect == "dash" else f"{shell}: "
    lead = "Syntax error" if dialect == "dash" else "syntax error"
    if fault.quote in ("'", '"', "`", "}"):
        return f"{mark}{lead}: {'U' if dialect == 'dash' else 'u'}nterminated quoted string\n"
    if fault.words:
        return f"{mark}{'' if fault.words.endswith('substitution') else lead + ': '}{_capital(fault.words, dialect)}\n"
    wanted = f' (expecting "{fault.expecting}")' if fault.expecting else ""
    if isinstance(fault, Incomplete):
        token = "end of file"
        wanted = wanted or (' (expecting ")")' if fault.quote == ")" else "")
    else:
        token = fault.token if fault.token == "newline" else f'"{fault.token}"'
    order = f"{token} unexpected" if dialect == "dash" else f"unexpected {token}"
    return f"{mark}{lead}: {order}{wanted}\n"


def _capital(words: str, dialect: str) -> str:
    return "Bad substitution" if dialect == "dash" and words.endswith("bad substitution") else words


def _bash_syntax(fault: ShellSyntaxError, shell: str, text: str, *, interactive: bool, flag: str) -> str:
    mark = f"{shell}: " if interactive else f"{shell}: {flag + ': ' if flag else ''}line {fault.line}: "
    if fault.words:
        return f"{mark}{fault.words}\n"
    if fault.quote:
        return f"{mark}unexpected EOF while looking for matching `{fault.quote}'\n"
    if isinstance(fault, Incomplete):
        last = text.rstrip("\n").count("\n") + 2
        return f"{shell}: {'' if interactive else f'{flag}: line {last}: '}syntax error: unexpected end of file\n"
    lines = text.split("\n")
    shown = lines[fault.line - 1] if fault.line <= len(lines) else ""
    found = f"{mark}syntax error near unexpected token `{fault.token}'\n"
    return found if interactive else f"{found}{mark}`{shown}'\n"
