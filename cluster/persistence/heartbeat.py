"""Workers say that they live; whoever asks whether a control plane is there looks here."""

from __future__ import annotations

import time

from cluster.models import Worker

EVERY = 5.0
FRESH = 3 * EVERY


def beat(worker: str) -> None:
    """Write this worker's heartbeat and forget those long dead."""
    now = time.time()
    Worker.objects.update_or_create(id=worker, defaults={"beat": now})
    Worker.objects.filter(beat__lt=now - 20 * FRESH).delete()


def stop(worker: str) -> None:
    Worker.objects.filter(id=worker).delete()


def control_plane_is_live() -> bool:
    return Worker.objects.filter(beat__gte=time.time() - FRESH).exists()
