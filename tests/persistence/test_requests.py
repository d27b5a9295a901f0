"""What the API server was asked is saved with the slice, or after the answer, numbered in one order, and bounded."""

from __future__ import annotations

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.gates.rings import KEPT, PEOPLE
from cluster.apiserver.openapi.documents import OpenApi
from cluster.apiserver.request import ADMIN, User
from cluster.machinery.errors import StatusError
from cluster.models import KeptRequest, Lab, Visitor
from cluster.persistence import labs
from cluster.persistence.replica import Replica
from cluster.persistence.requests import POST, DjangoArchive
from cluster.web.gate import build_api, find

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lab(transactional_db: None) -> Lab:
    return labs.create(Visitor.objects.create(), "one", nodes=1, seed=1, instant=True)


def web_client(lab: Lab, user: User = ADMIN) -> Client:
    return Client(build_api(find(lab.slug), OpenApi()).server, user)


def saved(lab: Lab) -> list[tuple[int, str, str, int]]:
    POST.flush()
    rows = KeptRequest.objects.filter(lab_id=lab.pk).order_by("serial")
    return list(rows.values_list("serial", "actor", "verb", "code"))


def test_a_slice_saves_what_was_asked_in_it(lab: Lab) -> None:
    replica = Replica(lab.pk, "worker")
    replica.run([lambda simulation: simulation.client().get("namespaces", "default") and None])
    assert (1, "kubernetes-admin", "get", 200) in saved(lab)
    lab.refresh_from_db()
    assert lab.requests == len(saved(lab))


def test_web_and_worker_number_their_requests_in_one_order(lab: Lab) -> None:
    replica = Replica(lab.pk, "worker")
    replica.run([lambda simulation: simulation.client().get("namespaces", "default") and None])
    with pytest.raises(StatusError):
        web_client(lab, User("eve")).get("secrets", "s", "default")
    assert saved(lab)[-1][1:] == ("eve", "get", 403)
    replica.run([lambda simulation: simulation.client().get("namespaces", "kube-system") and None])
    numbers = [serial for serial, *_ in saved(lab)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [who for _, who, *_ in saved(lab) if not who.startswith("system:")] == [
        "kubernetes-admin",
        "eve",
        "kubernetes-admin",
    ]


def test_the_terminal_knows_what_a_web_process_answered(lab: Lab) -> None:
    with pytest.raises(StatusError):
        web_client(lab, User("eve")).get("secrets", "s", "default")
    POST.flush()
    heard: list[str] = []
    Replica(lab.pk, "worker").run([lambda simulation: heard.append(simulation.run("lab why").stdout)])
    assert "Request 1: get secrets default/s" in heard[0]
    assert "kubectl create role get-secrets-s" in heard[0]


def test_a_slice_that_fails_remembers_nothing(lab: Lab) -> None:
    def breaks(simulation: object) -> None:
        simulation.client().get("namespaces", "default")  # type: ignore[attr-defined]
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        Replica(lab.pk, "worker").run([breaks])
    assert saved(lab) == []


def test_a_ring_never_grows_beyond_its_size(lab: Lab) -> None:
    client = web_client(lab)
    for _ in range(3):
        for _ in range(KEPT[PEOPLE] // 2):
            client.get("namespaces", "default")
        POST.flush()
    found = saved(lab)
    assert len(found) == KEPT[PEOPLE]
    assert found[-1][0] == 3 * (KEPT[PEOPLE] // 2)


def test_an_entry_comes_back_as_it_was_saved(lab: Lab) -> None:
    heard = []
    Replica(lab.pk, "worker").run(
        [
            lambda simulation: simulation.run("kubectl delete pod web --as=dev") and None,
            lambda simulation: heard.append(next(one for one in simulation.view().requests() if one.refused)),
        ]
    )
    (entry,) = heard
    assert DjangoArchive(lab.pk).entry(entry.serial) == entry
    assert entry.detail["explanation"]["commands"]


def test_a_deleted_lab_takes_its_requests_along(lab: Lab) -> None:
    Replica(lab.pk, "worker").run([lambda simulation: simulation.run("kubectl get pods") and None])
    other = labs.create(Visitor.objects.create(), "other", nodes=0, seed=1, instant=True)
    Replica(other.pk, "worker").run([lambda simulation: simulation.client().get("namespaces", "default") and None])
    labs.delete(lab)
    assert set(KeptRequest.objects.values_list("lab_id", flat=True)) == {other.pk}
