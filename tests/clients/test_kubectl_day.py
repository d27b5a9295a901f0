"""An ordinary day with kubectl, for every version there is. The tests of a version build on each other."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.clients.conftest import VERSIONS, Kubectl
from tests.clients.screens import Screen
from tests.clients.test_certificates import Person

pytestmark = pytest.mark.clients

WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: REPLICAS
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: nginx, image: "nginx:1.27"}]
"""
TWO = """apiVersion: v1
kind: Pod
metadata: {name: two, labels: {app: two}}
spec:
  containers:
  - {name: a, image: busybox, command: [sh, -c, "for i in 1 2 3; do echo a $i; sleep 0.3; done"]}
  - {name: b, image: busybox, command: [sh, -c, "for i in 1 2 3; do echo b $i; sleep 0.3; done"]}
  restartPolicy: Never
"""
SIGNS = "certificates.k8s.io/v1"
SIGNER = "kubernetes.io/kube-apiserver-client"
MAPS = """apiVersion: v1
kind: ConfigMap
metadata: {name: one, labels: {set: maps}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other, labels: {set: maps}}
"""


def web(replicas: int) -> str:
    return WEB.replace("REPLICAS", str(replicas))


def test_it_looks_around(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    assert "v1.36.2" in kubectl("version")
    assert "deployments" in kubectl("api-resources", "--api-group=apps")
    assert "apps/v1" in kubectl("api-versions").splitlines()
    assert "is running at" in kubectl("cluster-info")
    assert kubectl("get", "--raw", "/healthz").strip() == "ok"
    assert json.loads(kubectl("get", "--raw", "/api/v1/namespaces/default"))["kind"] == "Namespace"
    available = kubectl("get", "apiservice", "v1beta1.metrics.k8s.io", "--no-headers").split()
    assert available[1:3] == ["kube-system/metrics-server", "True"]


def test_it_knows_who_asks(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    if not kubectl.path.endswith("1.27"):  # which asks by a version that 1.36 no longer serves
        assert "kubernetes-admin" in kubectl("auth", "whoami")
    assert kubectl("auth", "can-i", "create", "pods").strip() == "yes"
    no = kubectl.try_("auth", "can-i", "create", "pods", "--as=system:serviceaccount:default:default")
    assert (no.stdout.strip(), no.returncode) == ("no", 1)
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
    where = {"name": "reader", "namespace": kubectl.namespace}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": where, "rules": [rule]}
    assert "reconciled" in kubectl.here("auth", "reconcile", "-f", "-", stdin=json.dumps(role))
    assert kubectl.here("create", "token", "default").count(".") == 2


def test_it_applies_and_reads_in_every_form(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    assert "created" in kubectl.here("apply", "-f", "-", stdin=web(2))
    assert "successfully rolled out" in kubectl.here("rollout", "status", "deployment/web", "--timeout=30s")
    assert "nginx:1.27" in kubectl.here("get", "deployment", "web", "-o", "wide")
    assert json.loads(kubectl.here("get", "deployment", "web", "-o", "json"))["spec"]["replicas"] == 2
    assert "replicas: 2" in kubectl.here("get", "deployment", "web", "-o", "yaml")
    columns = kubectl.here("get", "deployment", "web", "-o", "custom-columns=N:.metadata.name,R:.spec.replicas")
    assert columns.split() == ["N", "R", "web", "2"]
    assert len(kubectl.here("get", "pods", "--chunk-size=1", "-o", "name").split()) == 2
    assert "Replicas:" in kubectl.here("describe", "deployment", "web")


def test_it_applies_on_the_server_and_shows_differences(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    assert "serverside-applied" in kubectl.here("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=web(2))
    changed = kubectl.try_(
        "-n", kubectl.namespace, "diff", "--server-side", "--force-conflicts", "-f", "-", stdin=web(3)
    )
    assert changed.returncode == 1 and "+  replicas: 3" in changed.stdout
    assert kubectl.here("diff", "--server-side", "--force-conflicts", "-f", "-", stdin=web(2)) == ""


def test_it_changes_things_in_place(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    assert "labeled" in kubectl.here("label", "deployment", "web", "tier=front")
    assert "annotate" in kubectl.here("annotate", "deployment", "web", "note=hello")
    assert "patched" in kubectl.here("patch", "deployment", "web", "-p", '{"spec":{"minReadySeconds":1}}')
    edited = kubectl.try_("-n", kubectl.namespace, "edit", "deployment", "web", KUBE_EDITOR="sed -i s/hello/goodbye/")
    assert "edited" in edited.stdout, edited.stderr
    assert kubectl.here("get", "deployment", "web", "-o", "jsonpath={.metadata.annotations.note}") == "goodbye"
    assert "scaled" in kubectl.here("scale", "deployment", "web", "--replicas=1")


def test_it_rolls_out_and_back(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    kubectl.here("set", "image", "deployment/web", "nginx=nginx:1.25")
    assert "successfully rolled out" in kubectl.here("rollout", "status", "deployment/web", "--timeout=60s")
    assert "rolled back" in kubectl.here("rollout", "undo", "deployment/web")
    kubectl.here("rollout", "status", "deployment/web", "--timeout=60s")
    image = kubectl.here("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    assert image == "nginx:1.27"


def test_it_waits_for_all_sorts_of_things(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    kubectl.here("wait", "--for=condition=Available", "deployment/web", "--timeout=30s")
    kubectl.here("wait", "--for=jsonpath={.status.readyReplicas}=1", "deployment/web", "--timeout=30s")
    late = kubectl.try_("-n", kubectl.namespace, "wait", "--for=condition=Never", "deployment/web", "--timeout=1s")
    assert late.returncode == 1 and "timed out waiting for the condition" in late.stderr
    kubectl.here("create", "configmap", "short")
    kubectl.here("delete", "configmap", "short", "--wait=false")
    kubectl.here("wait", "--for=delete", "configmap/short", "--timeout=10s")


def test_it_follows_the_logs_of_several_containers(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    kubectl.here("apply", "-f", "-", stdin=TWO)
    kubectl.here("wait", "--for=jsonpath={.status.phase}=Running", "pod/two", "--timeout=30s")
    followed = kubectl.here("logs", "-f", "two", "--all-containers", "--prefix")
    assert sorted(followed.splitlines()) == [f"[pod/two/{one}] {one} {count}" for one in "ab" for count in (1, 2, 3)]
    stamped = kubectl.here("logs", "two", "-c", "a", "--timestamps").splitlines()
    assert all(line.startswith("20") and line[30] == " " for line in stamped) and len(stamped) == 3
    assert kubectl.here("logs", "two", "-c", "b", "--tail=1") == "b 3\n"


def test_it_reaches_into_a_container(every_kubectl: Kubectl, tmp_path: Path) -> None:
    kubectl = every_kubectl
    pod = kubectl.here("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].metadata.name}")
    assert kubectl.here("exec", pod, "--", "hostname").strip() == pod
    (tmp_path / "folder" / "deeper").mkdir(parents=True)
    (tmp_path / "folder" / "deeper" / "file").write_bytes(bytes(range(256)) * 300)
    kubectl.here("cp", str(tmp_path / "folder"), f"{pod}:/tmp/")
    kubectl.here("cp", f"{pod}:/tmp/folder", str(tmp_path / "back"))
    sent = (tmp_path / "folder" / "deeper" / "file").read_bytes()
    assert (tmp_path / "back" / "deeper" / "file").read_bytes() == sent


def test_it_debugs_a_pod_a_copy_and_a_node(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    pod = kubectl.here("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].metadata.name}")
    kubectl.here("debug", pod, "--image=busybox", "-c", "probe", "--", "sh", "-c", "hostname")
    names = kubectl.here("get", "pod", pod, "-o", "jsonpath={.spec.ephemeralContainers[*].name}")
    assert names == "probe"
    kubectl.here("debug", pod, "--copy-to=copy", "--image=busybox", "-c", "extra", "--", "true")
    assert kubectl.here("get", "pod", "copy", "-o", "name").strip() == "pod/copy"
    kubectl.here("debug", "node/worker-1", "--image=busybox", "--", "true")
    assert "node-debugger-worker-1" in kubectl.here("get", "pods", "-o", "name")
    assert kubectl.here(
        "run", "once", "--rm", "-i", "--restart=Never", "--image=busybox", "--", "echo", "said"
    ).startswith("said")


def terminal(kubectl: Kubectl, *words: str) -> Screen:
    return Screen(kubectl.command(["-n", kubectl.namespace, *words]), kubectl.home)


def size(screen: Screen, wanted: str) -> None:
    """Ask for the terminal's size until it is the wanted one: a resize is sent beside what is typed."""
    screen.wait_for("# ")
    screen.type(f'until stty size | grep -q "{wanted}"; do sleep 0.1; done; echo si""ze-is-there')
    screen.wait_for("size-is-there")


def test_its_terminal_may_be_dragged_to_another_size(every_kubectl: Kubectl) -> None:
    pod = every_kubectl.here("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].metadata.name}")
    with terminal(every_kubectl, "exec", "-it", pod, "--", "sh") as screen:
        size(screen, "24 80")
        screen.resize(40, 132)
        size(screen, "40 132")
        screen.type("exit 5")
        assert screen.code() == 5


def test_it_attaches_to_a_shell_and_leaves_nothing_behind(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    with terminal(kubectl, "run", "-it", "--rm", "shell", "--image=busybox", "--restart=Never", "--", "sh") as screen:
        screen.wait_for("try pressing enter")  # the prompt was shown before it attached
        screen.type("")
        screen.wait_for("# ")
        screen.type("echo it-is-$((40+2))")
        screen.wait_for("it-is-42")
        with terminal(kubectl, "attach", "-it", "shell") as second:
            second.type("echo and-$((1+1))")
            second.wait_for("and-2")
            screen.wait_for("and-2")
        screen.type("exit")
        screen.wait_for('pod "shell" deleted')
        assert screen.code() == 0
    assert kubectl.try_("-n", kubectl.namespace, "get", "pod", "shell").returncode == 1


def test_it_approves_and_denies_certificates(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    for name, verb, word in (("good", "approve", "approved"), ("bad", "deny", "denied")):
        spec = {"request": Person(name).request(), "signerName": SIGNER, "usages": ["client auth"]}
        named = f"{name}-{kubectl.namespace}"
        body = {"apiVersion": SIGNS, "kind": "CertificateSigningRequest", "metadata": {"name": named}, "spec": spec}
        assert "created" in kubectl("create", "-f", "-", stdin=json.dumps(body))
        assert word in kubectl("certificate", verb, named)
    table = kubectl("get", "csr", f"good-{kubectl.namespace}", f"bad-{kubectl.namespace}", "--no-headers")
    assert [line.split()[-1].partition(",")[0] for line in table.splitlines()] == ["Approved", "Denied"]


def test_it_measures_and_tells_what_happened(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    assert "worker-1" in kubectl("top", "nodes")
    assert "etcd-cp-1" in kubectl("-n", "kube-system", "top", "pods")
    assert "ScalingReplicaSet" in kubectl.here("events", "--for=deployment/web")


def test_it_prunes_and_replaces(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    kubectl.here("apply", "-f", "-", "--prune", "-l", "set=maps", stdin=MAPS)
    pruned = kubectl.here("apply", "-f", "-", "--prune", "-l", "set=maps", stdin=MAPS.partition("---")[0])
    assert "configmap/other pruned" in pruned
    set_ = ("-n", kubectl.namespace, "apply", "-f", "-", "--prune", "--applyset=myset")
    kubectl.try_(*set_, stdin=MAPS.replace("name: ", "name: set-"), KUBECTL_APPLYSET="true")
    again = kubectl.try_(*set_, stdin=MAPS.replace("name: ", "name: set-").partition("---")[0], KUBECTL_APPLYSET="true")
    assert "configmap/set-other pruned" in again.stdout, again.stderr
    assert "replaced" in kubectl.here("replace", "--force", "-f", "-", stdin=MAPS.partition("---")[0])


def test_a_watch_shows_what_moves_in_and_out_of_a_selector(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    words = [
        "-n",
        kubectl.namespace,
        "get",
        "configmaps",
        "-l",
        "in=yes",
        "-w",
        "--no-headers",
        "--output-watch-events",
    ]
    kubectl.here("create", "configmap", "mover")
    kubectl.here("create", "configmap", "settled")
    kubectl.here("label", "configmap", "settled", "in=yes")
    with subprocess.Popen(kubectl.command(words), stdout=subprocess.PIPE, text=True, env=kubectl.home) as watching:
        assert watching.stdout is not None
        try:
            seen = [watching.stdout.readline().split()[0]]
            for change in ("in=yes", "more=1", "in-"):
                kubectl.here("label", "configmap", "mover", change)
                seen.append(watching.stdout.readline().split()[0])
        finally:
            watching.kill()
    assert seen == ["ADDED", "ADDED", "MODIFIED", "DELETED"]


def test_its_proxy_opens_the_api_and_a_pods_page(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    pod = kubectl.here("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].metadata.name}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        kubectl.command(["proxy", f"--port={port}"]), stdout=subprocess.PIPE, env=kubectl.home
    ) as proxy:
        assert proxy.stdout is not None
        try:
            proxy.stdout.readline()
            base = f"http://127.0.0.1:{port}/api/v1/namespaces/{kubectl.namespace}/pods/{pod}"
            with urllib.request.urlopen(base, timeout=10) as answer:
                assert json.load(answer)["metadata"]["name"] == pod
            with urllib.request.urlopen(f"{base}:80/proxy/", timeout=10) as answer:
                assert b"nginx" in answer.read()
        finally:
            proxy.kill()


def test_it_takes_a_node_out_and_in(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    try:
        assert "cordoned" in kubectl("cordon", "worker-3")
        drain = ("--ignore-daemonsets", "--delete-emptydir-data", "--force", "--grace-period=1")
        assert "drained" in kubectl("drain", "worker-3", *drain)
        assert "tainted" in kubectl("taint", "node", "worker-3", "day=long:NoSchedule")
    finally:
        kubectl.try_("taint", "node", "worker-3", "day-")
        assert "uncordoned" in kubectl("uncordon", "worker-3")


def test_it_dumps_the_cluster_and_cleans_up(every_kubectl: Kubectl) -> None:
    kubectl = every_kubectl
    dump = kubectl("cluster-info", "dump", "--namespaces", kubectl.namespace)
    assert '"kind": "NodeList"' in dump and "==== START logs for container nginx of pod" in dump
    kubectl("alpha", "--help")
    assert "deleted" in kubectl.here("delete", "deployment", "web", "--cascade=foreground")
    # A namespace keeps its pods' grace period; the newest waits for all of them.
    newest = kubectl.path.endswith(VERSIONS[-1])
    assert "deleted" in kubectl("delete", "namespace", kubectl.namespace, f"--wait={json.dumps(newest)}")
    gone = kubectl.try_("get", "namespace", kubectl.namespace, "-o", "jsonpath={.status.phase}")
    assert gone.returncode == 1 if newest else gone.stdout == "Terminating"
