"""Describing Services, Endpoints, EndpointSlices, Ingresses, IngressClasses and NetworkPolicies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.describe import events
from cluster.kubectl.describe.page import Page, date, lower, plain_selector, selector
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, name, namespace

MAX_ENDPOINTS = 3


def service(page: Page, session: Session, obj: Object) -> None:
    spec = obj["spec"]
    slices = _slices(session, obj)
    page.head(obj)
    page.marks(obj)
    page.line(f"Selector:\t{plain_selector(spec.get('selector'))}")
    page.line(f"Type:\t{spec.get('type', '')}")
    if spec.get("ipFamilyPolicy"):
        page.line(f"IP Family Policy:\t{spec['ipFamilyPolicy']}")
    page.line(f"IP Families:\t{','.join(spec.get('ipFamilies') or ()) or '<none>'}")
    page.line(f"IP:\t{spec.get('clusterIP', '')}")
    page.line(f"IPs:\t{','.join(spec.get('clusterIPs') or ()) or '<none>'}")
    if spec.get("externalIPs"):
        page.line(f"External IPs:\t{','.join(spec['externalIPs'])}")
    if spec.get("loadBalancerIP"):
        page.line(f"Desired LoadBalancer IP:\t{spec['loadBalancerIP']}")
    if spec.get("externalName"):
        page.line(f"External Name:\t{spec['externalName']}")
    ingress = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    if ingress:
        page.line("LoadBalancer Ingress:\t" + ", ".join(
            f"{one['ip']} ({one['ipMode']})" if one.get("ip") and one.get("ipMode") else
            one.get("ip") or one.get("hostname", "") for one in ingress))
    for port in spec.get("ports") or ():
        _port(page, port, slices)
    page.line(f"Session Affinity:\t{spec.get('sessionAffinity', '')}")
    if spec.get("externalTrafficPolicy"):
        page.line(f"External Traffic Policy:\t{spec['externalTrafficPolicy']}")
    if spec.get("internalTrafficPolicy"):
        page.line(f"Internal Traffic Policy:\t{spec['internalTrafficPolicy']}")
    if spec.get("trafficDistribution"):
        page.line(f"Traffic Distribution:\t{spec['trafficDistribution']}")
    if spec.get("healthCheckNodePort"):
        page.line(f"HealthCheck NodePort:\t{spec['healthCheckNodePort']}")
    if spec.get("loadBalancerSourceRanges"):
        page.line(f"LoadBalancer Source Ranges:\t{','.join(spec['loadBalancerSourceRanges'])}")
    events.write(page, session, obj)


def _slices(session: Session, obj: Object) -> list[Object]:
    try:
        found: list[Object] = session.client.list(
            "endpointslices.discovery.k8s.io", namespace(obj),
            label_selector=f"kubernetes.io/service-name={name(obj)}")["items"]
    except StatusError:
        return []
    return found


def _port(page: Page, port: dict[str, Any], slices: Sequence[Object]) -> None:
    title, protocol = port.get("name") or "<unset>", port.get("protocol", "TCP")
    page.line(f"Port:\t{title}\t{port['port']}/{protocol}")
    page.line(f"TargetPort:\t{port.get('targetPort', '')}/{protocol}")
    if port.get("nodePort"):
        page.line(f"NodePort:\t{title}\t{port['nodePort']}/{protocol}")
    page.line(f"Endpoints:\t{endpoints_of(slices, port.get('name') or '')}")


def endpoints_of(slices: Sequence[Object], port_name: str) -> str:
    """Return the ready addresses behind a port, three of them and how many more."""
    if not slices:
        return ""
    found = []
    for one in slices:
        for port in one.get("ports") or ():
            if (port.get("name") or "") != port_name:
                continue
            for endpoint in one.get("endpoints") or ():
                if (endpoint.get("conditions") or {}).get("ready", True) is False:
                    continue
                found += [f"{address}:{port.get('port')}" for address in endpoint.get("addresses") or ()]
    text = ",".join(found[:MAX_ENDPOINTS])
    return f"{text} + {len(found) - MAX_ENDPOINTS} more..." if len(found) > MAX_ENDPOINTS else text


def endpoints(page: Page, session: Session, obj: Object) -> None:
    page.head(obj)
    page.marks(obj)
    page.line("Subsets:")
    for subset in obj.get("subsets") or ():
        for title, field in (("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")):
            page.line(f"{title}:\t{','.join(one['ip'] for one in subset.get(field) or ()) or '<none>'}", 1)
        if subset.get("ports"):
            page.line("Ports:", 1)
            page.line("Name\tPort\tProtocol", 2)
            page.line("----\t----\t--------", 2)
            for port in subset["ports"]:
                page.line(f"{port.get('name') or '<unset>'}\t{port['port']}\t{port.get('protocol', 'TCP')}", 2)
        page.line("")
    events.write(page, session, obj)


def endpoint_slice(page: Page, session: Session, obj: Object) -> None:
    page.head(obj)
    page.marks(obj)
    page.line(f"AddressType:\t{obj.get('addressType', '')}")
    if obj.get("ports"):
        page.line("Ports:")
        page.line("Name\tPort\tProtocol", 1)
        page.line("----\t----\t--------", 1)
        for port in obj["ports"]:
            page.line("\t".join(map(str, (port.get("name") or "<unset>", port.get("port", "<unset>"),
                                         port.get("protocol", "TCP")))), 1)
    else:
        page.line("Ports:\t<unset>")
    if not obj.get("endpoints"):
        page.line("Endpoints:\t<none>")
    else:
        page.line("Endpoints:")
        for one in obj["endpoints"]:
            _endpoint(page, one)
    events.write(page, session, obj)


def _endpoint(page: Page, one: dict[str, Any]) -> None:
    page.line(f"- Addresses:\t{','.join(one.get('addresses') or ())}", 1)
    ready = (one.get("conditions") or {}).get("ready")
    page.line("Conditions:", 2)
    page.line(f"Ready:\t{lower(ready) if ready is not None else '<unset>'}", 3)
    page.line(f"Hostname:\t{one.get('hostname') or '<unset>'}", 2)
    if one.get("targetRef"):
        page.line(f"TargetRef:\t{one['targetRef'].get('kind', '')}/{one['targetRef'].get('name', '')}", 2)
    page.line(f"NodeName:\t{one.get('nodeName') or '<unset>'}", 2)
    page.line(f"Zone:\t{one.get('zone') or '<unset>'}", 2)


def ingress(page: Page, session: Session, obj: Object) -> None:
    spec = obj["spec"]
    page.line(f"Name:\t{name(obj)}")
    page.pairs("Labels", obj["metadata"].get("labels"))
    page.line(f"Namespace:\t{namespace(obj)}")
    status = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    page.line(f"Address:\t{','.join(one.get('ip') or one.get('hostname', '') for one in status)}")
    page.line(f"Ingress Class:\t{spec.get('ingressClassName') or '<none>'}")
    default = spec.get("defaultBackend")
    page.line(f"Default backend:\t{_backend(session, obj, default) if default else '<default>'}")
    if spec.get("tls"):
        page.line("TLS:")
        for one in spec["tls"]:
            hosts = ",".join(one.get("hosts") or ())
            secret = one.get("secretName")
            page.line(f"{secret} terminates {hosts}" if secret else f"SNI routes {hosts}", 1)
    _rules(page, session, obj, default)
    page.annotations("Annotations", obj["metadata"].get("annotations"))
    events.write(page, session, obj)


def _rules(page: Page, session: Session, obj: Object, default: Any) -> None:
    page.line("Rules:")
    page.line("Host\tPath\tBackends", 1)
    page.line("----\t----\t--------", 1)
    count = 0
    for rule in obj["spec"].get("rules") or ():
        if not rule.get("http"):
            continue
        count += 1
        page.line(f"{rule.get('host') or '*'}\t", 1)
        for path in rule["http"].get("paths") or ():
            page.line(f"  \t{path.get('path', '')} \t{_backend(session, obj, path['backend'])}", 1)
    if not count:
        page.line(f"*\t*\t{_backend(session, obj, default) if default else '<default>'}", 1)


def _backend(session: Session, obj: Object, given: dict[str, Any]) -> str:
    if given.get("resource"):
        ref = given["resource"]
        return f"APIGroup: {ref.get('apiGroup', '<none>')}, Kind: {ref['kind']}, Name: {ref['name']}"
    ref = given["service"]
    port = ref.get("port") or {}
    shown = f"{ref['name']}:{port.get('name') or port.get('number', '')}"
    try:
        found = session.client.get("services", ref["name"], namespace(obj))
    except StatusError:
        return f'{shown} (<error: services "{ref["name"]}" not found>)'
    names = [one.get("name") or "" for one in found["spec"].get("ports") or ()
             if one.get("port") == port.get("number") or one.get("name") == port.get("name") and port.get("name")]
    return f"{shown} ({endpoints_of(_slices(session, found), names[0] if names else '')})"


def ingress_class(page: Page, session: Session, obj: Object) -> None:
    page.line(f"Name:\t{name(obj)}")
    page.marks(obj)
    page.line(f"Controller:\t{obj['spec'].get('controller', '')}")
    parameters = obj["spec"].get("parameters")
    if parameters:
        page.line("Parameters:")
        for title, field in (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")):
            if parameters.get(field):
                page.line(f"{title}:\t{parameters[field]}", 1)
    events.write(page, session, obj)


# -- NetworkPolicy ---------------------------------------------------------------------------------------------------


def network_policy(page: Page, session: Session, obj: Object) -> None:
    spec = obj["spec"]
    page.head(obj)
    page.line(f"Created on:\t{_created(obj)}")
    page.marks(obj)
    chosen = selector(spec.get("podSelector") or {})
    page.line("Spec:")
    everyone = "<none> (Allowing the specific traffic to all pods in this namespace)"
    page.line(f"PodSelector:     {everyone if chosen == '<none>' else chosen}", 1)
    types = spec.get("policyTypes") or []
    if "Ingress" in types:
        page.line("Allowing ingress traffic:", 1)
        _policy_rules(page, spec.get("ingress") or [], "from", "From", "ingress")
    else:
        page.line("Not affecting ingress traffic", 1)
    if "Egress" in types:
        page.line("Allowing egress traffic:", 1)
        _policy_rules(page, spec.get("egress") or [], "to", "To", "egress")
    else:
        page.line("Not affecting egress traffic", 1)
    page.line(f"Policy Types: {', '.join(types)}", 1)


def _created(obj: Object) -> str:
    from datetime import datetime, timezone

    from cluster.machinery.clock import parse_timestamp

    moment = obj["metadata"].get("creationTimestamp")
    if not moment:
        return date(moment)
    return datetime.fromtimestamp(parse_timestamp(moment), timezone.utc).strftime("%Y-%m-%d %H:%M:%S +0000 UTC")


def _policy_rules(page: Page, rules: Sequence[dict[str, Any]], field: str, title: str, way: str) -> None:
    if not rules:
        page.line(f"<none> (Selected pods are isolated for {way} connectivity)", 2)
        return
    for index, rule in enumerate(rules):
        ports = rule.get("ports") or []
        if not ports:
            page.line("To Port: <any> (traffic allowed to all ports)", 2)
        for port in ports:
            end = f"-{port['endPort']}" if port.get("endPort") else ""
            page.line(f"To Port: {port.get('port', '<any>')}{end}/{port.get('protocol', 'TCP')}", 2)
        _peers(page, rule.get(field) or [], title, way)
        if index != len(rules) - 1:
            page.line("----------", 2)


def _peers(page: Page, peers: Sequence[dict[str, Any]], title: str, way: str) -> None:
    if not peers:
        target = "not restricted by source" if way == "ingress" else "not restricted by destination"
        page.line(f"{title}: <any> (traffic {target})", 2)
    for peer in peers:
        page.line(f"{title}:", 2)
        if peer.get("ipBlock"):
            page.line("IPBlock:", 3)
            page.line(f"CIDR: {peer['ipBlock']['cidr']}", 4)
            page.line(f"Except: {', '.join(peer['ipBlock'].get('except') or ())}", 4)
        if peer.get("namespaceSelector") is not None:
            page.line(f"NamespaceSelector: {selector(peer['namespaceSelector'])}", 3)
        if peer.get("podSelector") is not None:
            page.line(f"PodSelector: {selector(peer['podSelector'])}", 3)
