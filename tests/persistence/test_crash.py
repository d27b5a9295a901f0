"""Kill −9 in the middle of writes, again and again: nothing acknowledged is lost, and the lab goes on."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, WRITES = 20, 500
DEPLOYMENT = "kubectl create deployment web --image=nginx --replicas=3"


class Folder:
    """A data folder and the commands that work on it, each in a process of its own."""

    def __init__(self, path: Path):
        self.path = path
        self.environment = {
            **os.environ,
            "KUBARIUM_DATA": str(path),
            "DJANGO_SETTINGS_MODULE": "labsite.settings",
            "PYTHONWARNINGS": "ignore",
        }

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def write_and_die(self, slug: str, prefix: str, after: int) -> list[tuple[str, int]]:
        """Let a process write, kill it after some acknowledgements; return what it acknowledged."""
        command = [sys.executable, "-m", "tests.persistence.writer", slug, prefix, str(WRITES)]
        acknowledged = []
        with subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            for line in process.stdout:
                name, number = line.split()
                acknowledged.append((name, int(number)))
                if len(acknowledged) == after:
                    process.kill()
        return acknowledged

    def rows(self, query: str) -> list[tuple]:
        with closing(sqlite3.connect(self.path / "kubarium.sqlite3")) as database:
            return database.execute(query).fetchall()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    yield Folder(tmp_path)


def test_twenty_kills_in_the_middle_of_500_writes_lose_nothing(folder: Folder) -> None:
    slug = folder.manage("labs", "create", "crash", "--seed", "1").split()[3]
    folder.manage("labs", "run", "crash", DEPLOYMENT)
    chance = random.Random(7)
    acknowledged: dict[str, int] = {}
    for turn in range(ROUNDS):
        acknowledged |= folder.write_and_die(slug, f"round-{turn}", chance.randrange(1, 60))
    stored = dict(folder.rows("SELECT name, resource_version FROM cluster_configmap WHERE namespace = 'default'"))
    assert {name: stored.get(name) for name in acknowledged} == acknowledged
    _check_log(folder)
    said = folder.manage("labs", "run", "crash", "kubectl rollout status deployment/web --timeout=120s")
    assert "successfully rolled out" in said


def _check_log(folder: Folder) -> None:
    """The log has no gap, and what is current is what the log says."""
    numbers = [row[0] for row in folder.rows("SELECT number FROM cluster_revision ORDER BY number")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert folder.rows("SELECT revision FROM cluster_lab") == [(len(numbers),)]
    last: dict[tuple[str, str], bytes | None] = {}
    for verb, space, name, text in folder.rows(
        "SELECT verb, namespace, name, object FROM cluster_revision WHERE resource = 'pods' ORDER BY number"
    ):
        last[space, name] = None if verb == "DELETED" else text
    current = {
        (space, name): text for space, name, text in folder.rows("SELECT namespace, name, manifest FROM cluster_pod")
    }
    assert {key: orjson.loads(text) for key, text in last.items() if text} == {
        key: orjson.loads(text) for key, text in current.items()
    }
