"""ServiceAccount: every pod runs as some account, whose token is mounted into its containers.

Follows plugin/pkg/admission/serviceaccount. https://kubernetes.io/docs/concepts/security/service-accounts/
"""

from __future__ import annotations

from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, Attributes
from cluster.machinery.meta import Object

_MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
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
        if _wants_token(account, spec):
            self._mount(attributes, spec)
        if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
            spec["imagePullSecrets"] = account["imagePullSecrets"]

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
