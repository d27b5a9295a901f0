"""ServiceAccount: every pod runs as some account, whose token is mounted into its containers.

Follows plugin/pkg/admission/serviceaccount. https://kubernetes.io/docs/concepts/security/service-accounts/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, Attributes
from cluster.machinery.meta import Object

_MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_ENFORCE = "kubernetes.io/enforce-mountable-secrets"
_TRUE = frozenset({"true", "True", "TRUE", "t", "T", "1"})
_MIRROR = "kubernetes.io/config.mirror"
_EXPIRATION = 3607
_MODE = 420


class ServiceAccount(Plugin):
    name = "ServiceAccount"
    operations = (CREATE,)
    resources = frozenset({"pods"})
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        if attributes.subresource:
            return
        pod = attributes.object
        spec = pod["spec"]
        if _MIRROR in (pod["metadata"].get("annotations") or {}):
            self._check_mirror(attributes, spec)
            return
        name = spec.get("serviceAccountName") or "default"
        spec["serviceAccountName"] = spec["serviceAccount"] = name
        account = attributes.server.store.get("serviceaccounts", attributes.namespace, name)
        if account is None:
            raise attributes.forbid(
                f'error looking up service account {attributes.namespace}/{name}: serviceaccount "{name}" not found'
            )
        if (account["metadata"].get("annotations") or {}).get(_ENFORCE) in _TRUE:
            self._limit_secrets(attributes, spec, account)
        if _wants_token(account, spec):
            self._mount(attributes, spec)
        if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
            spec["imagePullSecrets"] = account["imagePullSecrets"]

    def _limit_secrets(self, attributes: Attributes, spec: Object, account: Object) -> None:
        """An account may be limited to the secrets it names."""
        mountable = {one.get("name") for one in account.get("secrets") or ()}
        why = f"is not allowed because service account {account['metadata']['name']} does not reference that"
        for volume in spec.get("volumes") or ():
            secret = (volume.get("secret") or {}).get("secretName")
            if secret is not None and secret not in mountable:
                raise attributes.forbid(f'volume with secret.secretName="{secret}" {why} secret')
        for role, container in _containers(spec):
            for name, secret in _secrets(container):
                if secret not in mountable:
                    told = f"{role} {container.get('name', '')} with {name} referencing secret.secretName"
                    raise attributes.forbid(f'{told}="{secret}" {why} secret')
        pulls = {one.get("name") for one in account.get("imagePullSecrets") or ()}
        for index, one in enumerate(spec.get("imagePullSecrets") or ()):
            if one.get("name") not in pulls:
                raise attributes.forbid(f'imagePullSecrets[{index}].name="{one.get("name")}" {why} imagePullSecret')

    def _check_mirror(self, attributes: Attributes, spec: Object) -> None:
        if spec.get("serviceAccountName"):
            raise attributes.forbid("a mirror pod may not reference service accounts")
        for volume in spec.get("volumes") or ():
            if "secret" in volume:
                raise attributes.forbid("a mirror pod may not reference secrets")
            if "persistentVolumeClaim" in volume:
                raise attributes.forbid("a mirror pod may not reference persistentvolumeclaims")

    def _mount(self, attributes: Attributes, spec: Object) -> None:
        containers = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
        missing = [container for container in containers if not _has_token(container)]
        if not missing:
            return
        volumes = spec.get("volumes") or []
        found = next((one["name"] for one in volumes if _is_token(one)), "")
        name = found or self._new_name(attributes, volumes)
        if not found:
            spec["volumes"] = [*volumes, _volume(name)]
        mount = {"name": name, "readOnly": True, "mountPath": _MOUNT_PATH}
        for container in missing:
            container["volumeMounts"] = [*(container.get("volumeMounts") or ()), dict(mount)]

    def _new_name(self, attributes: Attributes, volumes: list[dict[str, Any]]) -> str:
        server, metadata = attributes.server, attributes.object["metadata"]
        words = (attributes.namespace, metadata.get("name"), metadata.get("generateName"), server.store.revision)
        return f"kube-api-access-{server.ids.letters(5, 'token-volume', *words)}"


def _containers(spec: Object) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from (("init container", one) for one in spec.get("initContainers") or ())
    yield from (("container", one) for one in spec.get("containers") or ())


def _secrets(container: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield how a container's environment names secrets, and which."""
    for variable in container.get("env") or ():
        reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
        if reference:
            yield f"envVar {variable.get('name', '')}", reference.get("name", "")
    for source in container.get("envFrom") or ():
        if source.get("secretRef"):
            yield "envFrom", source["secretRef"].get("name", "")


def _wants_token(account: Object, spec: Object) -> bool:
    wish = spec.get("automountServiceAccountToken")
    if wish is None:
        wish = account.get("automountServiceAccountToken")
    return wish is not False


def _has_token(container: dict[str, Any]) -> bool:
    return any(mount.get("mountPath") == _MOUNT_PATH for mount in container.get("volumeMounts") or ())


def _is_token(volume: dict[str, Any]) -> bool:
    return str(volume.get("name", "")).startswith("kube-api-access-") and "projected" in volume


def _volume(name: str) -> dict[str, Any]:
    reference = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": _EXPIRATION, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": reference}]}},
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": _MODE}}
