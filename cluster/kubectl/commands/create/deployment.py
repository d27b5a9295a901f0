"""kubectl create deployment."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.commands.create import generator
from cluster.kubectl.errors import CommandError, usage_error
from cluster.kubectl.flags import Flag
from cluster.machinery.meta import Object


def build(session: Session) -> Object:
    flags = session.flags
    generator.require(session, "image")
    name = generator.argument(session)
    _validate(session)
    labels = {"app": name}
    obj = generator.typed("apps/v1", "Deployment", name, session, labels=labels)
    obj["spec"] = {
        "replicas": flags["replicas"],
        "selector": {"matchLabels": labels},
        "template": {"metadata": generator.template_meta(labels), "spec": {"containers": _containers(session)}},
        "strategy": {},
    }
    obj["status"] = {}
    return obj


def _validate(session: Session) -> None:
    if len(session.flags["image"]) > 1 and generator.command_after_dash(session):
        raise usage_error(session.path, "cannot specify multiple --image options and command")
    if session.flags["replicas"] < 0:
        raise CommandError("negative replicas are not allowed")


def _containers(session: Session) -> list[dict[str, Any]]:
    return [_container(session, image) for image in session.flags["image"]]


def _container(session: Session, image: str) -> dict[str, Any]:
    container: dict[str, Any] = {"name": container_name(image), "image": image}
    if generator.command_after_dash(session):
        container["command"] = generator.command_after_dash(session)
    if session.flags["port"] >= 0 and session.flags.given("port"):
        container["ports"] = [{"containerPort": session.flags["port"]}]
    return {**container, "resources": {}}


def container_name(image: str) -> str:
    """Return the last path element without tag and digest, made a valid name."""
    last = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    return "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in last.lower()).strip("-")


COMMAND = generator.command(
    "deployment", "Create a deployment with the specified name", build,
    (
        Flag("image", "strings", (), "Image names to run. A deployment can have multiple images set for "
             "multi-container pod."),
        Flag("port", "int", -1, "The containerPort that this deployment exposes."),
        Flag("replicas", "int", 1, "Number of replicas to create. Default is 1.", "r"),
    ),
    usage="deployment NAME --image=image -- [COMMAND] [args...]", aliases=("deploy",),
    failure="failed to create deployment: ",
    examples="""# A deployment that runs nginx, three times
kubectl create deployment web --image=nginx --replicas=3

# One that runs a command of its own
kubectl create deployment clock --image=busybox -- sh -c 'while true; do date; sleep 5; done'""",
)
