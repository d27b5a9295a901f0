"""Pulling images: time, cache, refusals, back-off."""

from __future__ import annotations

from tests.kubelet.node_lab import NodeLab


def test_a_pull_takes_time_by_size_and_says_so(lab: NodeLab) -> None:
    lab.pod()
    lab.run(10)
    assert lab.events()[1] == (
        "Pulled",
        'Successfully pulled image "nginx:1.27" in 2.088s (2.088s including waiting). Image size: 72324501 bytes.',
    )


def test_pulls_of_one_machine_wait_for_each_other(lab: NodeLab) -> None:
    lab.pod("one", "nginx:1.27")
    lab.pod("two", "httpd:2.4")
    lab.run(10)
    message = next(text for reason, text in lab.events("two") if reason == "Pulled")
    assert "(3.538s including waiting)" in message


def test_an_unknown_tag_fails_as_containerd_words_it_and_backs_off(lab: NodeLab) -> None:
    lab.pod("typo", "nginx:1.161")
    lab.run(1)
    waiting = lab.container("typo")["state"]["waiting"]
    assert waiting["reason"] == "ErrImagePull"
    assert waiting["message"] == (
        'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:1.161": '
        'failed to resolve reference "docker.io/library/nginx:1.161": docker.io/library/nginx:1.161: not found'
    )
    lab.run(3)
    assert lab.container("typo")["state"]["waiting"]["reason"] == "ImagePullBackOff"
    reasons = [reason for reason, _ in lab.events("typo")]
    assert reasons == ["Pulling", "Failed", "Failed", "BackOff", "Failed"]
    lab.run(30)
    pulling = next(e for e in lab.store.list("events", "default") if e["reason"] == "Pulling")
    assert pulling["count"] == 3


def test_a_corrected_image_is_pulled(lab: NodeLab) -> None:
    lab.pod("typo", "nginx:1.161")
    lab.run(5)
    lab.client.patch(
        "pods",
        "typo",
        {"spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]}},
        "default",
        patch_type="strategic",
    )
    lab.run(30)
    assert lab.container("typo")["ready"]


def test_never_pulling_an_absent_image_is_an_error(lab: NodeLab) -> None:
    lab.pod(container={"imagePullPolicy": "Never"})
    lab.run(2)
    assert lab.container()["state"]["waiting"]["reason"] == "ErrImageNeverPull"


def test_an_image_nobody_declared_runs_and_the_event_says_so(lab: NodeLab) -> None:
    lab.pod("mine", "registry.acme.io/shop/cart:7")
    lab.run(10)
    assert lab.container("mine")["ready"]
    assert "UnknownImage" in [reason for reason, _ in lab.events("mine")]
