"""Checks of volumes: exactly one source each, and that source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cluster.kinds.podspec.environment import field_reference, resource_reference
from cluster.kinds.validation.fields import Errors, named, one_of, texts
from cluster.kinds.validation.selectors import label_selector
from cluster.machinery.fielderrors import duplicate, forbidden_field, invalid_value, required
from cluster.machinery.names import dns_label, dns_subdomain
from cluster.machinery.quantity import parse

Source = Mapping[str, Any]

_HOST_PATH_TYPES = (
    *("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"),
)
_MODE_TEXT = "must be a number between 0 and 0777 (octal), both inclusive"


def no_backsteps(path: str, value: str) -> Errors:
    return [invalid_value(path, value, "must not contain '..'")] if ".." in value.split("/") else []


def descending_path(path: str, value: str) -> Errors:
    """Check a path that must stay below where it starts."""
    errors: Errors = []
    if value.startswith("/"):
        errors.append(invalid_value(path, value, "must be a relative path"))
    return errors + no_backsteps(path, value)


def _file_path(path: str, value: str) -> Errors:
    """Check the path of a projected file."""
    errors = descending_path(path, value)
    if value.startswith("..") and not value.startswith("../"):
        errors.append(invalid_value(path, value, "must not start with '..'"))
    return errors


def _mode(path: str, value: int | None) -> Errors:
    return [invalid_value(path, value, _MODE_TEXT)] if value is not None and not 0 <= value <= 0o777 else []


def _needs(*fields: str) -> Callable[[str, Source], Errors]:
    def check(path: str, source: Source) -> Errors:
        return [required(f"{path}.{field}") for field in fields if not source.get(field)]

    return check


def _nothing(path: str, source: Source) -> Errors:
    return []


def _empty_dir(path: str, source: Source) -> Errors:
    limit = source.get("sizeLimit")
    if limit is not None and parse(limit).nanos < 0:
        return [forbidden_field(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")]
    return []


def host_path(path: str, source: Source) -> Errors:
    if not source.get("path"):
        return [required(f"{path}.path")]
    errors = no_backsteps(f"{path}.path", source["path"])
    return errors + one_of(f"{path}.type", source.get("type") or "", _HOST_PATH_TYPES)


def _items(path: str, items: list[Source] | None) -> Errors:
    errors: Errors = []
    for index, item in enumerate(items or ()):
        here = f"{path}[{index}]"
        if not item.get("key"):
            errors.append(required(f"{here}.key"))
        errors += _file_path(f"{here}.path", item["path"]) if item.get("path") else [required(f"{here}.path")]
        errors += _mode(f"{here}.mode", item.get("mode"))
    return errors


def _secret(path: str, source: Source) -> Errors:
    errors = _needs("secretName")(path, source) + _mode(f"{path}.defaultMode", source.get("defaultMode"))
    return errors + _items(f"{path}.items", source.get("items"))


def _config_map(path: str, source: Source) -> Errors:
    errors = _needs("name")(path, source) + _mode(f"{path}.defaultMode", source.get("defaultMode"))
    return errors + _items(f"{path}.items", source.get("items"))


def _nfs(path: str, source: Source) -> Errors:
    errors = _needs("server", "path")(path, source)
    if source.get("path") and not source["path"].startswith("/"):
        errors.append(invalid_value(f"{path}.path", source["path"], "must be an absolute path"))
    return errors


def _downward_items(path: str, items: list[Source] | None) -> Errors:
    errors: Errors = []
    for index, item in enumerate(items or ()):
        errors += _downward_item(f"{path}[{index}]", item)
    return errors


def _downward_item(path: str, item: Source) -> Errors:
    errors: Errors = [] if item.get("path") else [required(f"{path}.path")]
    errors += _file_path(f"{path}.path", item.get("path") or "")
    reference, amount = item.get("fieldRef"), item.get("resourceFieldRef")
    if reference is not None:
        errors += field_reference(f"{path}.fieldRef", reference, volume=True)
        if amount is not None:
            text = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.append(invalid_value(path, "resource", text))
    elif amount is not None:
        errors += resource_reference(f"{path}.resourceFieldRef", amount, volume=True)
    else:
        errors.append(required(path, "one of fieldRef and resourceFieldRef is required"))
    return errors + _mode(f"{path}.mode", item.get("mode"))


def _downward(path: str, source: Source) -> Errors:
    errors = _mode(f"{path}.defaultMode", source.get("defaultMode"))
    return errors + _downward_items(f"{path}.items", source.get("items"))


def _token(path: str, source: Source) -> Errors:
    errors: Errors = []
    seconds = source.get("expirationSeconds") or 0
    if seconds < 600:
        text = "may not specify a duration less than 10 minutes"
        errors.append(invalid_value(f"{path}.expirationSeconds", seconds, text))
    if seconds > 1 << 32:
        text = "may not specify a duration larger than 2^32 seconds"
        errors.append(invalid_value(f"{path}.expirationSeconds", seconds, text))
    if not source.get("path"):
        errors.append(required(f"{path}.path"))
    else:
        errors += _file_path(f"{path}.path", source["path"])
    return errors


def _named_items(path: str, source: Source) -> Errors:
    return _needs("name")(path, source) + _items(f"{path}.items", source.get("items"))


_PROJECTED: Mapping[str, Callable[[str, Source], Errors]] = {
    "secret": _named_items,
    "configMap": _named_items,
    "downwardAPI": lambda path, source: _downward_items(f"{path}.items", source.get("items")),
    "serviceAccountToken": _token,
    "clusterTrustBundle": _nothing,
    "podCertificate": _nothing,
}


def _projected(path: str, source: Source) -> Errors:
    errors = _mode(f"{path}.defaultMode", source.get("defaultMode"))
    for index, one in enumerate(source.get("sources") or ()):
        here = f"{path}.sources[{index}]"
        given = [name for name in _PROJECTED if one.get(name) is not None]
        for name in given[:1]:
            errors += _PROJECTED[name](f"{here}.{name}", one[name])
        errors += [forbidden_field(f"{here}.{name}", "may not specify more than 1 volume type") for name in given[1:]]
        if not given:
            errors.append(required(here, "must specify a volume type"))
    return errors


def _ephemeral(path: str, source: Source) -> Errors:
    template = source.get("volumeClaimTemplate")
    if template is None:
        return [required(f"{path}.volumeClaimTemplate")]
    return claim_spec(f"{path}.volumeClaimTemplate.spec", template.get("spec") or {})


_ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def claim_spec(path: str, spec: Source) -> Errors:
    """Check a PersistentVolumeClaim's spec."""
    modes = spec.get("accessModes") or []
    errors: Errors = [] if modes else [required(f"{path}.accessModes", "at least 1 access mode is required")]
    errors += label_selector(f"{path}.selector", spec.get("selector"))
    for mode in modes:
        errors += one_of(f"{path}.accessModes", mode, _ACCESS_MODES)
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        text = "may not use ReadWriteOncePod with other access modes"
        errors.append(forbidden_field(f"{path}.accessModes", text))
    amount = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if amount is None:
        errors.append(required(f"{path}.resources[storage]"))
    elif parse(amount).nanos <= 0:
        errors.append(invalid_value(f"{path}.resources[storage]", str(parse(amount)), "must be greater than zero"))
    return errors + _claim_class(path, spec)


def _claim_class(path: str, spec: Source) -> Errors:
    errors: Errors = []
    given = spec.get("storageClassName")
    if given:
        errors += texts(f"{path}.storageClassName", given, dns_subdomain(given))
    errors += one_of(f"{path}.volumeMode", spec.get("volumeMode") or "Filesystem", ("Block", "Filesystem"))
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    for field, given in (("dataSource", source), ("dataSourceRef", reference)):
        if given is not None:
            errors += _data_source(f"{path}.{field}", given)
    if source is None or reference is None:
        return errors + _attributes(path, spec)
    if reference.get("namespace"):
        text = "may not be specified when dataSourceRef.namespace is specified"
        errors.append(invalid_value(path, f"{path}.dataSource", text))
    elif any(source.get(field) != reference.get(field) for field in ("apiGroup", "kind", "name")):
        errors.append(invalid_value(path, f"{path}.dataSource", "must match dataSourceRef"))
    return errors + _attributes(path, spec)


def _data_source(path: str, source: Source) -> Errors:
    errors = _needs("name", "kind")(path, source)
    group = source.get("apiGroup")
    if not group and source.get("kind") != "PersistentVolumeClaim":
        text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        errors.append(invalid_value(path, source.get("kind") or "", text))
    errors += texts(f"{path}.apiGroup", group, dns_subdomain(group)) if group else []
    space = source.get("namespace")
    return errors + (texts(f"{path}.namespace", space, dns_label(space)) if space else [])


def _attributes(path: str, spec: Source) -> Errors:
    name = spec.get("volumeAttributesClassName")
    return texts(f"{path}.volumeAttributesClassName", name, dns_subdomain(name)) if name else []


SOURCES: Mapping[str, Callable[[str, Source], Errors]] = {
    "emptyDir": _empty_dir,
    "hostPath": host_path,
    "gitRepo": _needs("repository"),
    "gcePersistentDisk": _needs("pdName"),
    "awsElasticBlockStore": _needs("volumeID"),
    "secret": _secret,
    "nfs": _nfs,
    "iscsi": _needs("targetPortal", "iqn"),
    "glusterfs": _needs("endpoints", "path"),
    "flocker": _nothing,
    "persistentVolumeClaim": _needs("claimName"),
    "rbd": _needs("monitors", "image"),
    "cinder": _needs("volumeID"),
    "cephfs": _needs("monitors"),
    "quobyte": _needs("registry", "volume"),
    "downwardAPI": _downward,
    "fc": _nothing,
    "flexVolume": _needs("driver"),
    "configMap": _config_map,
    "azureFile": _needs("secretName", "shareName"),
    "vsphereVolume": _needs("volumePath"),
    "photonPersistentDisk": _needs("pdID"),
    "portworxVolume": _needs("volumeID"),
    "azureDisk": _needs("diskName", "diskURI"),
    "storageos": _nothing,
    "projected": _projected,
    "scaleIO": _needs("gateway", "system", "volumeName"),
    "csi": _needs("driver"),
    "ephemeral": _ephemeral,
    "image": _needs("reference"),
}


def source_errors(path: str, volume: Source, known: Mapping[str, Callable[[str, Source], Errors]] = SOURCES) -> Errors:
    """Check that `volume` has exactly one of the known sources."""
    given = [field for field in known if volume.get(field) is not None]
    if not given:
        return [required(path, "must specify a volume type")]
    errors = known[given[0]](f"{path}.{given[0]}", volume[given[0]])
    text = "may not specify more than 1 volume type"
    return errors + [forbidden_field(f"{path}.{field}", text) for field in given[1:]]


def volumes(path: str, given: list[Source]) -> tuple[dict[str, Source], Errors]:
    """Check `volumes`; return those that containers may mount, by name, and the errors."""
    good: dict[str, Source] = {}
    errors: Errors = []
    for index, volume in enumerate(given):
        here = f"{path}[{index}]"
        name = volume.get("name") or ""
        found = source_errors(here, volume) + named(f"{here}.name", name, dns_label)
        if name in good:
            found.append(duplicate(f"{here}.name", name))
        if found:
            errors += found
        else:
            good[name] = volume
    return good, errors
