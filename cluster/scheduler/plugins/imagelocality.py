"""ImageLocality: nodes that hold the pod's images already score higher, the larger the image the more."""

from __future__ import annotations

from cluster.scheduler.framework import Cycle, Plugin
from cluster.scheduler.nodes import NodeInfo

_MIN = 23 * 1024 * 1024
_MAX_PER_CONTAINER = 1000 * 1024 * 1024


class ImageLocality(Plugin):
    name = "ImageLocality"
    scores = True

    def prefers(self, cycle: Cycle, nodes: list[NodeInfo]) -> bool:
        images = [_normal(each["image"]) for each in cycle.pod.spec["containers"]]
        spread = {image: sum(image in node.images for node in nodes) / max(1, len(cycle.nodes)) for image in images}
        cycle.notes[self.name] = spread
        return any(spread.values())

    def score(self, cycle: Cycle, node: NodeInfo) -> int:
        spread: dict[str, float] = cycle.notes[self.name]
        total = sum(int(node.images.get(image, 0) * share) for image, share in spread.items())
        most = _MAX_PER_CONTAINER * len(cycle.pod.spec["containers"])
        return 100 * (min(max(total, _MIN), most) - _MIN) // (most - _MIN)


def _normal(image: str) -> str:
    return image if ":" in image.rpartition("/")[2] or "@" in image else f"{image}:latest"
