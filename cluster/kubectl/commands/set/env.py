"""kubectl set env."""

from __future__ import annotations

import re
from typing import Any

from cluster.kubectl.command import Command, Session
from cluster.kubectl.commands.set import templates
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.manifests import Info

_CHANGE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*(=.*|-)$", re.S)


def run(session: Session) -> int:
    flags = session.flags
    words, changes = _split(session)
    if flags["list"]:
        return _list(session, words)
    if not changes and not flags["from"] and not flags["env"]:
        raise CommandError("at least one environment variable must be provided")
    added = [*changes, *flags["env"]]
    wanted = [{"name": key, "value": value} for key, equals, value in (text.partition("=") for text in added) if equals]
    removed = [text[:-1] for text in added if "=" not in text and text.endswith("-")]
    wanted += _from(session) if flags["from"] else []

    def change(info: Info, spec: templates.PodSpec) -> None:
        found = [one for one in templates.every_container(spec) if templates.matches(flags["containers"], one["name"])]
        if not found:
            raise CommandError(f"{info.mapping.kind.kind}/{info.name} does not have any containers matching "
                               f'"{flags["containers"]}"')
        for container in found:
            _update(container, wanted, removed, flags["overwrite"])

    return templates.update(session, words, change, "env updated")


def _split(session: Session) -> tuple[list[str], list[str]]:
    words: list[str] = []
    changes: list[str] = []
    for word in session.args:
        is_change = bool(_CHANGE.match(word)) and ("=" in word or word.endswith("-"))
        if changes and not is_change:
            raise CommandError(f"all resources must be specified before environment changes: {word}")
        (changes if is_change else words).append(word)
    return words, changes


def _update(container: dict[str, Any], wanted: list[dict[str, Any]], removed: list[str], overwrite: bool) -> None:
    found = list(container.get("env") or ())
    positions = {item["name"]: index for index, item in enumerate(found)}
    for item in wanted:
        if item["name"] in positions:
            if overwrite:
                found[positions[item["name"]]] = item
        else:
            positions[item["name"]] = len(found)
            found.append(item)
    found = [item for item in found if item["name"] not in removed]
    if found:
        container["env"] = found
    else:
        container.pop("env", None)


def _from(session: Session) -> list[dict[str, Any]]:
    """Return references to all keys of a config map or secret."""
    flags = session.flags
    kind, slash, name = flags["from"].partition("/")
    words = (kind, name) if slash else ("configmap", kind)
    mapping = session.discovery.resource(words[0])
    if mapping.kind.kind not in ("ConfigMap", "Secret"):
        raise CommandError("unsupported resource specified in --from")
    source = session.send("get", mapping, name=words[1], namespace=session.namespace)
    field = "configMapKeyRef" if mapping.kind.kind == "ConfigMap" else "secretKeyRef"
    found = []
    for key in sorted(source.get("data") or {}):
        if flags["keys"] and key not in flags["keys"]:
            continue
        upper = re.sub(r"[^a-zA-Z0-9]", "_", key).upper()
        if upper != key:
            session.warn([f"key {key} transferred to {upper}"])
        found.append({"name": f"{flags['prefix']}{upper}", "valueFrom": {field: {"name": words[1], "key": key}}})
    return found


def _list(session: Session, words: list[str]) -> int:
    selection = templates.find(session, words)
    selection.check()
    for info in selection.infos:
        spec = templates.pod_spec(info.object or {}) or {}
        for container in spec.get("containers") or ():
            session.out(f"# {info.mapping.kind.kind} {info.name}, container {container['name']}\n")
            for item in container.get("env") or ():
                session.out(_shown(item) + "\n")
    return 0


def _shown(item: dict[str, Any]) -> str:
    source = item.get("valueFrom")
    if not source:
        return f"{item['name']}={item.get('value', '')}"
    if "configMapKeyRef" in source:
        ref = source["configMapKeyRef"]
        return f"# {item['name']} from configmap {ref.get('name', '')}, key {ref['key']}"
    if "secretKeyRef" in source:
        ref = source["secretKeyRef"]
        return f"# {item['name']} from secret {ref.get('name', '')}, key {ref['key']}"
    if "fieldRef" in source:
        return f"# {item['name']} from field path {source['fieldRef']['fieldPath']}"
    ref = source.get("resourceFieldRef") or {}
    container = f"{ref['containerName']}/" if ref.get("containerName") else ""
    return f"# {item['name']} from resource field {container}{ref.get('resource', '')}"


COMMAND = Command(
    name="env", short="Update environment variables on a pod template", run=run,
    usage="env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
    long="Update environment variables on a pod template.\n\n KEY- takes a variable away; --list shows what is set; "
         "--from brings in all keys of a config map or secret.",
    examples="""# Set one, take one away
kubectl set env deployment/web MODE=prod DEBUG-

# What is set
kubectl set env deployment/web --list

# All keys of a secret, with a prefix
kubectl set env --from=secret/db --prefix=DB_ deployment/web""",
    flags=(
        *templates.flags("kubectl-set"),
        Flag("containers", "string", "*", "The names of containers in the selected pod templates to change - may use "
             "wildcards", "c"),
        Flag("env", "array", (), "Specify a key-value pair for an environment variable to set into each container.",
             "e"),
        Flag("from", help="The name of a resource from which to inject environment variables"),
        Flag("keys", "strings", (), "Comma-separated list of keys to import from specified resource"),
        Flag("list", "bool", False, "If true, display the environment and any changes in the standard format. this "
                                    "flag "
             "will removed when we have kubectl view env."),
        Flag("overwrite", "bool", True, "If true, allow environment to be overwritten, otherwise reject updates that "
             "overwrite existing environment."),
        Flag("prefix", help="Prefix to append to variable names"),
        Flag("resolve", "bool", False, "If true, show secret or configmap references when listing variables"),
    ))
