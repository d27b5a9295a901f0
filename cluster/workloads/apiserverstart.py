"""What kube-apiserver looks at before it serves: the files its flags name, and whether all of it fits together.

The messages are those of its options' validation and of the loaders of each file.
https://kubernetes.io/docs/reference/access-authn-authz/authorization/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

import yaml

Reader = Callable[[str], str | None]
_FILES = (
    "token-auth-file",
    "authorization-policy-file",
    "authorization-webhook-config-file",
    "client-ca-file",
    "admission-control-config-file",
    "audit-policy-file",
)
MODES = ("AlwaysAllow", "AlwaysDeny", "ABAC", "Webhook", "RBAC", "Node")


class BadStart(Exception):
    """Why the process ends at once."""


def files_named(values: Mapping[str, str], read: Reader) -> dict[str, str]:
    """Return path → text of every file the flags name; BadStart for one that cannot be read."""
    found = {}
    for flag in _FILES:
        path = values.get(flag)
        if path:
            text = read(path)
            if text is None:
                raise BadStart(f"{_CONTEXT.get(flag, '')}open {path}: no such file or directory")
            found[path] = text
    return found


_CONTEXT = {
    "client-ca-file": "unable to load client CA provider: ",
    "admission-control-config-file": "failed to read plugin config: unable to read admission control configuration: ",
    "audit-policy-file": "loading audit policy file: failed to read file path: ",
}


def examine(values: Mapping[str, str], files: Mapping[str, str]) -> None:
    """Look at the flags together and at what the files say; BadStart with all that is wrong."""
    wrong = [*_modes(values), *_contents(values, files)]
    if len(wrong) == 1:
        raise BadStart(wrong[0])
    if wrong:
        raise BadStart(f"[{', '.join(wrong)}]")


def _modes(values: Mapping[str, str]) -> Iterator[str]:
    modes = [word.strip() for word in values.get("authorization-mode", "AlwaysAllow").split(",") if word.strip()]
    if not modes:
        yield "at least one authorization-mode must be passed"
    for mode in modes:
        if mode not in MODES:
            yield f'authorization-mode "{mode}" is not a valid mode'
    if len(modes) != len(set(modes)):
        yield f"authorization-mode {_quoted(modes)} has mode specified more than once"
    for mode, flag, other in _NEEDS:
        if mode in modes and not values.get(flag):
            yield f"authorization-mode {mode}'s authorization {other} file not passed"
        if mode not in modes and values.get(flag):
            yield f"cannot specify --{flag} without mode {mode}"


_NEEDS = (
    ("ABAC", "authorization-policy-file", "policy"),
    ("Webhook", "authorization-webhook-config-file", "config"),
)


def _quoted(words: Sequence[str]) -> str:
    return "[" + " ".join(f'"{word}"' for word in words) + "]"


def _contents(values: Mapping[str, str], files: Mapping[str, str]) -> Iterator[str]:
    for flag, judge in _JUDGES.items():
        path = values.get(flag)
        if path and path in files:
            yield from judge(path, files[path])


def _tokens(path: str, text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip() and len(line.split(",")) < 3:
            columns = len(line.split(","))
            yield f"token file '{path}' must have at least 3 columns (token, user name, user uid), found {columns}"
            return


def _policy(path: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.strip().startswith("#"):
            try:
                json.loads(line)
            except ValueError as error:
                yield f"error reading policy file {path}, line {number}: {line}: {error}"
                return


def _yaml(path: str, text: str) -> Iterator[str]:
    try:
        if not isinstance(yaml.safe_load(text), dict):
            yield f'error loading config file "{path}": couldn\'t get version/kind; json parse error'
    except yaml.YAMLError as error:
        yield f'error loading config file "{path}": {str(error).splitlines()[0]}'


def _certificates(path: str, text: str) -> Iterator[str]:
    if "-----BEGIN CERTIFICATE-----" not in text:
        why = "data does not contain any valid RSA or ECDSA certificates"
        yield f"unable to load client CA provider: error parsing {path}: {why}"


_JUDGES: Mapping[str, Callable[[str, str], Iterator[str]]] = {
    "token-auth-file": _tokens,
    "client-ca-file": _certificates,
    "authorization-policy-file": _policy,
    "authorization-webhook-config-file": _yaml,
    "admission-control-config-file": _yaml,
    "audit-policy-file": _yaml,
}
