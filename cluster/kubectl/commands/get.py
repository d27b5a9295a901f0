"""kubectl get: tables and all other output formats, watching."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from cluster.kubectl import resources, watching
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, usage_error
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import ALL_NAMESPACES, CHUNK, FIELD_SELECTOR, OUTPUT, SELECTOR, filename
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers import custom_columns, human, server_table, structured
from cluster.kubectl.printers.sorting import sort_infos
from cluster.kubectl.raw import print_raw
from cluster.kubectl.resources import Selection
from cluster.machinery import goduration
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object

FORMATS = ("custom-columns", "custom-columns-file", *structured.FORMATS, "wide")
NOTHING = ('You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported '
           "resources.\n\n")


def run(session: Session) -> int | None:
    flags = session.flags
    if flags["raw"]:
        return print_raw(session, flags["raw"])
    _validate(session)
    if not session.args and not flags["filename"] and not flags["kustomize"]:
        session.err(NOTHING)
        raise usage_error(
            session.path, 'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed '
            "description of that resource (e.g. kubectl explain pods).")
    if flags["watch"] or flags["watch-only"]:
        return _start_watch(session)
    printer = _printer(session)
    selection = _select(session)
    selection.failures = [_blamed(session, failure) for failure in selection.failures]
    if flags["sort-by"]:
        _sort(session, selection, printer is None)
    if printer is None:
        _print_tables(session, selection)
    else:
        printer(selection)
    selection.check()
    return 0


def _validate(session: Session) -> None:
    flags = session.flags
    if flags["output-watch-events"] and not (flags["watch"] or flags["watch-only"]):
        raise CommandError("--output-watch-events option can only be used with --watch or --watch-only")
    if flags["show-labels"] and flags["output"] and flags["output"] not in ("wide",):
        raise CommandError("--show-labels option cannot be used with "
                           f"{structured.split_format(session)[0]} printer")
    if flags["subresource"] and len(session.args) == 1 and "/" not in session.args[0]:
        raise CommandError("subresource cannot be used when bulk resources are specified")
    if flags["raw"] and (session.args or flags["filename"]):
        raise usage_error(session.path, "arguments may not be passed when --raw is specified")


def _blamed(session: Session, failure: Exception) -> Exception:
    """An object is not found; where even its namespace is missing, that is what is said."""
    named = isinstance(failure, StatusError) and failure.reason == "NotFound" and failure.details.get("kind")
    if named and any(target.mapping.namespaced for target in resources.wanted(session, session.args)):
        try:
            session.client.get("namespaces", session.namespace)
        except StatusError as missing:
            return missing if missing.reason == "NotFound" else failure
    return failure


def _sort(session: Session, selection: Selection, as_table: bool) -> None:
    """Order the objects; a table that cannot be sorted is printed as if nothing had been found."""
    try:
        sort_infos(selection.infos, session.flags["sort-by"])
    except CommandError:
        if not as_table:
            raise
        selection.infos.clear()


def _select(session: Session) -> Selection:
    flags = session.flags
    selection = resources.find(
        session, session.args, selector=flags["selector"], field_selector=flags["field-selector"],
        all_namespaces=flags["all-namespaces"], types_suffice=True, files=flags["filename"],
        kustomize=flags["kustomize"], recursive=flags["recursive"], ignore_missing=flags["ignore-not-found"])
    if flags["subresource"]:
        for info in selection.infos:
            info.object = resources.get(session, info, flags["subresource"])
    return selection


def _printer(session: Session) -> Callable[[Selection], None] | None:
    """Return the printer of everything but tables; None for those."""
    chosen, template = str(session.flags["output"]), ""
    headers = not session.flags["no-headers"]
    if chosen in ("", "wide") and not session.flags["template"]:
        return None
    name, equals, template = chosen.partition("=")
    if name == "custom-columns":
        columns = custom_columns.from_spec(template, headers)
    elif name == "custom-columns-file":
        if not template:
            raise CommandError("custom-columns format specified but no custom columns given")
        columns = custom_columns.from_template(session.read_file(template).decode(errors="replace"), headers)
    else:
        printer = structured.printer(session, FORMATS) or structured.name_of
        return lambda selection: _print_structured(session, printer, selection)
    return lambda selection: session.out(columns.render([info.object or {} for info in selection.infos]))


def _print_structured(session: Session, printer: structured.Printer, selection: Selection) -> None:
    objects = [info.object or {} for info in selection.infos]
    if session.flags["output"] == "name":
        session.out("".join(f"{info.named()}\n" for info in selection.infos))
    elif selection.single:
        if objects:
            session.out(printer(objects[0]))
    elif selection.failures and not objects:
        return
    else:
        session.out(printer(structured.list_of(objects)))


def _print_tables(session: Session, selection: Selection) -> None:
    groups = [(mapping, list(infos)) for mapping, infos in groupby(selection.infos, lambda info: info.mapping)]
    with_kind = session.flags["show-kind"] or _several_types(session, selection)
    written = False
    for mapping, infos in groups:
        look = _look(session, mapping.namespaced, with_kind)
        text = human.TablePrinter(mapping, look, session.now()).render(
            server_table.in_order(mapping.kind, [info.object or {} for info in infos]))
        if written and not session.flags["no-headers"]:
            session.out("\n")
        session.out(text)
        written = written or bool(text)
    if not written and not selection.failures and not session.flags["ignore-not-found"]:
        _say_nothing_found(session)


def _several_types(session: Session, selection: Selection) -> bool:
    if session.flags["filename"] or session.flags["kustomize"]:
        return len({info.mapping.kind.resource for info in selection.infos}) > 1
    return len({target.mapping.kind.resource for target in resources.wanted(session, session.args)}) > 1


def _say_nothing_found(session: Session) -> None:
    if session.flags["all-namespaces"] or not any(
        target.mapping.namespaced for target in resources.wanted(session, session.args)
    ):
        session.err("No resources found\n")
    else:
        session.err(f"No resources found in {session.namespace} namespace.\n")


def _look(session: Session, namespaced: bool, with_kind: bool = False) -> human.Look:
    flags = session.flags
    return human.Look(
        wide=flags["output"] == "wide", with_namespace=flags["all-namespaces"] and namespaced, with_kind=with_kind,
        show_labels=flags["show-labels"], label_columns=tuple(flags["label-columns"]),
        headers=not flags["no-headers"], event_column=flags["output-watch-events"])


# -- watching --------------------------------------------------------------------------------------------------------


def _start_watch(session: Session) -> int | None:
    """Print what is there, then remember what the watch needs and wait."""
    flags, state = session.flags, session.state
    targets = resources.wanted(session, session.args)
    if len(targets) != 1 or len(targets[0].names) > 1:
        raise CommandError("you may only specify a single resource type")
    if flags["sort-by"]:
        session.err("warning: --watch requested, --sort-by will be ignored for watch events received\n")
    name = targets[0].names[0] if targets[0].names else ""
    where = "" if flags["all-namespaces"] or not targets[0].mapping.namespaced else session.namespace
    state["watch"] = {"resume": session.client.server.store.revision, "name": name, "namespace": where,
                      "widths": [], "headed": False, "until": _deadline(session)}
    selection = _select(session)
    if flags["sort-by"]:
        sort_infos(selection.infos, flags["sort-by"])
    selection.check()
    watching.allowed(session, targets[0].mapping, where)
    state["resume"] = True
    if not flags["watch-only"]:
        _print_events(session, [(str(info.named()), "ADDED", info.object or {}) for info in selection.infos])
    return resume(session)


def _deadline(session: Session) -> float | None:
    text = str(session.flags["request-timeout"])
    seconds = float(text) if text.isdigit() else goduration.parse(text)
    return session.now() + seconds if seconds else None


def resume(session: Session) -> int | None:
    """Print what happened since; end at the request timeout."""
    watch = session.state["watch"]
    mapping = resources.wanted(session, session.args)[0].mapping
    events = []
    for number, event, obj in watching.since(
        session, mapping, watch["resume"], namespace=watch["namespace"], name=watch["name"],
        selector=session.flags["selector"], field_selector=session.flags["field-selector"],
    ):
        watch["resume"] = number
        events.append((str(number), event, resources.typed(mapping, obj)))
    _print_events(session, events)
    if watch["until"] is not None and session.now() >= watch["until"]:
        return 0
    session.wait(watch["until"])
    return None


def _print_events(session: Session, events: Sequence[tuple[str, str, Object]]) -> None:
    if not events:
        return
    watch = session.state["watch"]
    mapping = resources.wanted(session, session.args)[0].mapping
    printer = _printer(session)
    if printer is not None:
        for _, _, obj in events:
            printer(Selection([Info(mapping, "", str(obj.get("metadata", {}).get("name", "")), obj)], single=True))
        return
    look = _look(session, mapping.namespaced, session.flags["show-kind"])
    table = human.TablePrinter(mapping, look, session.now(), list(watch["widths"]), watch["headed"])
    session.out(table.render([obj for _, _, obj in events], [event for _, event, _ in events]))
    watch["widths"], watch["headed"] = table.widths, table.headed


COMMAND = Command(
    name="get",
    short="Display one or many resources",
    usage="get [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|"
          "jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] "
          "[NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    long="Display one or many resources.\n\n Prints a table of the most important facts about the given resources; "
         "a label selector (--selector) narrows the list. Without a namespace flag, namespaced resources are those of "
         "the current namespace.\n\nUse \"kubectl api-resources\" for a complete list of supported resources.",
    examples="""# List all pods in a table
kubectl get pods

# The same with more columns, such as the node
kubectl get pods -o wide

# One deployment as JSON, of the "v1" version of the "apps" group
kubectl get deployments.v1.apps web -o json

# Only the phase of one pod
kubectl get pod web-pod -o jsonpath='{.status.phase}'

# Columns of your own
kubectl get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image

# Several kinds at once, and named ones of several kinds
kubectl get deployments,services
kubectl get deployment/web service/frontend

# All pods of all namespaces
kubectl get pods --all-namespaces""",
    run=run,
    resume=resume,
    flags=(
        ALL_NAMESPACES, CHUNK, FIELD_SELECTOR, SELECTOR, *OUTPUT, *filename("identifying the resource to get from a "
                                                                          "server."),
        Flag("ignore-not-found", "bool", False, "If the requested object does not exist the command will return exit "
             "code 0."),
        Flag("label-columns", "strings", (), "Accepts a comma separated list of labels that are going to be presented "
             "as columns. Names are case-sensitive. You can also use multiple flag options like -L label1 -L "
             "label2...", "L"),
        Flag("no-headers", "bool", False, "When using the default or custom-column output format, don't print headers "
             "(default print headers)."),
        Flag("output-watch-events", "bool", False, "Output watch event objects when --watch or --watch-only is used. "
             "Existing objects are output as initial ADDED events."),
        Flag("raw", help="Raw URI to request from the server.  Uses the transport specified by the kubeconfig file."),
        Flag("server-print", "bool", True, "If true, have the server return the appropriate table output. Supports "
             "extension APIs and CRDs."),
        Flag("show-kind", "bool", False, "If present, list the resource type for the requested object(s)."),
        Flag("show-labels", "bool", False, "When printing, show all labels as the last column (default hide labels "
             "column)"),
        Flag("sort-by", help="If non-empty, sort list types using this field specification, a JSONPath expression "
             "(e.g. '{.metadata.name}'). The field must be an integer or a string."),
        Flag("subresource", help="If specified, gets the subresource of the requested object."),
        Flag("watch", "bool", False, "After listing/getting the requested object, watch for changes.", "w"),
        Flag("watch-only", "bool", False, "Watch for changes to the requested object(s), without listing/getting "
             "first."),
    ),
)
