"""kubectl auth can-i, whoami and reconcile."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import tabwriter
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.reconcile import reconcile
from cluster.kubectl.describe.rbac import broken_down, compacted, order
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import DRY_RUN, OUTPUT, filename
from cluster.kubectl.printers import structured


def can_i(session: Session) -> int:
    flags = session.flags
    if flags["list"]:
        if session.args:
            raise CommandError("list option must be specified with no arguments")
        return _list(session)
    if len(session.args) not in (2, 3):
        raise CommandError("you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl "
                           "auth can-i -h' for help and examples.")
    verb, target = session.args[:2]
    if target.startswith("/"):
        spec: dict[str, Any] = {"nonResourceAttributes": {"path": target, "verb": verb}}
    else:
        spec = {"resourceAttributes": _attributes(session, verb, target)}
    answer = session.client.create("selfsubjectaccessreviews.authorization.k8s.io", {
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "metadata": {}, "spec": spec})
    return _said(session, answer.get("status") or {})


def _attributes(session: Session, verb: str, target: str) -> dict[str, str]:
    flags = session.flags
    resource, slash, name = target.partition("/")
    if len(session.args) == 3:
        name = session.args[2]
    found = {"verb": verb, "resource": resource, "group": "", "name": name, "subresource": flags["subresource"]}
    namespaced = True
    if resource == "*":
        found["group"] = "*"
    else:
        namespaced = _resolve(session, resource, found)
    if verb not in KNOWN_VERBS:
        session.err(f"Warning: verb '{verb}' is not a known verb\n\n")
    if not flags["all-namespaces"] and namespaced:
        found["namespace"] = session.namespace
    elif not flags["all-namespaces"] and not namespaced and resource not in ("*", "namespaces"):
        group = f" in group '{found['group']}'" if found["group"] else ""
        session.err(f"Warning: resource '{found['resource']}' is not namespace scoped{group}\n\n")
    return {key: value for key, value in found.items() if value}


KNOWN_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use", "bind",
               "impersonate", "*", "approve", "sign", "escalate", "attest")


def _resolve(session: Session, resource: str, found: dict[str, str]) -> bool:
    try:
        mapping = session.discovery.resource(resource)
    except CommandError:
        group = f" in group '{resource.partition('.')[2]}'" if "." in resource else ""
        plural, _, found["group"] = resource.partition(".")
        found["resource"] = plural
        session.err(f"Warning: the server doesn't have a resource type '{plural}'{group}\n\n")
        return True
    found["resource"], found["group"] = mapping.kind.plural, mapping.group
    return mapping.namespaced


def _said(session: Session, status: dict[str, Any]) -> int:
    allowed = bool(status.get("allowed"))
    if not session.flags["quiet"]:
        text = "yes" if allowed else "no"
        if not allowed and status.get("reason"):
            text += f" - {status['reason']}"
        if not allowed and status.get("evaluationError"):
            text += f" - {status['evaluationError']}"
        session.out(text + "\n")
    return 0 if allowed else 1


def _list(session: Session) -> int:
    answer = session.client.create("selfsubjectrulesreviews.authorization.k8s.io", {
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "metadata": {},
        "spec": {"namespace": session.namespace}})
    status = answer.get("status") or {}
    rules = [*(status.get("resourceRules") or ()), *(status.get("nonResourceRules") or ())]
    rows = [] if session.flags["no-headers"] else [["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]]
    for rule in sorted(compacted(broken_down(rules)), key=order):
        rows.append([_resource(rule), f"[{' '.join(rule.get('nonResourceURLs') or ())}]",
                     f"[{' '.join(rule.get('resourceNames') or ())}]", f"[{' '.join(rule['verbs'])}]"])
    if status.get("incomplete"):
        session.err(f"Warning: the list may be incomplete: {status.get('evaluationError', '')}\n")
    session.out(tabwriter.table(rows))
    return 0


def _resource(rule: dict[str, Any]) -> str:
    if not rule.get("resources"):
        return ""
    plural, slash, sub = rule["resources"][0].partition("/")
    group = rule["apiGroups"][0]
    return f"{plural}{'.' + group if group else ''}{slash}{sub}"


# -- whoami ----------------------------------------------------------------------------------------------------------


def whoami(session: Session) -> int:
    answer = session.client.create("selfsubjectreviews.authentication.k8s.io", {
        "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}})
    printer = structured.printer(session)
    info = (answer.get("status") or {}).get("userInfo") or {}
    if printer is not None:
        session.out(printer(_typed(answer, info) if session.flags["output"] == "json" else answer))
        return 0
    rows = [["ATTRIBUTE", "VALUE"], ["Username", info.get("username", "")]]
    if info.get("uid"):
        rows.append(["UID", info["uid"]])
    if info.get("groups"):
        rows.append(["Groups", f"[{' '.join(info['groups'])}]"])
    for key in sorted(info.get("extra") or {}):
        rows.append([f"Extra: {key}", f"[{' '.join(info['extra'][key])}]"])
    session.out(tabwriter.table(rows))
    return 0


def _typed(answer: dict[str, Any], info: dict[str, Any]) -> structured.Typed:
    ordered = {key: info[key] for key in ("username", "uid", "groups", "extra") if info.get(key)}
    return structured.Typed({"kind": answer["kind"], "apiVersion": answer["apiVersion"], "metadata": {
        "creationTimestamp": (answer.get("metadata") or {}).get("creationTimestamp")}, "status": {"userInfo": ordered}})


COMMAND = Command(
    name="auth", short="Inspect authorization", usage="auth [flags]", long="Inspect authorization.",
    subcommands=(
        Command(name="can-i", short="Check whether an action is allowed", run=can_i,
                usage="can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
                long="Check whether an action is allowed.\n\n VERB is a logical Kubernetes API verb like 'get', "
                     "'list', "
                     "'watch', 'delete', etc. TYPE is a Kubernetes resource. NONRESOURCEURL begins with a slash.",
                examples="# May I create pods here\nkubectl auth can-i create pods\n\n# May ada read nodes\nkubectl "
                         "auth "
                         "can-i get nodes --as=ada\n\n# All I may do here\nkubectl auth can-i --list",
                flags=(
                    Flag("all-namespaces", "bool", False, "If true, check the specified action in all "
                                                          "namespaces.", "A"),
                    Flag("list", "bool", False, "If true, prints all allowed actions."),
                    Flag("no-headers", "bool", False, "If true, prints allowed actions without headers"),
                    Flag("quiet", "bool", False, "If true, suppress output and just return the exit code.", "q"),
                    Flag("subresource", help="SubResource such as pod/log or deployment/scale"))),
        Command(name="reconcile", run=reconcile, usage="reconcile -f FILENAME",
                short="Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
                flags=(*OUTPUT, DRY_RUN, *filename("identifying the resource to reconcile."),
                       Flag("remove-extra-permissions", "bool", False, "If true, removes extra permissions added to "
                            "roles"),
                       Flag("remove-extra-subjects", "bool", False, "If true, removes extra subjects added to "
                            "rolebindings"))),
        Command(name="whoami", short="Experimental: Check self subject attributes", usage="whoami", run=whoami,
                long="Experimental: Check who you are and your attributes (groups, extra).",
                examples="# Who am I\nkubectl auth whoami", flags=OUTPUT),
    ),
)
