"""kubectl config and its subcommands."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from cluster.kubectl import config as configuration, helptext, tabwriter
from cluster.kubectl.command import Command, Session
from cluster.kubectl.config import SECTIONS, KubeConfig
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import OUTPUT
from cluster.kubectl.printers import structured
from cluster.kubectl.printers.structured import Typed
from cluster.machinery import goyaml

Data = dict[str, Any]


def _need(session: Session, count: int) -> list[str]:
    """Refuse any other number of arguments, with the help page before."""
    if len(session.args) != count:
        session.out(helptext.page(session.command, session.path))
        raise CommandError(f"Unexpected args: [{' '.join(session.args)}]")
    return session.args


def _draft(session: Session) -> Data:
    return copy.deepcopy(_loaded(session).data)


def _loaded(session: Session) -> KubeConfig:
    """Return the configuration; a file named by --kubeconfig that is not there is an empty one here."""
    path = str(session.flags.get("kubeconfig") or "")
    if path and not session.call.place.files.exists(session.config.absolute(path)):
        session.config._data = configuration.empty()
    return session.config


def _shown_target(session: Session) -> str:
    return _loaded(session).target


# -- reading ---------------------------------------------------------------------------------------------------------


def view(session: Session) -> int:
    flags = session.flags
    config = _loaded(session)
    data = copy.deepcopy(config.data)
    if flags["minify"]:
        data = _minified(config, data, flags.get("context") or "")
    if not flags["raw"]:
        data = configuration.redacted(data)
    form: Data = {**data, **{section: data[section] or None for section in SECTIONS}}
    if not flags.given("output") and not flags["template"]:
        session.out(goyaml.dump(form))
        return 0
    printer = structured.printer(session)
    assert printer is not None
    session.out(printer(_typed(form) if flags["output"] == "json" else form))
    return 0


def _typed(form: Data) -> Typed:
    """Return the order of clientcmd's Config struct."""
    order = {"clusters": ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority",
                          "certificate-authority-data"),
             "contexts": ("cluster", "user", "namespace"),
             "users": ("client-certificate", "client-certificate-data", "client-key", "client-key-data", "token",
                       "username", "password")}

    def section(name: str) -> Any:
        if not form[name]:
            return None
        inner = SECTIONS[name]
        return [{"name": one["name"], inner: {key: one[inner][key] for key in (*order[name], *(
            key for key in one[inner] if key not in order[name])) if key in one[inner]}} for one in form[name]]

    return Typed({"kind": "Config", "apiVersion": "v1", "preferences": form.get("preferences") or {},
                  "clusters": section("clusters"), "users": section("users"), "contexts": section("contexts"),
                  "current-context": form.get("current-context", "")})


def _minified(config: KubeConfig, data: Data, chosen: str) -> Data:
    name = chosen or data["current-context"]
    if not name:
        raise CommandError("current-context must exist in order to minify")
    context = config.entry("contexts", name)
    if context is None:
        raise CommandError(f'cannot locate context {name}')
    keep = {"contexts": name, "clusters": context.get("cluster"), "users": context.get("user")}
    return {**data, **{section: [one for one in data[section] if one["name"] == keep[section]] for section in SECTIONS},
            "current-context": name}


def get_contexts(session: Session) -> int:
    flags = session.flags
    config = _loaded(session)
    names = session.args or config.names("contexts")
    if flags["output"] not in ("", "name"):
        raise CommandError(f"output must be one of '' or 'name': {flags['output']}")
    missing = [name for name in names if config.entry("contexts", name) is None]
    found = [name for name in names if name not in missing]
    if flags["output"] == "name":
        session.out("".join(f"{name}\n" for name in found))
    else:
        rows = [] if flags["no-headers"] else [["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]]
        for name in found:
            context = config.entry("contexts", name) or {}
            rows.append(["*" if name == config.current() else "", name, str(context.get("cluster", "")),
                         str(context.get("user", "")), str(context.get("namespace", ""))])
        session.out(tabwriter.table(rows))
    if missing:
        raise CommandError(f"context {missing[0]} not found")
    return 0


def _names(section: str) -> Callable[[Session], int]:
    def run(session: Session) -> int:
        session.out("NAME\n" + "".join(f"{name}\n" for name in _loaded(session).names(section)))
        return 0

    return run


def current_context(session: Session) -> int:
    name = _loaded(session).current()
    if not name:
        raise CommandError("current-context is not set")
    session.out(f"{name}\n")
    return 0


# -- changing --------------------------------------------------------------------------------------------------------


def use_context(session: Session) -> int:
    (name,) = _need(session, 1)
    data = _draft(session)
    if _loaded(session).entry("contexts", name) is None:
        raise CommandError(f'no context exists with the name: "{name}"')
    data["current-context"] = name
    session.config.save(data)
    session.out(f'Switched to context "{name}".\n')
    return 0


def _set_entry(data: Data, section: str, name: str, changes: Data) -> bool:
    """Change or add an entry; return whether it was there."""
    inner = SECTIONS[section]
    for entry in data[section]:
        if entry.get("name") == name:
            entry[inner] = {key: value for key, value in {**(entry.get(inner) or {}), **changes}.items() if value
                            not in ("", None)}
            return True
    data[section].append({"name": name, inner: {key: value for key, value in changes.items() if value not in ("",
                                                                                                             None)}})
    return False


def set_context(session: Session) -> int:
    flags = session.flags
    data = _draft(session)
    if flags["current"]:
        if session.args:
            raise CommandError("you cannot specify both a context name and --current")
        name = data["current-context"]
        if not name:
            raise CommandError("no current context is set")
    else:
        (name,) = _need(session, 1)
    changes = {key: flags[key] for key in ("cluster", "user", "namespace") if flags.given(key)}
    existed = _set_entry(data, "contexts", name, changes)
    session.config.save(data)
    session.out(f'Context "{name}" {"modified" if existed else "created"}.\n')
    return 0


def set_cluster(session: Session) -> int:
    (name,) = _need(session, 1)
    flags = session.flags
    data = _draft(session)
    changes: Data = {key: flags[key] for key in ("server", "tls-server-name", "proxy-url") if flags.given(key)}
    if flags.given("insecure-skip-tls-verify"):
        changes["insecure-skip-tls-verify"] = flags["insecure-skip-tls-verify"] or None
    if flags["certificate-authority"]:
        changes |= _file(session, "certificate-authority")
    _set_entry(data, "clusters", name, changes)
    session.config.save(data)
    session.out(f'Cluster "{name}" set.\n')
    return 0


def _file(session: Session, flag: str) -> Data:
    """Return a file's path, or with --embed-certs its content."""
    import base64

    path = session.flags[flag]
    if session.flags.get("embed-certs"):
        return {f"{flag}-data": base64.b64encode(session.read_file(path)).decode(), flag: None}
    return {flag: session.path_of(path)}


def set_credentials(session: Session) -> int:
    (name,) = _need(session, 1)
    flags = session.flags
    if flags["token"] and (flags["username"] or flags["password"]):
        raise CommandError("you cannot specify more than one authentication method at the same time: --token or "
                           "--username/--password")
    data = _draft(session)
    changes: Data = {key: flags[key] for key in ("token", "username", "password") if flags.given(key)}
    for flag in ("client-certificate", "client-key"):
        if flags[flag]:
            changes |= _file(session, flag)
    _set_entry(data, "users", name, changes)
    session.config.save(data)
    session.out(f'User "{name}" set.\n')
    return 0


def rename_context(session: Session) -> int:
    old, new = _need(session, 2)
    data = _draft(session)
    names = [entry["name"] for entry in data["contexts"]]
    if old not in names:
        raise CommandError(f'cannot rename the context "{old}", it\'s not in {_shown_target(session)}')
    if new in names:
        raise CommandError(f'cannot rename the context "{old}", the context "{new}" already exists in '
                           f"{_shown_target(session)}")
    for entry in data["contexts"]:
        if entry["name"] == old:
            entry["name"] = new
    if data["current-context"] == old:
        data["current-context"] = new
    session.config.save(data)
    session.out(f'Context "{old}" renamed to "{new}".\n')
    return 0


def _delete(section: str, word: str) -> Callable[[Session], int]:
    def run(session: Session) -> int:
        (name,) = _need(session, 1)
        data = _draft(session)
        kept = [entry for entry in data[section] if entry["name"] != name]
        if len(kept) == len(data[section]):
            raise CommandError(f"cannot delete {word} {name}, not in {_shown_target(session)}")
        if section == "contexts" and data["current-context"] == name:
            session.err("warning: this removed your active context, use \"kubectl config use-context\" to select a "
                        "different one\n")
        data[section] = kept
        session.config.save(data)
        session.out(f"deleted {word} {name} from {_shown_target(session)}\n")
        return 0

    return run


def set_(session: Session) -> int:
    path, value = _need(session, 2)
    _property(session, path, value)
    session.out(f'Property "{path}" set.\n')
    return 0


def unset(session: Session) -> int:
    (path,) = _need(session, 1)
    _property(session, path, None)
    session.out(f'Property "{path}" unset.\n')
    return 0


def _property(session: Session, path: str, value: str | None) -> None:
    """Set or remove `contexts.NAME.namespace`, `current-context`, `users.NAME.token` …"""
    data = _draft(session)
    section, _, rest = path.partition(".")
    if section == "current-context":
        data["current-context"] = value or ""
    elif section in SECTIONS and rest:
        name, _, field = rest.rpartition(".") if "." in rest else (rest, "", "")
        if not name:
            name, field = field, ""
        if value is None and not field:
            data[section] = [entry for entry in data[section] if entry["name"] != name]
        else:
            shown: Any = {"true": True, "false": False}.get(str(value), value)
            _set_entry(data, section, name, {field: shown})
    else:
        raise CommandError(f"unable to locate path {path}")
    session.config.save(data)




CONTEXT_NAME = "CONTEXT_NAME"

COMMAND = Command(
    name="config", short="Modify kubeconfig files", usage="config SUBCOMMAND",
    long="Modify kubeconfig files using subcommands like \"kubectl config set current-context my-context\".\n\n The "
         "file "
         "is the one --kubeconfig names, else those of $KUBECONFIG, else ${HOME}/.kube/config.",
    subcommands=(
        Command(name="current-context", short="Display the current-context", usage="current-context [flags]",
                run=current_context, examples="# Which context is used\nkubectl config current-context"),
        Command(name="delete-cluster", short="Delete the specified cluster from the kubeconfig",
                usage="delete-cluster NAME", run=_delete("clusters", "cluster")),
        Command(name="delete-context", short="Delete the specified context from the kubeconfig",
                usage="delete-context NAME", run=_delete("contexts", "context")),
        Command(name="delete-user", short="Delete the specified user from the kubeconfig", usage="delete-user NAME",
                run=_delete("users", "user")),
        Command(name="get-clusters", short="Display clusters defined in the kubeconfig", usage="get-clusters [flags]",
                run=_names("clusters")),
        Command(name="get-contexts", short="Describe one or many contexts", usage="get-contexts [(-o|--output=)name)]",
                run=get_contexts, examples="# All contexts\nkubectl config get-contexts",
                flags=(Flag("no-headers", "bool", False, "When using the default or custom-column output format, don't "
                            "print headers (default print headers)."),
                       Flag("output", help="Output format. One of: (name).", short="o"))),
        Command(name="get-users", short="Display users defined in the kubeconfig", usage="get-users [flags]",
                run=_names("users")),
        Command(name="rename-context", short="Rename a context from the kubeconfig file",
                usage="rename-context CONTEXT_NAME NEW_NAME", run=rename_context),
        Command(name="set", short="Set an individual value in a kubeconfig file",
                usage="set PROPERTY_NAME PROPERTY_VALUE", run=set_,
                flags=(Flag("set-raw-bytes", "tristate", "", "When writing a []byte PROPERTY_VALUE, write the given "
                            "string directly without base64 decoding.", bare="true"),)),
        Command(name="set-cluster", short="Set a cluster entry in kubeconfig",
                usage="set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] "
                      "[--insecure-skip-tls-verify=true] [--tls-server-name=example.com]", run=set_cluster,
                flags=(Flag("embed-certs", "bool", False, "embed-certs for the cluster entry in kubeconfig"),
                       Flag("proxy-url", help="proxy-url for the cluster entry in kubeconfig"))),
        Command(name="set-context", short="Set a context entry in kubeconfig", run=set_context,
                usage="set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] "
                      "[--namespace=namespace]",
                examples="# Another namespace for the current context\nkubectl config set-context --current "
                         "--namespace=shop",
                flags=(Flag("current", "bool", False, "Modify the current context"),
                       Flag("cluster", help="cluster for the context entry in kubeconfig"),
                       Flag("user", help="user for the context entry in kubeconfig"))),
        Command(name="set-credentials", short="Set a user entry in kubeconfig", run=set_credentials,
                usage="set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] "
                      "[--token=bearer_token] [--username=basic_user] [--password=basic_password]",
                flags=(Flag("embed-certs", "bool", False, "Embed client cert/key for the user entry in kubeconfig"),)),
        Command(name="unset", short="Unset an individual value in a kubeconfig file", usage="unset PROPERTY_NAME",
                run=unset),
        Command(name="use-context", short="Set the current-context in a kubeconfig file", aliases=("use",),
                usage=f"use-context {CONTEXT_NAME}", run=use_context,
                examples="# Work in another context\nkubectl config use-context prod"),
        Command(name="view", short="Display merged kubeconfig settings or a specified kubeconfig file",
                usage="view [flags]", run=view, examples="# What is configured\nkubectl config view",
                flags=(*OUTPUT[1:], Flag("output", "string", "yaml", "Output format. One of: (json, yaml, name, "
                                         "go-template, go-template-file, template, templatefile, jsonpath, "
                                         "jsonpath-as-json, jsonpath-file).", "o"),
                       Flag("flatten", "bool", False, "Flatten the resulting kubeconfig file into self-contained "
                                                      "output "
                            "(useful for creating portable kubeconfig files)"),
                       Flag("merge", "tristate", "true", "Merge the full hierarchy of kubeconfig files", bare="true"),
                       Flag("minify", "bool", False, "Remove all information not used by current-context from the "
                            "output"),
                       Flag("raw", "bool", False, "Display raw byte data and sensitive data"))),
    ),
)
