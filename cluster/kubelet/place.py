"""A container as a place for programs: its files, environment, network and processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property, partial
from typing import Any

from cluster.apiserver import inside
from cluster.kubelet import environment, volumes
from cluster.kubelet.host import Host
from cluster.kubelet.record import Container, Record, container_specs
from cluster.machinery.clock import timestamp
from cluster.machinery.meta import Object, name, namespace
from cluster.workloads.behaviours import PROGRAMS
from cluster.workloads.catalogue import image_of
from cluster.workloads.distributions import base_layer
from cluster.workloads.files import Files
from cluster.workloads.filesystem import FileTree, Layer, Mount, Tree
from cluster.workloads.image import Image, InvalidReference, Reference, parse_reference
from cluster.workloads.process import Lookup, ProcessInfo, Program, WebReply, WebRequest
from cluster.workloads.resolver import pod_resolver

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def overlay_key(identity: str, container: str) -> str:
    return f"files/pod/{identity}/{container}"


@cache
def _image_layer(reference: Reference) -> Layer:
    return Layer(dict(image_of(reference).files))


class ContainerPlace:
    """One container of a pod. Made when needed and thrown away: all it knows is in the record."""

    kind = "container"

    def __init__(self, host: Host, pod: Object, record: Record, container: str):
        self.host = host
        self.pod = pod
        self.record = record
        self.name = container
        self.spec = next(spec for _, spec in container_specs(pod) if spec["name"] == container)
        self._keys: dict[str, str] = {"/": overlay_key(record["uid"], container)}
        self._trees: dict[str, Tree] = {}
        self._tree: FileTree | None = None

    @property
    def container(self) -> Container:
        found: Container = self.record["containers"][self.name]
        return found

    @property
    def hostname(self) -> str:
        if self.pod["spec"].get("hostNetwork"):
            return self.host.name
        return str(self.pod["spec"].get("hostname") or name(self.pod)[:63])

    @cached_property
    def reference(self) -> Reference:
        try:
            return parse_reference(self.spec["image"])
        except InvalidReference:
            return Reference(self.spec["image"], "")

    @cached_property
    def image(self) -> Image:
        return image_of(self.reference)

    @property
    def services(self) -> Mapping[str, Any]:
        return {**self._fixed_services, "listening": self.listening(), "pod ip": self.record["ip"]}

    @cached_property
    def _fixed_services(self) -> Mapping[str, Any]:
        image = self.image
        return {
            "image": image,
            "instant": self.host.context.config.instant,
            "userland": image.distribution,
            "packages": tuple(image.commands),
            "declared ports": [port["containerPort"] for port in self.spec.get("ports") or ()],
            "mounts": self._own_mounts(),
            "read only": bool((self.spec.get("securityContext") or {}).get("readOnlyRootFilesystem")),
            "seed": self.record["uid"],
            "node": self.host.name,
            "limits": (self.spec.get("resources") or {}).get("limits") or {},
            "api": partial(inside.answer, self.host.client.server),
        }

    def _own_mounts(self) -> list[str]:
        """Return where volumes are mounted, the service account's apart, which every container has."""
        mounts = self.spec.get("volumeMounts") or ()
        return [one["mountPath"] for one in mounts if not one["name"].startswith(volumes.API_ACCESS)]

    def now(self) -> float:
        return self.host.now

    # -- files -----------------------------------------------------------------------------------

    @property
    def files(self) -> Files:
        return self.tree

    @property
    def tree(self) -> FileTree:
        if self._tree is None:
            self._tree = self._build_tree()
        return self._tree

    def _build_tree(self) -> FileTree:
        state = self.host.context.state
        image = self.image
        layers = [base_layer(image.distribution, image.commands), _image_layer(self.reference), self._own_layer()]
        overlay = state.get(self._keys["/"])
        self._trees["/"] = {} if overlay is None else overlay
        security = self.spec.get("securityContext") or {}
        return FileTree(
            layers,
            self._trees["/"],
            self._mounts(),
            self.now,
            read_only=bool(security.get("readOnlyRootFilesystem")),
            user=self.user,
        )

    @property
    def user(self) -> str:
        context = {**(self.pod["spec"].get("securityContext") or {}), **(self.spec.get("securityContext") or {})}
        wanted = context.get("runAsUser")
        if wanted is None:
            return self.image.user
        return "root" if wanted == 0 else str(wanted)

    def _own_layer(self) -> Layer:
        config = self.host.context.config
        resolver = pod_resolver(self.pod, config.cluster_domain, config.dns_ip)
        return Layer(
            {
                "/etc/hostname": f"{self.hostname}\n",
                "/etc/hosts": self._hosts(),
                "/etc/resolv.conf": resolver.text(),
                "/dev/termination-log": "",
            }
        )

    def _hosts(self) -> str:
        spec = self.pod["spec"]
        lines = [
            "# Kubernetes-managed hosts file.",
            "127.0.0.1\tlocalhost",
            "::1\tlocalhost ip6-localhost ip6-loopback",
            "fe00::0\tip6-localnet",
            "fe00::0\tip6-mcastprefix",
            "fe00::1\tip6-allnodes",
            "fe00::2\tip6-allrouters",
        ]
        domain = spec.get("subdomain")
        full = f"{self.hostname}.{domain}.{namespace(self.pod)}.svc.{self.host.context.config.cluster_domain}"
        lines.append(
            f"{self.record['ip']}\t{full}\t{self.hostname}" if domain else f"{self.record['ip']}\t{self.hostname}"
        )
        aliases = spec.get("hostAliases") or ()
        if aliases:
            lines += ["", "# Entries added by HostAliases."]
        lines += ["\t".join([alias["ip"], *alias.get("hostnames", ())]) for alias in aliases]
        return "".join(f"{line}\n" for line in lines)

    def _mounts(self) -> list[Mount]:
        found = []
        by_name = {volume["name"]: volume for volume in self.pod["spec"].get("volumes") or ()}
        for mount in self.spec.get("volumeMounts") or ():
            volume = by_name.get(mount["name"])
            if volume is not None:
                found.append(self._mount(mount, volume))
        return found

    def _mount(self, mount: Mapping[str, Any], volume: Mapping[str, Any]) -> Mount:
        key, folder = self._backing(volume)
        content = self._api_access(volume) if volumes.is_api_access(volume) else self.host.context.state.get(key)
        path = mount["mountPath"].rstrip("/") or "/"
        self._keys[path] = key
        self._trees[path] = {} if content is None else content
        sub = mount.get("subPath", "")
        if mount.get("subPathExpr"):
            sub = environment.expand(mount["subPathExpr"], self.environment())
        made = any(kind in volume for kind in ("configMap", "secret", "downwardAPI", "projected"))
        read_only = bool(mount.get("readOnly")) or made
        if made and sub:
            self._keys[path], content = self._frozen(key, sub, content)
            self._trees[path] = content
            return Mount(path, content, True, mount["name"])
        inside = "/".join(part.strip("/") for part in (folder, sub) if part.strip("/"))
        return Mount(path, self._trees[path], read_only, mount["name"], inside)

    def _frozen(self, key: str, sub_path: str, content: Tree | None) -> tuple[str, Tree]:
        """Return the key and tree of a `subPath` into generated content: what it was when the container began."""
        state = self.host.context.state
        own = f"{key}/{self.name}/{sub_path}"
        found: Tree | None = state.get(own)
        if found is None:
            found = volumes.part_of(content or {}, sub_path)
            state.put(own, found)
        return own, found

    def freeze_sub_paths(self) -> None:
        """Take every `subPath` into generated content as it is now, for the run that begins."""
        mounts = self.spec.get("volumeMounts") or ()
        names = [one["name"] for one in mounts if "subPath" in one or "subPathExpr" in one]
        if not names:
            return
        state, identity = self.host.context.state, self.record["uid"]
        for volume in names:
            for key in state.keys(f"{volumes.volume_key(identity, volume)}/{self.name}/"):
                state.drop(key)
        self._tree = self._build_tree()

    def _backing(self, volume: Mapping[str, Any]) -> tuple[str, str]:
        """Return the state key that holds a volume's tree, and the folder in it."""
        if "hostPath" in volume:
            return volumes.node_files_key(self.host.name), volume["hostPath"]["path"]
        if "persistentVolumeClaim" in volume or "ephemeral" in volume:
            found = volumes.bound_volume(self.host.context.store, self.pod, volume)
            return f"volumes/pv/{found}", ""
        return volumes.volume_key(self.record["uid"], volume["name"]), ""

    def _api_access(self, volume: Mapping[str, Any]) -> Any:
        key = volumes.volume_key(self.record["uid"], volume["name"])
        found = self.host.context.state.get(key)
        if found is None:
            try:
                found = volumes.content_of(surroundings(self.host, self.pod, self.record), self.pod, volume)
            except volumes.NotReady:
                found = {}
            self.host.context.state.put(key, found)
        return found

    def save_files(self) -> None:
        """Keep what was written since."""
        if self._tree is None:
            return
        for path in self._tree.touched:
            self.host.context.state.put(self._keys[path], self._trees[path])
        self._tree.touched.clear()

    # -- environment -----------------------------------------------------------------------------

    @cached_property
    def _environment(self) -> dict[str, str]:
        kept = self.container.get("env")
        found = kept if kept is not None else self.compute_environment()
        return {"PATH": PATH, "HOSTNAME": self.hostname, **self.image.env, **found, "HOME": self._home()}

    def _home(self) -> str:
        return "/root" if self.user == "root" else "/"

    def environment(self) -> Mapping[str, str]:
        return self._environment

    def compute_environment(self) -> dict[str, str]:
        """Resolve every reference now; ConfigError when one leads nowhere."""
        started = self.container.get("startedAt") or self.now()
        services = environment.service_variables(
            self.host.context.store,
            namespace(self.pod),
            timestamp(started),
            links=self.pod["spec"].get("enableServiceLinks", True),
        )
        return environment.container_environment(
            self.host.context.store,
            self.pod,
            self.spec,
            facts=self.host.facts(self.pod, self.record),
            node=self.host.allocatable(),
            services=services,
        )

    # -- programs --------------------------------------------------------------------------------

    def program(self, name: str) -> Program | None:
        image = self.image
        return PROGRAMS.get(image.programs.get(name, name)) if name in image.commands else None

    def fetch(self, request: WebRequest) -> WebReply:
        return self.host.wires.fetch_from_pod(namespace(self.pod), name(self.pod), request)

    def lookup(self, name_: str, kind: str = "A") -> Lookup:
        return self.host.wires.lookup_from_pod(namespace(self.pod), name(self.pod), name_, kind)

    def processes(self) -> Sequence[ProcessInfo]:
        container = self.container
        process = container.get("process")
        found = []
        if process is not None:
            found.append(ProcessInfo(1, self.user, " ".join(process["argv"]), container["startedAt"]))
        for key in self.host.context.state.keys(f"exec/{self.record['uid']}/{self.name}/"):
            session = self.host.context.state.get(key)
            one = session.get("process") if session else None  # an attached session has none of its own
            if session and one and one["exit"] is None:
                found.append(ProcessInfo(one["pid"], self.user, " ".join(one["argv"]), session["started"]))
        return found

    def signal(self, pid: int, signal: str) -> bool:
        """Note a signal for process 1: it is delivered when this program lets go. KILL never reaches it."""
        if pid != 1 or self.container.get("process") is None:
            return False
        if signal != "KILL":
            self.container.setdefault("signals", []).append(signal)
            self.record["at"] = self.now()
        return True

    def listening(self) -> list[int]:
        return [int(port) for one in self.record["containers"].values() for port in one.get("listens") or ()]

    def listen(self, port: int, program: str, state: Mapping[str, Any]) -> None:
        self.container.setdefault("listens", {})[str(port)] = {"program": program, "state": dict(state)}


def surroundings(host: Host, pod: Object, record: Record) -> volumes.Surroundings:
    """Return what `volumes` needs to know for this pod."""
    return volumes.Surroundings(
        host.context.store,
        host.context.state,
        host.name,
        host.facts(pod, record),
        host.allocatable(),
        lambda source: host.token(pod, source),
    )
