"""kubectl auth: may I, and roles as their manifests want them."""

from __future__ import annotations

from tests.kubectl.desk import Desk

ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: reader, namespace: default}}
rules: [{{apiGroups: [""], resources: [pods], verbs: [{verbs}]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: reader, namespace: default}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}}
subjects: [{{kind: User, name: {user}, apiGroup: rbac.authorization.k8s.io}}]
"""


def test_reconcile_adds_what_is_missing_and_takes_nothing_away(desk: Desk) -> None:
    desk.write("a.yaml", ROLE.format(verbs="get, list", user="eve"))
    desk.write("b.yaml", ROLE.format(verbs="watch", user="dev"))
    made = desk.say("auth reconcile -f a.yaml")
    assert made.out == (
        "role.rbac.authorization.k8s.io/reader reconciled\nrolebinding.rbac.authorization.k8s.io/reader reconciled\n"
    )
    assert made.err.startswith(
        "\treconciliation required create\n\tmissing rules added:\n\t\t{Verbs:[get list] APIGroups:[]"
    )
    assert desk.say("auth reconcile -f a.yaml").err == ""
    changed = desk.say("auth reconcile -f b.yaml").err
    assert "\treconciliation required update\n\tmissing rules added:\n\t\t{Verbs:[watch] " in changed
    assert (
        "\tmissing subjects added:\n\t\t{Kind:User APIGroup:rbac.authorization.k8s.io Name:dev Namespace:}\n" in changed
    )
    for user in ("eve", "dev"):
        assert desk.say(f"auth can-i list pods --as={user}").out == "yes\n"


def test_reconcile_removes_extras_when_told_to(desk: Desk) -> None:
    desk.write("a.yaml", ROLE.format(verbs="get, list", user="eve"))
    desk.write("b.yaml", ROLE.format(verbs="get", user="dev"))
    desk.say("auth reconcile -f a.yaml")
    told = desk.say("auth reconcile -f b.yaml --remove-extra-permissions --remove-extra-subjects").err
    assert "\textra rules removed:\n\t\t{Verbs:[list] " in told
    assert "\textra subjects removed:\n\t\t{Kind:User APIGroup:rbac.authorization.k8s.io Name:eve Namespace:}\n" in told
    assert desk.say("auth can-i get pods --as=eve").out == "no\n"
    assert desk.say("auth can-i list pods --as=dev").out == "no\n"


def test_a_list_of_rights_says_when_it_is_incomplete_and_takes_no_arguments(desk: Desk) -> None:
    told = desk.say("auth can-i --list --as=system:node:worker-1 --as-group=system:nodes").err
    assert told == "Warning: the list may be incomplete: node authorizer does not support user rule resolution\n"
    assert "list option must be specified with no arguments" in desk.say("auth can-i --list get pods").err
