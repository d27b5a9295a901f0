"""A pod's resolver configuration: what the kubelet writes to /etc/resolv.conf and look-ups go by.

https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.machinery.meta import Object, namespace

NODE_SERVER = "172.18.0.1"


@dataclass(frozen=True, slots=True)
class Resolver:
    """nameserver, search and options lines."""

    servers: tuple[str, ...]
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def ndots(self) -> int:
        for option in self.options:
            if option.startswith("ndots:") and option[6:].isdigit():
                return int(option[6:])
        return 1

    def candidates(self, name: str) -> list[str]:
        """Return the absolute names to try for `name`, in the resolver's order."""
        if name.endswith("."):
            return [name.rstrip(".")]
        searched = [f"{name}.{search}" for search in self.searches]
        return [name, *searched] if name.count(".") >= self.ndots else [*searched, name]

    def text(self) -> str:
        lines = [f"search {' '.join(self.searches)}"] if self.searches else []
        lines += [f"nameserver {server}" for server in self.servers]
        lines += [f"options {' '.join(self.options)}"] if self.options else []
        return "".join(f"{line}\n" for line in lines)


NODE = Resolver((NODE_SERVER,))


def pod_resolver(pod: Object, domain: str, dns_ip: str) -> Resolver:
    """Return what `dnsPolicy` and `dnsConfig` come to."""
    spec = pod["spec"]
    policy = spec.get("dnsPolicy", "ClusterFirst")
    if policy == "ClusterFirst" and spec.get("hostNetwork"):
        policy = "Default"
    if policy == "None":
        base = Resolver(())
    elif policy == "Default":
        base = NODE
    else:
        own = (f"{namespace(pod)}.svc.{domain}", f"svc.{domain}", domain)
        base = Resolver((dns_ip,), own, ("ndots:5",))
    return _with_config(base, spec.get("dnsConfig") or {})


def _with_config(base: Resolver, config: Mapping[str, list[object]]) -> Resolver:
    options = {option.partition(":")[0]: option for option in base.options}
    for given in config.get("options") or ():
        if isinstance(given, Mapping):
            value = given.get("value")
            options[given["name"]] = f"{given['name']}:{value}" if value else str(given["name"])
    servers = (*base.servers, *(str(server) for server in config.get("nameservers") or ()))
    searches = (*base.searches, *(str(search) for search in config.get("searches") or ()))
    return Resolver(tuple(dict.fromkeys(servers)), tuple(dict.fromkeys(searches)), tuple(options.values()))
