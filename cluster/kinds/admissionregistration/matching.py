"""What webhooks and admission policies share: which requests they match, with the defaults of that."""

from __future__ import annotations

from typing import Any

from cluster.kinds.printing import UNSET


def _default_rules(rules: list[dict[str, Any]] | None) -> None:
    for rule in rules or ():
        if rule.get("scope") is None:
            rule["scope"] = "*"


def default_match_resources(matched: dict[str, Any]) -> None:
    """Fill in a policy's `matchConstraints` or a binding's `matchResources`."""
    if matched.get("matchPolicy") is None:
        matched["matchPolicy"] = "Equivalent"
    for field in ("namespaceSelector", "objectSelector"):
        if matched.get(field) is None:
            matched[field] = {}
    _default_rules(matched.get("resourceRules"))
    _default_rules(matched.get("excludeResourceRules"))


def default_webhook(hook: dict[str, Any]) -> None:
    """Fill in one webhook of a configuration."""
    for field, value in (("failurePolicy", "Fail"), ("matchPolicy", "Equivalent"), ("timeoutSeconds", 10)):
        if hook.get(field) is None:
            hook[field] = value
    for field in ("namespaceSelector", "objectSelector"):
        if hook.get(field) is None:
            hook[field] = {}
    service = hook.setdefault("clientConfig", {}).get("service")
    if service is not None and service.get("port") is None:
        service["port"] = 443
    _default_rules(hook.get("rules"))


def param_kind_text(spec: dict[str, Any]) -> str:
    """Return `v1/ConfigMap`, or `<unset>`."""
    kind = spec.get("paramKind")
    return f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}" if kind else UNSET
