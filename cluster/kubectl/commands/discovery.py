"""kubectl api-resources, api-versions, version, cluster-info, options and plugin."""

from __future__ import annotations

from cluster.kinds.kind import Kind
from cluster.kubectl import helptext, tabwriter
from cluster.kubectl.command import Command, Session
from cluster.kubectl.errors import CommandError, Silent, usage_error
from cluster.kubectl.flags import Flag
from cluster.kubectl.printers.structured import Typed, to_json
from cluster.machinery import goyaml
from cluster.machinery.errors import StatusError

CLIENT_VERSION = "v1.33.1"
KUSTOMIZE_VERSION = "v5.6.0"
COMMITS = {CLIENT_VERSION: "8adc0f041b8e7ad1d30e29cc59c6ae7a15e19828"}


def api_resources(session: Session) -> int:
    flags = session.flags
    if session.args:
        raise usage_error(session.path, f"unexpected arguments: [{' '.join(session.args)}]")
    if flags["output"] not in ("", "wide", "name"):
        raise CommandError(f"--output {flags['output']} is not available")
    if flags["sort-by"] not in ("", "name", "kind"):
        raise CommandError("--sort-by accepts only name or kind")
    found = [kind for kind in session.discovery.all() if _wanted(session, kind)]
    if flags["sort-by"] == "name":
        found.sort(key=lambda kind: kind.plural)
    elif flags["sort-by"] == "kind":
        found.sort(key=lambda kind: kind.kind)
    else:
        found.sort(key=lambda kind: (kind.group, kind.plural))
    if flags["output"] == "name":
        session.out("".join(f"{kind.resource}\n" for kind in found))
    else:
        session.out(tabwriter.table(_rows(session, found)))
    return 0


def _wanted(session: Session, kind: Kind) -> bool:
    flags = session.flags
    if flags.given("api-group") and kind.group != flags["api-group"]:
        return False
    if flags.given("namespaced") and kind.namespaced != flags["namespaced"]:
        return False
    return set(flags["verbs"]) <= set(kind.verbs) and set(flags["categories"]) <= set(kind.categories)


def _rows(session: Session, found: list[Kind]) -> list[list[str]]:
    wide = session.flags["output"] == "wide"
    rows = [] if session.flags["no-headers"] else [
        ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", *(["VERBS", "CATEGORIES"] if wide else [])]]
    for kind in found:
        extra = [",".join(kind.verbs), ",".join(kind.categories)] if wide else []
        rows.append([kind.plural, ",".join(kind.short_names), kind.api_version, "true" if kind.namespaced else "false",
                     kind.kind, *extra])
    return rows


def api_versions(session: Session) -> int:
    found = set()
    for kind in session.discovery.all():
        for version in (kind.version, *kind.other_versions):
            found.add(f"{kind.group}/{version}" if kind.group else version)
    session.out("".join(f"{one}\n" for one in sorted(found)))
    return 0


# -- version ---------------------------------------------------------------------------------------------------------


def version(session: Session) -> int:
    flags = session.flags
    if session.args:
        raise CommandError(f"extra arguments: [{' '.join(session.args)}]")
    if flags["output"] not in ("", "yaml", "json"):
        raise CommandError("--output must be 'yaml' or 'json'")
    server = "" if flags["client"] else _server_version(session)
    if flags["output"]:
        data = Typed({"clientVersion": _info(CLIENT_VERSION), "kustomizeVersion": KUSTOMIZE_VERSION})
        if server:
            data["serverVersion"] = _info(server)
        session.out(goyaml.dump(data) + "\n" if flags["output"] == "yaml" else to_json(data, 2))
        return 0
    session.out(f"Client Version: {CLIENT_VERSION}\nKustomize Version: {KUSTOMIZE_VERSION}\n")
    if server:
        session.out(f"Server Version: {server}\n")
        _warn_of_skew(session, server)
    return 0


def _server_version(session: Session) -> str:
    options = getattr(session.client.server.config, "options", {})
    return str(options.get("version") or "v1.36.2")


def _info(given: str) -> Typed:
    major, minor, _ = given.lstrip("v").split(".", 2)
    return Typed({"major": major, "minor": minor, "gitVersion": given, "gitCommit": COMMITS.get(given, ""),
                  "gitTreeState": "clean", "buildDate": "2025-05-15T08:27:33Z", "goVersion": "go1.24.2",
                  "compiler": "gc", "platform": "linux/amd64"})


def _warn_of_skew(session: Session, server: str) -> None:
    client_minor, server_minor = (int(one.split(".")[1]) for one in (CLIENT_VERSION, server))
    if abs(client_minor - server_minor) > 1:
        session.err(f"WARNING: version difference between client ({CLIENT_VERSION[1:].rpartition('.')[0]}) and server "
                    f"({server[1:].rpartition('.')[0]}) exceeds the supported minor version skew of +/-1\n")


# -- cluster-info, options, plugin -----------------------------------------------------------------------------------

GREEN, YELLOW, PLAIN = "\x1b[0;32m", "\x1b[0;33m", "\x1b[0m"


def cluster_info(session: Session) -> int:
    address = session.config.server(session.flags) or "https://127.0.0.1:6443"
    _service_line(session, "Kubernetes control plane", address)
    try:
        listed = session.client.list("services", "kube-system",
                                     label_selector="kubernetes.io/cluster-service=true")["items"]
    except StatusError:
        listed = []
    for service in listed:
        title = (service["metadata"].get("labels") or {}).get("kubernetes.io/name", service["metadata"]["name"])
        port = (service["spec"].get("ports") or [{}])[0].get("name", "")
        target = service["metadata"]["name"] + (f":{port}" if port else "")
        path = f"/api/v1/namespaces/kube-system/services/{target}/proxy"
        _service_line(session, title, address + path)
    session.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n")
    return 0


def _service_line(session: Session, title: str, url: str) -> None:
    green, yellow, plain = (GREEN, YELLOW, PLAIN) if session.call.tty else ("", "", "")
    session.out(f"{green}{title}{plain} is running at {yellow}{url}{plain}\n")


def options(session: Session) -> int:
    session.out(helptext.global_options())
    return 0


def plugin_list(session: Session) -> int:
    session.err("error: unable to find any kubectl plugins in your PATH\n")
    raise Silent


API_RESOURCES = Command(
    name="api-resources", short="Print the supported API resources on the server", usage="api-resources",
    run=api_resources, long="Print the supported API resources on the server.",
    examples="# With their verbs\nkubectl api-resources -o wide\n\n# Of one group, of no namespace\nkubectl "
             "api-resources --api-group=apps\nkubectl api-resources --namespaced=false",
    flags=(
        Flag("api-group", help="Limit to resources in the specified API group."),
        Flag("cached", "bool", False, "Use the cached list of resources if available."),
        Flag("categories", "strings", (), "Limit to resources that belong to the specified categories."),
        Flag("namespaced", "bool", True, "If false, non-namespaced resources will be returned, otherwise returning "
             "namespaced resources by default."),
        Flag("no-headers", "bool", False, "When using the default or custom-column output format, don't print headers "
             "(default print headers)."),
        Flag("output", help="Output format. One of: (wide, name).", short="o"),
        Flag("show-managed-fields", "bool", False, "If true, keep the managedFields when printing objects in JSON or "
             "YAML format."),
        Flag("sort-by", help="If non-empty, sort list of resources using specified field. The field can be either "
             "'name' or 'kind'."),
        Flag("verbs", "strings", (), "Limit to resources that support the specified verbs."),
    ))
API_VERSIONS = Command(
    name="api-versions", usage="api-versions", run=api_versions,
    short='Print the supported API versions on the server, in the form of "group/version"',
    examples="# All of them\nkubectl api-versions")
VERSION = Command(
    name="version", short="Print the client and server version information", usage="version", run=version,
    long="Print the client and server version information for the current context.",
    examples="# Both versions\nkubectl version",
    flags=(Flag("client", "bool", False, "If true, shows client version only (no server required)."),
           Flag("output", help="One of 'yaml' or 'json'.", short="o")))
CLUSTER_INFO = Command(
    name="cluster-info", short="Display cluster information", usage="cluster-info", run=cluster_info,
    long="Display addresses of the control plane and services with label kubernetes.io/cluster-service=true. To "
         "further "
         "debug and diagnose cluster problems, use 'kubectl cluster-info dump'.",
    examples="# Where the control plane is\nkubectl cluster-info")
OPTIONS = Command(name="options", short="Print the list of flags inherited by all commands", usage="options",
                  run=options, examples="# The flags of every command\nkubectl options")
PLUGIN = Command(
    name="plugin", short="Provides utilities for interacting with plugins", usage="plugin [flags]",
    long="Provides utilities for interacting with plugins.\n\n Plugins provide extended functionality that is not "
         "part of "
         "the major command-line distribution. This terminal has none.",
    subcommands=(Command(name="list", short="List all visible plugin executables on a user's PATH", usage="list",
                         run=plugin_list,
                         flags=(Flag("name-only", "bool", False, "If true, display only the binary name of each "
                                                                 "plugin, "
                                     "rather than its full path"),)),))
