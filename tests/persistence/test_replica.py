"""One lab in a worker's memory: slices, leases, clock, and what happens when the simulation breaks."""

from __future__ import annotations

import time

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.openapi.documents import OpenApi
from cluster.apiserver.request import ADMIN
from cluster.machinery.meta import Object
from cluster.models import Lab, Visitor
from cluster.persistence import labs
from cluster.persistence.django_store import DjangoStore
from cluster.persistence.errand import errand
from cluster.persistence.replica import Elsewhere, Gone, Replica
from cluster.runtime.simulation import Simulation
from cluster.web.gate import build_api, find

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lab(transactional_db: None) -> Lab:
    return labs.create(Visitor.objects.create(), "one", nodes=1, seed=1, instant=True)


def web_client(lab: Lab) -> Client:
    """Return a client of an API server before the database, as the web process has it."""
    return Client(build_api(find(lab.slug), OpenApi()).server, ADMIN)


def deployment(replicas: int) -> Object:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}


def run(replica: Replica) -> None:
    """Run slices until nothing is due now."""
    while not replica.run().done:
        pass


def ready(lab: Lab) -> int:
    found = DjangoStore(lab.pk).get("deployments.apps", "default", "web") or {}
    return int((found.get("status") or {}).get("readyReplicas") or 0)


def test_a_new_lab_is_complete_in_the_database(lab: Lab) -> None:
    store = DjangoStore(lab.pk)
    assert [one["metadata"]["name"] for one in store.list("nodes")] == ["cp-1", "worker-1"]
    assert store.revision == len(list(store.since(0)))


def test_a_write_of_the_web_process_is_acted_on_in_the_next_slice(lab: Lab) -> None:
    replica = Replica(lab.pk, "worker")
    run(replica)
    web_client(lab).create("deployments.apps", deployment(2), namespace="default")
    run(replica)
    assert ready(lab) == 2


def test_another_worker_goes_on_where_the_first_stopped(lab: Lab) -> None:
    first = Replica(lab.pk, "first")
    run(first)
    web_client(lab).create("deployments.apps", deployment(2), namespace="default")
    first.release()
    run(Replica(lab.pk, "second"))
    assert ready(lab) == 2


def test_a_leased_lab_is_left_to_its_holder(lab: Lab) -> None:
    run(Replica(lab.pk, "first"))
    with pytest.raises(Elsewhere) as refusal:
        Replica(lab.pk, "second").run()
    assert refusal.value.holder == "first"


def test_a_command_takes_the_lab_over_and_the_worker_loads_it_anew(lab: Lab) -> None:
    worker = Replica(lab.pk, "worker")
    run(worker)
    with errand(lab) as held:
        assert held.run("kubectl create configmap from-terminal").code == 0
        with pytest.raises(Elsewhere):
            worker.run()
    run(worker)
    assert worker.simulation is not None
    assert worker.simulation.store.get("configmaps", "default", "from-terminal")


def test_a_slice_that_breaks_leaves_the_database_as_it_was(lab: Lab) -> None:
    replica = Replica(lab.pk, "worker")
    run(replica)
    before = DjangoStore(lab.pk).revision

    def explode(simulation: Simulation) -> None:
        simulation.client().create("configmaps", {"metadata": {"name": "half"}}, namespace="default")
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        replica.run([explode])
    assert DjangoStore(lab.pk).revision == before
    run(replica)
    assert DjangoStore(lab.pk).get("configmaps", "default", "half") is None


def test_a_deleted_lab_is_gone(lab: Lab) -> None:
    replica = Replica(lab.pk, "worker")
    run(replica)
    labs.delete(Lab.objects.get(pk=lab.pk))
    with pytest.raises(Gone):
        replica.run()
    assert DjangoStore(lab.pk).count("nodes") == 0


def test_a_paused_lab_stands_still_and_a_jump_runs_its_timers(lab: Lab) -> None:
    replica = Replica(lab.pk, "worker")
    run(replica)
    labs.command_clock(lab.pk, "pause")
    run(replica)
    stood = Lab.objects.get(pk=lab.pk).reached
    assert replica.run().again is None
    labs.command_clock(lab.pk, "jump", 3600)
    run(replica)
    after = Lab.objects.get(pk=lab.pk)
    assert (after.jump_to, after.paused) == (None, True)
    assert after.reached == pytest.approx(stood + 3600, abs=2)


def test_step_goes_to_the_next_event(lab: Lab) -> None:
    replica = Replica(lab.pk, "worker")
    labs.command_clock(lab.pk, "pause")
    run(replica)
    due = Lab.objects.get(pk=lab.pk).next_due
    labs.command_clock(lab.pk, "next")
    run(replica)
    assert Lab.objects.get(pk=lab.pk).reached == due


@pytest.mark.parametrize(("action", "value"), [("speed", None), ("speed", -1.0), ("jump", 0.0), ("fly", 1.0)])
def test_a_clock_command_that_means_nothing_is_refused(lab: Lab, action: str, value: float | None) -> None:
    with pytest.raises(labs.LabError):
        labs.command_clock(lab.pk, action, value)


def test_of_a_long_absence_only_the_last_minute_is_lived_through(lab: Lab) -> None:
    Lab.objects.filter(pk=lab.pk).update(wall_base=time.time() - 7 * 86400)
    replica = Replica(lab.pk, "worker")
    run(replica)
    after = Lab.objects.get(pk=lab.pk)
    assert after.reached > lab.reached + 6 * 86400
    assert after.revision < lab.revision + 500
    nodes = DjangoStore(lab.pk).list("nodes")
    for node in nodes:
        assert [one["status"] for one in node["status"]["conditions"] if one["type"] == "Ready"] == ["True"]


def test_labs_do_not_see_each_other(lab: Lab) -> None:
    other = labs.create(lab.owner, "two", nodes=1, seed=1, instant=True)
    web_client(lab).create("deployments.apps", deployment(1), namespace="default")
    run(Replica(lab.pk, "worker"))
    run(Replica(other.pk, "worker"))
    assert (ready(lab), ready(other)) == (1, 0)
    with pytest.raises(labs.LabError, match="already"):
        labs.create(lab.owner, "two")
