"""kubectl set image."""

from __future__ import annotations

from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.set import templates
from cluster.kubectl.errors import CommandError
from cluster.kubectl.manifests import Info


def run(session: Session) -> int:
    words = [word for word in session.args if "=" not in word]
    pairs = dict(word.partition("=")[::2] for word in session.args if "=" in word)
    if not pairs and (len(words) < 2 or all("/" in word for word in words)):
        if not words and not session.flags["filename"]:
            raise CommandError("one or more resources must be specified as <resource> <name> or <resource>/<name>")
        raise CommandError("at least one image update is required")
    if pairs and len(pairs) > 1 and "*" in pairs:
        raise CommandError("all containers are already specified by *, but saw more than one container_name="
                           "container_image pairs")

    def change(info: Info, spec: templates.PodSpec) -> None:
        for name, image in pairs.items():
            found = [one for one in templates.every_container(spec) if name == "*" or one["name"] == name]
            if not found:
                raise CommandError(f'unable to find container named "{name}"')
            for container in found:
                container["image"] = image

    return templates.update(session, words, change, "image updated")


COMMAND = Command(
    name="image", short="Update the image of a pod template", run=run, flags=templates.flags("kubectl-set"),
    usage="image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    long="Update existing container image(s) of resources.",
    examples="""# Another image for one container
kubectl set image deployment/web nginx=nginx:1.27

# For every container
kubectl set image deployment/web '*=nginx:1.27'""")
