"""All libraries an expression has, in Kubernetes 1.36. https://kubernetes.io/docs/reference/using-api/cel/"""

from __future__ import annotations

from cluster.machinery.cel.library import (
    authorization,
    conversions,
    formats,
    lists,
    network,
    operators,
    optionals,
    patches,
    quantities,
    regexes,
    strings,
    times,
    versions,
)
from cluster.machinery.cel.signatures import dispatchers

OVERLOADS = (
    *conversions.STANDARD,
    *conversions.TEXTS,
    *times.STANDARD,
    *strings.STANDARD,
    *regexes.STANDARD,
    *optionals.STANDARD,
    *operators.COMPARISONS,
    *strings.EXTENDED,
    *lists.LISTS,
    *lists.SETS,
    *lists.FOLDED,
    *regexes.REGEX,
    *network.ADDRESSES,
    *network.URLS,
    *quantities.QUANTITIES,
    *versions.SEMVER,
    *formats.FORMATS,
    *authorization.AUTHORIZER,
    *patches.PATCHES,
)

# What the front end would declare otherwise.
REPLACED = ("string", "_<_", "_<=_", "_>_", "_>=_")

FUNCTIONS = dispatchers(OVERLOADS)
