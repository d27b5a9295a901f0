"""kubectl edit: the live object in an editor, sent back as a patch."""

from __future__ import annotations

import json
from typing import Any

from cluster.kubectl import editing, patching, resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, Silent
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import OUTPUT, SAVE_CONFIG, VALIDATE, field_manager, filename
from cluster.kubectl.lastapplied import with_last_applied
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers.outcome import sayer
from cluster.kubectl.printers.structured import compact_json, to_json, without_managed_fields
from cluster.machinery import goyaml
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object


def run(session: Session) -> int | None:
    flags = session.flags
    if flags["output"] not in ("", "yaml", "json", "name") and not flags["output"].startswith("jsonpath"):
        raise CommandError("The flag 'output' must be one of yaml|json")
    selection = resources.find(session, session.args, types_suffice=True, files=flags["filename"],
                               recursive=flags["recursive"], kustomize=flags["kustomize"])
    selection.check()
    if not selection.infos:
        raise CommandError("edit cancelled, no objects found")
    info = selection.infos[0]
    before = session.state.setdefault("before", without_managed_fields(info.object or {}))
    as_json = flags["output"] == "json"
    text = to_json(before) if as_json else editing.BANNER + goyaml.dump(before)
    while (after := editing.edited(session, text, ".json" if as_json else ".yaml")) is not None:
        try:
            return _apply(session, info, before, session.state.get("shown_text", text), after)
        except _Wrong as wrong:
            _ask_again(session, after, wrong)
    return None


class _Wrong(Exception):
    """What was saved cannot be; the page's editor is opened again and says why."""


def _ask_again(session: Session, after: str, wrong: _Wrong) -> None:
    reasons = "".join(f"# {line}\n" for line in str(wrong).splitlines())
    text = f"{editing.BANNER}{reasons}#\n{editing.without_comments(after)}"
    session.state["shown_text"] = text
    editing.reopen(session, text)


def _can_ask_again(session: Session) -> bool:
    return session.call.tty and not editing.editor_of(session)


def _apply(session: Session, info: Info, before: Object, text: str, after: str) -> int:
    if after == text and "shown_text" in session.state:
        _keep(session)
        raise CommandError("Edit cancelled, no valid changes were saved.")
    if after == text or not editing.without_comments(after).strip():
        session.err("Edit cancelled, no changes made.\n" if after == text else
                    "Edit cancelled, saved file was empty.\n")
        return 0
    changed = _parsed(session, after)
    if changed == before:
        session.err("Edit cancelled, no changes made.\n")
        return 0
    for path in (("apiVersion",), ("kind",), ("metadata", "name")):
        if _at(changed, path) != _at(before, path):
            _keep(session)
            raise CommandError("At least one of apiVersion, kind and name was changed")
    return _send(session, info, before, changed)


def _at(obj: Any, path: tuple[str, ...]) -> Any:
    for word in path:
        obj = obj.get(word) if isinstance(obj, dict) else None
    return obj


def _parsed(session: Session, after: str) -> Object:
    try:
        data = goyaml.load(editing.without_comments(after))
    except goyaml.YamlError as problem:
        if _can_ask_again(session):
            raise _Wrong(f"The edited file had a syntax error: {problem}") from None
        _keep(session)
        raise CommandError(f"Edit cancelled, no valid changes were saved. ({problem})") from None
    if not isinstance(data, dict):
        _keep(session)
        raise CommandError("Edit cancelled, no valid changes were saved.")
    return data


def _keep(session: Session) -> None:
    session.err(f'A copy of your changes has been stored to "{session.state["edit"]["path"]}"\n')


def _send(session: Session, info: Info, before: Object, changed: Object) -> int:
    flags = session.flags
    if flags["save-config"]:
        changed = with_last_applied(_manifest(changed))
    info.object = before
    patch, patch_type = patching.two_way(info, before, changed)
    if flags["output-patch"]:
        session.out(f"Patch: {compact_json(patch)}\n")
    try:
        info.object = patching.send(session, info, patch, patch_type, manager=flags["field-manager"],
                                    field_validation="Strict")
    except StatusError as failure:
        if _can_ask_again(session) and failure.reason in ("Invalid", "BadRequest"):
            raise _Wrong(f'{info.mapping.resource} "{info.name}" was not valid:\n* {failure.message}') from None
        session.err(f'error: {info.mapping.resource} "{info.name}" is invalid\n' if failure.reason in (
            "Invalid", "BadRequest") else f"error: {info.mapping.resource} \"{info.name}\" could not be patched: "
            f"{failure.message}\nYou can run `kubectl replace -f {session.state['edit']['path']}` to try this update "
            "again.\n")
        _keep(session)
        if failure.reason in ("Invalid", "BadRequest"):
            raise CommandError("Edit cancelled, no valid changes were saved.") from None
        raise Silent from None
    sayer(session)(info, "edited")
    return 0


def _manifest(obj: Object) -> Object:
    """What --save-config writes down: the object as it was edited."""
    return json.loads(json.dumps(obj))  # type: ignore[no-any-return]


COMMAND = Command(
    name="edit", short="Edit a resource on the server", usage="edit (RESOURCE/NAME | -f FILENAME)", run=run,
    long="Edit a resource from the default editor.\n\n The object is opened in the page's own editor, or in the "
         "program "
         "that KUBE_EDITOR or EDITOR names. What is saved is sent to the server as a patch; saving nothing cancels.",
    examples="""# Edit a service
kubectl edit service/web

# With an editor of one's own
KUBE_EDITOR="sed -i s/blue/green/" kubectl edit configmap settings""",
    flags=(
        *OUTPUT, SAVE_CONFIG, VALIDATE, field_manager("kubectl-edit"), *filename("to use to edit the resource"),
        Flag("output-patch", "bool", False, "Output the patch if the resource is edited."),
        Flag("subresource", help="If specified, edit will operate on the subresource of the requested object."),
        Flag("windows-line-endings", "bool", False, "Defaults to the line ending native to your platform."),
    ),
)
