"""How long one write takes to reach a hundred watchers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cluster.management.bench.inside import Inside
from cluster.management.bench.link import Link

WATCHERS, WRITES = 100, 20
MAPS = "/api/v1/namespaces/default/configmaps"
WATCH = f"{MAPS}?watch=1&timeoutSeconds=120&labelSelector=told"


def _map(number: int) -> dict[str, Any]:
    metadata = {"name": f"told-{number}", "labels": {"told": "yes"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def over_https(connect: Callable[[], Link]) -> Sequence[float]:
    """Return, sorted, the milliseconds from before each write until the last watcher has read of it."""
    links = [connect() for _ in range(WATCHERS)]
    writer = connect()
    with ThreadPoolExecutor(WATCHERS) as pool:
        streams = list(pool.map(lambda link: link.stream(WATCH), links))
        taken = [_round(pool, streams, writer, number) for number in range(WRITES)]
    for link in (*links, writer):
        link.close()
    return sorted(taken)


def _round(pool: ThreadPoolExecutor, streams: Sequence[Iterator[Any]], writer: Link, number: int) -> float:
    heard = [pool.submit(_moment, stream, f"told-{number}") for stream in streams]
    time.sleep(0.2)  # all of them wait by now
    began = time.perf_counter()
    writer.send("POST", MAPS, _map(number))
    return (max(one.result() for one in heard) - began) * 1000


def _moment(stream: Iterator[Any], name: str) -> float:
    for event in stream:
        if event["object"]["metadata"].get("name") == name:
            return time.perf_counter()
    raise RuntimeError("the watch ended")


def within(inside: Inside) -> Sequence[float]:
    """The same without wires: a hundred watches polled one after the other."""
    watches = [inside.watch(WATCH) for _ in range(WATCHERS)]
    for watch in watches:
        watch.poll()
    taken = []
    for number in range(WRITES, 2 * WRITES):
        began = time.perf_counter()
        inside.send("POST", MAPS, _map(number))
        if not all(watch.poll() for watch in watches):
            raise RuntimeError("a watch missed a write")
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)
