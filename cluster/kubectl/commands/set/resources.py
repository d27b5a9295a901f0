"""kubectl set resources."""

from __future__ import annotations

from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.set import templates
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.manifests import Info
from cluster.machinery import quantity


def run(session: Session) -> int:
    flags = session.flags
    if not flags["limits"] and not flags["requests"]:
        raise CommandError("you must specify an update to requests or limits (in the form of --requests/--limits)")
    limits, requests = _amounts(flags["limits"]), _amounts(flags["requests"])

    def change(info: Info, spec: templates.PodSpec) -> None:
        found = [one for one in templates.every_container(spec) if templates.matches(flags["containers"], one["name"])]
        if not found:
            raise CommandError(f"unable to find container named {flags['containers']}")
        for container in found:
            given = dict(container.get("resources") or {})
            for field, amounts in (("limits", limits), ("requests", requests)):
                if amounts:
                    given[field] = {**(given.get(field) or {}), **amounts}
            container["resources"] = given

    return templates.update(session, session.args, change, "resource requirements updated")


def _amounts(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        name, equals, amount = part.partition("=")
        if not equals or not name:
            raise CommandError(f"Invalid argument syntax {part}, expected <resource>=<value>")
        try:
            found[name] = quantity.canonical(amount)
        except ValueError:
            raise CommandError("quantities must match the regular expression "
                               "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'") from None
    return found


COMMAND = Command(
    name="resources", short="Update resource requests/limits on objects with pod templates", run=run,
    usage="resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]",
    long="Specify compute resource requirements (CPU, memory) for any resource that defines a pod template.",
    examples="# What a deployment's containers ask for and may use\nkubectl set resources deployment web "
             "--requests=cpu=100m,memory=128Mi --limits=cpu=200m,memory=256Mi",
    flags=(
        *templates.flags("kubectl-set"),
        Flag("containers", "string", "*", "The names of containers in the selected pod templates to change, all "
             "containers are selected by default - may use wildcards", "c"),
        Flag("limits", help="The resource requirement requests for this container.  For example, 'cpu=100m,"
             "memory=256Mi'."),
        Flag("requests", help="The resource requirement requests for this container.  For example, 'cpu=100m,"
             "memory=256Mi'."),
    ))
