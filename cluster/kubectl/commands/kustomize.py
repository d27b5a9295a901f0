"""kubectl kustomize: print what a kustomization builds."""

from __future__ import annotations

from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.kustomize import build
from cluster.machinery import goyaml


def run(session: Session) -> int:
    if len(session.args) > 1:
        raise CommandError("specify one path to kustomization.yaml")
    text = "---\n".join(goyaml.dump(obj) for obj in build(session, session.args[0] if session.args else "."))
    if session.flags["output"]:
        session.call.place.files.write(session.path_of(session.flags["output"]), text.encode())
    else:
        session.out(text)
    return 0


COMMAND = Command(
    name="kustomize", short="Build a kustomization target from a directory or URL", usage="kustomize DIR", run=run,
    long="Build a set of KRM resources using a 'kustomization.yaml' file. The DIR argument must be a path to a "
         "directory "
         "containing 'kustomization.yaml'. If DIR is omitted, '.' is assumed.",
    examples="# Build the current working directory\nkubectl kustomize\n\n# Build some shared configuration directory\n"
             "kubectl kustomize /home/config/production",
    flags=(Flag("output", help="If specified, write output to this path.", short="o"),))
