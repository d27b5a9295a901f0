"""kubectl set serviceaccount, selector and subject."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import patching
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.set import templates
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import dry_run, sayer

GROUP = "rbac.authorization.k8s.io"


def serviceaccount(session: Session) -> int:
    if not session.args:
        raise CommandError("serviceaccount is required")
    *words, account = session.args

    def change(info: Info, spec: templates.PodSpec) -> None:
        spec["serviceAccountName"] = account
        if "serviceAccount" in spec:
            spec["serviceAccount"] = account

    return templates.update(session, words, change, "serviceaccount updated", always=True)


def selector(session: Session) -> int:
    *words, text = session.args or [""]
    if "=" not in text:
        raise CommandError("one or more resources must be specified as <resource> <name> or <resource>/<name>"
                           if not session.args else "selector is required")
    pairs = dict(part.partition("=")[::2] for part in text.split(","))
    say = sayer(session)
    selection = templates.find(session, words)
    selection.check()
    for info in selection.infos:
        if info.mapping.kind.kind != "Service":
            raise CommandError("setting a selector is only supported for Services")
        before = info.object or {}
        after = {**before, "spec": {**before["spec"], "selector": pairs}}
        patching.change(session, info, after, manager=session.flags["field-manager"], dry_run=dry_run(session))
        say(info, "selector updated")
    return 0


def subject(session: Session) -> int:
    flags = session.flags
    wanted = _subjects(session)
    if not wanted:
        raise CommandError("you must specify at least one value of user, group or serviceaccount")
    say = sayer(session)
    selection = templates.find(session, session.args)
    selection.check()
    for info in selection.infos:
        if info.mapping.kind.kind not in ("RoleBinding", "ClusterRoleBinding"):
            raise CommandError("setting subjects is only supported for RoleBinding/ClusterRoleBinding")
        before = info.object or {}
        given = list(before.get("subjects") or ())
        added = [one for one in wanted if one not in given]
        if not added:
            continue
        after = {**before, "subjects": [*given, *added]}
        patching.change(session, info, after, manager=flags["field-manager"], dry_run=dry_run(session))
        say(info, "subjects updated")
    return 0


def _subjects(session: Session) -> list[dict[str, Any]]:
    flags = session.flags
    found: list[dict[str, Any]] = [{"apiGroup": GROUP, "kind": "User", "name": one} for one in flags["user"]]
    found += [{"apiGroup": GROUP, "kind": "Group", "name": one} for one in flags["group"]]
    for account in flags["serviceaccount"]:
        namespace, colon, name = account.partition(":")
        if not colon:
            raise CommandError("serviceaccount must be <namespace>:<name>")
        found.append({"kind": "ServiceAccount", "name": name, "namespace": namespace or session.namespace})
    return found


SERVICEACCOUNT = Command(
    name="serviceaccount", short="Update the service account of a resource", run=serviceaccount, aliases=("sa",),
    usage="serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT", flags=templates.flags("kubectl-set"),
    long="Update the service account of pod template resources.",
    examples="# Let a deployment's pods run as robot\nkubectl set serviceaccount deployment web robot")
SELECTOR = Command(
    name="selector", short="Set the selector on a resource", run=selector,
    usage="selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
    long="Set the selector on a resource. Note that the new selector will overwrite the old selector if the resource "
         "had one prior to the invocation of 'set selector'.",
    examples="# Which pods a service serves\nkubectl set selector service web app=web,tier=frontend",
    flags=(*templates.flags("kubectl-set"),
           Flag("resource-version", help="If non-empty, the selectors update will only succeed if this is the current "
                "resource-version for the object.")))
SUBJECT = Command(
    name="subject", short="Update the user, group, or service account in a role binding or cluster role binding",
    run=subject, usage="subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] "
    "[--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
    long="Update the user, group, or service account in a role binding or cluster role binding.",
    examples="# One more user\nkubectl set subject rolebinding readers --user=ada",
    flags=(*templates.flags("kubectl-set"),
           Flag("group", "array", (), "Groups to bind to the role"),
           Flag("serviceaccount", "array", (), "Service accounts to bind to the role"),
           Flag("user", "array", (), "Usernames to bind to the role")))
