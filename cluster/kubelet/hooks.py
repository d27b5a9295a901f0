"""postStart and preStop: exec, httpGet and sleep handlers as tasks with an end.

A hook in progress is JSON data: `{"until": moment}` for sleep, a task for exec, nothing for httpGet.
https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kubelet import tasks
from cluster.kubelet.place import ContainerPlace
from cluster.kubelet.probes import Serve, web_request
from cluster.machinery.meta import Object

Hook = dict[str, Any]
FOREVER = 1e9


def begin(place: ContainerPlace, spec: Object, handler: Mapping[str, Any], serve: Serve) -> Hook:
    """Start a hook. `failed` in it is the reason once it has gone wrong, `done` whether it is over."""
    if "exec" in handler:
        return _settled(tasks.begin(place, handler["exec"].get("command") or [], FOREVER))
    if "sleep" in handler:
        return {"sleep": place.now() + handler["sleep"].get("seconds", 0)}
    if "httpGet" in handler:
        port, request = web_request(place, spec, handler["httpGet"])
        reply = serve(port, request)
        if reply.error:
            return {"done": True, "failed": f'Get "{request.url}": {reply.error}'}
    return {"done": True}


def _settled(task: Hook) -> Hook:
    if "exit" in task:
        task["done"] = True
        if task["exit"]:
            command = " ".join(task["argv"])
            task["failed"] = f"command '{command}' exited with {task['exit']}: {task['out']}"
    return task


def go_on(place: ContainerPlace, hook: Hook) -> None:
    """Bring a hook up to the present."""
    if hook.get("done"):
        return
    if "sleep" in hook:
        hook["done"] = hook["sleep"] <= place.now()
        return
    moment = hook["process"]["wake"]
    if moment is not None and moment <= place.now():
        tasks.go_on(place, hook)
        _settled(hook)


def wake(hook: Hook) -> float:
    return float(hook["sleep"]) if "sleep" in hook else tasks.wake(hook)
