"""What a learner does on the page, in the learner's words."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page

PATIENCE = 20_000


class Learner:
    """One browser. `faults` are the errors its pages logged."""

    def __init__(self, page: Page, base: str, faults: list[str]):
        self.page, self.base, self.faults = page, base, faults
        page.set_default_timeout(PATIENCE)

    def home(self) -> None:
        self.page.goto(f"{self.base}/")

    def free_lab(self) -> str:
        """Open a lab in one click and let its time run fast; return its address."""
        self.home()
        self.page.get_by_role("button", name="A free lab").click()
        self.page.wait_for_selector(".tank .title", state="attached")
        self.page.get_by_role("button", name="×100", exact=True).click()
        return self.page.url

    def type(self, line: str) -> None:
        self.page.click("[data-tab=terminal]")
        self.page.click("#terminal")
        self.page.keyboard.type(f"{line}\n")

    def wait_for_output(self, text: str) -> None:
        wanted = json.dumps(text)
        self.page.wait_for_function(f"() => window.kubarium.terminal.text().includes({wanted})")

    def write(self, manifest: str) -> None:
        self.page.click("[data-tab=editor]")
        self.page.evaluate("text => window.kubarium.editor.openText(text)", manifest)

    def apply(self, manifest: str) -> None:
        self.write(manifest)
        self.page.click("[data-act=apply]")

    def answers(self) -> str:
        self.page.wait_for_selector("[data-answers] li")
        return self.page.inner_text("[data-answers]")

    def view(self, name: str) -> None:
        self.page.click(f"[data-view={name}]")

    def wait_for_item(self, start: str, state: str = "", count: int = 1) -> None:
        """Wait until so many items whose id starts so are drawn (in that state)."""
        self.page.bring_to_front()  # a page behind another draws nothing
        part = f'.item[data-id^="{start}"]' + (f'[data-state="{state}"]' if state else "")
        self.page.wait_for_function(f"() => document.querySelectorAll('{part}').length >= {count}")

    def edges(self, kind: str) -> set[tuple[str, str]]:
        """Return the edges drawn, as (from, to) without what makes pods' names unique."""
        found = self.page.eval_on_selector_all(f'[data-kind="{kind}"]', "all => all.map(each => each.dataset.edge)")
        pairs = (each.removeprefix(f"{kind}:").split(">") for each in found)
        return {(_plain(source), _plain(target)) for source, target in pairs}

    def violations(self, axe: str) -> list[Any]:
        """Return what axe-core finds wrong with the page: rule and where."""
        self.page.evaluate(axe)
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [(each["id"], [node["html"][:160] for node in each["nodes"]][:4]) for each in found["violations"]]


def _plain(key: str) -> str:
    resource, _, name = key.split("/")
    return "-".join(name.split("-")[:-2]) if resource == "pods" else f"service {name}"
