"""Content negotiation: which form an answer takes and which form a body has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cluster.machinery.errors import StatusError

JSON, YAML = "application/json", "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
_SERVED = (JSON, YAML)


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an answer: `kind` is '' for the object itself, Table, PartialObjectMetadata(List)."""

    media: str = JSON
    kind: str = ""
    version: str = ""
    group: str = ""


PLAIN = Form()


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of an Accept header."""

    media: str
    quality: float
    parameters: dict[str, str]


def clauses(header: str) -> Sequence[Clause]:
    """Return the clauses of an Accept header, best first."""
    found = []
    for text in header.split(","):
        media, *rest = [part.strip() for part in text.split(";")]
        parameters = dict(part.split("=", 1) for part in rest if "=" in part)
        if media:
            found.append(Clause(media.lower(), _quality(parameters.pop("q", "1")), parameters))
    return sorted(found, key=lambda clause: -clause.quality)


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def choose(header: str, *, stream: bool = False) -> Form:
    """Return the form an Accept header asks for; 406 when none of its clauses can be served."""
    if not header:
        return PLAIN
    for clause in clauses(header):
        media = JSON if clause.media in ("*/*", "application/*") else clause.media
        if media not in _SERVED or (stream and media == YAML):
            continue
        kind = clause.parameters.get("as", "")
        if kind and not _is_served(kind, clause.parameters):
            continue
        return Form(media, kind, clause.parameters.get("v", ""), clause.parameters.get("g", ""))
    raise StatusError(
        406,
        "NotAcceptable",
        "only the following media types are accepted: application/json, application/yaml, "
        "application/vnd.kubernetes.protobuf" + (", application/json;stream=watch" if stream else ""),
    )


def _is_served(kind: str, parameters: dict[str, str]) -> bool:
    if parameters.get("g") != "meta.k8s.io" or parameters.get("v") not in ("v1", "v1beta1"):
        return False
    return kind in ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")
