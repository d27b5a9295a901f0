"""Describing Roles, ClusterRoles and their bindings."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.describe.page import Page
from cluster.machinery.meta import Object, name


def role(page: Page, session: Session, obj: Object) -> None:
    page.line(f"Name:\t{name(obj)}")
    page.marks(obj)
    page.line("PolicyRule:")
    page.line("Resources\tNon-Resource URLs\tResource Names\tVerbs", 1)
    page.line("---------\t-----------------\t--------------\t-----", 1)
    for rule in sorted(compacted(broken_down(obj.get("rules") or [])), key=order):
        resources = ",".join(_combined(rule))
        page.line(f"{resources}\t[{' '.join(rule.get('nonResourceURLs') or ())}]\t"
                  f"[{' '.join(rule.get('resourceNames') or ())}]\t[{' '.join(rule.get('verbs') or ())}]", 1)


Rule = dict[str, Any]


def broken_down(rules: list[Rule]) -> list[Rule]:
    """Return one rule for each group, resource, name, URL and verb."""
    found: list[Rule] = []
    for rule in rules:
        for group in rule.get("apiGroups") or ():
            for resource in rule.get("resources") or ():
                for verb in rule.get("verbs") or ():
                    for given in rule.get("resourceNames") or [None]:
                        found.append({"apiGroups": [group], "resources": [resource], "verbs": [verb],
                                      **({"resourceNames": [given]} if given is not None else {})})
        for url in rule.get("nonResourceURLs") or ():
            for verb in rule.get("verbs") or ():
                found.append({"nonResourceURLs": [url], "verbs": [verb]})
    return found


def compacted(rules: list[Rule]) -> list[Rule]:
    """Join simple rules about the same resource (and name): their verbs come together."""
    joined: dict[tuple[Any, ...], Rule] = {}
    rest: list[Rule] = []
    for rule in rules:
        if not rule.get("resources"):
            rest.append(rule)
            continue
        key = (rule["apiGroups"][0], rule["resources"][0], *(rule.get("resourceNames") or ()))
        if key in joined:
            joined[key]["verbs"] += [verb for verb in rule["verbs"] if verb not in joined[key]["verbs"]]
        else:
            joined[key] = {**rule, "verbs": list(rule["verbs"])}
    return [*joined.values(), *rest]


def _combined(rule: Rule) -> list[str]:
    """Return `deployments.apps/scale` for a resource and its group."""
    found = []
    for resource in rule.get("resources") or ():
        plural, slash, sub = resource.partition("/")
        group = rule["apiGroups"][0]
        found.append(f"{plural}{'.' + group if group else ''}{slash}{sub}")
    return found


def order(rule: Rule) -> str:
    """Return the text rules are sorted by: the printed form of their Go struct."""
    fields = (("Verbs", "verbs"), ("APIGroups", "apiGroups"), ("Resources", "resources"),
              ("ResourceNames", "resourceNames"), ("NonResourceURLs", "nonResourceURLs"))
    shown = "".join(f"{title}:[{' '.join(rule.get(field) or ())}]," for title, field in fields)
    return f"&PolicyRule{{{shown}}}"


def binding(page: Page, session: Session, obj: Object) -> None:
    page.line(f"Name:\t{name(obj)}")
    page.marks(obj)
    page.line("Role:")
    page.line(f"Kind:\t{obj['roleRef'].get('kind', '')}", 1)
    page.line(f"Name:\t{obj['roleRef'].get('name', '')}", 1)
    page.line("Subjects:")
    page.line("Kind\tName\tNamespace", 1)
    page.line("----\t----\t---------", 1)
    for one in obj.get("subjects") or ():
        page.line(f"{one.get('kind', '')}\t{one.get('name', '')}\t{one.get('namespace', '')}", 1)
