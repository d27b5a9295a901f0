"""What openssl's commands share: their options, the files they read and write, names of people and authorities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from cluster.shell.calls import ShellCall
from cluster.workloads.files import FileError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_OIDS: Mapping[str, x509.ObjectIdentifier] = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
    "emailAddress": NameOID.EMAIL_ADDRESS,
}
_SHORT = {oid: word for word, oid in _OIDS.items()}


class Failed(Exception):
    """Why a command ends: the whole text for standard error."""


class Options:
    """A command's options: those in `valued` take the next word, the rest are switches; other words are left over."""

    def __init__(self, call: ShellCall, valued: Sequence[str]):
        self.call = call
        self.values: dict[str, str] = {}
        self.switches: set[str] = set()
        self.rest: list[str] = []
        words = iter(call.argv[2:])
        for word in words:
            name = word.lstrip("-")
            if not word.startswith("-"):
                self.rest.append(word)
            elif name in valued:
                self.values[name] = next(words, "")
            else:
                self.switches.add(name)

    def value(self, name: str, default: str = "") -> str:
        return self.values.get(name, default)

    def number(self, name: str, default: int) -> int:
        text = self.values.get(name, "")
        if text and not text.isdigit():
            raise Failed(f'{self.call.argv[1]}: Non-positive number "{text}" for option -{name}\n')
        return int(text) if text else default

    def write(self, data: str | bytes, mode: int = 0o644) -> None:
        """Write to the file of `-out`, or to standard output."""
        path = self.values.get("out")
        if path is None:
            self.call.write(data)
            return
        raw = data.encode() if isinstance(data, str) else data
        try:
            self.call.place.files.write(self.call.path(path), raw, mode=mode)
        except FileError as fault:
            raise Failed(f'Can\'t open "{path}" for writing, {fault}\n') from None


def read(call: ShellCall, path: str, what: str) -> bytes:
    """Return a file's content; `what` says in a complaint what it should have held."""
    try:
        return call.place.files.read(call.path(path))
    except FileError as fault:
        raise Failed(f"Could not open file or uri for loading {what} from {path}: {fault}\n") from None


def private_key(call: ShellCall, path: str) -> PrivateKey:
    try:
        key = load_pem_private_key(read(call, path, "private key"), None)
    except (ValueError, TypeError):
        raise Failed(f"Could not find private key from {path}\n") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Failed(f"Could not find private key from {path}\n")
    return key


def certificate(call: ShellCall, path: str, what: str = "certificate") -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(read(call, path, what))
    except ValueError:
        raise Failed(f"Could not find {what} from {path}\n") from None


def name_of(text: str) -> x509.Name:
    """Return the name of `/O=devs/CN=jane`."""
    if not text.startswith("/"):
        raise Failed(
            f"req: subject name is expected to be in the format /type0=value0/type1=value1/type2=... "
            f'where characters may be escaped by \\. This name is not in that format: "{text}"\n'
        )
    parts = []
    for part in text[1:].split("/"):
        word, equals, value = part.partition("=")
        if not equals or word not in _OIDS:
            raise Failed(f'req: Skipping unknown subject name attribute "{word}"\n')
        if value:
            parts.append(x509.NameAttribute(_OIDS[word], value))
    return x509.Name(parts)


def spelled(name: x509.Name) -> str:
    """Return a name as openssl prints it: `O=devs, CN=jane`."""
    return ", ".join(f"{_SHORT.get(one.oid, one.oid.dotted_string)}={one.value!s}" for one in name)
