from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
SIZES = {"wide": (1440, 900), "tablet": (900, 1100), "phone": (360, 740)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_home_page_has_no_violations(visit, axe, size, scheme):
    learner = visit(*SIZES[size], scheme=scheme)
    learner.home()
    assert learner.violations(axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_lab_has_no_violations(visit, axe, size, scheme):
    learner = visit(*SIZES[size], scheme=scheme)
    learner.free_lab()
    learner.wait_for_item("pods/", "ready", 8)
    assert learner.violations(axe) == []
    assert learner.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawer_editor_story_and_outline_have_no_violations(visit, axe, scheme):
    learner = visit(scheme=scheme)
    learner.free_lab()
    learner.wait_for_item("pods/kube-system/etcd", "ready")
    learner.page.click('.item[data-id^="pods/kube-system/etcd"]')
    learner.page.wait_for_selector("#object h2")
    for tab in ("editor", "story", "outline"):
        learner.page.click(f"[data-tab={tab}]")
        assert learner.violations(axe) == []


def test_a_lesson_has_no_violations(visit, axe):
    learner = visit()
    learner.home()
    learner.page.get_by_role("button", name="Begin:").click()
    learner.page.wait_for_selector("#lesson-title")
    learner.page.wait_for_selector(".tank .title", state="attached")
    assert learner.violations(axe) == []


@pytest.mark.parametrize("part", ["lesson", "glass", "terminal", "editor"])
def test_a_phone_shows_one_part_at_a_time(visit, axe, part):
    learner = visit(*SIZES["phone"])
    learner.free_lab()
    learner.page.click(f"[data-phone-tab={part}]")
    shown = {"lesson": "#lesson", "glass": ".picture", "terminal": "#panel-terminal", "editor": "#panel-editor"}
    for name, selector in shown.items():
        assert learner.page.is_visible(selector) == (name == part), name
    assert learner.violations(axe) == []
