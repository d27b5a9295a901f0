"""ResourceQuota: sums over a namespace may not pass what its quotas allow. https://kubernetes.io/docs/concepts/policy/resource-quotas/

Follows staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota: usage is taken from the quota's status, and
an allowed request raises it there at once. Left out: `limitedResources` of a ResourceQuotaConfiguration.
"""

from __future__ import annotations

from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.usage import Usage, matches_scopes, needed, usage_of
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.machinery import quantity
from cluster.machinery.meta import Object
from cluster.machinery.quantity import ZERO


class ResourceQuota(Plugin):
    name = "ResourceQuota"
    operations = (CREATE, UPDATE)
    judges = True

    def judge(self, attributes: Attributes) -> None:
        if attributes.subresource or not attributes.namespace or attributes.kind.resource == "events":
            return
        if not attributes.server.store.count("resourcequotas", attributes.namespace):
            return
        usage = usage_of(attributes.kind, attributes.object)
        if attributes.operation == UPDATE and attributes.old is not None:
            before = usage_of(attributes.kind, attributes.old)
            usage = {name: amount - before.get(name, ZERO) for name, amount in usage.items()}
        quotas = attributes.server.store.list("resourcequotas", attributes.namespace)
        changed = [self._charge(attributes, quota, usage) for quota in quotas]
        kind = attributes.server.registry.by_key("resourcequotas")
        for quota in changed:
            if quota is not None and kind is not None:
                attributes.server.write(kind, quota, attributes.request)

    def _charge(self, attributes: Attributes, quota: Object, usage: Usage) -> Object | None:
        """Return the quota with this request's usage added; None where it does not concern it."""
        hard = (quota.get("status") or {}).get("hard") or (quota.get("spec") or {}).get("hard") or {}
        if not matches_scopes(quota, attributes.kind, attributes.object):
            return None
        name = quota["metadata"]["name"]
        self._require(attributes, name, hard)
        asked = {key: amount for key, amount in usage.items() if key in hard and amount > ZERO}
        used = {key: quantity.parse(value) for key, value in ((quota.get("status") or {}).get("used") or {}).items()}
        over = [key for key in sorted(asked) if used.get(key, ZERO) + asked[key] > quantity.parse(hard[key])]
        if over:
            raise attributes.forbid(
                f"exceeded quota: {name}, requested: {_shown(asked, over)}, used: {_shown(used, over)}, "
                f"limited: {','.join(f'{key}={hard[key]}' for key in over)}"
            )
        if not asked or attributes.request.dry_run:
            return None
        status: dict[str, Any] = dict(quota.get("status") or {})
        status["used"] = {
            **(status.get("used") or {}),
            **{key: str(used.get(key, ZERO) + amount) for key, amount in asked.items()},
        }
        return {**quota, "status": status}

    def _require(self, attributes: Attributes, name: str, hard: dict[str, str]) -> None:
        """A quota on requests or limits makes them obligatory for every container."""
        if attributes.kind.resource != "pods" or attributes.operation != CREATE:
            return
        missing = needed(attributes.object, hard)
        if missing:
            shown = "; ".join(f"{key} for: {','.join(sorted(names))}" for key, names in sorted(missing.items()))
            raise attributes.forbid(f"failed quota: {name}: must specify {shown}")


def _shown(amounts: Usage, keys: list[str]) -> str:
    return ",".join(f"{key}={amounts.get(key, ZERO)}" for key in keys)
