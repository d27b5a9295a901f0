"""Static tokens: the lines of `--token-auth-file`, read once, when the server starts.

Columns are token, user name, uid and, optionally, groups in double quotes with commas between.
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cached_property
from io import StringIO

from cluster.apiserver.authn.credentials import Credentials
from cluster.apiserver.request import User

_LEAST = 3


class StaticTokens:
    """The authenticator; `text` is the file's."""

    name = "token-auth-file"

    def __init__(self, text: str):
        self._text = text

    @cached_property
    def _users(self) -> Mapping[str, User]:
        found: dict[str, User] = {}
        for row in csv.reader(StringIO(self._text), skipinitialspace=True):
            if len(row) >= _LEAST and row[0]:
                found[row[0]] = _user(row)
        return found

    def user(self, given: Credentials) -> User | None:
        return self._users.get(given.token) if given.token else None


def _user(row: list[str]) -> User:
    listed = row[_LEAST] if len(row) > _LEAST else ""
    groups = tuple(word.strip() for word in listed.split(",") if word.strip())
    return User(row[1], groups, row[2])
