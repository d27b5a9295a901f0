"""kubectl wait: until a condition, a field, a deletion or a creation."""

from __future__ import annotations

from typing import Any

from cluster.kubectl import resources
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, Several
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import ALL, ALL_NAMESPACES, FIELD_SELECTOR, LOCAL, OUTPUT, SELECTOR, filename
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers import structured
from cluster.machinery.errors import StatusError
from cluster.machinery.jsonpath import JsonPath, JsonPathError, relaxed, show
from cluster.machinery.meta import Object, uid

LONG = 7 * 24 * 3600.0
START = 0.2


def run(session: Session) -> int | None:
    flags = session.flags
    condition = _condition(flags["for"])
    timeout = flags["timeout"]
    session.state.setdefault("until", session.now() + (LONG if timeout < 0 else timeout))
    if condition["kind"] == "create":
        session.state["resume"] = True
        return _until_created(session)
    try:
        selection = _select(session)
    except StatusError as failure:
        if condition["kind"] == "delete" and failure.reason == "NotFound":
            return 0
        raise
    if condition["kind"] == "delete":
        selection.failures = [one for one in selection.failures
                              if not (isinstance(one, StatusError) and one.reason == "NotFound")]
    selection.check()
    if not selection.infos:
        if condition["kind"] == "delete":
            return 0
        _nothing_there(session)
        return None
    session.state["resume"] = True
    session.state["left"] = [_remembered(info) for info in selection.infos]
    return resume(session)


def _nothing_there(session: Session) -> None:
    """Say so once as much time has gone by as a real kubectl takes to start and to ask what kinds there are."""
    moment = session.state.setdefault("asked", session.now() + START)
    if session.now() >= moment:
        raise CommandError("no matching resources found")
    session.call.sleep_until(moment)


def _condition(text: str) -> dict[str, Any]:
    """Read --for."""
    lower = text.lower()
    if lower in ("delete", "create"):
        return {"kind": lower}
    if text.startswith("condition="):
        name, equals, value = text[len("condition=") :].partition("=")
        return {"kind": "condition", "name": name, "value": value if equals else "true"}
    if text.startswith("jsonpath="):
        return _jsonpath(text[len("jsonpath=") :])
    raise CommandError(f'unrecognized condition: "{text}"')


def _jsonpath(text: str) -> dict[str, Any]:
    """Read `{.path}=value` or `{.path}`; the equals sign inside a filter is not the one."""
    depth, cut = 0, -1
    for index, letter in enumerate(text):
        depth += (letter in "{[(") - (letter in ")]}")
        if letter == "=" and depth == 0:
            cut = index
            break
    path, value = (text, None) if cut < 0 else (text[:cut], text[cut + 1 :].strip("'\""))
    if value == "":
        raise CommandError("jsonpath wait condition must have a value")
    try:
        relaxed_path = relaxed(path)
        JsonPath(relaxed_path)
    except JsonPathError as problem:
        raise CommandError(str(problem)) from None
    return {"kind": "jsonpath", "path": relaxed_path, "value": value}


def _select(session: Session) -> resources.Selection:
    flags = session.flags
    return resources.find(
        session, session.args, selector=flags["selector"], field_selector=flags["field-selector"],
        all_namespaces=flags["all-namespaces"], everything=flags["all"], files=flags["filename"],
        recursive=flags["recursive"])


def _remembered(info: Info) -> dict[str, str]:
    return {"resource": info.mapping.resource, "namespace": info.namespace, "name": info.name,
            "uid": uid(info.object or {})}


def _until_created(session: Session) -> int | None:
    try:
        selection = _select(session)
        if not selection.failures and selection.infos:
            for info in selection.infos:
                _say(session, info)
            return 0
        if any(not isinstance(one, StatusError) or one.reason != "NotFound" for one in selection.failures):
            selection.check()
    except StatusError as failure:
        if failure.reason != "NotFound":
            raise
    if session.now() >= session.state["until"]:
        raise CommandError("timed out waiting for the condition")
    session.wait(session.state["until"])
    return None


def resume(session: Session) -> int | None:
    condition = _condition(session.flags["for"])
    if condition["kind"] == "create":
        return _until_created(session)
    left = session.state["left"]
    while left:
        if not _met(session, condition, left[0]):
            if session.now() >= session.state["until"]:
                _time_out(session, left)
            session.wait(session.state["until"])
            return None
        left.pop(0)
    return 1 if session.state.get("failed") else 0


def _time_out(session: Session, left: list[dict[str, str]]) -> None:
    texts = [f"timed out waiting for the condition on {one['resource'].partition('.')[0]}/{one['name']}"
             if "." not in one["resource"] else
             f"timed out waiting for the condition on {one['resource']}/{one['name']}" for one in left]
    if len(texts) == 1:
        raise CommandError(texts[0])
    raise Several([CommandError(text, bare=True) for text in texts])


def _met(session: Session, condition: dict[str, Any], one: dict[str, str]) -> bool:
    info = Info(session.discovery.resource(one["resource"]), one["namespace"], one["name"])
    try:
        info.object = resources.get(session, info)
    except StatusError as failure:
        if failure.reason == "NotFound" and condition["kind"] == "delete":
            _say(session, info)
            return True
        if failure.reason == "NotFound":
            session.err(f"Error from server (NotFound): {failure.message}\n")
            session.state["failed"] = True
            return True
        raise
    if condition["kind"] == "delete":
        gone = uid(info.object) != one["uid"]
        if gone:
            _say(session, info)
        return bool(gone)
    if not _holds(condition, info.object):
        return False
    _say(session, info)
    return True


def _holds(condition: dict[str, Any], obj: Object) -> bool:
    if condition["kind"] == "jsonpath":
        return _field_holds(condition, obj)
    for one in obj.get("status", {}).get("conditions") or ():
        if str(one.get("type", "")).lower() != condition["name"].lower():
            continue
        generation = obj["metadata"].get("generation")
        observed = one.get("observedGeneration", obj.get("status", {}).get("observedGeneration"))
        if observed is not None and generation is not None and observed < generation:
            return False
        return str(one.get("status", "")).lower() == str(condition["value"]).lower()
    return False


def _field_holds(condition: dict[str, Any], obj: Object) -> bool:
    try:
        values = [value for group in JsonPath(condition["path"]).results(obj) for value in group]
    except JsonPathError:
        return False
    if not values:
        return False
    if condition["value"] is None:
        return True
    if len(values) > 1:
        raise CommandError("given jsonpath expression matches more than one value")
    if isinstance(values[0], (dict, list)):
        raise CommandError("jsonpath leads to a nested object or list which is not supported")
    return show(values[0]).strip() == str(condition["value"]).strip()


def _say(session: Session, info: Info) -> None:
    printer = structured.printer(session)
    if printer is not None and info.object:
        session.out(printer(info.object) if session.flags["output"] != "name" else f"{info.named()}\n")
    elif info.object:
        session.out(f"{info.named()} condition met\n")
    else:
        session.out(f"{info.named()} condition met\n")


COMMAND = Command(
    name="wait", short="Experimental: Wait for a specific condition on one or many resources", run=run, resume=resume,
    usage="wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) "
          "[--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
    long="Experimental: Wait for a specific condition on one or many resources.\n\n The command takes multiple "
         "resources and waits until the specified condition is seen in the Status field of every given resource.",
    examples="""# Until a pod is ready
kubectl wait --for=condition=Ready pod/web

# Until a field has a value
kubectl wait --for=jsonpath='{.status.phase}'=Running pod/web

# Until a pod is gone, a minute at most
kubectl wait --for=delete pod/web --timeout=60s""",
    flags=(
        *OUTPUT, ALL, ALL_NAMESPACES, FIELD_SELECTOR, LOCAL, SELECTOR, *filename("identifying the resource.")[::2],
        Flag("for", help="The condition to wait on: [create|delete|condition=condition-name[=condition-value]|"
             "jsonpath='{JSONPath expression}'=[JSONPath value]]. The default condition-value is true."),
        Flag("timeout", "duration", 30.0, "The length of time to wait before giving up.  Zero means check once and "
                                          "don't "
             "wait, negative means wait for a week."),
    ),
)
