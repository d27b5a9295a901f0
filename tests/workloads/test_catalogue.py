"""The catalogue: every entry runs something, tags are believed or refused."""

from __future__ import annotations

import pytest

from cluster.shell.programs.registry import SHELLS, has_program
from cluster.workloads.behaviours import PROGRAMS
from cluster.workloads.catalogue import PullFailed, entries, image_of, pull
from cluster.workloads.distributions import COMMANDS
from cluster.workloads.image import InvalidReference, parse_reference


def test_there_are_the_images_of_many_courses() -> None:
    assert len({entry.config["size"] for entry in entries().values()}) >= 40


@pytest.mark.parametrize("name", sorted(entries()))
def test_every_image_starts_a_program_that_exists(name: str) -> None:
    image = image_of(parse_reference(name))
    argv = [word for word in (*image.entrypoint, *image.cmd) if word not in image.wrappers]
    word = argv[0].rpartition("/")[2]
    known = image.programs.get(word, word) in PROGRAMS or word in SHELLS.get(image.distribution, {})
    added = word in image.commands and (word in ("bash", "zsh") or has_program(word, "container", "full", ()))
    assert known or added, argv
    assert image.size > 0
    assert image.distribution in COMMANDS


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        ("bitnami/redis:7", "docker.io/bitnami/redis:7"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
        ("localhost:5000/app", "localhost:5000/app:latest"),
    ],
)
def test_references_are_normalised(text: str, full: str) -> None:
    assert str(parse_reference(text)) == full


@pytest.mark.parametrize("text", ["", "Nginx", "nginx:", "a b", "nginx:la test"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InvalidReference):
        parse_reference(text)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("nginx:1.27", "1.27.5"),
        ("nginx:1.7.9", "1.7.9"),
        ("nginx", "1.29.4"),
        ("redis:6", "6.2.19"),
        ("busybox:1.28", "1.28"),
    ],
)
def test_a_tag_names_a_version(text: str, version: str) -> None:
    assert pull(parse_reference(text)).version == version


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nginx:1.161", "docker.io/library/nginx:1.161: not found"),
        ("nginxx", "pull access denied, repository does not exist or may require authorization"),
        ("registry.example.com/shop/web:1", "no such host"),
    ],
)
def test_a_registry_refuses_what_does_not_exist(text: str, why: str) -> None:
    with pytest.raises(PullFailed, match=why):
        pull(parse_reference(text))


def test_alpine_variants_have_no_bash() -> None:
    assert image_of(parse_reference("nginx:1.27-alpine")).distribution == "alpine"
    assert "bash" not in COMMANDS["alpine"]


@pytest.mark.parametrize("distribution", ["busybox", "alpine", "debian"])
def test_every_listed_command_can_be_run(distribution: str) -> None:
    shells = SHELLS[distribution]
    for command in COMMANDS[distribution]:
        assert command in shells or has_program(command, "container", distribution, ()), command
