"""`openssl x509 | verify`: certificates shown, signed by an authority one has the key of, and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone

from cryptography import x509 as crypto
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cluster.shell.calls import ShellCall
from cluster.shell.programs.openssl.files import Failed, Options, certificate, private_key, read, spelled
from cluster.shell.programs.openssl.requests import load, signed
from cluster.shell.programs.openssl.text import certificate_text, moment
from cluster.shell.programs.program import device_bytes

_VALUED = ("in", "out", "days", "CA", "CAkey", "CAserial", "checkend", "extfile", "extensions", "set_serial", "nameopt")


def x509(call: ShellCall) -> int | None:
    options = Options(call, _VALUED)
    if "req" in options.switches:
        return _sign(options)
    text = _input(options)
    if text is None:
        return None
    try:
        found = crypto.load_pem_x509_certificate(text)
    except ValueError:
        raise Failed(f"Could not find certificate from {options.value('in', '<stdin>')}\n") from None
    for switch, shown in _SHOWN.items():
        if switch in options.switches:
            call.write(shown(found))
    if "checkend" in options.values:
        return _checked_end(options, found)
    if "noout" not in options.switches:
        options.write(found.public_bytes(Encoding.PEM))
    return 0


def _input(options: Options) -> bytes | None:
    """Return the certificate's text; None while standard input has not ended."""
    call = options.call
    if "in" in options.values:
        return read(call, options.value("in"), "certificate")
    kept = call.state.setdefault("stdin", "")
    while (data := call.read()) is not None and data:
        kept += data.decode("latin-1")
    call.state["stdin"] = kept
    return None if data is None else kept.encode("latin-1")


def _start(found: crypto.Certificate) -> str:
    return f"notBefore={moment(found.not_valid_before_utc.timestamp())}\n"


def _end(found: crypto.Certificate) -> str:
    return f"notAfter={moment(found.not_valid_after_utc.timestamp())}\n"


def _serial(found: crypto.Certificate) -> str:
    digits = f"{found.serial_number:X}"
    return f"serial={digits if len(digits) % 2 == 0 else '0' + digits}\n"


def _public(found: crypto.Certificate) -> str:
    return found.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


_SHOWN: Mapping[str, Callable[[crypto.Certificate], str]] = {
    "subject": lambda found: f"subject={spelled(found.subject)}\n",
    "issuer": lambda found: f"issuer={spelled(found.issuer)}\n",
    "serial": _serial,
    "dates": lambda found: _start(found) + _end(found),
    "startdate": _start,
    "enddate": _end,
    "pubkey": _public,
    "fingerprint": lambda found: f"sha256 Fingerprint={found.fingerprint(hashes.SHA256()).hex(':').upper()}\n",
    "text": certificate_text,
}


def _checked_end(options: Options, found: crypto.Certificate) -> int:
    left = found.not_valid_after_utc.timestamp() - options.call.place.now()
    expires = left < options.number("checkend", 0)
    options.call.write("Certificate will expire\n" if expires else "Certificate will not expire\n")
    return int(expires)


def _sign(options: Options) -> int:
    """Make the certificate of a request, signed by `-CA` and `-CAkey`."""
    call = options.call
    asked = load(call, options.value("in"))
    issuer, key = (
        certificate(call, options.value("CA"), "issuer certificate"),
        private_key(call, options.value("CAkey")),
    )
    start = datetime.fromtimestamp(int(call.place.now()), timezone.utc)
    builder = crypto.CertificateBuilder().subject_name(asked.subject).issuer_name(issuer.subject)
    builder = builder.public_key(asked.public_key()).not_valid_before(start)
    builder = builder.not_valid_after(start + timedelta(days=options.number("days", 30)))
    builder = builder.serial_number(int.from_bytes(device_bytes(call, "/dev/urandom", 19), "big"))
    for extension in asked.extensions if "copy_extensions" in options.switches else ():
        builder = builder.add_extension(extension.value, critical=extension.critical)
    call.error(f"Certificate request self-signature ok\nsubject={spelled(asked.subject)}\n")
    options.write(signed(builder, key).public_bytes(Encoding.PEM))
    return 0


def verify(call: ShellCall) -> int:
    options = Options(call, ("CAfile", "untrusted"))
    roots = [certificate(call, options.value("CAfile"), "trusted certificates")] if "CAfile" in options.values else []
    worst = 0
    for path in options.rest:
        found = certificate(call, path)
        faults = list(_faults(found, roots, call.place.now()))
        for number, why in faults:
            call.error(f"{spelled(found.subject)}\nerror {number} at 0 depth lookup: {why}\n")
        call.error(f"error {path}: verification failed\n") if faults else call.write(f"{path}: OK\n")
        worst = max(worst, 2 if faults else 0)
    return worst


def _faults(found: crypto.Certificate, roots: list[crypto.Certificate], now: float) -> Iterator[tuple[int, str]]:
    if not any(_is_issued_by(found, root) for root in roots):
        own = found.issuer == found.subject
        yield (18, "self-signed certificate") if own else (20, "unable to get local issuer certificate")
    elif now < found.not_valid_before_utc.timestamp():
        yield 9, "certificate is not yet valid"
    elif now > found.not_valid_after_utc.timestamp():
        yield 10, "certificate has expired"


def _is_issued_by(found: crypto.Certificate, root: crypto.Certificate) -> bool:
    try:
        found.verify_directly_issued_by(root)
    except Exception:  # whatever the library finds wrong, it is not this root's
        return False
    return True
