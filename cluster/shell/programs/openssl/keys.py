"""`openssl genrsa | genpkey | ecparam -genkey | pkey | rsa`: private keys, drawn from the moment they are made in."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from cluster.shell.calls import ShellCall
from cluster.shell.programs.openssl.files import Failed, Options, PrivateKey, private_key
from cluster.shell.programs.program import device_bytes

_EXPONENT = 65537
_SMALL = [number for number in range(3, 2000, 2) if all(number % divisor for divisor in range(3, int(number**0.5) + 1))]
_CURVES = {"prime256v1": ec.SECP256R1(), "P-256": ec.SECP256R1(), "secp384r1": ec.SECP384R1(), "P-384": ec.SECP384R1()}
_ROUNDS = 5  # of Miller and Rabin's test: enough for numbers nobody chose


def rsa_key(call: ShellCall, bits: int) -> rsa.RSAPrivateKey:
    """Return the RSA key of this moment; `bits` from 512 to 4096."""
    if not 512 <= bits <= 4096:
        raise Failed("genrsa: Error setting RSA length\n")
    found = _primes(device_bytes(call, "/dev/urandom", bits), bits // 2)
    p, q = next(found), next(found)
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def _primes(seed: bytes, bits: int) -> Iterator[int]:
    """Yield primes of exactly `bits` bits, beginning where the seed says."""
    size = bits // 8
    top = 3 << (bits - 2)
    for start in range(0, len(seed), size):
        number = int.from_bytes(seed[start : start + size], "big") | top | 1
        while not _is_prime(number) or (number - 1) % _EXPONENT == 0:
            number += 2
        yield number


def _is_prime(number: int) -> bool:
    if any(number % small == 0 for small in _SMALL):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, base, odd, twos) for base in (2, 3, 5, 7, 11)[:_ROUNDS])


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def ec_key(call: ShellCall, curve: str) -> ec.EllipticCurvePrivateKey:
    if curve not in _CURVES:
        raise Failed(f"unknown curve name ({curve})\n")
    return ec.derive_private_key(int.from_bytes(device_bytes(call, "/dev/urandom", 31), "big"), _CURVES[curve])


def new_key(call: ShellCall, algorithm: str) -> PrivateKey:
    """Return the key of `rsa:2048`, `rsa` or `ec`."""
    kind, _, bits = algorithm.partition(":")
    if kind == "rsa":
        return rsa_key(call, int(bits) if bits.isdigit() else 2048)
    if kind == "ec":
        return ec_key(call, "prime256v1")
    raise Failed(f"req: Unknown algorithm {kind}\n")


def pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def genrsa(call: ShellCall) -> int:
    options = Options(call, ("out",))
    bits = options.rest[0] if options.rest else "2048"
    if not bits.isdigit():
        raise Failed(f'genrsa: Can\'t parse "{bits}" as a number\n')
    options.write(pem(rsa_key(call, int(bits))), 0o600)
    return 0


def genpkey(call: ShellCall) -> int:
    options = Options(call, ("out", "algorithm", "pkeyopt"))
    setting = options.value("pkeyopt")
    if options.value("algorithm").upper() == "EC":
        key: PrivateKey = ec_key(call, setting.partition("ec_paramgen_curve:")[2] or "prime256v1")
    elif options.value("algorithm").upper() == "RSA":
        key = rsa_key(call, int(setting.partition("rsa_keygen_bits:")[2] or "2048"))
    else:
        raise Failed(f"genpkey: Error initializing {options.value('algorithm') or 'no'} context\n")
    options.write(pem(key), 0o600)
    return 0


def ecparam(call: ShellCall) -> int:
    options = Options(call, ("out", "name"))
    if "genkey" not in options.switches:
        raise Failed("ecparam: only -genkey is known here\n")
    options.write(pem(ec_key(call, options.value("name", "prime256v1"))), 0o600)
    return 0


def pkey(call: ShellCall) -> int:
    options = Options(call, ("in", "out"))
    key = private_key(call, options.value("in"))
    if "pubout" in options.switches:
        options.write(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    elif "noout" not in options.switches:
        options.write(pem(key), 0o600)
    return 0
