"""The management commands, beside a running server and without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cluster.management.bench.process import LabServer
from tests.web.conftest import ApiLab


def test_a_line_runs_in_the_terminal_of_a_lab_the_server_runs(lab: ApiLab) -> None:
    manage = lab.server.manage
    manage("labs", "run", "web", "echo 'kept' > note.txt")
    assert manage("labs", "run", "web", "cat note.txt").stdout == "kept\n"
    failed = manage("labs", "run", "web", "kubectl get pod nosuch", check=False)
    assert failed.returncode == 1
    assert failed.stderr == 'Error from server (NotFound): pods "nosuch" not found\n'
    assert lab.server.is_healthy()


def test_manifests_are_applied_file_by_file(lab: ApiLab, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-file}\n")
    (tmp_path / "b.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: from-file}\n")
    (tmp_path / "c.txt").write_text("no manifest")
    done = lab.server.manage("labs", "apply", "web", "-f", str(tmp_path), check=False)
    assert done.returncode == 1
    assert done.stdout == "configmap/from-file created\n"
    assert "spec.containers: Required value" in done.stderr
    assert lab.request("GET", "/api/v1/namespaces/default/configmaps/from-file").code == 200


def test_a_lab_moves_by_export_and_import(lab: ApiLab, tmp_path: Path) -> None:
    manage, path = lab.server.manage, tmp_path / "lab.json"
    manage("labs", "create", "moving", "--nodes", "1", "--seed", "9")
    manage("labs", "run", "moving", "kubectl create configmap carried --from-literal=a=b")
    manage("labs", "export", "moving", "-o", str(path))
    assert json.loads(path.read_text())["name"] == "moving"
    manage("labs", "delete", "moving")
    assert "no lab 'moving'" in manage("labs", "run", "moving", "true", check=False).stderr
    manage("labs", "import", str(path), "--name", "moved")
    assert "carried" in manage("labs", "run", "moved", "kubectl get configmaps").stdout
    assert "moved" in manage("labs", "list").stdout
    manage("labs", "delete", "moved")


@pytest.mark.parametrize(
    "words", [("create", "No_Name"), ("create", "web"), ("kubeconfig", "nosuch"), ("import", "/nosuch")]
)
def test_what_cannot_be_done_is_one_line(lab: ApiLab, words: tuple[str, ...]) -> None:
    done = lab.server.manage("labs", *words, check=False)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_same_seed_and_commands_give_the_same_lab(lab: ApiLab) -> None:
    manage = lab.server.manage
    for name in ("twin-1", "twin-2"):
        manage("labs", "create", name, "--seed", "77", "--nodes", "1")
    uids = [
        manage("labs", "run", name, "kubectl get pods -n kube-system -o jsonpath={.items[*].metadata.uid}").stdout
        for name in ("twin-1", "twin-2")
    ]
    assert uids[0] == uids[1] != ""
    manage("labs", "delete", "twin-1", "twin-2")


def test_a_lab_may_have_no_node_at_all(lab: ApiLab) -> None:
    lab.server.manage("labs", "create", "empty", "--nodes", "0")
    assert lab.server.manage("labs", "run", "empty", "kubectl get nodes").stderr == "No resources found\n"
    lab.server.manage("labs", "delete", "empty")


def test_the_server_ends_cleanly_and_comes_back_where_it_was(tmp_path: Path) -> None:
    server = LabServer(tmp_path)
    server.manage("labs", "create", "offline", "--nodes", "1", "--instant")
    server.manage("labs", "run", "offline", "kubectl create deployment web --image=nginx")
    server.start()
    assert server.stop() == 0
    assert "Traceback" not in server.log()
    server.start()
    server.kill()
    server.start()
    said = server.manage("labs", "run", "offline", "kubectl rollout status deployment/web --timeout=30s")
    assert "successfully rolled out" in said.stdout
    assert server.stop() == 0
