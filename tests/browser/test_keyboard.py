from __future__ import annotations

import pytest

from tests.browser.manifests import WEB

pytestmark = pytest.mark.browser


def test_a_lab_is_reached_and_used_by_keyboard_alone(visit):
    learner = visit()
    learner.home()
    keys = learner.page.keyboard
    learner.page.get_by_role("button", name="A free lab").focus()
    keys.press("Enter")
    learner.page.wait_for_selector(".item[tabindex='0']", state="attached")
    keys.press("t")
    keys.type("kubectl create deployment web --image=nginx\n")
    learner.wait_for_output("deployment.apps/web created")
    keys.press("Shift+Escape")
    assert learner.page.evaluate("() => document.activeElement.dataset.tab") == "terminal"
    keys.press("ArrowRight")
    assert learner.page.is_visible("#panel-editor")
    keys.press("e")
    learner.page.evaluate("text => window.kubarium.editor.setText(text)", WEB.replace("name: web", "name: other"))
    keys.press("Control+Enter")
    assert "Deployment/other created" in learner.answers()


def test_the_picture_is_walked_by_arrow_keys(visit):
    learner = visit()
    learner.free_lab()
    learner.wait_for_item("pods/kube-system/etcd", "ready")
    keys = learner.page.keyboard
    keys.press("g")
    first = learner.page.evaluate("() => document.activeElement.dataset.id")
    keys.press("ArrowRight")
    assert learner.page.evaluate("() => document.activeElement.dataset.id") != first
    keys.press("Enter")
    learner.page.wait_for_selector("#object h2")
    keys.press("Escape")
    learner.page.wait_for_selector("#object", state="detached")


def test_the_palette_finds_objects_and_actions(visit):
    learner = visit()
    learner.free_lab()
    learner.wait_for_item("pods/kube-system/etcd", "ready")
    learner.page.locator("body").press("Control+k")
    learner.page.keyboard.type("etcd")
    learner.page.keyboard.press("Enter")
    learner.page.get_by_role("heading", name="etcd-cp-1").wait_for()
    learner.page.locator("body").press("?")
    assert learner.page.is_visible("#sheet")
