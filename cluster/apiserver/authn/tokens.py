"""Service-account tokens: claims (JWT) signed with ES256, so that whoever reads /openid/v1/jwks can check them.

The key is drawn from a secret of the lab. https://datatracker.ietf.org/doc/html/rfc7519
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cluster.apiserver.authn.credentials import Credentials, Rejected
from cluster.apiserver.authn.service_accounts import ServiceAccountTokens
from cluster.apiserver.request import User

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
_HALF = 32
_KEPT = 512
Claims = Mapping[str, Any]


class TokenIssuer:
    """Signs and reads the tokens of one lab; nothing is computed before the first."""

    algorithm = "ES256"

    def __init__(self, secret: bytes):
        self._secret = secret
        self._read: OrderedDict[str, Claims] = OrderedDict()

    @cached_property
    def key(self) -> ec.EllipticCurvePrivateKey:
        drawn = int.from_bytes(hashlib.sha512(self._secret).digest(), "big")
        return ec.derive_private_key(drawn % (_ORDER - 1) + 1, ec.SECP256R1())

    @cached_property
    def key_id(self) -> str:
        """Return the id the key goes by: the hash of its public half."""
        public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return _encoded(hashlib.sha256(public).digest())

    def key_set(self) -> dict[str, Any]:
        """Return the JSON Web Key Set that /openid/v1/jwks shows."""
        numbers = self.key.public_key().public_numbers()
        point = {"x": numbers.x, "y": numbers.y}
        shown = {name: _encoded(number.to_bytes(_HALF, "big")) for name, number in point.items()}
        return {"keys": [{"use": "sig", "kty": "EC", "kid": self.key_id, "crv": "P-256", "alg": "ES256", **shown}]}

    def sign(self, claims: Claims) -> str:
        header = {"alg": self.algorithm, "kid": self.key_id}
        head = f"{_encoded(orjson.dumps(header))}.{_encoded(orjson.dumps(claims))}"
        made = self.key.sign(head.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(made)
        return f"{head}.{_encoded(r.to_bytes(_HALF, 'big') + s.to_bytes(_HALF, 'big'))}"

    def claims(self, token: str) -> Claims | None:
        """Return what a token claims; None for what is no token at all. `Rejected` where the signature is wrong."""
        known = self._read.get(token)
        if known is not None:
            return known
        head, _, signature = token.rpartition(".")
        claims = _claims(head.partition(".")[2]) if head.count(".") == 1 else None
        if claims is None:
            return None
        if not self._has_signed(head, _bytes(signature)):
            raise Rejected("go-jose/go-jose: error in cryptographic primitive")
        self._read[token] = claims
        if len(self._read) > _KEPT:
            self._read.popitem(last=False)
        return claims

    def _has_signed(self, head: str, signature: bytes) -> bool:
        if len(signature) != 2 * _HALF:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF], signature[_HALF:]))
        try:
            self.key.public_key().verify(encode_dss_signature(r, s), head.encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    def user(self, server: ApiServer, token: str) -> User | None:
        """Return whose token this is; None when it is forged, expired, or its account, pod or secret is gone."""
        try:
            return ServiceAccountTokens(server, self).user(Credentials(token))
        except Rejected:
            return None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return b""


def _claims(text: str) -> Claims | None:
    try:
        found = orjson.loads(_bytes(text))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
