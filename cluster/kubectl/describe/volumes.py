"""Volumes of pods, templates and persistent volumes: what each source says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cluster.kubectl.describe.page import Page, amount, lower

Source = Mapping[str, Any]


def write(page: Page, volumes: Sequence[Source] | None, indent: str = "") -> None:
    if not volumes:
        page.line(f"{indent}Volumes:\t<none>")
        return
    page.line(f"{indent}Volumes:")
    for volume in volumes:
        page.line(f"{' ' if indent else ''}{volume['name']}:", 1)
        source(page, volume)


def source(page: Page, holder: Source) -> None:
    """Write the source a volume, or the spec of a persistent volume, has."""
    for field, describe in SOURCES.items():
        if holder.get(field) is not None:
            describe(page, holder[field])
            return
    page.line("<unknown>", 1)


def _rows(page: Page, kind: str, rows: Sequence[tuple[str, Any]]) -> None:
    page.line(f"Type:\t{kind}", 2)
    for title, value in rows:
        page.line(f"{title}:\t{value}", 2)


def _empty_dir(page: Page, given: Source) -> None:
    limit = given.get("sizeLimit")
    _rows(page, "EmptyDir (a temporary directory that shares a pod's lifetime)",
          [("Medium", given.get("medium", "")), ("SizeLimit", amount(limit) if limit else "<unset>")])


def _host_path(page: Page, given: Source) -> None:
    _rows(page, "HostPath (bare host directory volume)",
          [("Path", given.get("path", "")), ("HostPathType", given.get("type", ""))])


def _secret(page: Page, given: Source) -> None:
    _rows(page, "Secret (a volume populated by a Secret)",
          [("SecretName", given.get("secretName", "")), ("Optional", lower(given.get("optional")))])


def _config_map(page: Page, given: Source) -> None:
    _rows(page, "ConfigMap (a volume populated by a ConfigMap)",
          [("Name", given.get("name", "")), ("Optional", lower(given.get("optional")))])


def _claim(page: Page, given: Source) -> None:
    _rows(page, "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
          [("ClaimName", given.get("claimName", "")), ("ReadOnly", lower(given.get("readOnly")))])


def _projected(page: Page, given: Source) -> None:
    rows: list[tuple[str, Any]] = []
    for part in given.get("sources") or ():
        if part.get("secret"):
            rows += [("SecretName", part["secret"].get("name", "")),
                     ("Optional", lower(part["secret"].get("optional")))]
        elif part.get("configMap"):
            rows += [("ConfigMapName", part["configMap"].get("name", "")),
                     ("Optional", lower(part["configMap"].get("optional")))]
        elif part.get("downwardAPI"):
            rows.append(("DownwardAPI", "true"))
        elif part.get("serviceAccountToken"):
            rows.append(("TokenExpirationSeconds", part["serviceAccountToken"].get("expirationSeconds", 3600)))
    _rows(page, "Projected (a volume that contains injected data from multiple sources)", rows)


def _downward(page: Page, given: Source) -> None:
    page.line("Type:\tDownwardAPI (a volume populated by information about the pod)", 2)
    page.line("Items:", 2)
    for item in given.get("items") or ():
        if item.get("fieldRef"):
            page.line(f"{item['fieldRef']['fieldPath']} -> {item['path']}", 3)
        elif item.get("resourceFieldRef"):
            page.line(f"{item['resourceFieldRef']['resource']} -> {item['path']}", 3)


def _nfs(page: Page, given: Source) -> None:
    _rows(page, "NFS (an NFS mount that lasts the lifetime of a pod)",
          [("Server", given.get("server", "")), ("Path", given.get("path", "")),
           ("ReadOnly", lower(given.get("readOnly")))])


def _csi(page: Page, given: Source) -> None:
    rows = [("Driver", given.get("driver", ""))]
    if "volumeHandle" in given:
        rows += [("FSType", given.get("fsType", "")), ("VolumeHandle", given.get("volumeHandle", ""))]
    else:
        rows.append(("FSType", given.get("fsType") or ""))
    rows.append(("ReadOnly", lower(given.get("readOnly"))))
    _rows(page, "CSI (a Container Storage Interface (CSI) volume source)", rows)
    attributes = given.get("volumeAttributes") or {}
    page.line(f"VolumeAttributes:\t{'' if attributes else '<none>'}".rstrip("\t") if not attributes else
              "VolumeAttributes:", 2)
    for key in sorted(attributes):
        page.line(f"    {key}={attributes[key]}", 2)


def _local(page: Page, given: Source) -> None:
    _rows(page, "LocalVolume (a persistent volume backed by local storage on a "
                "node)", [("Path", given.get("path", ""))])


def _ephemeral(page: Page, given: Source) -> None:
    spec = (given.get("volumeClaimTemplate") or {}).get("spec") or {}
    modes = ",".join(spec.get("accessModes") or ())
    _rows(page, "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)",
          [("StorageClass", spec.get("storageClassName", "")), ("Volume", spec.get("volumeName", "")),
           ("Access Modes", modes)])


def _image(page: Page, given: Source) -> None:
    _rows(page, "Image (a container image or OCI artifact)",
          [("Reference", given.get("reference", "")), ("PullPolicy", given.get("pullPolicy", ""))])


def _git(page: Page, given: Source) -> None:
    _rows(page, "GitRepo (a volume that is pulled from git when the pod is created)",
          [("Repository", given.get("repository", "")), ("Revision", given.get("revision", ""))])


SOURCES: Mapping[str, Callable[[Page, Source], None]] = {
    "emptyDir": _empty_dir, "hostPath": _host_path, "secret": _secret, "configMap": _config_map,
    "persistentVolumeClaim": _claim, "projected": _projected, "downwardAPI": _downward, "nfs": _nfs, "csi": _csi,
    "local": _local, "ephemeral": _ephemeral, "image": _image, "gitRepo": _git,
}
