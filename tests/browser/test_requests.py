"""Requests at the glass: from a refusal in the terminal to its page, its way out applied, and the list that lives."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
SIZES = {"wide": (1440, 900), "phone": (360, 740)}


@pytest.fixture
def refused(visit):
    """Return a learner whose delete as dev was just refused."""

    def opened(*size: int, **more: str):
        learner = visit(*(size or SIZES["wide"]), **more)
        learner.free_lab()
        if size == SIZES["phone"]:
            learner.page.click("[data-phone-tab=terminal]")
            learner.page.click("#terminal")
            learner.page.keyboard.type("kubectl delete pod web --as=dev\n")
        else:
            learner.type("kubectl delete pod web --as=dev")
        learner.wait_for_output("cannot delete resource")
        learner.page.wait_for_selector("#refused a", state="visible")
        return learner

    return opened


def test_a_refusal_is_pointed_at_by_the_keyboard_alone(refused):
    learner = refused()
    learner.page.keyboard.press("Shift+Escape")
    learner.page.focus("#refused a")
    learner.page.keyboard.press("Enter")
    learner.page.wait_for_selector("#drawer .gate[data-state=shut]")
    assert "delete pods default/web" in learner.page.inner_text("#drawer h2")
    assert learner.page.evaluate("() => document.activeElement.tagName") == "H2"


def test_the_terminal_prints_nothing_that_kubectl_would_not(refused):
    learner = refused()
    assert "see why" not in learner.page.evaluate("() => window.kubarium.terminal.text()")


def test_the_way_out_is_applied_where_it_is_shown(refused):
    learner = refused()
    learner.page.click("#refused a")
    learner.page.click("#drawer [data-apply-text]")
    learner.page.wait_for_function(
        "() => document.querySelector('[data-apply-answer]').textContent.includes('created')"
    )
    learner.type("kubectl delete pod web --as=dev")
    learner.wait_for_output('pods "web" not found')


def test_the_way_out_opens_in_the_editor(refused):
    learner = refused()
    learner.page.goto(learner.base + learner.page.get_attribute("#refused a", "href"))
    learner.page.click("[data-edit-text]")
    learner.page.wait_for_selector(".cm-content:has-text('kind: RoleBinding')")


def test_the_list_in_the_bench_lives_and_chooses(refused):
    learner = refused()
    learner.page.click("[data-tab=requests]")
    learner.page.wait_for_selector("#panel-requests tr[data-refused=yes]")
    learner.page.check("#requests-refused")
    learner.page.wait_for_selector("#panel-requests tr[data-refused=no]", state="detached")
    learner.page.click("#panel-requests a[data-request]")
    learner.page.wait_for_selector("#drawer .gates")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_requests_have_no_violations_and_fit(refused, axe, size, scheme):
    learner = refused(*SIZES[size], scheme=scheme)
    address = learner.page.get_attribute("#refused a", "href")
    assert learner.violations(axe) == []
    for path in (address, address.rstrip("/").rpartition("/")[0] + "/"):
        learner.page.goto(learner.base + path)
        assert learner.violations(axe) == []
        assert learner.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def test_a_request_can_be_read_without_scripts(browser, refused):
    learner = refused()
    address = learner.base + learner.page.get_attribute("#refused a", "href")
    context = browser.new_context(java_script_enabled=False, storage_state=learner.page.context.storage_state())
    page = context.new_page()
    page.goto(address)
    assert "no rule allows it" in page.inner_text(".outcome")
    assert not page.is_visible("[data-apply-text]")
    page.click("text=All requests")
    page.wait_for_selector("table.asked")
    page.check("#requests-refused")
    page.click(".filters button")
    page.wait_for_url("**refused=1**")
    context.close()
