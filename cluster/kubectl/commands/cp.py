"""kubectl cp: files between this place and a container.

A real one runs tar in the container; here the container's files are copied directly, so an image without tar
works too, and only regular files and folders are copied.
"""

from __future__ import annotations

from dataclasses import dataclass

from cluster.kubectl import podchoice, streams
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, usage_error
from cluster.kubectl.flags import Flag
from cluster.machinery.meta import name, namespace
from cluster.workloads.files import FileError, Files
from cluster.workloads.process import Place


@dataclass(frozen=True)
class Spec:
    """One end: a path here (no pod), or in a pod."""

    namespace: str
    pod: str
    path: str


def run(session: Session) -> int:
    if len(session.args) != 2:
        raise usage_error(session.path, "source and destination are required")
    source, target = (_spec(text) for text in session.args)
    if source.pod and target.pod:
        raise CommandError("one of src or dest must be a local file specification")
    if not source.pod and not target.pod:
        raise CommandError("one of src or dest must be a remote file specification")
    if not source.path or not target.path:
        raise CommandError("filepath can not be empty")
    place = _place(session, source if source.pod else target)
    remote = place.files
    local = session.call.place.files
    if source.pod:
        _download(session, remote, source.path, local, session.path_of(target.path))
    else:
        _upload(session, local, source.path, remote, target.path)
        keep = getattr(place, "save_files", None)  # a kubelet's place is a view; what was written is kept by asking
        if keep is not None:
            keep()
    return 0


def _spec(text: str) -> Spec:
    """Read `[namespace/]pod:path`; a path here has no colon, or begins with a dot or slash."""
    where, colon, path = text.partition(":")
    if not colon or text[:1] in "./":
        return Spec("", "", text)
    parts = where.split("/")
    if len(parts) > 2 or not parts[-1]:
        raise CommandError("filespec must match the canonical format: [[namespace/]pod:]file/path")
    return Spec(parts[0] if len(parts) == 2 else "", parts[-1], path)


def _place(session: Session, spec: Spec) -> Place:
    pod = (session.client.get("pods", spec.pod, spec.namespace) if spec.namespace else
           podchoice.one(session, spec.pod))
    container = streams.chosen_container(session, pod, session.flags["container"])
    streams.require(session, "create", "exec", namespace(pod), name(pod))
    return streams.containers(session).place(namespace(pod), name(pod), container)


def _upload(session: Session, local: Files, source: str, remote: Files, target: str) -> None:
    full = session.path_of(source)
    if not local.exists(full):
        raise CommandError(f"{source} doesn't exist in local filesystem")
    path = target if target.startswith("/") else f"/{target}"
    if target.endswith("/") or remote.exists(path) and remote.stat(path).kind == "dir":
        path = f"{path.rstrip('/')}/{full.rpartition('/')[2]}"
    try:
        copy(local, full, remote, path)
    except FileError as failure:
        session.err(f"tar: {path.lstrip('/')}: Cannot open: {failure}\n"
                    "tar: Exiting with failure status due to previous errors\n")
        raise CommandError("command terminated with exit code 2", code=1, bare=True) from None


def _download(session: Session, remote: Files, source: str, local: Files, target: str) -> None:
    path = source if source.startswith("/") else f"/{source}"
    if not remote.exists(path):
        session.err(f"tar: {source}: Cannot stat: No such file or directory\n"
                    "tar: Exiting with failure status due to previous errors\n")
        raise CommandError("command terminated with exit code 2", bare=True)
    if source.startswith("/"):
        session.err("tar: Removing leading `/' from member names\n")
    if local.exists(target) and local.stat(target).kind == "dir":
        target = f"{target.rstrip('/')}/{path.rpartition('/')[2]}"
    copy(remote, path, local, target)


def copy(origin: Files, source: str, destination: Files, target: str) -> None:
    """Copy a file, or a folder with all in it."""
    info = origin.stat(source)
    if info.kind != "dir":
        parent = target.rpartition("/")[0]
        if parent and not destination.exists(parent):
            destination.make_dir(parent, parents=True)
        destination.write(target, origin.read(source), mode=info.mode)
        return
    destination.make_dir(target, parents=True)
    for entry in origin.list(source):
        copy(origin, f"{source.rstrip('/')}/{entry}", destination, f"{target.rstrip('/')}/{entry}")


COMMAND = Command(
    name="cp", short="Copy files and directories to and from containers", usage="cp <file-spec-src> <file-spec-dest>",
    run=run, long="Copy files and directories to and from containers.",
    examples="# A file into a pod\nkubectl cp index.html web:/usr/share/nginx/html/index.html\n\n# And one out of it\n"
             "kubectl cp web:/etc/nginx/nginx.conf nginx.conf",
    flags=(
        Flag("container", help="Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation "
             "for selecting the container to be attached or the first container in the pod will be chosen", short="c"),
        Flag("no-preserve", "bool", False, "The copied file/directory's ownership and permissions will not be "
                                           "preserved "
             "in the container"),
        Flag("retries", "int", 0, "Set number of retries to complete a copy operation from a container. Specify 0 to "
             "disable or any negative value for infinite retrying. The default is 0 (no retry)."),
    ))
