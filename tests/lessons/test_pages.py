"""The course as a visitor meets it: the map, a lesson's panel, and progress that outlives the lab."""

from __future__ import annotations

import pytest
from django.test import Client

from cluster.models import Lab
from cluster.persistence.replica import Replica
from lessons.catalog.loader import lesson as find_lesson, tracks
from lessons.models import Answer, Attempt, StepPass
from lessons.progress.observer import observe

pytestmark = pytest.mark.django_db(transaction=True)
LESSON = "/learn/basics/deployment/"


@pytest.fixture
def ada() -> Client:
    return Client()


def begin(visitor: Client, address: str = LESSON) -> Lab:
    answer = visitor.post(address)
    assert answer.status_code == 302
    return Lab.objects.get(slug=answer["Location"].split("/")[2])


def work(lab: Lab, *lines: str) -> None:
    """Type lines into the lab as its worker would run them, and let the observer look."""
    replica = Replica(lab.pk, "test")
    for line in lines:
        replica.run([lambda simulation, line=line: simulation.run(line)])
        while later := observe(replica):
            replica.run(later)
    replica.run([lambda simulation: simulation.advance(60)])
    observe(replica)
    replica.release()


def test_the_map_shows_every_lesson_in_the_visitors_language(ada: Client) -> None:
    english = ada.get("/").content.decode()
    chinese = ada.get("/", headers={"accept-language": "zh-hans"}).content.decode()
    for track in tracks():
        for lesson in track.lessons:
            assert f"/learn/{lesson.id}/" in english
            assert lesson.texts["zh-hans"].title in chinese


def test_beginning_a_lesson_makes_a_lab_with_its_files_and_set_up(ada: Client) -> None:
    lab = begin(ada, "/learn/basics/replicaset/")
    assert Attempt.objects.get(lab=lab).step == "adopt"
    replica = Replica(lab.pk, "test")
    replica.run()
    assert replica.simulation is not None
    assert "kind: ReplicaSet" in (replica.simulation.view().home_file("/home/learner/rs.yaml") or "")
    assert replica.simulation.store.get("pods", "default", "stray") is not None
    replica.release()


def test_coming_back_to_a_lesson_finds_its_lab_again_and_a_new_try_gets_a_new_one(ada: Client) -> None:
    lab = begin(ada)
    assert begin(ada) == lab
    again = ada.post(LESSON, {"again": "1"})
    assert again["Location"] != f"/labs/{lab.slug}/"


def test_a_step_ticks_itself_and_the_pass_outlives_the_lab(ada: Client) -> None:
    lab = begin(ada)
    panel = f"/labs/{lab.slug}/lesson/"
    assert b'class="done"' not in ada.get(panel).content
    work(lab, *find_lesson("basics/deployment").steps[0].solution)
    shown = ada.get(panel).content.decode()
    assert shown.count('class="done"') == 2
    assert "Step passed" in shown
    owner = lab.owner_id
    ada.post(f"/labs/{lab.slug}/delete/")
    assert StepPass.objects.filter(visitor_id=owner, lesson="basics/deployment", step="chain").exists()
    assert "1/3" in ada.get("/").content.decode()


def test_the_next_step_is_set_up_when_the_learner_gets_there(ada: Client) -> None:
    lab = begin(ada, "/learn/manifests/probes/")
    ada.post(f"/labs/{lab.slug}/lesson/step/", {"step": "readiness"})
    work(lab, "kubectl get pods")
    replica = Replica(lab.pk, "test")
    replica.run()
    assert replica.simulation is not None
    assert replica.simulation.store.get("deployments.apps", "default", "web") is not None
    replica.release()


def test_hints_come_one_by_one_and_the_solution_only_when_asked_for(ada: Client) -> None:
    lab = begin(ada)
    text = find_lesson("basics/deployment").texts["en"].steps["chain"]
    before = ada.get(f"/labs/{lab.slug}/lesson/").content.decode()
    one = ada.post(f"/labs/{lab.slug}/lesson/hint/").content.decode()
    both = ada.post(f"/labs/{lab.slug}/lesson/hint/").content.decode()
    assert (before.count('class="hint prose"'), one.count('class="hint prose"'), both.count('class="hint prose"')) == (
        0,
        1,
        2,
    )
    assert text.hints[0][:20] in one
    assert "data-type-line" in ada.post(f"/labs/{lab.slug}/lesson/solution/").content.decode()


def test_an_answer_is_kept_and_explained_and_may_be_changed(ada: Client) -> None:
    lab = begin(ada)
    address = f"/labs/{lab.slug}/lesson/answer/"
    wrong = ada.post(address, {"quiz": "owns", "option": "deployment"}).content.decode()
    assert "Not quite" in wrong
    right = ada.post(address, {"quiz": "owns", "option": "replicaset"}).content.decode()
    assert "Right" in right
    assert Answer.objects.get(quiz="owns").right
    assert ada.post(address, {"quiz": "nothing"}).status_code == 404


def test_another_visitors_lesson_is_not_there(ada: Client) -> None:
    lab = begin(ada)
    eve = Client()
    assert eve.get(f"/labs/{lab.slug}/lesson/").status_code == 404
    assert eve.post(f"/labs/{lab.slug}/lesson/hint/").status_code == 404


@pytest.mark.parametrize("address", ["/learn/basics/nothing/", "/learn/nowhere/pod/"])
def test_a_lesson_that_is_not_there_is_404(ada: Client, address: str) -> None:
    assert ada.post(address).status_code == 404


def test_a_step_that_is_not_there_is_404(ada: Client) -> None:
    lab = begin(ada)
    assert ada.post(f"/labs/{lab.slug}/lesson/step/", {"step": "nothing"}).status_code == 404
