"""Cluster DNS: what CoreDNS answers from Services, EndpointSlices and pods, and how a client gets there.

Simplified: the Corefile is not read (its defaults hold), there is no cache, and upstream knows only
the machines' names. https://github.com/kubernetes/dns/blob/master/docs/specification.md
"""

from __future__ import annotations

from collections.abc import Sequence

from cluster.machinery.meta import Object, labels, namespace
from cluster.network.endpoints import SERVICE_LABEL, SLICES
from cluster.store.interface import Store

Record = tuple[str, str, str]  # owner name, type, value


class Zone:
    """The cluster domain's authority."""

    def __init__(self, store: Store, domain: str):
        self.store = store
        self.domain = domain

    def holds(self, name: str) -> bool:
        return name == self.domain or name.endswith(f".{self.domain}")

    def answer(self, name: str, kind: str) -> Sequence[Record] | None:
        """Return the records of `name`, () when it exists without any of `kind`, None for NXDOMAIN."""
        labels_ = name.lower().removesuffix(f".{self.domain}").split(".")
        if len(labels_) >= 3 and labels_[-1] == "svc":
            return self._service(name, kind, labels_[:-1])
        if len(labels_) == 3 and labels_[-1] == "pod":
            return self._pod(name, kind, labels_[0], labels_[1])
        if labels_ in (["svc"], ["pod"]) or len(labels_) == 2 and labels_[1] in ("svc", "pod"):
            known = len(labels_) == 1 or self.store.get("namespaces", "", labels_[0]) is not None
            return () if known else None
        return None

    def _service(self, name: str, kind: str, parts: list[str]) -> Sequence[Record] | None:
        space, service_name, before = parts[-1], parts[-2], parts[:-2]
        service = self.store.get("services", space, service_name)
        if service is None:
            return None
        if service["spec"].get("type") == "ExternalName":
            return [(name, "CNAME", service["spec"]["externalName"])] if not before else None
        if before and before[0].startswith("_"):
            return self._srv(name, kind, service, before)
        if service["spec"].get("clusterIP") == "None":
            return self._headless(name, kind, service, before)
        if before:
            return None
        return [(name, "A", service["spec"]["clusterIP"])] if kind in ("A", "ANY") else ()

    def _endpoints(self, service: Object) -> list[tuple[str, str]]:
        """Return (host label, address) of the endpoints DNS publishes."""
        found = []
        unready = service["spec"].get("publishNotReadyAddresses", False)
        for piece in self.store.list(SLICES, namespace(service)):
            if labels(piece).get(SERVICE_LABEL) != service["metadata"]["name"]:
                continue
            for one in piece.get("endpoints") or ():
                if (one.get("conditions") or {}).get("ready", True) or unready:
                    for address in one.get("addresses") or ():
                        found.append((one.get("hostname") or address.replace(".", "-"), address))
        return sorted(found)

    def _headless(self, name: str, kind: str, service: Object, before: list[str]) -> Sequence[Record] | None:
        pairs = self._endpoints(service)
        if before:
            pairs = [pair for pair in pairs if len(before) == 1 and pair[0] == before[0]]
            if not pairs:
                return None
        if not pairs:
            return None
        return [(name, "A", address) for _, address in pairs] if kind in ("A", "ANY") else ()

    def _srv(self, name: str, kind: str, service: Object, before: list[str]) -> Sequence[Record] | None:
        wanted, protocol = before[0].removeprefix("_"), before[-1].removeprefix("_").upper()
        base = f"{service['metadata']['name']}.{namespace(service)}.svc.{self.domain}"
        for port in service["spec"].get("ports") or ():
            if port.get("name") == wanted and port.get("protocol", "TCP") == protocol:
                if service["spec"].get("clusterIP") != "None":
                    return [(name, "SRV", f"0 100 {port['port']} {base}.")]
                pairs = self._endpoints(service)
                return [(name, "SRV", f"0 {100 // len(pairs)} {port['port']} {host}.{base}.") for host, _ in pairs]
        return None

    def _pod(self, name: str, kind: str, dashed: str, space: str) -> Sequence[Record] | None:
        address = dashed.replace("-", ".")
        parts = address.split(".")
        if len(parts) != 4 or not all(part.isdigit() for part in parts):
            return None
        if self.store.get("namespaces", "", space) is None:
            return None
        return [(name, "A", address)] if kind in ("A", "ANY") else ()

    def reverse(self, name: str) -> Sequence[Record] | None:
        """Return the PTR record of an in-addr.arpa name."""
        address = ".".join(reversed(name.removesuffix(".in-addr.arpa").split(".")))
        for service in self.store.list("services"):
            if service["spec"].get("clusterIP") == address:
                full = f"{service['metadata']['name']}.{namespace(service)}.svc.{self.domain}."
                return [(name, "PTR", full)]
            if service["spec"].get("clusterIP") == "None":
                for host, one in self._endpoints(service):
                    if one == address:
                        full = f"{host}.{service['metadata']['name']}.{namespace(service)}.svc.{self.domain}."
                        return [(name, "PTR", full)]
        return None
