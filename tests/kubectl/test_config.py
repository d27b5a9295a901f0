"""The learner's own kubeconfig."""

from __future__ import annotations

from tests.kubectl.desk import Desk

CONFIG = """\
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: "https://lab"}}]
contexts: [{name: dev, context: {cluster: lab, user: ada}}]
users: [{name: ada, user: {token: s3cret}}]
current-context: dev
"""


def test_the_namespace_of_the_context_is_used(desk: Desk) -> None:
    desk.write(".kube/config", CONFIG)
    assert desk.say("kubectl config set-context --current --namespace=kube-system").out == 'Context "dev" modified.\n'
    assert desk.say("kubectl get pods").err == "No resources found in kube-system namespace.\n"
    assert desk.say("kubectl get pods -n default").err == "No resources found in default namespace.\n"


def test_secrets_are_hidden_unless_asked_for(desk: Desk) -> None:
    desk.write(".kube/config", CONFIG)
    assert "token: REDACTED" in desk.say("kubectl config view").out
    assert "token: s3cret" in desk.say("kubectl config view --raw").out


def test_a_context_that_is_not_there_cannot_be_used(desk: Desk) -> None:
    desk.write(".kube/config", CONFIG)
    assert desk.say("kubectl config use-context nope").err == 'error: no context exists with the name: "nope"\n'


def test_the_first_file_of_a_list_wins(desk: Desk) -> None:
    desk.write("one", CONFIG)
    desk.write("two", CONFIG.replace("s3cret", "other").replace("current-context: dev", "current-context: x"))
    desk.environ["KUBECONFIG"] = "/root/one:/root/two"
    assert desk.say("kubectl config current-context").out == "dev\n"
    assert desk.say("kubectl config view --raw -o jsonpath={.users[*].user.token}").out == "s3cret"
