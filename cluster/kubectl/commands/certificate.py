"""kubectl certificate approve and deny."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cluster.kubectl import resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, Several
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import OUTPUT, filename
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import sayer
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import StatusError

RESOURCE = "certificatesigningrequests.certificates.k8s.io"


def _decide(kind: str, verb: str, said: str) -> Callable[[Session], int]:
    """Return the command that adds a condition of this kind."""

    def run(session: Session) -> int:
        if not session.args and not session.flags["filename"]:
            raise CommandError("one or more CSRs must be specified as <name> or -f <filename>")
        selection = resources.find(session, ["csr", *session.args] if session.args else [],
                                   files=session.flags["filename"], recursive=session.flags["recursive"])
        failures = list(selection.failures)
        say = sayer(session)
        for info in selection.infos:
            try:
                _add(session, info, kind, verb)
                say(info, said)
            except (StatusError, CommandError) as failure:
                failures.append(failure)
        if failures:
            raise Several(failures)
        return 0

    return run


def _add(session: Session, info: Info, kind: str, verb: str) -> None:
    obj = info.object or {}
    status = obj.get("status") or {}
    conditions: list[dict[str, Any]] = list(status.get("conditions") or ())
    other = "Denied" if kind == "Approved" else "Approved"
    for one in conditions:
        if one["type"] == other:
            raise CommandError(f'certificate signing request "{info.name}" is already {other}')
    if any(one["type"] == kind for one in conditions) and not session.flags["force"]:
        return
    now = timestamp(session.now())
    conditions.append({"type": kind, "status": "True", "reason": f"Kubectl{verb}", "lastUpdateTime": now,
                       "message": f"This CSR was {kind.lower()} by kubectl certificate {verb.lower()}."})
    info.object = session.send("update", info.mapping, name=info.name, subresource="approval",
                               body={**obj, "status": {**status, "conditions": conditions}})


_FLAGS = (*OUTPUT, *filename("identifying the resource to update"),
          Flag("force", "bool", False, "Update the CSR even if it is already approved."))

COMMAND = Command(
    name="certificate", short="Modify certificate resources", usage="certificate SUBCOMMAND",
    long="Modify certificate resources.",
    subcommands=(
        Command(name="approve", short="Approve a certificate signing request", run=_decide("Approved", "Approve",
                                                                                         "approved"),
                usage="approve (-f FILENAME | NAME)", flags=_FLAGS,
                examples="# Let jane have her certificate\nkubectl certificate approve jane"),
        Command(name="deny", short="Deny a certificate signing request", run=_decide("Denied", "Deny", "denied"),
                usage="deny (-f FILENAME | NAME)", flags=_FLAGS,
                examples="# Not mallory\nkubectl certificate deny mallory"),
    ),
)
