"""`openssl req`: certificate requests, and certificates that sign themselves (`-x509`)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from cluster.shell.calls import ShellCall
from cluster.shell.programs.openssl.files import Failed, Options, PrivateKey, name_of, private_key, read, spelled
from cluster.shell.programs.openssl.keys import new_key, pem
from cluster.shell.programs.openssl.text import request_text
from cluster.shell.programs.program import device_bytes

_VALUED = ("key", "out", "subj", "newkey", "keyout", "days", "addext", "in", "config", "set_serial")


def req(call: ShellCall) -> int:
    options = Options(call, _VALUED)
    making = {"new", "x509"} & options.switches or "newkey" in options.values
    if not making:
        return _show(options)
    if "subj" not in options.values:
        raise Failed("req: -subj is needed: nothing is prompted for here\n")
    key = _key(options)
    make = _self_signed if "x509" in options.switches else _request
    options.write(make(options, key))
    return 0


def _key(options: Options) -> PrivateKey:
    if "key" in options.values:
        return private_key(options.call, options.value("key"))
    key = new_key(options.call, options.value("newkey", "rsa:2048"))
    path = options.value("keyout", "privkey.pem")
    options.call.place.files.write(options.call.path(path), pem(key), mode=0o600)
    return key


def _request(options: Options, key: PrivateKey) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(name_of(options.value("subj")))
    for extension in extensions(options.value("addext")):
        builder = builder.add_extension(extension, critical=False)
    return signed(builder, key).public_bytes(Encoding.PEM)


def _self_signed(options: Options, key: PrivateKey) -> bytes:
    name = name_of(options.value("subj"))
    start = datetime.fromtimestamp(int(options.call.place.now()), timezone.utc)
    serial = int.from_bytes(device_bytes(options.call, "/dev/urandom", 19), "big")
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(serial).not_valid_before(start)
    builder = builder.not_valid_after(start + timedelta(days=options.number("days", 30)))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    for extension in extensions(options.value("addext")):
        builder = builder.add_extension(extension, critical=False)
    return signed(builder, key).public_bytes(Encoding.PEM)


def signed(
    builder: x509.CertificateBuilder | x509.CertificateSigningRequestBuilder, key: PrivateKey
) -> x509.Certificate | x509.CertificateSigningRequest:
    """Return what the builder makes, signed; the same each time it is asked."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    return builder.sign(key, hashes.SHA256())


def extensions(text: str) -> list[x509.ExtensionType]:
    """Return what `subjectAltName=DNS:web.shop,IP:10.0.0.1` asks for; other extensions are not known here."""
    word, _, values = text.partition("=")
    if not text:
        return []
    if word.strip() != "subjectAltName":
        raise Failed(f'req: Error checking request extension "{word.strip()}": only subjectAltName is known here\n')
    return [x509.SubjectAlternativeName([_alternative(value.strip()) for value in values.split(",")])]


def _alternative(text: str) -> x509.GeneralName:
    kind, _, value = text.partition(":")
    try:
        return x509.IPAddress(ip_address(value)) if kind == "IP" else x509.DNSName(value)
    except ValueError:
        raise Failed(f"req: bad ip address: {value}\n") from None


def load(call: ShellCall, path: str) -> x509.CertificateSigningRequest:
    try:
        return x509.load_pem_x509_csr(read(call, path, "certificate request"))
    except ValueError:
        raise Failed(f"Unable to load X509 request from {path}\n") from None


def _show(options: Options) -> int:
    found = load(options.call, options.value("in"))
    out = options.call.write
    if "verify" in options.switches:
        options.call.error("Certificate request self-signature verify OK\n")
    if "subject" in options.switches:
        out(f"subject={spelled(found.subject)}\n")
    if "text" in options.switches:
        out(request_text(found))
    if "noout" not in options.switches:
        options.write(found.public_bytes(Encoding.PEM))
    return 0
