"""kubectl create quota, poddisruptionbudget and priorityclass."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.commands.create import generator
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.machinery import labels, quantity
from cluster.machinery.meta import Object


def quota(session: Session) -> Object:
    flags = session.flags
    obj = generator.typed("v1", "ResourceQuota", generator.argument(session), session)
    hard: dict[str, str] = {}
    for text in filter(None, flags["hard"].split(",")):
        name, equals, amount = text.partition("=")
        if not equals or not name or not amount:
            raise CommandError(f"Invalid argument syntax {text}, expected <resource>=<value>")
        hard[name] = _quantity(amount)
    scopes = [scope for scope in flags["scopes"].split(",") if scope]
    obj["spec"] = {**({"hard": hard} if hard else {}), **({"scopes": scopes} if scopes else {})}
    obj["status"] = {}
    return obj


def _quantity(text: str) -> str:
    try:
        return quantity.canonical(text)
    except ValueError:
        raise CommandError("quantities must match the regular expression "
                           "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'") from None


def poddisruptionbudget(session: Session) -> Object:
    flags = session.flags
    name = generator.argument(session)
    if not flags["selector"]:
        raise CommandError("a selector must be specified")
    if not flags["min-available"] and not flags["max-unavailable"]:
        raise CommandError("one of min-available or max-unavailable must be specified")
    if flags["min-available"] and flags["max-unavailable"]:
        raise CommandError("min-available and max-unavailable cannot be both specified")
    obj = generator.typed("policy/v1", "PodDisruptionBudget", name, session)
    spec: dict[str, Any] = {}
    for flag, field in (("min-available", "minAvailable"), ("max-unavailable", "maxUnavailable")):
        if flags[flag]:
            spec[field] = int(flags[flag]) if flags[flag].isdigit() else flags[flag]
    spec["selector"] = _selector(flags["selector"])
    obj["spec"] = spec
    obj["status"] = {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}
    return obj


def _selector(text: str) -> dict[str, Any]:
    try:
        labels.parse(text)
    except labels.SelectorError as problem:
        raise CommandError(str(problem)) from None
    pairs = dict(part.replace("==", "=").partition("=")[::2] for part in text.split(","))
    return {"matchLabels": pairs}


def priorityclass(session: Session) -> Object:
    flags = session.flags
    name = generator.argument(session)
    policy = flags["preemption-policy"]
    if policy not in ("Never", "PreemptLowerPriority"):
        raise CommandError(f"invalid preemptionPolicy: {policy}")
    obj = generator.typed("scheduling.k8s.io/v1", "PriorityClass", name, session, namespaced=False)
    obj["value"] = flags["value"]
    if flags["global-default"]:
        obj["globalDefault"] = True
    if flags["description"]:
        obj["description"] = flags["description"]
    obj["preemptionPolicy"] = policy
    return obj


QUOTA = generator.command(
    "quota", "Create a quota with the specified name", quota,
    (
        Flag("hard", help="A comma-delimited set of resource=quantity pairs that define a hard limit."),
        Flag("scopes", help="A comma-delimited set of quota scopes that must all match each object tracked by the "
             "quota."),
    ),
    usage="quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]",
    aliases=("resourcequota",), failure="failed to create quota: ",
    examples="# At most four pods and one processor\nkubectl create quota small --hard=cpu=1,pods=4")
PDB = generator.command(
    "poddisruptionbudget", "Create a pod disruption budget with the specified name", poddisruptionbudget,
    (
        Flag("max-unavailable", help="The maximum number or percentage of unavailable pods this budget requires."),
        Flag("min-available", help="The minimum number or percentage of available pods this budget requires."),
        Flag("selector", help="A label selector to use for this budget."),
    ),
    usage="poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]",
    aliases=("pdb",), failure="failed to create poddisruptionbudgets: ",
    examples="# Half of the web pods must stay\nkubectl create poddisruptionbudget web --selector=app=web "
             "--min-available=50%")
PRIORITYCLASS = generator.command(
    "priorityclass", "Create a priority class with the specified name", priorityclass,
    (
        Flag("description", help="description is an arbitrary string that usually provides guidelines on when this "
             "priority class should be used."),
        Flag("global-default", "bool", False, "global-default specifies whether this PriorityClass should be "
             "considered as the default priority."),
        Flag("preemption-policy", "string", "PreemptLowerPriority", "preemption-policy is the policy for preempting "
             "pods with lower priority."),
        Flag("value", "int", 0, "the value of this priority class."),
    ),
    usage="priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]", aliases=("pc",),
    failure="failed to create priorityclass: ",
    examples="# Before the others\nkubectl create priorityclass high --value=1000 --description='high priority'")
