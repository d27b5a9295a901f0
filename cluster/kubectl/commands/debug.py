"""kubectl debug: an ephemeral container in a pod, a copy of a pod, or a pod on a node.

Profiles other than `general` change nothing here, since security contexts have no machine to act on.
"""

from __future__ import annotations

import copy
from typing import Any

from cluster.kubectl import resources, streams
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.manifests import Info
from cluster.machinery.ids import Ids
from cluster.machinery.meta import Object, name, namespace


def run(session: Session) -> int | None:
    flags = session.flags
    words = session.args if flags.dash < 0 else session.args[: flags.dash]
    if not words:
        raise CommandError("NAME is required for debug\nSee 'kubectl debug -h' for help and examples")
    if not flags["image"] and not flags["copy-to"]:
        raise CommandError("you must specify --image or --copy-to")
    selection = resources.find(session, words if "/" in words[0] else ["pods", *words])
    selection.check()
    info = selection.infos[0]
    if info.mapping.kind.kind == "Node":
        made, container = _on_node(session, info), "debugger"
    elif info.mapping.kind.kind != "Pod":
        raise CommandError(f'"{info.mapping.kind.kind}" not supported by debug')
    elif flags["copy-to"]:
        made, container = _copied(session, info)
    else:
        made, container = _ephemeral(session, info)
    if not (flags["stdin"] or flags["attach"]) or flags.given("attach") and not flags["attach"]:
        return 0
    session.state.update({"resume": True, "pod": name(made), "namespace": namespace(made), "container": container})
    return resume(session)


def _suffix(session: Session) -> str:
    return Ids(session.client.server.ids.seed).letters(5, "debug", session.client.server.store.revision)


def _container(session: Session, given: str) -> dict[str, Any]:
    flags = session.flags
    found: dict[str, Any] = {"name": given, "image": flags["image"], "terminationMessagePolicy": "File",
                             "imagePullPolicy": flags["image-pull-policy"] or "IfNotPresent"}
    words = session.args[flags.dash :] if flags.dash >= 0 else []
    if words:
        found["args" if flags["arguments-only"] else "command"] = words
    if flags["env"]:
        found["env"] = [dict(zip(("name", "value"), text.partition("=")[::2], strict=True)) for text in flags["env"]]
    if flags["stdin"]:
        found["stdin"] = True
    if flags["tty"]:
        found["tty"] = True
    return found


def _ephemeral(session: Session, info: Info) -> tuple[Object, str]:
    pod = info.object or {}
    given = session.flags["container"]
    if not given:
        given = f"debugger-{_suffix(session)}"
        session.err(f"Defaulting debug container name to {given}.\n")
    container = _container(session, given)
    if session.flags["target"]:
        container["targetContainerName"] = session.flags["target"]
        session.err(f'Targeting container "{session.flags["target"]}". If you don\'t see processes from this container '
                    "it may be because the container runtime doesn't support this feature.\n")
    patch = {"spec": {"ephemeralContainers": [container]}}
    made = session.send("patch", info.mapping, name=name(pod), namespace=namespace(pod), body=patch,
                        patch_type="strategic", subresource="ephemeralcontainers", field_manager="kubectl-debug")
    return made, given


def _copied(session: Session, info: Info) -> tuple[Object, str]:
    flags = session.flags
    source = info.object or {}
    spec = copy.deepcopy(source["spec"])
    for field in ("nodeName", "ephemeralContainers"):
        if field == "ephemeralContainers" or not flags["same-node"]:
            spec.pop(field, None)
    given = flags["container"] or (f"debugger-{_suffix(session)}" if flags["image"] else streams.default_container(
        source))
    known = {one["name"]: one for one in spec["containers"]}
    if given in known:
        words = session.args[flags.dash :] if flags.dash >= 0 else []
        known[given] |= {**({"image": flags["image"]} if flags["image"] else {}),
                         **({"command": words} if words else {})}
    else:
        spec["containers"].append(_container(session, given))
    labels = source["metadata"].get("labels") if flags["keep-labels"] else None
    body = {"apiVersion": "v1", "kind": "Pod", "spec": spec, "metadata": {
        "name": flags["copy-to"], "namespace": info.namespace, **({"labels": labels} if labels else {})}}
    return session.send("create", info.mapping, body=body, namespace=info.namespace), given


def _on_node(session: Session, info: Info) -> Object:
    given = f"node-debugger-{info.name}-{_suffix(session)}"
    session.err(f"Creating debugging pod {given} with container debugger on node {info.name}.\n")
    spec = {"containers": [{**_container(session, "debugger"),
                            "volumeMounts": [{"name": "host-root", "mountPath": "/host"}]}],
            "hostIPC": True, "hostNetwork": True, "hostPID": True, "nodeName": info.name, "restartPolicy": "Never",
            "tolerations": [{"operator": "Exists"}],
            "volumes": [{"name": "host-root", "hostPath": {"path": "/"}}]}
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": given}, "spec": spec}
    return session.send("create", session.discovery.resource("pods"), body=body, namespace=session.namespace)


def resume(session: Session) -> int | None:
    """Wait for the container, then attach to it."""
    state = session.state
    if "exec_session" not in state:
        pod = session.client.get("pods", state["pod"], state["namespace"])
        if not _runs(pod, state["container"]):
            session.wait()
            return None
        over = _exit_code(pod, state["container"])
        if over is not None:
            session.call.write(streams.containers(session).logs(
                state["namespace"], state["pod"], {"container": state["container"]}))
            return over
        if session.flags["tty"]:
            session.err("If you don't see a command prompt, try pressing enter.\n")
        streams.require(session, "create", "attach", state["namespace"], state["pod"])
        state["exec_session"] = streams.containers(session).attach(
            state["namespace"], state["pod"], state["container"], stdin=session.flags["stdin"])
    return streams.pump(session, state["exec_session"], stdin=session.flags["stdin"])


def _state(pod: Object, container: str) -> dict[str, Any]:
    status = pod.get("status") or {}
    for field in ("containerStatuses", "ephemeralContainerStatuses"):
        for one in status.get(field) or ():
            if one["name"] == container:
                return one.get("state") or {}
    return {}


def _runs(pod: Object, container: str) -> bool:
    state = _state(pod, container)
    return bool(state.get("running") or state.get("terminated"))


def _exit_code(pod: Object, container: str) -> int | None:
    ended = _state(pod, container).get("terminated")
    return int(ended.get("exitCode", 0)) if ended else None


COMMAND = Command(
    name="debug", short="Create debugging sessions for troubleshooting workloads and nodes", run=run, resume=resume,
    usage="debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]",
    long="Debug cluster resources using interactive debugging containers.\n\n A pod gets an ephemeral container, or is "
         "copied with changes (--copy-to); a node gets a pod in its own namespaces, with its files below /host.",
    examples="# A shell beside a pod's containers\nkubectl debug web -it --image=busybox\n\n# A shell on a "
             "node\nkubectl "
             "debug node/worker-1 -it --image=busybox",
    flags=(
        Flag("arguments-only", "bool", False, "If specified, everything after -- will be passed to the new container "
                                              "as "
             "Args instead of Command."),
        Flag("attach", "bool", False, "If true, wait for the container to start running, and then attach as if "
             "'kubectl attach ...' were called."),
        Flag("container", help="Container name to use for debug container.", short="c"),
        Flag("copy-to", help="Create a copy of the target Pod with this name."),
        Flag("env", "array", (), "Environment variables to set in the container."),
        Flag("image", help="Container image to use for debug container."),
        Flag("image-pull-policy", help="The image pull policy for the container."),
        Flag("keep-labels", "bool", False, "If true, keep the original pod labels."),
        Flag("profile", "string", "general", 'Options are "legacy", "general", "baseline", "netadmin", "restricted" or '
             '"sysadmin".'),
        Flag("quiet", "bool", False, "If true, suppress informational messages.", "q"),
        Flag("same-node", "bool", False, "When used with '--copy-to', schedule the copy of target Pod on the same "
             "node."),
        Flag("stdin", "bool", False, "Keep stdin open on the container(s) in the pod, even if nothing is attached.",
             "i"),
        Flag("target", help="When using an ephemeral container, target processes in this container name."),
        Flag("tty", "bool", False, "Allocate a TTY for the debugging container.", "t"),
    ))
