"""Building one kustomization directory, its bases first."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.kustomize import generators, patches, transform
from cluster.kubectl.kustomize.resource import Resource
from cluster.kubectl.manifests import read
from cluster.machinery import goyaml
from cluster.machinery.meta import Object
from cluster.workloads.files import FileError

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
DEPRECATED = {"commonLabels": "labels", "bases": "resources", "patchesStrategicMerge": "patches",
              "patchesJson6902": "patches", "imageTags": "images"}
FIELDS = {
    "apiVersion", "kind", "metadata", "resources", "bases", "namespace", "namePrefix", "nameSuffix", "commonLabels",
    "commonAnnotations", "labels", "images", "replicas", "patches", "patchesStrategicMerge", "patchesJson6902",
    "configMapGenerator", "secretGenerator", "generatorOptions", "buildMetadata", "sortOptions",
}
UNSERVED = ("components", "replacements", "vars", "helmCharts", "generators", "transformers", "validators", "crds",
            "openapi", "configurations", "helmGlobals")
# The order kubectl prints and applies in: what others need comes first.
FIRST = (
    "Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy",
    "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service",
    "LimitRange", "PriorityClass", "PersistentVolume", "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob",
    "PodDisruptionBudget",
)
LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


def build(session: Session, folder: str) -> list[Object]:
    """Return the objects of a kustomization, in the order they are to be applied."""
    full = session.path_of(folder)
    if not session.call.place.files.exists(full):
        raise CommandError("must build at directory: not a valid directory: evalsymlink failure on "
                           f"'{folder}' : lstat {full}: no such file or directory")
    found = _accumulate(session, full, [])
    generators.name_by_content(found)
    return [resource.data for resource in sorted(found, key=_order)]


def _order(resource: Resource) -> tuple[int, str, str, str]:
    kind = resource.kind
    if kind in FIRST:
        place = FIRST.index(kind) - len(FIRST)
    else:
        place = 1 + LAST.index(kind) if kind in LAST else 0
    return place, kind, resource.namespace, resource.name


def _accumulate(session: Session, folder: str, within: list[str]) -> list[Resource]:
    if folder in within:
        raise CommandError(f"accumulating resources: cycle detected: candidate root '{folder}' contains visited root")
    data = _kustomization(session, folder)
    found: list[Resource] = []
    for path in [*(data.get("resources") or ()), *(data.get("bases") or ())]:
        found += _resource(session, folder, str(path), [*within, folder])
    found += generators.generate(session, folder, data)
    _check_unique(found)
    patches.apply_all(session, folder, data, found)
    transform.apply(data, found)
    return found


def _kustomization(session: Session, folder: str) -> dict[str, Any]:
    files = session.call.place.files
    for name in NAMES:
        if files.exists(f"{folder}/{name}"):
            return _checked(session, files.read(f"{folder}/{name}"))
    raise CommandError(f"unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in "
                       f"directory '{folder}'")


def _checked(session: Session, raw: bytes) -> dict[str, Any]:
    try:
        data = goyaml.load(raw.decode(errors="replace")) or {}
    except goyaml.YamlError as problem:
        raise CommandError(f"invalid Kustomization: {problem}") from None
    for field in data:
        if field in UNSERVED:
            raise CommandError(f"kustomizations with '{field}' are not served here")
        if field not in FIELDS:
            raise CommandError(f'invalid Kustomization: json: unknown field "{field}"')
    said = session.state.setdefault("kustomize", [])
    for field, better in DEPRECATED.items():
        if data.get(field) and field not in said:
            said.append(field)
            session.err(f"# Warning: '{field}' is deprecated. Please use '{better}' instead. Run 'kustomize edit fix' "
                        "to update your Kustomization automatically.\n")
    return dict(data)


def _resource(session: Session, folder: str, path: str, within: list[str]) -> list[Resource]:
    files = session.call.place.files
    full = join(folder, path)
    if not files.exists(full):
        missing = f"evalsymlink failure on '{full}' : lstat {full}: no such file or directory"
        raise CommandError(f"accumulating resources: accumulation err='accumulating resources from '{path}': {missing}'"
                           f": must build at directory: not a valid directory: {missing}")
    if files.stat(full).kind == "dir":
        return _accumulate(session, full, within)
    return [Resource(one) for one in _objects(files.read(full), path)]


def _objects(raw: bytes, path: str) -> list[Object]:
    try:
        documents = [one for one in read(raw) if isinstance(one, dict)]
    except (goyaml.YamlError, FileError) as problem:
        raise CommandError(f"accumulating resources: accumulation err='accumulating resources from '{path}': "
                           f"MalformedYAMLError: {problem}'") from None
    found: list[Object] = []
    for one in documents:
        found += one["items"] if str(one.get("kind", "")).endswith("List") and "items" in one else [one]
    return found


def _check_unique(found: list[Resource]) -> None:
    seen: set[tuple[str, str, str, str]] = set()
    for resource in found:
        if resource.id in seen:
            raise CommandError("accumulating resources: may not add resource with an already registered id: "
                               f"{resource.shown_id()}")
        seen.add(resource.id)


def join(folder: str, path: str) -> str:
    """Join and tidy a path below a folder."""
    parts: list[str] = []
    for part in f"{folder}/{path}".split("/") if not path.startswith("/") else path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)
