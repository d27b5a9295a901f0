"""Real clients against a real server: one server process and one lab for all of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from cluster.management.bench.process import LabServer

VERSIONS = ("1.27", "1.29", "1.31", "1.33")


def binary(version: str) -> str | None:
    """Return the path of `kubectl.<version>`: in KUBARIUM_KUBECTL_DIR, beside kubectl itself, or on the path."""
    name = f"kubectl.{version}"
    plain = shutil.which("kubectl")
    beside = Path(plain).resolve().parent if plain else None
    folders = [os.environ.get("KUBARIUM_KUBECTL_DIR"), beside]
    found = [Path(folder) / name for folder in folders if folder and (Path(folder) / name).is_file()]
    return str(found[0]) if found else shutil.which(name)


@dataclass(frozen=True)
class Kubectl:
    """One kubectl on one lab, in a namespace of its own."""

    path: str
    config: Path
    namespace: str

    def command(self, words: Sequence[str]) -> list[str]:
        return [self.path, "--kubeconfig", str(self.config), *words]

    def try_(self, *words: str, stdin: str = "", timeout: float = 60) -> subprocess.CompletedProcess[str]:
        home = {**os.environ, "HOME": str(self.config.parent), "KUBECACHEDIR": str(self.config.parent / "cache")}
        return subprocess.run(
            self.command(words), input=stdin, capture_output=True, text=True, timeout=timeout, env=home
        )

    def __call__(self, *words: str, stdin: str = "", timeout: float = 60) -> str:
        done = self.try_(*words, stdin=stdin, timeout=timeout)
        assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def here(self, *words: str, stdin: str = "", timeout: float = 60) -> str:
        """Run in the own namespace."""
        return self("-n", self.namespace, *words, stdin=stdin, timeout=timeout)


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    server = LabServer(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def lab_config(lab_server: LabServer) -> Path:
    return lab_server.create_lab("clients", "--instant")


@pytest.fixture(scope="module", params=VERSIONS)
def kubectl(request: pytest.FixtureRequest, lab_config: Path) -> Kubectl:
    """Each version, with a namespace that is there."""
    path = binary(request.param)
    if path is None:
        message = f"kubectl.{request.param} is nowhere: set KUBARIUM_KUBECTL_DIR to the folder of kubectl.<version>"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    made = Kubectl(path, lab_config, "v" + request.param.replace(".", "-"))
    made("create", "namespace", made.namespace)
    return made
