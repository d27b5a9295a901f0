"""The `Warning:` lines about pods and workloads."""

from __future__ import annotations

from typing import Any

from tests.kinds.builders import Object, container, kind, pod, stored, workload


def warned(obj: Object) -> list[str]:
    draft = stored(obj)
    return kind(draft["kind"], draft["apiVersion"].rpartition("/")[0]).warnings(draft, None)


def test_a_plain_pod_warns_of_nothing() -> None:
    assert warned(pod()) == []


def test_a_variable_that_hides_another_is_told() -> None:
    twice: list[dict[str, Any]] = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    assert warned(pod("web", container(env=twice))) == [
        'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'
    ]


def test_deprecated_volumes_and_labels_are_told_in_templates() -> None:
    spec = {
        "containers": [container()],
        "nodeSelector": {"beta.kubernetes.io/os": "linux"},
        "volumes": [{"name": "v", "glusterfs": {"endpoints": "e", "path": "/p"}}],
    }
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    assert warned(workload(template=template)) == [
        "spec.template.spec.nodeSelector[beta.kubernetes.io/os]: "
        'deprecated since v1.14; use "kubernetes.io/os" instead',
        "spec.template.spec.volumes[0].glusterfs: deprecated in v1.25, non-functional in v1.26+",
    ]


def test_a_dotted_name_makes_a_surprising_host_name() -> None:
    (text,) = warned(pod("web.1"))
    assert text.startswith("metadata.name: this is used in the Pod's hostname, which can result in surprising behavior")


def test_an_app_armor_annotation_becomes_a_field() -> None:
    made = pod("web")
    made["metadata"]["annotations"] = {"container.apparmor.security.beta.kubernetes.io/c": "localhost/strict"}
    profile = stored(made)["spec"]["containers"][0]["securityContext"]["appArmorProfile"]
    assert profile == {"type": "Localhost", "localhostProfile": "strict"}
