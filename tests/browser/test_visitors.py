from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_two_learners_work_at_once_and_apart(visit):
    ada, bob = visit(), visit()
    first, second = ada.free_lab(), bob.free_lab()
    assert first != second
    ada.type("kubectl create deployment apple --image=nginx")
    bob.type("kubectl create deployment pear --image=nginx")
    ada.wait_for_item("pods/default/apple-", "ready")
    bob.wait_for_item("pods/default/pear-", "ready")
    assert ada.page.locator('.item[data-id*="pear"]').count() == 0


def test_another_visitors_lab_is_not_there(visit):
    ada, eve = visit(), visit()
    answer = eve.page.goto(ada.free_lab())
    assert answer is not None and answer.status == 404
    assert "There is nothing here" in eve.page.inner_text("main")
    eve.faults[:] = [fault for fault in eve.faults if "404" not in fault]


def test_two_windows_on_one_lab_see_the_same(visit):
    ada = visit()
    address = ada.free_lab()
    other = ada.page.context.new_page()
    other.goto(address)
    other.wait_for_selector(".tank .title", state="attached")
    ada.type("kubectl create deployment shared --image=nginx")
    other.wait_for_selector('.item[data-id^="pods/default/shared-"]', state="attached")


def test_the_page_speaks_chinese(visit):
    learner = visit(locale="zh-CN")
    learner.home()
    assert "自由实验室" in learner.page.inner_text("main")
    learner.page.get_by_role("button", name="自由实验室").click()
    learner.page.wait_for_selector(".tank .title", state="attached")
    assert learner.page.inner_text("[data-view=traffic]") == "流量"
    learner.type("kubectl create deployment web --image=nginx")
    learner.page.wait_for_function("() => /Deployment web/.test(document.querySelector('#story').textContent)")


def test_the_theme_is_remembered(visit):
    learner = visit()
    learner.home()
    learner.page.get_by_role("button", name="Dark theme").click()
    learner.page.reload()
    assert learner.page.evaluate("() => document.documentElement.dataset.theme") == "dark"
