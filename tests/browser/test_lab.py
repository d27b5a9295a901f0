from __future__ import annotations

import pytest

from tests.browser.manifests import BROKEN, GUESTBOOK, REFUSED, WEB

pytestmark = pytest.mark.browser


def test_kubectl_in_the_terminal_answers(visit):
    learner = visit()
    learner.free_lab()
    learner.type("kubectl get nodes")
    learner.wait_for_output("worker-3")
    learner.type("kubectl create deployment web --image=nginx --replicas=3")
    learner.wait_for_output("deployment.apps/web created")
    learner.wait_for_item("pods/default/web-", "ready", 3)
    assert learner.page.inner_text("#caption")


def test_a_manifest_applied_in_the_editor_appears_on_the_picture(visit):
    learner = visit()
    learner.free_lab()
    learner.apply(WEB)
    learner.wait_for_item("pods/default/web-", "ready", 2)
    assert "Deployment/web created" in learner.answers()
    learner.view("ownership")
    learner.wait_for_item("replicasets.apps/default/web-")
    assert ("deployments.apps" not in str(learner.edges("selects"))) and learner.edges("owns")


def test_broken_yaml_is_refused_at_its_line(visit):
    learner = visit()
    learner.free_lab()
    learner.apply(BROKEN)
    assert "Line 5" in learner.answers()
    assert learner.page.evaluate("() => window.kubarium.editor.cursorLine") == 5


def test_a_field_the_server_refuses_is_marked_at_its_line_and_nothing_is_written(visit):
    learner = visit()
    learner.free_lab()
    learner.apply(REFUSED)
    assert "Line 17" in learner.answers() and "spec.replicas" in learner.answers()
    learner.type("kubectl get service")
    learner.wait_for_output("kubernetes")
    assert "first" not in learner.page.evaluate("() => window.kubarium.terminal.text()")


def test_the_guestbook_shows_its_frontend_calling_redis(visit):
    learner = visit()
    learner.free_lab()
    learner.apply(GUESTBOOK)
    learner.wait_for_item("pods/default/", "ready", 6)
    called = {("frontend", "service redis-leader"), ("frontend", "service redis-follower")}
    assert called <= learner.edges("calls")
    assert ("service frontend", "frontend") in learner.edges("selects")


def test_kubectl_edit_opens_the_editor_and_goes_on_when_it_is_saved(visit):
    learner = visit()
    learner.free_lab()
    learner.apply(WEB)
    learner.wait_for_item("pods/default/web-", "ready", 2)
    learner.type("kubectl edit deployment web")
    learner.page.wait_for_function("() => window.kubarium.editor.text.includes('Please edit the object below')")
    text = learner.page.evaluate("() => window.kubarium.editor.text")
    learner.page.evaluate("text => window.kubarium.editor.setText(text)", text.replace("replicas: 2", "replicas: 4", 1))
    learner.page.click("[data-act=save]")
    learner.wait_for_output("deployment.apps/web edited")
    learner.wait_for_item("pods/default/web-", "ready", 4)


def test_a_reload_comes_back_to_the_same_place(visit):
    learner = visit()
    learner.free_lab()
    learner.write(WEB)
    learner.page.wait_for_timeout(100)
    learner.page.reload()
    learner.page.wait_for_selector(".tank .title", state="attached")
    assert learner.page.is_visible("#panel-editor")
    assert "kind: Deployment" in learner.page.evaluate("() => window.kubarium.editor.text")


def test_the_drawer_tells_about_an_object(visit):
    learner = visit()
    learner.free_lab()
    learner.wait_for_item("pods/kube-system/etcd", "ready")
    learner.page.click('.item[data-id^="pods/kube-system/etcd"]')
    learner.page.get_by_role("heading", name="etcd-cp-1").wait_for()
    learner.page.click("#object >> text=Describe")
    learner.page.get_by_text("Priority Class Name:").wait_for()
    learner.page.click("#object >> text=YAML")
    learner.page.wait_for_selector("#object-yaml")
    assert "kind: Pod" in learner.page.inner_text("#object-yaml")


def test_the_editor_knows_the_fields(visit):
    learner = visit()
    learner.free_lab()
    learner.write("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  ")
    learner.page.keyboard.press("Control+End")
    learner.page.keyboard.type("cont")
    learner.page.get_by_role("option", name="containers").first.wait_for()
    learner.write("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  contaners: []\n")
    learner.page.wait_for_selector(".cm-lint-marker-error")


def test_the_clock_stops_and_runs(visit):
    learner = visit()
    learner.free_lab()
    learner.page.get_by_role("button", name="Stop time").click()
    learner.page.get_by_role("button", name="Let time run").click()
    learner.page.get_by_role("button", name="Stop time").wait_for()
