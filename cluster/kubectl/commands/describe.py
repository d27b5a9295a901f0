"""kubectl describe."""

from __future__ import annotations

from cluster.kubectl import resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.describe.registry import describe
from cluster.kubectl.errors import CommandError, Several
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import ALL_NAMESPACES, CHUNK, SELECTOR, filename
from cluster.kubectl.manifests import Info
from cluster.machinery.errors import StatusError


def run(session: Session) -> int:
    flags = session.flags
    if not session.args and not flags["filename"] and not flags["kustomize"]:
        raise CommandError('You must specify the type of resource to describe. Use "kubectl api-resources" for a '
                           'complete '
                           "list of supported resources.")
    selection = resources.find(
        session, session.args, selector=flags["selector"], all_namespaces=flags["all-namespaces"], types_suffice=True,
        files=flags["filename"], kustomize=flags["kustomize"], recursive=flags["recursive"])
    by_prefix = [] if selection.infos else _by_prefix(session, selection)
    infos = selection.infos or by_prefix
    texts = [describe(session, info.mapping.resource, info.object or {}) for info in infos]
    session.out("".join(f"{text}\n" for text in texts) if by_prefix else "\n\n".join(texts))
    if selection.failures:
        raise Several(selection.failures)
    if not infos:
        session.err("No resources found\n" if flags["all-namespaces"] else
                    f"No resources found in {session.namespace} namespace.\n")
    return 0


def _by_prefix(session: Session, selection: resources.Selection) -> list[Info]:
    """A name that is not there may be the beginning of names that are."""
    if len(selection.failures) != 1 or len(session.args) != 2 or "/" in session.args[0]:
        return []
    failure = selection.failures[0]
    if not isinstance(failure, StatusError) or failure.reason != "NotFound":
        return []
    targets = resources.wanted(session, session.args)
    if len(targets) != 1:
        return []
    try:
        listed = resources.list_objects(session, targets[0].mapping)["items"]
    except (StatusError, CommandError):
        return []
    found = [resources.as_info(targets[0].mapping, item) for item in listed]
    matching = [info for info in found if info.name.startswith(session.args[1])]
    if matching:
        selection.failures.clear()
    return matching


COMMAND = Command(
    name="describe", short="Show details of a specific resource or group of resources", run=run,
    usage="describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    long="Show details of a specific resource or group of resources.\n\n Print a detailed description of the selected "
         "resources, including related resources such as events or controllers. A name that no object has is taken as "
         "the beginning of names.\n\nUse \"kubectl api-resources\" for a complete list of supported resources.",
    examples="""# A node
kubectl describe nodes worker-1

# A pod, all pods, pods by label
kubectl describe pod web
kubectl describe pods
kubectl describe pods -l app=web

# All pods whose name begins with web
kubectl describe pods web""",
    flags=(ALL_NAMESPACES, CHUNK, SELECTOR, *filename("containing the resource to describe"),
           Flag("show-events", "bool", True, "If true, display events related to the described object.")),
)
