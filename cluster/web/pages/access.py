"""A lab's API server as pages reach it: the same door as everybody's, as the lab's administrator."""

from __future__ import annotations

from cluster.apiserver.client import Client
from cluster.apiserver.launch import STATE_KEY, Launch
from cluster.apiserver.request import ADMIN
from cluster.apiserver.server import ApiServer
from cluster.machinery.ids import Ids
from cluster.models import Lab
from cluster.persistence.announce import BELL
from cluster.persistence.django_state import DjangoState
from cluster.persistence.django_store import DjangoStore
from cluster.persistence.replica import clock_of, settings_of
from cluster.persistence.wallclock import LabClock


def store_of(lab: Lab) -> DjangoStore:
    return DjangoStore(lab.pk, lambda revision: BELL.ring(lab.pk))


def client_of(lab: Lab, manager: str = "") -> Client:
    """Return the administrator's client for a page's own looking, which goes on while no API server runs."""
    server = ApiServer(store_of(lab), LabClock(clock_of(lab)), Ids(settings_of(lab).seed))
    return Client(server, ADMIN, manager=manager, checked=True)


def writer_of(lab: Lab) -> Client:
    """Return the administrator's client before the API server as it was started, if it runs."""
    client = client_of(lab)
    client.server.start(Launch.of(DjangoState(lab.pk).get(STATE_KEY)))
    return client
