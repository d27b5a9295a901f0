"""Identity and chance, derived from the lab's seed so that a run can be repeated byte for byte.

Nothing here keeps state: every value is a hash of (seed, words), where the words name the
moment it is drawn for, as a rule the store's next revision.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")

# k8s.io/apimachinery/pkg/util/rand: no vowels and no look-alikes, so names spell no words.
SAFE_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


class Ids:
    """Draws of one lab. `words` must differ for draws that must differ."""

    def __init__(self, seed: int):
        self.seed = seed

    def _digest(self, words: tuple[Any, ...]) -> bytes:
        text = ":".join(map(str, (self.seed, *words)))
        return hashlib.blake2b(text.encode(), digest_size=32).digest()

    def uid(self, *words: Any) -> str:
        """Return an object uid (a version-4 UUID in form)."""
        return str(uuid.UUID(bytes=self._digest(("uid", *words))[:16], version=4))

    def letters(self, count: int, *words: Any) -> str:
        """Return a random name suffix such as `x7k2p`."""
        digest = self._digest(("letters", *words))
        return "".join(SAFE_LETTERS[byte % len(SAFE_LETTERS)] for byte in digest[:count])

    def token(self, size: int, *words: Any) -> bytes:
        """Return `size` bytes that cannot be guessed without the seed."""
        return self.random("token", *words).randbytes(size)

    def random(self, *words: Any) -> random.Random:
        """Return a generator of its own for this draw."""
        return random.Random(self._digest(words))

    def choose(self, options: Sequence[T], *words: Any) -> T:
        return options[int.from_bytes(self._digest(words)[:8], "big") % len(options)]


def safe_encode(text: str) -> str:
    """Return apimachinery's `SafeEncodeString`: the letters of pod-template-hash."""
    return "".join(SAFE_LETTERS[ord(letter) % len(SAFE_LETTERS)] for letter in text)


def fnv32(data: bytes) -> int:
    """Return the 32-bit FNV-1 hash Kubernetes uses for the data of a controller revision."""
    value = 0x811C9DC5
    for byte in data:
        value = ((value * 0x01000193) & 0xFFFFFFFF) ^ byte
    return value


def fnv32a(data: bytes) -> int:
    """Return the 32-bit FNV-1a hash Kubernetes uses for template and spec hashes."""
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value
