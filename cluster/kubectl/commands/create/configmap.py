"""kubectl create configmap."""

from __future__ import annotations

import base64

from cluster.kubectl.command import Session
from cluster.kubectl.commands.create import generator, sources
from cluster.machinery.meta import Object


def build(session: Session) -> Object:
    obj = generator.typed("v1", "ConfigMap", generator.argument(session), session)
    text: dict[str, str] = {}
    binary: dict[str, str] = {}
    for key, value in sources.gather(session, "configMap").items():
        try:
            text[key] = value.decode()
        except UnicodeDecodeError:
            binary[key] = base64.b64encode(value).decode()
    if text:
        obj["data"] = dict(sorted(text.items()))
    if binary:
        obj["binaryData"] = dict(sorted(binary.items()))
    metadata = obj.pop("metadata")
    obj["metadata"] = metadata
    return obj


COMMAND = generator.command(
    "configmap", "Create a config map from a local file, directory or literal value", build, sources.FLAGS,
    usage="configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    aliases=("cm",), failure="failed to create configmap: ",
    examples="""# From literal values
kubectl create configmap settings --from-literal=color=blue --from-literal=level=3

# From a file, or all files of a folder
kubectl create configmap pages --from-file=index.html
kubectl create configmap site --from-file=folder/

# From lines of key=value
kubectl create configmap env --from-env-file=app.env""",
)
