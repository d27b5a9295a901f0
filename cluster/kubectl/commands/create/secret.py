"""kubectl create secret generic, docker-registry and tls."""

from __future__ import annotations

import base64
import json

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.create import generator, sources
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.machinery.meta import Object
from cluster.workloads.files import FileError


def _secret(session: Session, type_: str, data: dict[str, bytes]) -> Object:
    obj = generator.typed("v1", "Secret", generator.argument(session), session)
    if data:
        obj["data"] = {key: base64.b64encode(data[key]).decode() for key in sorted(data)}
    if type_:
        obj["type"] = type_
    return obj


def generic(session: Session) -> Object:
    return _secret(session, session.flags["type"], sources.gather(session, "secret"))


def docker(session: Session) -> Object:
    flags = session.flags
    if flags["from-file"]:
        data = sources.gather(session, "secret")
        return _secret(session, "kubernetes.io/dockerconfigjson", {".dockerconfigjson": next(iter(data.values()))})
    generator.argument(session)
    for flag in ("docker-username", "docker-password", "docker-server"):
        if not flags[flag]:
            raise CommandError("either --from-file or the combination of --docker-username, --docker-password and "
                               "--docker-server is required")
    return _secret(session, "kubernetes.io/dockerconfigjson", {".dockerconfigjson": _login(session)})


def _login(session: Session) -> bytes:
    flags = session.flags
    user, password = flags["docker-username"], flags["docker-password"]
    entry = {"username": user, "password": password}
    if flags["docker-email"]:
        entry["email"] = flags["docker-email"]
    entry["auth"] = base64.b64encode(f"{user}:{password}".encode()).decode()
    return json.dumps({"auths": {flags["docker-server"]: entry}}, separators=(",", ":")).encode()


def tls(session: Session) -> Object:
    flags = session.flags
    generator.argument(session)
    if not flags["key"] or not flags["cert"]:
        raise CommandError("key and cert must be specified")
    cert, key = (_file(session, flags[flag]) for flag in ("cert", "key"))
    _check_pair(cert, key)
    return _secret(session, "kubernetes.io/tls", {"tls.crt": cert, "tls.key": key})


def _file(session: Session, path: str) -> bytes:
    try:
        return session.call.place.files.read(session.path_of(path))
    except FileError:
        raise CommandError(f"Cannot read file {path}, open {path}: no such file or directory") from None


def _check_pair(cert: bytes, key: bytes) -> None:
    """Refuse a key that does not belong to the certificate, as tls.X509KeyPair does."""
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    try:
        certificate = x509.load_pem_x509_certificate(cert)
    except ValueError:
        raise CommandError("tls: failed to find any PEM data in certificate input") from None
    try:
        private = serialization.load_pem_private_key(key, None)
    except (ValueError, TypeError):
        raise CommandError("tls: failed to find any PEM data in key input") from None
    if certificate.public_key().public_bytes(*form) != private.public_key().public_bytes(*form):
        raise CommandError("tls: private key does not match public key")


_FAILURE = "failed to create secret "

COMMAND = Command(
    name="secret", short="Create a secret using a specified subcommand", usage="secret (docker-registry | generic | "
                                                                               "tls)",
    long="Create a secret with specified type.\n\n A docker-registry type secret is for accessing a container "
         "registry.\n\n A generic type secret indicate an Opaque secret type.\n\n A tls type secret holds TLS "
         "certificate and its associated key.",
    subcommands=(
        generator.command(
            "generic", "Create a secret from a local file, directory, or literal value", generic,
            (*sources.FLAGS, Flag("type", help="The type of secret to create")), failure=_FAILURE,
            usage="generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] "
                  "[--dry-run=server|client|none]",
            examples="# A password\nkubectl create secret generic db --from-literal=password=s3cret"),
        generator.command(
            "docker-registry", "Create a secret for use with a Docker registry", docker,
            (
                Flag("docker-email", help="Email for Docker registry"),
                Flag("docker-password", help="Password for Docker registry authentication"),
                Flag("docker-server", "string", "https://index.docker.io/v1/", "Server location for Docker registry"),
                Flag("docker-username", help="Username for Docker registry authentication"),
                Flag("from-file", "strings", (), "A Docker configuration file."),
                Flag("from-literal", "array", (), "", hidden=True),
                Flag("from-env-file", "strings", (), "", hidden=True),
                Flag("append-hash", "bool", False, "Append a hash of the secret to its name."),
            ),
            usage="docker-registry NAME --docker-username=user --docker-password=password --docker-email=email "
                  "[--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]",
            failure=_FAILURE,
            examples="# A registry login\nkubectl create secret docker-registry reg --docker-server=r.example "
                     "--docker-username=ada --docker-password=pw"),
        generator.command(
            "tls", "Create a TLS secret", tls,
            (
                Flag("append-hash", "bool", False, "Append a hash of the secret to its name."),
                Flag("cert", help="Path to PEM encoded public key certificate."),
                Flag("key", help="Path to private key associated with given certificate."),
            ),
            usage="tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
            failure=_FAILURE,
            examples="# From a key pair\nkubectl create secret tls web --cert=tls.crt --key=tls.key"),
    ),
)
