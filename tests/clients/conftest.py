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

VERSIONS = ("1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33")
THOROUGH = ("1.27", "1.29", "1.31", "1.33")


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

    @property
    def home(self) -> dict[str, str]:
        """Return an environment in which kubectl finds nothing of the person who runs the tests."""
        return {**os.environ, "HOME": str(self.config.parent), "KUBECACHEDIR": str(self.config.parent / "cache")}

    def try_(
        self, *words: str, stdin: str = "", timeout: float = 60, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        given = {**self.home, **environ}
        return subprocess.run(
            self.command(words), input=stdin, capture_output=True, text=True, timeout=timeout, env=given
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


def versioned(version: str, config: Path, prefix: str) -> Kubectl:
    """Return kubectl of a version with a namespace that is there; CI fails without it, elsewhere one line says so."""
    path = binary(version)
    if path is None:
        message = f"not all of kubectl.{VERSIONS[0]} … kubectl.{VERSIONS[-1]} are here: name their KUBARIUM_KUBECTL_DIR"
        pytest.fail(f"{version}: {message}") if os.environ.get("CI") == "true" else pytest.skip(message)
    made = Kubectl(path, config, prefix + version.replace(".", "-"))
    made("create", "namespace", made.namespace)
    return made


def _prefix(request: pytest.FixtureRequest) -> str:
    """Return how the namespaces of a test module begin: modules share one server."""
    return request.module.__name__.rpartition("test_")[2].replace("_", "-") + "-"


@pytest.fixture(scope="module", params=THOROUGH)
def kubectl(request: pytest.FixtureRequest, lab_config: Path) -> Kubectl:
    """Some versions, for the tests that look closely."""
    return versioned(request.param, lab_config, _prefix(request))


@pytest.fixture(scope="module", params=VERSIONS)
def every_kubectl(request: pytest.FixtureRequest, lab_config: Path) -> Kubectl:
    """Each version, for the ordinary day of a person at a cluster."""
    return versioned(request.param, lab_config, _prefix(request))
