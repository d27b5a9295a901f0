"""Labs as wholes: make, find, list, delete, hand out, take away as one document."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, connection

from cluster.models import MODELS, CustomObject, KeptRequest, Lab, Revision, State, Visitor
from cluster.models.text import dumps, loads
from cluster.models.visitor import LOCAL
from cluster.persistence import requests
from cluster.persistence.batch import append_revisions, save_state
from cluster.persistence.locks import lab_lock, write_transaction
from cluster.persistence.replica import clock_of
from cluster.persistence.wallclock import ClockState
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from cluster.store import interface

NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
FORMAT = 1
FARTHEST = 31 * 86400.0  # one jump: every timer on the way is run, so a year would take an hour


class LabError(Exception):
    """What a person asked for cannot be done; the text says why."""


def local_visitor() -> Visitor:
    """Return who owns what management commands make."""
    return Visitor.objects.get_or_create(id=LOCAL)[0]


def _as_it_is(simulation: Simulation) -> None:
    """Default of `prepare`."""


def create(
    owner: Visitor,
    name: str,
    *,
    nodes: int = 3,
    profile: str = "default",
    seed: int | None = None,
    instant: bool = False,
    start: float | None = None,
    prepare: Callable[[Simulation], None] = _as_it_is,
) -> Lab:
    """Make a lab, bootstrapped and ready for commands.

    `nodes` workers; 0 is a control plane with no node at all. `prepare` works on it before anybody sees it.
    """
    began = time.time() if start is None else start
    settings = LabSettings(
        seed=secrets.randbits(48) if seed is None else seed,
        workers=nodes if nodes > 0 else -1,
        profile=profile,
        instant=instant,
        start=float(int(began)),
        keyring=secrets.token_hex(16) if seed is None else "",
        sealed=seed is None,
    )
    simulation = Simulation.create(settings)
    prepare(simulation)
    # One transaction: a worker that saw the row before its objects would begin an empty cluster.
    with write_transaction():
        lab = _new_row(owner, name, settings)
        _keep(lab, simulation)
    return lab


def _new_row(owner: Visitor, name: str, settings: LabSettings) -> Lab:
    if not NAME.fullmatch(name):
        raise LabError(f"{name!r} is no lab name: lower case letters, digits and '-', at most 63")
    wall = time.time()
    try:
        with write_transaction():
            return Lab.objects.create(
                owner=owner,
                name=name,
                settings=dumps(settings.data()),
                virtual_base=settings.start,
                wall_base=wall,
                reached=settings.start,
                watched_at=wall,
            )
    except IntegrityError as error:
        raise LabError(f"there is a lab named {name!r} already") from error


def _keep(lab: Lab, simulation: Simulation) -> None:
    """Write a new lab's whole memory into its row's tables."""
    lab.revision, lab.reached = simulation.store.revision, simulation.clock.now()
    lab.requests = simulation.recorder.serial
    lab.virtual_base, lab.wall_base, lab.next_due = lab.reached, time.time(), simulation.next_due()
    with write_transaction():
        append_revisions(lab.pk, simulation.store.drain())
        save_state(lab.pk, simulation.state.drain())
        requests.append(lab.pk, simulation.recorder.drain())
        lab.save()


def find(word: str, owner: str = LOCAL) -> Lab:
    """Return the lab a person at this machine means: by id, by name among the owner's, by a unique name."""
    lab = Lab.objects.filter(slug=word).first() or Lab.objects.filter(owner_id=owner, name=word).first()
    if lab is not None:
        return lab
    named = list(Lab.objects.filter(name=word)[:2])
    if len(named) == 1:
        return named[0]
    raise LabError(f"several labs are named {word!r}: give the id" if named else f"there is no lab {word!r}")


def delete(lab: Lab) -> None:
    """Delete a lab with everything in it."""
    with lab_lock(lab.pk), write_transaction(), connection.cursor() as cursor:
        for model in (*MODELS.values(), CustomObject, Revision, State, KeptRequest):
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE lab_id = %s", [lab.pk])
        lab.delete()


def export(lab: Lab) -> dict[str, Any]:
    """Return the whole lab as one JSON document: settings, clock, full history, component state."""
    with lab_lock(lab.pk):
        lab.refresh_from_db()
        rows = Revision.objects.filter(lab_id=lab.pk).order_by("number")
        states = State.objects.filter(lab_id=lab.pk).order_by("key")
        return {
            "kubarium": FORMAT,
            "name": lab.name,
            "settings": loads(lab.settings),
            "clock": {"reached": lab.reached, "speed": lab.speed, "paused": lab.paused},
            "revision": lab.revision,
            "oldest": lab.oldest,
            "revisions": [_exported(row) for row in rows.iterator()],
            "state": {state.key: loads(state.value) for state in states.iterator()},
        }


_FIELDS = ("number", "verb", "resource", "namespace", "name", "previous", "actor", "cause", "time")


def _exported(row: Revision) -> dict[str, Any]:
    return {**{field: getattr(row, field) for field in _FIELDS}, "object": loads(row.object)}


def restore(owner: Visitor, document: Any, name: str = "") -> Lab:
    """Make a lab from an exported document; it gets an id and a token of its own."""
    try:
        return _restore(owner, document, name)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LabError(f"this is no exported lab: {error}") from error


def _restore(owner: Visitor, document: Any, name: str) -> Lab:
    if document.get("kubarium") != FORMAT:
        raise LabError("this is no exported lab")
    settings = replace(LabSettings(**document["settings"]), sealed=False)  # whoever has the document has its keys
    revisions = _linked(document["revisions"])
    clock = ClockState(0, 0, 1, False, float(document["clock"]["reached"])).rebased(
        float(document["clock"]["reached"]), time.time()
    )
    with write_transaction():
        lab = _new_row(owner, name or document["name"], settings)
        lab.revision, lab.oldest = int(document["revision"]), int(document["oldest"])
        lab.virtual_base, lab.wall_base, lab.reached = clock.virtual_base, clock.wall_base, clock.reached
        lab.speed, lab.paused = float(document["clock"]["speed"]), bool(document["clock"]["paused"])
        append_revisions(lab.pk, revisions)
        State.objects.bulk_create(
            [State(lab_id=lab.pk, key=key, value=dumps(value)) for key, value in document["state"].items()],
            batch_size=500,
        )
        lab.save()
    return lab


def _linked(rows: list[dict[str, Any]]) -> list[interface.Revision]:
    """Return the log's revisions, each with the object before it where the document still has it."""
    objects = {row["number"]: row["object"] for row in rows}
    return [
        interface.Revision(**{**row, "previous": objects.get(row["previous"]) if row["previous"] else None})
        for row in rows
    ]


def read_document(text: bytes) -> Any:
    """Return an exported document's data."""
    try:
        return json.loads(text)
    except (ValueError, UnicodeDecodeError) as error:
        raise LabError(f"this is no exported lab: {error}") from error


def command_clock(lab_id: int, action: str, value: float | None = None) -> Lab:
    """Do what a person at the clock asks: pause, play, step or next (the next event), speed, jump (seconds ahead)."""
    with lab_lock(lab_id), write_transaction():
        lab = Lab.objects.get(pk=lab_id)
        wall = time.time()
        clock = _commanded(clock_of(lab), lab, action, value, wall)
        lab.virtual_base, lab.wall_base, lab.speed = clock.virtual_base, clock.wall_base, clock.speed
        lab.paused, lab.jump_to = clock.paused, clock.jump_to
        lab.save(update_fields=["virtual_base", "wall_base", "speed", "paused", "jump_to"])
        return lab


def _commanded(clock: ClockState, lab: Lab, action: str, value: float | None, wall: float) -> ClockState:
    if action in ("pause", "play"):
        return clock.with_pause(action == "pause", wall)
    if action in ("step", "next"):
        due = lab.next_due
        return clock.jumping(due, wall) if due is not None else clock
    if value is None or value <= 0:
        raise LabError(f"{action} needs a number above zero")
    if action == "speed":
        return replace(clock.with_speed(value, wall), paused=False)
    if action == "jump":
        return clock.jumping(clock.at(wall) + min(value, FARTHEST), wall)
    raise LabError(f"the clock cannot {action!r}")


def touch(lab: Lab) -> None:
    """Note that somebody looks at this lab, at most every half minute."""
    now = time.time()
    if now - lab.watched_at > 30:
        lab.watched_at = now
        Lab.objects.filter(pk=lab.pk).update(watched_at=now)
