"""The kubeconfig files that kubeadm writes: one user each, with a client certificate inside.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

from __future__ import annotations

import base64

SERVER = "https://172.18.0.2:6443"
_FORM = """\
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: {roots}
    server: {server}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: {user}
  name: {user}@kubernetes
current-context: {user}@kubernetes
kind: Config
preferences: {{}}
users:
- name: {user}
  user:
    client-certificate-data: {certificate}
    client-key-data: {key}
"""


def text(user: str, roots: str, certificate: str, key: str, server: str = SERVER) -> str:
    """Return a kubeconfig whose only user brings `certificate` and `key`; all three are PEM."""
    parts = {"roots": roots, "certificate": certificate, "key": key}
    encoded = {name: base64.b64encode(value.encode()).decode() for name, value in parts.items()}
    return _FORM.format(user=user, server=server, **encoded)
