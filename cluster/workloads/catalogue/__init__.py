"""The registry of known images: every `*.yaml` beside this file, and what a pull of the others says.

Stands for the public registries. An official Docker Hub name that does not exist is refused as Docker Hub
does, an unknown tag of a known image too; every other image is taken as it is and runs as a plain process.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from cluster.workloads.image import LIBRARY, Entry, Image, Load, Reference, entry

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
OFFICIAL = "official.txt"
NOWHERE = re.compile(r"(^|\.)(example\.(com|org|net)|invalid|test|example|local)(:\d+)?$")


class PullFailed(Exception):
    """The registry refused; the text is containerd's."""


@cache
def entries() -> Mapping[str, Entry]:
    """Return every entry by repository, aliases included."""
    found: dict[str, Entry] = {}
    for file in sorted(files(__package__).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".yaml"):
            for document in _documents(file.read_text(encoding="utf-8")):
                for name in (document["image"], *(document.get("aliases") or ())):
                    found[name] = entry({**document, "image": name})
    return found


def _documents(text: str) -> list[Mapping[str, Any]]:
    return [document for document in yaml.load_all(text, Loader=_LOADER) if document]


@cache
def official_names() -> frozenset[str]:
    """Return the names Docker Hub has without a user part and this catalogue has no entry for."""
    return frozenset((files(__package__) / OFFICIAL).read_text(encoding="utf-8").split())


@cache
def image_of(reference: Reference) -> Image:
    """Return what `reference` runs; images nobody declared are plain long-lived processes."""
    known = entries().get(reference.repository)
    if known is not None:
        return known.image(reference.tag or "latest")
    return Image(
        reference.repository,
        reference.tag,
        size=60_000_000 + 1_000 * (len(str(reference)) ** 2),
        entrypoint=("/entrypoint",),
        distribution="debian",
        commands=frozenset({"plain"}),
        settings={"program": "plain"},
        load=Load(),
        known=False,
    )


def pull(reference: Reference) -> Image:
    """Return the pulled image; PullFailed in containerd's words."""
    host, _, path = reference.repository.partition("/")
    known = entries().get(reference.repository)
    if known is None:
        _refuse_nowhere(reference, host, path)
    elif not known.has(reference.tag):
        raise PullFailed(_failed(reference, f"{reference}: not found"))
    return image_of(reference)


def _refuse_nowhere(reference: Reference, host: str, path: str) -> None:
    if NOWHERE.search(host):
        why = (
            f'failed to do request: Head "https://{host}/v2/{path}/manifests/{reference.tag}": '
            f"dial tcp: lookup {host} on 172.18.0.1:53: no such host"
        )
        raise PullFailed(_failed(reference, why, code="Unknown"))
    if reference.repository.startswith(LIBRARY) and reference.repository[len(LIBRARY) :] not in official_names():
        why = (
            "pull access denied, repository does not exist or may require authorization: "
            "server message: insufficient_scope: authorization failed"
        )
        raise PullFailed(_failed(reference, why, code="Unknown"))


def _failed(reference: Reference, why: str, code: str = "NotFound") -> str:
    return (
        f'rpc error: code = {code} desc = failed to pull and unpack image "{reference}": '
        f'failed to resolve reference "{reference}": {why}'
    )
