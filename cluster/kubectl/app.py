"""From words to a command: find it in the registry, read its flags, run it, say what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cluster.apiserver.client import Client
from cluster.kubectl import helptext, identity
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.registry import ROOT
from cluster.kubectl.config import KubeConfig
from cluster.kubectl.discovery import Discovery
from cluster.kubectl.errors import Blocked, CommandError, Several, Silent, exit_code, render
from cluster.kubectl.flags import FlagProblem, HelpWanted, parse, strip_flags
from cluster.kubectl.flagsets import GLOBAL
from cluster.kubectl.suggest import unknown_command
from cluster.machinery.errors import StatusError
from cluster.workloads.process import Call


@dataclass(frozen=True)
class Found:
    """A command, how it was called, and the words left for it."""

    command: Command
    path: str
    rest: list[str]


def find(argv: Sequence[str]) -> Found:
    """Walk down the command tree as cobra does."""
    command, path, rest = ROOT, "kubectl", list(argv)
    while command.subcommands:
        words = strip_flags((*command.flags, *GLOBAL), rest)
        if not words:
            break
        inner = command.subcommand(rest[words[0]])
        if inner is None:
            break
        del rest[words[0]]
        command, path = inner, f"{path} {inner.name}"
    return Found(command, path, rest)


def run(call: Call) -> int | None:
    """Run kubectl as far as it goes; None while it waits."""
    try:
        return _run(call)
    except Blocked:
        return None
    except Silent as done:
        return done.code
    except (CommandError, StatusError, Several) as failure:
        call.error(render(failure))
        return exit_code(failure)


def _run(call: Call) -> int | None:
    words = list(call.argv)[1:]
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    found = find(words)
    if found.command is ROOT:
        return _root(call, found)
    try:
        session = _session(call, found)
    except HelpWanted:
        call.write(helptext.page(found.command, found.path))
        return 0
    if call.state.get("resume") and found.command.resume:
        return found.command.resume(session)
    for notice in session.flags.deprecated:
        session.err(notice + "\n")
    if found.command.run is None:
        return _group(session)
    return found.command.run(session)


def _root(call: Call, found: Found) -> int:
    try:
        words = parse((*GLOBAL,), found.rest).args
    except HelpWanted:
        words = []
    except FlagProblem as problem:
        raise CommandError(f"{problem.message}\nSee 'kubectl --help' for usage.") from None
    if words:
        raise unknown_command(ROOT, "kubectl", words[0])
    call.write(helptext.root(ROOT))
    return 0


def _group(session: Session) -> int:
    """A command that only has subcommands: its help, or what is wrong with the word after it."""
    if session.args:
        raise CommandError(f'unknown command "{" ".join(session.args)}"\nSee \'{session.path} -h\' for help and '
                           "examples")
    page = helptext.page(session.command, session.path)
    (session.out if session.command.name in ("certificate", "rollout") else session.err)(page)
    return 0 if session.command.name == "certificate" else 1


def _session(call: Call, found: Found) -> Session:
    own = {flag.name for flag in found.command.flags}
    shorts = {flag.short for flag in found.command.flags if flag.short}
    inherited = [flag for flag in GLOBAL if flag.name not in own and not (flag.short and flag.short in shorts)]
    try:
        flags = parse((*found.command.flags, *inherited), found.rest, interspersed=found.command.interspersed)
    except FlagProblem as problem:
        raise CommandError(f"{problem.message}\nSee '{found.path} --help' for usage.") from None
    config = KubeConfig(call, str(flags.get("kubeconfig") or ""))
    client: Client = identity.client(call, config, flags.without(own))  # `--user` of a command is no kubeconfig's
    return Session(call, found.command, found.path, flags, config, client, Discovery(client))


def interrupted(call: Call) -> None:
    """Let go of what a blocked command holds open: an exec session, ports of the machine."""
    for port in call.state.get("ports") or ():
        call.place.services["local ports"].close(port)
    session_id = call.state.get("exec_session")
    containers = call.place.services.get("containers")
    if session_id and containers is not None:
        containers.exec_close(session_id)
