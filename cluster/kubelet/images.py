"""Image pulls of one machine: its cache, one pull at a time, by size, with back-off.

https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff
"""

from __future__ import annotations

from dataclasses import dataclass

from cluster.kubelet.host import Host
from cluster.machinery.duration import go_duration
from cluster.workloads.catalogue import PullFailed, pull
from cluster.workloads.image import Image, InvalidReference, Reference, parse_reference

BYTES_A_SECOND = 60_000_000
RESOLVE = 0.4
UNPACK_BYTES_A_SECOND = 150_000_000
BACKOFF_START, BACKOFF_END = 10.0, 300.0
BACKOFF_SEEN = 1.5  # until the next sync finds the pull in back-off


@dataclass(frozen=True, slots=True)
class Pulling:
    """One pull on its way: when it ends, how long it waited for others, and what it will say."""

    ends: float
    seconds: float
    waited: float


def is_present(host: Host, reference: Reference) -> bool:
    ready = host.machine["images"].get(str(reference))
    return ready is not None and ready <= host.now


def wants_pull(policy: str, present: bool) -> bool:
    return policy == "Always" or (policy != "Never" and not present)


def begin(host: Host, reference: Reference) -> Pulling:
    """Queue a pull behind the machine's others and return when it will be over."""
    now, machine = host.now, host.machine
    begins = max(now, machine["pullFree"])
    held = machine["images"].get(str(reference))
    seconds = host.delay(RESOLVE)
    if held is None or held > begins:
        try:
            size = pull(reference).size
        except PullFailed:
            size = 0
        seconds += host.delay(size / BYTES_A_SECOND + size / UNPACK_BYTES_A_SECOND)
    machine["pullFree"] = begins + seconds
    host.save()
    return Pulling(begins + seconds, seconds, begins - now)


def finish(host: Host, reference: Reference) -> Image:
    """Return the pulled image and keep it; PullFailed in the registry's words."""
    image = pull(reference)
    host.machine["images"][str(reference)] = host.now
    host.save()
    return image


def reference_of(text: str) -> Reference | None:
    """Return the parsed reference; None when it is none (InvalidImageName)."""
    try:
        return parse_reference(text)
    except InvalidReference:
        return None


def pulled_message(text: str, pulling: Pulling, size: int) -> str:
    took, whole = go_duration(_milli(pulling.seconds)), go_duration(_milli(pulling.seconds + pulling.waited))
    return f'Successfully pulled image "{text}" in {took} ({whole} including waiting). Image size: {size} bytes.'


def _milli(seconds: float) -> float:
    return round(seconds, 3)


def backoff(failures: int) -> float:
    return float(min(BACKOFF_START * 2 ** (failures - 1), BACKOFF_END))
