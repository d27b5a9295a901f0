"""For whom tokens are made out: `--api-audiences`, by default the issuer itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def issuer_of(server: ApiServer) -> str:
    """Return who is said to have made out the tokens."""
    return server.launch.value("service-account-issuer") or server.config.issuer


def audiences_of(server: ApiServer) -> tuple[str, ...]:
    """Return the names this API server answers to."""
    return server.launch.words("api-audiences") or (issuer_of(server),)


def common(offered: Sequence[str], wanted: Sequence[str]) -> list[str]:
    return [audience for audience in offered if audience in wanted]


def mismatch(offered: Sequence[str], wanted: Sequence[str]) -> str:
    """Return why a token for `offered` is none for `wanted`; '' where they have one in common."""
    if common(offered, wanted):
        return ""
    return f"token audiences {_quoted(offered)} is invalid for the target audiences {_quoted(wanted)}"


def _quoted(words: Sequence[str]) -> str:
    return "[" + " ".join(f'"{word}"' for word in words) + "]"
