"""Help pages, laid out as kubectl's templater lays them out: text, examples, commands, options, usage."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Command
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import GLOBAL
from cluster.machinery import goduration

GLOBAL_HINT = 'Use "kubectl options" for a list of global command-line options (applies to all commands).\n'


def page(command: Command, path: str) -> str:
    """Return the page of one command."""
    parts = [(command.long or command.short + ".").strip("\n") + "\n"]
    if command.aliases:
        parts.append(f"Aliases:\n{', '.join((command.name, *command.aliases))}\n")
    if command.examples:
        parts.append("Examples:\n" + _indented(command.examples) + "\n")
    if command.subcommands:
        parts.append("Available Commands:\n" + commands(command.subcommands) + "\n")
    flags = [flag for flag in command.flags if not flag.hidden]
    if flags:
        parts.append("Options:\n" + options(tuple(flags)))
    parts.append(f"Usage:\n  {usage(command, path)}\n")
    return "\n".join(parts) + "\n" + _hints(command, path)


def usage(command: Command, path: str) -> str:
    own = command.usage or (f"{command.name} SUBCOMMAND" if command.subcommands else command.name)
    parent = path.rpartition(" ")[0]
    text = f"{parent} {own}".strip()
    return text if text.endswith("[options]") else f"{text} [options]"


def _hints(command: Command, path: str) -> str:
    more = f'Use "{path} <command> --help" for more information about a given command.\n' if command.subcommands else ""
    return more + GLOBAL_HINT if command.global_flags else more


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip("\n").split("\n"))


def commands(listed: tuple[Command, ...]) -> str:
    """Return the table of subcommands, the longest name deciding the width."""
    size = max([11, *(len(command.name) for command in listed)]) + 3
    rows = sorted(listed, key=lambda command: command.name)
    return "".join(f"  {command.name.ljust(size)}{command.short}\n" for command in rows).rstrip("\n")


def options(flags: tuple[Flag, ...]) -> str:
    """Return the option list, sorted by name."""
    lines = []
    for flag in sorted(flags, key=lambda one: one.name):
        short = f"-{flag.short}, " if flag.short else ""
        lines.append(f"    {short}--{flag.name}={shown(flag)}:\n\t{flag.help}\n")
    return "\n".join(lines)


def shown(flag: Flag) -> str:
    value: Any = flag.value
    if flag.kind == "pattern":
        return ""
    if flag.kind in ("string", "tristate"):
        return f"'{value}'"
    if flag.kind == "bool":
        return "true" if value else "false"
    if flag.kind == "duration":
        return goduration.text(value)
    if flag.kind in ("strings", "array"):
        return f"[{','.join(value)}]"
    return str(value)


def root(command: Command) -> str:
    """Return the page of kubectl itself, its commands in groups."""
    from cluster.kubectl.commands.registry import GROUPS, OTHERS

    parts = [command.long.strip("\n") + "\n"]
    for title, listed in GROUPS:
        parts.append(f"{title}\n" + _rows(listed))
    parts.append("Subcommands provided by plugins:\n")
    parts.append("Other Commands:\n" + _rows(OTHERS))
    parts.append("Usage:\n  kubectl [flags] [options]\n")
    return "\n".join(parts) + '\nUse "kubectl <command> --help" for more information about a given command.\n' + (
        GLOBAL_HINT)


def _rows(listed: tuple[Command, ...]) -> str:
    return "".join(f"  {command.name.ljust(16)}{command.short}\n" for command in listed)


def global_options() -> str:
    """Return what `kubectl options` prints."""
    return "The following options can be passed to any command:\n\n" + options(GLOBAL) + "\n"
