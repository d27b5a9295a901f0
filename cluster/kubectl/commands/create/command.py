"""kubectl create -f, and the table of generators."""

from __future__ import annotations

from cluster.kubectl import resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.create import (
    configmap,
    cronjob,
    deployment,
    ingress,
    job,
    namespace,
    policies,
    rbac,
    secret,
    service,
    serviceaccount,
    token,
)
from cluster.kubectl.errors import CommandError, Several, usage_error, with_context
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import DRY_RUN, OUTPUT, SAVE_CONFIG, SELECTOR, VALIDATE, field_manager, filename
from cluster.kubectl.lastapplied import with_last_applied
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import dry_run, sayer
from cluster.kubectl.validation import field_validation
from cluster.machinery import labels
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import name


def run(session: Session) -> int:
    flags = session.flags
    if session.args:
        raise usage_error(session.path, f"Unexpected args: [{' '.join(session.args)}]")
    if not flags["filename"] and not flags["kustomize"]:
        raise CommandError("must specify one of -f and -k")
    strictness = field_validation(session)
    say = sayer(session)
    failures: list[Exception] = []
    count = 0
    chosen = labels.parse(flags["selector"]) if flags["selector"] else None
    for found in resources.from_files(
        session, flags["filename"], flags["kustomize"], flags["recursive"], validate=strictness != "Ignore"
    ):
        if isinstance(found, CommandError):
            failures.append(found)
            continue
        if chosen is not None and not chosen.matches_object(found.object or {}):
            continue
        count += 1
        try:
            create_one(session, found, strictness)
            say(found, "created")
        except StatusError as failure:
            failures.append(with_context(failure, f'error when creating "{found.source}"'))
    if failures:
        raise Several(failures)
    if not count:
        raise CommandError("no objects passed to create")
    return 0


def create_one(session: Session, info: Info, strictness: str) -> None:
    """Create one object of a file; what came back stands in `info.object`."""
    mode = dry_run(session)
    if session.flags["save-config"]:
        info.object = with_last_applied(info.object or {})
    if mode != "client":
        info.object = session.send(
            "create", info.mapping, body=info.object, namespace=info.namespace, dry_run=mode == "server",
            field_manager=session.flags["field-manager"], field_validation=strictness)
        info.name = name(info.object)


COMMAND = Command(
    name="create",
    short="Create a resource from a file or from stdin",
    usage="create -f FILENAME",
    long="Create a resource from a file or from stdin.\n\n JSON and YAML formats are accepted.",
    examples="""# Create what a file describes
kubectl create -f pod.yaml

# Create from standard input
cat pod.yaml | kubectl create -f -""",
    run=run,
    flags=(
        *OUTPUT, DRY_RUN, SAVE_CONFIG, VALIDATE, SELECTOR, field_manager("kubectl-create"),
        *filename("to use to create the resource"),
        Flag("edit", "bool", False, "Edit the API resource before creating"),
        Flag("raw", help="Raw URI to POST to the server.  Uses the transport specified by the kubeconfig file."),
        Flag("windows-line-endings", "bool", False, "Only relevant if --edit=true. Defaults to the line ending native "
             "to your platform."),
    ),
    subcommands=(
        rbac.CLUSTERROLE, rbac.CLUSTERROLEBINDING, configmap.COMMAND, cronjob.COMMAND, deployment.COMMAND,
        ingress.COMMAND, job.COMMAND, namespace.COMMAND, policies.PDB, policies.PRIORITYCLASS, policies.QUOTA,
        rbac.ROLE, rbac.ROLEBINDING, secret.COMMAND, service.COMMAND, serviceaccount.COMMAND, token.COMMAND,
    ),
)
