"""The walls of the house: layers, purity, style and types hold on the whole tree."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = [
    "machinery", "kinds", "workloads", "store", "apiserver", "controllers", "scheduler", "kubelet", "network",
    "metrics", "shell", "kubectl", "terminal", "topology", "runtime", "honesty",
]  # fmt: skip
WALL_CLOCK = {"time.time", "time.monotonic", "time.sleep", "datetime.now", "datetime.utcnow", "date.today"}
CHANCE = {"random.random", "random.choice", "random.randint", "random.shuffle", "uuid.uuid4", "os.urandom"}


def core_files() -> list[Path]:
    return [path for package in CORE for path in sorted((ROOT / "cluster" / package).rglob("*.py"))]


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_layer_imports_only_those_below_it() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    run("ruff", "check", "--no-cache", ".")


def test_the_core_is_typed_strictly() -> None:
    run("mypy", *(f"cluster/{package}" for package in CORE))


@pytest.mark.parametrize("path", core_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_takes_neither_time_nor_chance_from_the_machine(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    named = {ast.unparse(call.func) for call in calls}
    used = {name for name in named if any(name == bad or name.endswith(f".{bad}") for bad in WALL_CLOCK | CHANCE)}
    assert not used


def test_a_process_without_django_settings_builds_a_cluster_and_rolls_a_deployment() -> None:
    script = (
        "import sys\n"
        "from cluster.runtime.simulation import Simulation\n"
        "from cluster.runtime.settings import LabSettings\n"
        "lab = Simulation.create(LabSettings(instant=True))\n"
        "lab.run('kubectl create deployment web --image=nginx:1.26 --replicas=3')\n"
        "lab.settle()\n"
        "lab.run('kubectl set image deployment/web nginx=nginx:1.27')\n"
        "lab.settle()\n"
        "out = lab.run('kubectl get deployment web -o jsonpath={.status.readyReplicas}/{.status.updatedReplicas}')\n"
        "assert out.stdout == '3/3', out\n"
        "assert 'django' not in sys.modules and 'asyncio' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
