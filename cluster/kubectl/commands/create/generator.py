"""What all `kubectl create KIND NAME` generators share: the name, required flags, sending, saying."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, usage_error
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import DRY_RUN, OUTPUT, SAVE_CONFIG, VALIDATE, field_manager
from cluster.kubectl.lastapplied import with_last_applied
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import dry_run, sayer
from cluster.kubectl.printers.structured import Typed
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, name, namespace

FLAGS = (*OUTPUT, DRY_RUN, SAVE_CONFIG, VALIDATE, field_manager("kubectl-create"))
Build = Callable[[Session], Object]


def require(session: Session, *names: str) -> None:
    """Refuse the command when flags cobra marks as required are missing."""
    missing = [f'"{flag}"' for flag in names if not session.flags.given(flag)]
    if missing:
        raise CommandError(f"required flag(s) {', '.join(missing)} not set")


def argument(session: Session) -> str:
    """Return NAME; exactly one must stand there."""
    args = session.args if session.flags.dash < 0 else session.args[: session.flags.dash]
    if len(args) != 1:
        raise usage_error(session.path, f"exactly one NAME is required, got {len(args)}")
    return args[0]


def command_after_dash(session: Session) -> list[str]:
    return session.args[session.flags.dash :] if session.flags.dash >= 0 else []


def typed(api_version: str, kind: str, given: str, session: Session, *, namespaced: bool = True,
          labels: dict[str, str] | None = None) -> Typed:
    """Begin an object as Go encodes a typed one: kind first, an empty creation time."""
    metadata: dict[str, Any] = {"name": given}
    if namespaced and session.enforces_namespace:
        metadata["namespace"] = session.namespace
    metadata["creationTimestamp"] = None
    if labels:
        metadata["labels"] = labels
    return Typed({"kind": kind, "apiVersion": api_version, "metadata": metadata})


def template_meta(labels: dict[str, str] | None = None) -> dict[str, Any]:
    return {"creationTimestamp": None, **({"labels": labels} if labels else {})}


def submit(session: Session, obj: Object, failure: str = "", manager: str = "kubectl-create") -> Info:
    """Send a generated object, unless this is a client dry run. `failure` begins the error, where there is one."""
    mapping = session.discovery.kind(str(obj["apiVersion"]), str(obj["kind"]))
    assert mapping is not None, "generators make kinds that are served"
    where = (namespace(obj) or session.namespace) if mapping.namespaced else ""
    info = Info(mapping, where, name(obj), obj)
    if session.flags.get("save-config"):
        info.object = with_last_applied(obj)
    mode = dry_run(session)
    if mode != "client":
        try:
            info.object = session.send(
                "create", mapping, body=wire(info.object or obj), namespace=where, dry_run=mode == "server",
                field_manager=str(session.flags.get("field-manager") or manager), field_validation="Strict")
        except StatusError as problem:
            if failure:
                raise CommandError(f"{failure}{problem.message}") from None
            raise
    return info


def wire(obj: Object) -> Object:
    """Return the object without the empty creation times and status of a typed one."""
    return {key: _plain(value) for key, value in obj.items() if key != "status"}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if not (key == "creationTimestamp" and item is None)}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def command(
    kind: str, short: str, build: Build, flags: Sequence[Flag], *, usage: str, examples: str = "",
    aliases: tuple[str, ...] = (), failure: str = "",
) -> Command:
    """Return the command of one generator."""

    def run(session: Session) -> int:
        say = sayer(session)
        say(submit(session, build(session), failure), "created")
        return 0

    return Command(name=kind, short=short, usage=usage, examples=examples, aliases=aliases, run=run,
                   flags=(*FLAGS, *flags))
