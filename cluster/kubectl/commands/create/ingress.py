"""kubectl create ingress."""

from __future__ import annotations

import re
from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.commands.create import generator
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.machinery.meta import Object

_RULE = re.compile(r"^(?P<host>[\w*\-.]*)(?P<path>/.*)?=(?P<svc>[\w-]+):(?P<port>[\w-]+)(?P<tls>,tls(=[\w-]*)?)?$")


def build(session: Session) -> Object:
    flags = session.flags
    name = generator.argument(session)
    if not flags["rule"] and not flags["default-backend"]:
        raise CommandError("not enough information provided: every ingress has to either specify a default-backend "
                           "(which catches all traffic) or a list of rules (which catch specific paths)")
    obj = generator.typed("networking.k8s.io/v1", "Ingress", name, session)
    if flags["annotation"]:
        obj["metadata"]["annotations"] = dict(_pair(text) for text in flags["annotation"])
    spec: dict[str, Any] = {}
    if flags["class"]:
        spec["ingressClassName"] = flags["class"]
    if flags["default-backend"]:
        service, _, port = flags["default-backend"].partition(":")
        if not service or not port:
            raise CommandError(
                "default-backend should be in format servicename:serviceport")
        spec["defaultBackend"] = _backend(service, port)
    rules = [_matched(text) for text in flags["rule"]]
    tls = _tls(rules)
    if tls:
        spec["tls"] = tls
    if rules:
        spec["rules"] = _rules(rules)
    obj["spec"] = spec
    obj["status"] = {"loadBalancer": {}}
    return obj


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"annotation {text} is invalid and should be in format key=[value]")
    return key, value


def _matched(text: str) -> dict[str, str]:
    match = _RULE.match(text)
    if match is None:
        raise CommandError(f"rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]")
    return {key: value or "" for key, value in match.groupdict().items()}


def _backend(service: str, port: str) -> dict[str, Any]:
    return {"service": {"name": service, "port": {"number": int(port)} if port.isdigit() else {"name": port}}}


def _rules(rules: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Group the paths by host, in order of appearance."""
    found: dict[str, list[dict[str, Any]]] = {}
    for rule in rules:
        path, kind = rule["path"] or "/", "Exact"
        if path.endswith("*"):
            path, kind = path[:-1], "Prefix"
        found.setdefault(rule["host"], []).append(
            {"path": path, "pathType": kind, "backend": _backend(rule["svc"], rule["port"])})
    return [{**({"host": host} if host else {}), "http": {"paths": paths}} for host, paths in found.items()]


def _tls(rules: list[dict[str, str]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for rule in rules:
        if not rule["tls"]:
            continue
        secret = rule["tls"].partition("=")[2]
        entry = found.setdefault(secret, {**({"hosts": []} if rule["host"] else {})})
        if rule["host"] and rule["host"] not in entry.setdefault("hosts", []):
            entry["hosts"].append(rule["host"])
        if secret:
            entry["secretName"] = secret
    return list(found.values())


COMMAND = generator.command(
    "ingress", "Create an ingress with the specified name", build,
    (
        Flag("annotation", "array", (), "Annotation to insert in the ingress object, in the format annotation=value"),
        Flag("class", help="Ingress Class to be used"),
        Flag("default-backend", help="Default service for backend, in format of svcname:port"),
        Flag("rule", "array", (), "Rule in format host/path=service:port[,tls=secretname]. Paths containing the "
             "leading character '*' are considered pathType=Prefix. tls argument is optional."),
    ),
    usage="ingress NAME --rule=host/path=service:port[,tls[=secret]] ", aliases=("ing",),
    failure="failed to create ingress: ",
    examples="""# Requests for shop.example/cart go to the service cart
kubectl create ingress shop --rule="shop.example/cart=cart:80"

# Everything else to one service, with an ingress class
kubectl create ingress all --class=nginx --default-backend=web:80""",
)
