"""kubectl expose: a Service from a pod, a workload or another Service."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import overrides, resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.create import generator
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import DRY_RUN, OUTPUT, RECORD, SAVE_CONFIG, field_manager, filename
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import sayer
from cluster.machinery.meta import Object, labels

TEMPLATED = ("Deployment", "ReplicaSet")


def run(session: Session) -> int:
    flags = session.flags
    say = sayer(session)
    if not session.args and not flags["filename"]:
        raise CommandError(resources.MISSING)
    selection = resources.find(session, session.args, files=flags["filename"], kustomize=flags["kustomize"],
                               recursive=flags["recursive"])
    selection.check()
    for info in selection.infos:
        service = overrides.apply(session, build(session, info))
        made = generator.submit(session, service, manager="kubectl-expose")
        say(made, "exposed")
    return 0


def build(session: Session, info: Info) -> Object:
    flags = session.flags
    source = info.object or {}
    selector = _selector(session, info, source)
    ports = _ports(session, source)
    given = dict(text.partition("=")[::2] for text in flags["labels"].split(",")) if flags["labels"] else labels(source)
    obj = generator.typed("v1", "Service", flags["name"] or info.name, session, labels=dict(given) or None)
    if info.namespace and session.enforces_namespace:
        obj["metadata"]["namespace"] = info.namespace
    spec: Object = {"ports": ports, "selector": selector}
    if flags["cluster-ip"]:
        spec["clusterIP"] = flags["cluster-ip"]
    if flags["type"]:
        spec["type"] = flags["type"]
    if flags["external-ip"]:
        spec["externalIPs"] = [flags["external-ip"]]
    if flags["load-balancer-ip"]:
        spec["loadBalancerIP"] = flags["load-balancer-ip"]
    if flags["session-affinity"]:
        spec["sessionAffinity"] = flags["session-affinity"]
    obj["spec"] = spec
    obj["status"] = {"loadBalancer": {}}
    return obj


def _selector(session: Session, info: Info, source: Object) -> dict[str, str]:
    if session.flags["selector"]:
        return dict(part.partition("=")[::2] for part in session.flags["selector"].split(","))
    kind = info.mapping.kind.kind
    if kind == "Pod":
        if not labels(source):
            raise CommandError("couldn't retrieve selectors via --selector flag or introspection: the pod has no "
                               "labels and cannot be exposed")
        return dict(labels(source))
    selector = source.get("spec", {}).get("selector")
    if kind in ("Service", "ReplicationController"):
        if not selector:
            raise CommandError("couldn't retrieve selectors via --selector flag or introspection: no pod selector set")
        return dict(selector)
    if kind not in TEMPLATED:
        raise CommandError(f"cannot expose a {kind}{'.' + info.mapping.group if info.mapping.group else ''}")
    if selector.get("matchExpressions"):
        raise CommandError("couldn't retrieve selectors via --selector flag or introspection: couldn't "
                           "convert expressions to map-based selector format")
    return dict(selector.get("matchLabels") or {})


def _ports(session: Session, source: Object) -> list[dict[str, Any]]:
    flags = session.flags
    found = _container_ports(source)
    wanted = [part for part in flags["port"].split(",") if part]
    if not wanted:
        if not found:
            raise CommandError("couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help "
                               "and examples")
        wanted = [str(port) for port, _ in found]
    protocols = {str(port): protocol for port, protocol in found}
    several = len(wanted) > 1
    return [_port(session, text, protocols, f"port-{index}" if several else "")
            for index, text in enumerate(wanted, 1)]


def _port(session: Session, text: str, protocols: dict[str, str], name: str) -> dict[str, Any]:
    flags = session.flags
    if not text.isdigit():
        raise CommandError(f"strconv.Atoi: parsing \"{text}\": invalid syntax")
    target: Any = flags["target-port"] or text
    target = int(target) if str(target).isdigit() else target
    protocol = flags["protocol"] or protocols.get(text, "TCP")
    return {**({"name": name} if name else {}), "protocol": protocol, "port": int(text), "targetPort": target}


def _container_ports(source: Object) -> list[tuple[int, str]]:
    spec = source.get("spec") or {}
    if source.get("kind") == "Service":
        return [(port["port"], port.get("protocol", "TCP")) for port in spec.get("ports") or ()]
    pod = spec if source.get("kind") == "Pod" else spec.get("template", {}).get("spec", {})
    return [(port["containerPort"], port.get("protocol", "TCP"))
            for container in pod.get("containers") or () for port in container.get("ports") or ()]


COMMAND = Command(
    name="expose", run=run,
    short="Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
    usage="expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] "
          "[--name=name] [--external-ip=external-ip-of-service] [--type=type]",
    long="Expose a resource as a new Kubernetes service.\n\n Looks up a deployment, service, replica set, replication "
         "controller or pod by name and uses the selector for that resource as the selector for a new service on the "
         "specified port.",
    examples="""# A service on port 80 for a deployment whose pods listen on 8080
kubectl expose deployment web --port=80 --target-port=8080

# For one pod, under another name
kubectl expose pod web --port=80 --name=front""",
    flags=(
        *OUTPUT, DRY_RUN, SAVE_CONFIG, RECORD, field_manager("kubectl-expose"),
        Flag("selector", help="A label selector to use for this service. Only equality-based selector requirements are "
             "supported."),
        *filename("identifying the resource to expose a service"), *overrides.FLAGS,
        Flag("cluster-ip", help="ClusterIP to be assigned to the service. Leave empty to auto-allocate, or set to "
             "'None' to create a headless service."),
        Flag("external-ip", help="Additional external IP address (not managed by Kubernetes) to accept for the "
             "service."),
        Flag("labels", help="Labels to apply to the service created by this call.", short="l"),
        Flag("load-balancer-ip", help="IP to assign to the LoadBalancer."),
        Flag("name", help="The name for the newly created object."),
        Flag("port", help="The port that the service should serve on. Copied from the resource being exposed, if "
             "unspecified"),
        Flag("protocol", help="The network protocol for the service to be created. Default is 'TCP'."),
        Flag("session-affinity", help="If non-empty, set the session affinity for the service to this; legal values: "
             "'None', 'ClientIP'"),
        Flag("target-port", help="Name or number for the port on the container that the service should direct traffic "
             "to. Optional."),
        Flag("type", help="Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName. Default is "
             "'ClusterIP'."),
    ),
)
