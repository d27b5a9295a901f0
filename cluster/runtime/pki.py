"""The files kubeadm leaves on a control-plane machine: keys, certificates and the components' kubeconfigs.

One authority signs for clients, servers and the front proxy; etcd's is left out, as nobody speaks to it.
https://kubernetes.io/docs/setup/best-practices/certificates/
"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cluster.apiserver.authn.tokens import TokenIssuer
from cluster.runtime import kubeconfigs
from cluster.runtime.authority import Authority, key_pem

FOLDER = "/etc/kubernetes"
_NAMES = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
_USERS = {  # file → user, groups
    "admin": ("kubernetes-admin", ("system:masters",)),
    "super-admin": ("kubernetes-super-admin", ("system:masters",)),
    "controller-manager": ("system:kube-controller-manager", ()),
    "scheduler": ("system:kube-scheduler", ()),
}


def serving(authority: Authority, node: str = "cp-1", address: str = "172.18.0.2") -> str:
    """Return the certificate that the API server shows."""
    return authority.server("kube-apiserver", [node, *_NAMES, "10.96.0.1", address])[0]


def files(authority: Authority, tokens: TokenIssuer, node: str, address: str) -> Mapping[str, str]:
    """Return path → text."""
    pki = f"{FOLDER}/pki"
    public = tokens.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    found = {
        f"{pki}/ca.crt": authority.certificate(),
        f"{pki}/ca.key": authority.authority_key(),
        f"{pki}/sa.key": key_pem(tokens.key),
        f"{pki}/sa.pub": public,
    }
    pairs = {
        "apiserver": authority.server("kube-apiserver", [node, *_NAMES, "10.96.0.1", address]),
        "apiserver-kubelet-client": authority.client("kube-apiserver-kubelet-client", "system:masters"),
        "front-proxy-client": authority.client("front-proxy-client"),
    }
    for name, (certificate, key) in pairs.items():
        found |= {f"{pki}/{name}.crt": certificate, f"{pki}/{name}.key": key}
    users = {**_USERS, "kubelet": (f"system:node:{node}", ("system:nodes",))}
    for name, (user, groups) in users.items():
        certificate, key = authority.client(user, *groups)
        found[f"{FOLDER}/{name}.conf"] = kubeconfigs.text(user, authority.certificate(), certificate, key)
    return found
