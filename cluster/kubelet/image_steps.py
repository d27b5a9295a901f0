"""How a container gets its image: the pull policy's steps, their events and their waiting reasons.

Stands for the image manager's `EnsureImageExists`, spread over virtual time.
"""

from __future__ import annotations

from cluster.kubelet import images
from cluster.kubelet.host import Host
from cluster.kubelet.place import ContainerPlace
from cluster.kubelet.record import Container
from cluster.kubelet.status import terminated
from cluster.machinery.meta import Object
from cluster.workloads.catalogue import PullFailed

CREATE = 0.1
RETRY = 12.0


class ImageSteps:
    """The first part of a container's life. `step` says which comes next, `at` when."""

    def __init__(self, place: ContainerPlace, spec: Object):
        self.place = place
        self.spec = spec
        self.host: Host = place.host
        self.container: Container = place.container

    def event(self, reason: str, message: str, kind: str = "Normal") -> None:
        self.host.event(self.place.pod, reason, message, container=self.place.name, kind=kind)

    def show_waiting(self, reason: str, message: str = "") -> None:
        """Turn the shown state to waiting; a run that is over becomes the last state."""
        container = self.container
        if container["state"] == "terminated":
            container["last"] = terminated(container)
        container |= {"state": "waiting", "reason": reason, "message": message, "ready": False, "started": False}

    def retry(self, reason: str, message: str, seconds: float = RETRY) -> None:
        self.show_waiting(reason, message)
        self.event("Failed", f"Error: {message if reason.startswith(('Create', 'Run')) else reason}", "Warning")
        self.container |= {"step": "new", "at": self.host.now + seconds}

    def look_for_image(self) -> None:
        text = self.spec["image"]
        reference = images.reference_of(text)
        if reference is None:
            invalid = f'couldn\'t parse image name "{text}": invalid reference format'
            why = f'Failed to apply default image tag "{text}": {invalid}'
            self.event("InspectFailed", why, "Warning")
            self.retry("InvalidImageName", why)
            return
        present = images.is_present(self.host, reference)
        policy = self.spec.get("imagePullPolicy", "IfNotPresent")
        if images.wants_pull(policy, present):
            self._begin_pull()
        elif present:
            self.event("Pulled", f'Container image "{text}" already present on machine and can be accessed by the pod')
            self._have_image()
        else:
            why = f'Container image "{text}" is not present with pull policy of Never'
            self.event("ErrImageNeverPull", why, "Warning")
            self.retry("ErrImageNeverPull", why)

    def _begin_pull(self) -> None:
        self.event("Pulling", f'Pulling image "{self.spec["image"]}"')
        pulling = images.begin(self.host, self.place.reference)
        self.container["pull"] = {"seconds": pulling.seconds, "waited": pulling.waited}
        self.container |= {"step": "pull", "at": pulling.ends}

    def end_pull(self) -> None:
        text, pull = self.spec["image"], self.container["pull"]
        try:
            image = images.finish(self.host, self.place.reference)
        except PullFailed as error:
            self._pull_failed(str(error))
            return
        pulling = images.Pulling(self.host.now, pull["seconds"], pull["waited"])
        self.event("Pulled", images.pulled_message(text, pulling, image.size))
        self.container["pullFailures"] = 0
        self._have_image()

    def _pull_failed(self, why: str) -> None:
        failures = self.container["pullFailures"] = self.container.get("pullFailures", 0) + 1
        self.event("Failed", f'Failed to pull image "{self.spec["image"]}": {why}', "Warning")
        self.event("Failed", "Error: ErrImagePull", "Warning")
        self.show_waiting("ErrImagePull", why)
        self.container["pullNext"] = self.host.now + images.backoff(failures)
        self.container |= {"step": "backoff", "at": self.host.now + self.host.delay(images.BACKOFF_SEEN)}

    def back_off_pull(self) -> None:
        text = self.spec["image"]
        self.event("BackOff", f'Back-off pulling image "{text}"')
        self.event("Failed", "Error: ImagePullBackOff", "Warning")
        self.show_waiting(
            "ImagePullBackOff", f'Back-off pulling image "{text}": ErrImagePull: {self.container["message"]}'
        )
        self.container |= {"step": "new", "at": self.container["pullNext"]}

    def _have_image(self) -> None:
        self.container["imageID"] = self.place.reference.image_id
        if not self.place.image.known and not self.container["id"]:
            text = self.spec["image"]
            why = f'Image "{text}" is not in this lab\'s catalogue: it runs as a plain long-lived process'
            self.event("UnknownImage", why)
        self.container |= {"step": "create", "at": self.host.now + self.host.delay(CREATE)}
