"""Reading image references: `registry/name:tag@digest`."""

from __future__ import annotations


def tag_of(image: str) -> str:
    """Return the tag; `latest` when neither tag nor digest is given, empty when there is only a digest."""
    rest, at, _ = image.partition("@")
    name = rest.rpartition("/")[2]
    _, colon, tag = name.partition(":")
    if colon:
        return tag
    return "" if at else "latest"


def default_pull_policy(image: str) -> str:
    """Return `Always` for the tag `latest`, `IfNotPresent` for any other."""
    return "Always" if tag_of(image) == "latest" else "IfNotPresent"
