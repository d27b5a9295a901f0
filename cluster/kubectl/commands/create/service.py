"""kubectl create service clusterip, nodeport, loadbalancer and externalname."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.create import generator
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.machinery.meta import Object

TCP = Flag("tcp", "strings", (), "Port pairs can be specified as '<port>:<targetPort>'.")


def _service(session: Session, type_: str, spec: dict[str, Any] | None = None) -> Object:
    name = generator.argument(session)
    obj = generator.typed("v1", "Service", name, session, labels={"app": name})
    ports = [_port(text) for text in session.flags.get("tcp", ())]
    obj["spec"] = {
        **({"ports": ports} if ports else {}), "selector": {"app": name}, **(spec or {}), "type": type_,
    }
    obj["status"] = {"loadBalancer": {}}
    return obj


def _port(text: str) -> dict[str, Any]:
    port, _, target = text.partition(":")
    if not port.isdigit() or not 0 <= int(port) <= 65535:
        raise CommandError(f'port must be a valid port number, got "{port}"')
    shown: Any = target or port
    if shown.isdigit():
        shown = int(shown)
    return {"name": text.replace(":", "-"), "protocol": "TCP", "port": int(port), "targetPort": shown}


def clusterip(session: Session) -> Object:
    address = session.flags["clusterip"]
    if not session.flags["tcp"] and address != "None":
        generator.argument(session)
        raise CommandError("at least one tcp port specifier must be provided")
    if session.flags["tcp"] and address == "None":
        raise CommandError("can not map ports with clusterip=None")
    return _service(session, "ClusterIP", {"clusterIP": address} if address else None)


def nodeport(session: Session) -> Object:
    obj = _ported(session, "NodePort")
    if session.flags["node-port"]:
        for port in obj["spec"]["ports"]:
            port["nodePort"] = session.flags["node-port"]
    return obj


def loadbalancer(session: Session) -> Object:
    return _ported(session, "LoadBalancer")


def _ported(session: Session, type_: str) -> Object:
    if not session.flags["tcp"]:
        generator.argument(session)
        raise CommandError("at least one tcp port specifier must be provided")
    return _service(session, type_)


def externalname(session: Session) -> Object:
    generator.require(session, "external-name")
    return _service(session, "ExternalName", {"externalName": session.flags["external-name"]})


_USAGE = "NAME --tcp=<port>:<targetPort> [--dry-run=server|client|none]"

COMMAND = Command(
    name="service", short="Create a service using a specified subcommand", usage="service", aliases=("svc",),
    long="Create a service using a specified subcommand.",
    subcommands=(
        generator.command(
            "clusterip", "Create a ClusterIP service", clusterip,
            (TCP, Flag("clusterip", help="Assign your own ClusterIP or set to 'None' for a 'headless' service (no "
                       "loadbalancing).")),
            usage=f"clusterip {_USAGE}", failure="failed to create ClusterIP service: ",
            examples="# Port 5678 of the service to port 8080 of the pods\nkubectl create service clusterip web "
                     "--tcp=5678:8080"),
        generator.command(
            "nodeport", "Create a NodePort service", nodeport,
            (TCP, Flag("node-port", "int", 0, "Port used to expose the service on each node in a cluster.")),
            usage=f"nodeport {_USAGE}", failure="failed to create NodePort service: ",
            examples="# On a port of every node\nkubectl create service nodeport web --tcp=5678:8080"),
        generator.command(
            "loadbalancer", "Create a LoadBalancer service", loadbalancer, (TCP,),
            usage="loadbalancer NAME --tcp=port:targetPort [--dry-run=server|client|none]",
            failure="failed to create LoadBalancer service: ",
            examples="# Behind a load balancer\nkubectl create service loadbalancer web --tcp=5678:8080"),
        generator.command(
            "externalname", "Create an ExternalName service", externalname,
            (TCP, Flag("external-name", help="External name of service")),
            usage="externalname NAME --external-name external.name [--dry-run=server|client|none]",
            failure="failed to create ExternalName service: ",
            examples="# A name for a host outside\nkubectl create service externalname db --external-name "
                     "db.example.com"),
    ),
)
