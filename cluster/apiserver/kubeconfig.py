"""The kubeconfig files that tell the API server of its remote webhooks: whom to call and whom to trust.

https://kubernetes.io/docs/reference/access-authn-authz/webhook/#configuration-file-format
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import yaml

from cluster.apiserver.callout import Target

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SERVICE = re.compile(r"(?P<name>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc(\.cluster\.local)?")


class BadKubeconfig(ValueError):
    """A text that names no server to call."""


def target_of(text: str, files: Mapping[str, str]) -> Target:
    """Return the server of the current context; BadKubeconfig where there is none. `files` has what it names.

    A Service's DNS name is taken for the Service, though a real API server does not ask the cluster's DNS.
    """
    cluster = _cluster(text)
    roots = _roots(cluster, files)
    insecure = bool(cluster.get("insecure-skip-tls-verify"))
    found = Target.of_url(
        str(cluster.get("server") or ""), roots, insecure=insecure, server_name=str(cluster.get("tls-server-name", ""))
    )
    if not found.host:
        raise BadKubeconfig("invalid configuration: no server found")
    service = _SERVICE.fullmatch(found.host)
    if service is None:
        return found
    pair = (service["namespace"], service["name"])
    name = found.server_name
    return Target(
        found.host, found.port, found.path, found.scheme, pair, roots, insecure, name, shows_port=found.shows_port
    )


def _cluster(text: str) -> dict[str, Any]:
    try:
        config = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise BadKubeconfig(f"error loading config file: {error}") from None
    if not isinstance(config, dict):
        raise BadKubeconfig("invalid configuration: no configuration has been provided")
    context = _named(config, "contexts", str(config.get("current-context") or "")).get("context") or {}
    clusters = config.get("clusters") or [{}]
    only = str(clusters[0].get("name", "")) if len(clusters) == 1 else ""
    cluster = _named(config, "clusters", str(context.get("cluster") or only)).get("cluster")
    if not isinstance(cluster, dict):
        raise BadKubeconfig("invalid configuration: no configuration has been provided")
    return cluster


def _named(config: dict[str, Any], field: str, name: str) -> dict[str, Any]:
    listed = config.get(field) or ()
    return next((one for one in listed if isinstance(one, dict) and one.get("name") == name), {})


def _roots(cluster: dict[str, Any], files: Mapping[str, str]) -> str:
    data = cluster.get("certificate-authority-data")
    if not data:
        return files.get(str(cluster.get("certificate-authority", "")), "")
    try:
        return base64.b64decode(str(data), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise BadKubeconfig("invalid configuration: certificate-authority-data is not base64") from None
