"""kubectl create token."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.create import generator
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import OUTPUT
from cluster.kubectl.printers import structured
from cluster.machinery.errors import StatusError


def run(session: Session) -> int:
    flags = session.flags
    name = generator.argument(session)
    spec: dict[str, Any] = {"audiences": list(flags["audience"])} if flags["audience"] else {}
    if flags["duration"]:
        spec["expirationSeconds"] = int(flags["duration"])
    if flags["bound-object-kind"]:
        spec["boundObjectRef"] = _bound(session)
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "metadata": {}, "spec": spec}
    try:
        answer = session.client.create("serviceaccounts", body, session.namespace, name=name, subresource="token")
    except StatusError as problem:
        if problem.reason == "NotFound":
            raise CommandError(f"failed to create token: {problem.message}") from None
        raise CommandError(f"failed to create token: {problem.message}") from None
    token = answer.get("status", {}).get("token", "")
    if not token:
        raise CommandError("failed to create token: no token in server response")
    printer = structured.printer(session)
    end = "\n" if session.call.tty else ""
    session.out(printer(answer) if printer else f"{token}{end}")
    return 0


def _bound(session: Session) -> dict[str, str]:
    flags = session.flags
    kinds = {"Pod": "v1", "Secret": "v1", "Node": "v1"}
    if flags["bound-object-kind"] not in kinds:
        raise CommandError(f"supported --bound-object-kind values are {', '.join(sorted(kinds))}")
    if not flags["bound-object-name"]:
        raise CommandError("--bound-object-name is required if --bound-object-kind is provided")
    found = {"kind": flags["bound-object-kind"], "apiVersion": "v1", "name": flags["bound-object-name"]}
    return {**found, **({"uid": flags["bound-object-uid"]} if flags["bound-object-uid"] else {})}


COMMAND = Command(
    name="token", short="Request a service account token", usage="token SERVICE_ACCOUNT_NAME", run=run,
    examples="# A token for a service account, for ten minutes\nkubectl create token robot --duration 10m",
    flags=(
        *OUTPUT,
        Flag("audience", "array", (), "Audience of the requested token. If unset, defaults to requesting a token for "
             "use with the Kubernetes API server. May be repeated to request a token valid for multiple audiences."),
        Flag("bound-object-kind", help="Kind of an object to bind the token to. Supported kinds are Node, Pod, Secret. "
             "If set, --bound-object-name must be provided."),
        Flag("bound-object-name", help="Name of an object to bind the token to. The token will expire when the object "
             "is deleted. Requires --bound-object-kind."),
        Flag("bound-object-uid", help="UID of an object to bind the token to."),
        Flag("duration", "duration", 0.0, "Requested lifetime of the issued token."),
    ),
)
