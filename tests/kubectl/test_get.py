"""kubectl get: selection, formats, watching."""

from __future__ import annotations

import time

import pytest

from tests.kubectl.desk import Desk


@pytest.fixture
def shop(desk: Desk) -> Desk:
    for name, color in (("b", "red"), ("a", "blue")):
        desk.client.create("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": name},
                                          "metadata": {"name": name, "namespace": "default",
                                                       "labels": {"color": color}}})
    return desk


def test_a_table_pads_columns_with_three_blanks(shop: Desk) -> None:
    assert shop.say("kubectl get cm").out == "NAME   DATA   AGE\na      1      0s\nb      1      0s\n"


def test_labels_show_as_columns_or_all_at_once(shop: Desk) -> None:
    assert shop.say("kubectl get cm -L color").out.splitlines()[1] == "a      1      0s    blue"
    assert shop.say("kubectl get cm --show-labels").out.splitlines()[1] == "a      1      0s    color=blue"


def test_several_kinds_carry_their_prefix_and_a_line_between(shop: Desk) -> None:
    shop.say("kubectl create secret generic s")
    assert shop.say("kubectl get cm,secret").out == (
        "NAME          DATA   AGE\nconfigmap/a   1      0s\nconfigmap/b   1      0s\n\n"
        "NAME       TYPE     DATA   AGE\nsecret/s   Opaque   0      0s\n")


@pytest.mark.parametrize(("line", "out"), [
    ("kubectl get cm -o name", "configmap/a\nconfigmap/b\n"),
    ("kubectl get cm -o jsonpath='{.items[*].metadata.name}'", "a b"),
    ("kubectl get cm a -o jsonpath='{.data.k}'", "a"),
    ("kubectl get cm -o custom-columns=N:.metadata.name,X:.nope", "N     X\na     <none>\nb     <none>\n"),
    ("kubectl get cm -o go-template='{{range .items}}{{.data.k}};{{end}}'", "a;b;"),
    ("kubectl get cm -l color=red -o name", "configmap/b\n"),
    ("kubectl get cm --field-selector metadata.name=a -o name", "configmap/a\n"),
    ("kubectl get cm --sort-by=.metadata.labels.color -o name", "configmap/a\nconfigmap/b\n"),
])
def test_an_output_format_prints_what_it_should(shop: Desk, line: str, out: str) -> None:
    assert shop.say(line).out == out


@pytest.mark.parametrize(("line", "err", "code"), [
    ("kubectl get pods", "No resources found in default namespace.\n", 0),
    ("kubectl get pods -A", "No resources found\n", 0),
    ("kubectl get foo", 'error: the server doesn\'t have a resource type "foo"\n', 1),
    ("kubectl get cm x y", 'Error from server (NotFound): configmaps "x" not found\n'
     'Error from server (NotFound): configmaps "y" not found\n', 1),
    ("kubectl get cm x --ignore-not-found", "", 0),
    ("kubectl get cm -A a", "error: a resource cannot be retrieved by name across all namespaces\n", 1),
    ("kubectl get cm/", "error: arguments in resource/name form must have a single resource and name\n", 1),
    ("kubectl get cm -o jsonpath='{.a'", "error: error parsing jsonpath {.a, unclosed action\n", 1),
])
def test_what_is_not_there_or_wrong_is_said_as_kubectl_says_it(shop: Desk, line: str, err: str, code: int) -> None:
    answer = shop.say(line)
    assert (answer.err, answer.code) == (err, code)


def test_a_watch_prints_each_change_once_and_keeps_its_widths(shop: Desk) -> None:
    call = shop.start("get", "cm", "-w")
    assert call.state["exit"] is None
    assert call.waits == "revision"
    shop.say("kubectl create cm fresh --from-literal=x=1")
    shop.step(call)
    shop.step(call)
    assert "".join(call.out) == ("NAME   DATA   AGE\na      1      0s\nb      1      0s\nfresh   1      0s\n")


def test_a_watch_with_a_selector_sees_objects_leave(shop: Desk) -> None:
    call = shop.start("get", "cm", "-l", "color=red", "--watch-only", "--output-watch-events")
    shop.say("kubectl label cm b color=green --overwrite")
    shop.step(call)
    assert "".join(call.out) == "EVENT      NAME   DATA   AGE\nDELETED    b      1      0s\n"


def test_a_watch_ends_at_its_request_timeout(shop: Desk) -> None:
    assert shop.run("get", "cm", "-w", "--request-timeout=2s", patience=5).code == 0


def test_another_user_is_refused(shop: Desk) -> None:
    answer = shop.say("kubectl get cm --as=eve")
    assert answer.err == ('Error from server (Forbidden): configmaps is forbidden: User "eve" cannot list resource '
                          '"configmaps" in API group "" in the namespace "default"\n')


def test_a_thousand_pods_are_listed_in_a_tenth_of_a_second(desk: Desk) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c", "image": "nginx"}]},
           "status": {"phase": "Running"}}
    for number in range(1000):
        obj = {**pod, "metadata": {"name": f"p{number}", "namespace": "default", "uid": str(number),
                                   "creationTimestamp": "2026-01-01T00:00:00Z"}}
        desk.server.store.put("pods", obj, actor="test", cause="", time=0.0)
    best = min(_seconds(desk) for _ in range(3))
    assert best < 0.1


def _seconds(desk: Desk) -> float:
    begin = time.perf_counter()
    assert desk.say("kubectl get pods").out.count("\n") == 1001
    return time.perf_counter() - begin


def test_an_exempt_priority_level_shows_no_shares(desk: Desk) -> None:
    row = desk.say("kubectl get prioritylevelconfigurations exempt").out.splitlines()[1]
    assert row.split()[:5] == ["exempt", "Exempt", "<none>", "<none>", "<none>"]
