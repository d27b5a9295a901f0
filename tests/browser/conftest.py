"""A browser before a running lab server. Chromium is taken from the PATH, else Playwright's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from cluster.management.bench.process import LabServer
from tests.browser.glass import Learner

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = "no Chromium found: install it with `python -m playwright install --with-deps chromium`"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    running = LabServer(tmp_path_factory.mktemp("browser-lab"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=found, args=SWITCHES)
        except Error:
            if os.environ.get("CI") == "true":
                pytest.fail(MISSING, pytrace=False)
            pytest.skip(MISSING)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, server: LabServer) -> Iterator[object]:
    """Return a function that opens a browser of one's own on the home page; faults of pages fail the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(width: int = 1440, height: int = 900, scheme: str = "light", locale: str = "en-US") -> Learner:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale, reduced_motion="reduce"
        )
        contexts.append(context)
        page: Page = context.new_page()
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        return Learner(page, server.page, faults)

    yield opened
    for context in contexts:
        for page in context.pages:
            page.evaluate("() => window.kubarium?.clock.act('pause')")
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def axe() -> str:
    source = Path(__file__).resolve().parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js"
    return source.read_text(encoding="utf-8")
