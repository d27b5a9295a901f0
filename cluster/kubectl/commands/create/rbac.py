"""kubectl create role, clusterrole, rolebinding and clusterrolebinding."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.commands.create import generator
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.machinery.meta import Object

API = "rbac.authorization.k8s.io/v1"
GROUP = "rbac.authorization.k8s.io"
_RULE_FLAGS = (
    Flag("resource", "strings", (), "Resource that the rule applies to"),
    Flag("resource-name", "array", (), "Resource in the white list that the rule applies to, repeat this flag for "
         "multiple items"),
    Flag("verb", "strings", (), "Verb that applies to the resources contained in the rule"),
)
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use", "bind", "escalate",
         "impersonate", "approve", "sign", "attest", "*")


def role(session: Session) -> Object:
    name = generator.argument(session)
    _check(session)
    obj = generator.typed(API, "Role", name, session)
    obj["rules"] = rules(session)
    return obj


def _check(session: Session) -> None:
    if not session.flags["verb"]:
        raise CommandError("at least one verb must be specified")
    if not session.flags["resource"]:
        raise CommandError("at least one resource must be specified")


def rules(session: Session) -> list[dict[str, Any]]:
    """Return one rule for each API group named, resources in order."""
    flags = session.flags
    verbs = ["*"] if "*" in flags["verb"] else list(dict.fromkeys(flags["verb"]))
    groups: dict[str, list[str]] = {}
    for text in flags["resource"]:
        resource, _, sub = text.partition("/")
        if resource == "*":
            groups.setdefault("", []).append("*")
            continue
        mapping = session.discovery.resource(resource)
        full = f"{mapping.kind.plural}/{sub}" if sub else mapping.kind.plural
        if full not in groups.setdefault(mapping.group, []):
            groups[mapping.group].append(full)
    names = list(flags["resource-name"])
    return [
        {"verbs": verbs, "apiGroups": [group], "resources": found, **({"resourceNames": names} if names else {})}
        for group, found in groups.items()
    ]


def clusterrole(session: Session) -> Object:
    flags = session.flags
    name = generator.argument(session)
    obj = generator.typed(API, "ClusterRole", name, session, namespaced=False)
    if flags["aggregation-rule"]:
        if flags["verb"] or flags["resource"]:
            raise CommandError("aggregation rule must be specified without nonResourceURLs, resources and verbs")
        pairs = dict(text.partition("=")[::2] for text in flags["aggregation-rule"])
        obj["rules"] = None
        obj["aggregationRule"] = {"clusterRoleSelectors": [{"matchLabels": pairs}]}
        return obj
    if not flags["non-resource-url"]:
        _check(session)
        obj["rules"] = rules(session)
        return obj
    if not flags["verb"]:
        raise CommandError("at least one verb must be specified")
    found = rules(session) if flags["resource"] else []
    obj["rules"] = [*found, {"verbs": list(flags["verb"]), "nonResourceURLs": list(flags["non-resource-url"])}]
    return obj


def _subjects(session: Session) -> list[dict[str, Any]]:
    flags = session.flags
    found: list[dict[str, Any]] = [{"kind": "User", "apiGroup": GROUP, "name": user} for user in flags["user"]]
    found += [{"kind": "Group", "apiGroup": GROUP, "name": group} for group in flags["group"]]
    for account in flags["serviceaccount"]:
        namespace, colon, name = account.partition(":")
        if not colon or not namespace or not name:
            raise CommandError("serviceaccount must be <namespace>:<name>")
        found.append({"kind": "ServiceAccount", "name": name, "namespace": namespace})
    return found


def rolebinding(session: Session) -> Object:
    flags = session.flags
    name = generator.argument(session)
    if bool(flags["clusterrole"]) == bool(flags["role"]):
        raise CommandError("exactly one of clusterrole or role must be specified")
    obj = generator.typed(API, "RoleBinding", name, session)
    kind = "ClusterRole" if flags["clusterrole"] else "Role"
    return _bound(obj, session, kind, flags["clusterrole"] or flags["role"])


def clusterrolebinding(session: Session) -> Object:
    generator.require(session, "clusterrole")
    name = generator.argument(session)
    obj = generator.typed(API, "ClusterRoleBinding", name, session, namespaced=False)
    return _bound(obj, session, "ClusterRole", session.flags["clusterrole"])


def _bound(obj: Object, session: Session, kind: str, name: str) -> Object:
    subjects = _subjects(session)
    if subjects:
        obj["subjects"] = subjects
    obj["roleRef"] = {"apiGroup": GROUP, "kind": kind, "name": name}
    return obj


_WHO = (
    Flag("group", "array", (), "Groups to bind to the role. The flag can be repeated to add multiple groups."),
    Flag("serviceaccount", "array", (), "Service accounts to bind to the role, in the format <namespace>:<name>. The "
         "flag can be repeated to add multiple service accounts."),
    Flag("user", "array", (), "Usernames to bind to the role. The flag can be repeated to add multiple users."),
)

ROLE = generator.command(
    "role", "Create a role with single rule", role, _RULE_FLAGS,
    usage="role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] "
          "[--dry-run=server|client|none]",
    examples="# Reading pods\nkubectl create role pod-reader --verb=get,list,watch --resource=pods")
CLUSTERROLE = generator.command(
    "clusterrole", "Create a cluster role", clusterrole,
    (*_RULE_FLAGS,
     Flag("aggregation-rule", "strings", (), "An aggregation label selector for combining ClusterRoles."),
     Flag("non-resource-url", "strings", (), "A partial url that user should have access to.")),
    usage="clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] "
          "[--dry-run=server|client|none]",
    examples="# Reading nodes\nkubectl create clusterrole node-reader --verb=get,list --resource=nodes")
ROLEBINDING = generator.command(
    "rolebinding", "Create a role binding for a particular role or cluster role", rolebinding,
    (*_WHO, Flag("clusterrole", help="ClusterRole this RoleBinding should reference"),
     Flag("role", help="Role this RoleBinding should reference")),
    usage="rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] "
          "[--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    failure="failed to create rolebinding: ",
    examples="# Let ada read pods here\nkubectl create rolebinding ada-reads --role=pod-reader --user=ada")
CLUSTERROLEBINDING = generator.command(
    "clusterrolebinding", "Create a cluster role binding for a particular cluster role", clusterrolebinding,
    (*_WHO, Flag("clusterrole", help="ClusterRole this ClusterRoleBinding should reference")),
    usage="clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] "
          "[--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    failure="failed to create clusterrolebinding: ",
    examples="# Make ada administrator of everything\nkubectl create clusterrolebinding ada "
             "--clusterrole=cluster-admin "
             "--user=ada")
