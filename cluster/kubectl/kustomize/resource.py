"""One resource on its way through the kustomizations, with the names it has had."""

from __future__ import annotations

import copy

from cluster.machinery.meta import Object, meta


class Resource:
    """`data` is the object as it is now; `hashed` asks for a suffix of its content."""

    def __init__(self, data: Object, hashed: bool = False):
        self.data: Object = copy.deepcopy(data)
        self.hashed = hashed
        self.former: list[str] = []

    @property
    def kind(self) -> str:
        return str(self.data.get("kind", ""))

    @property
    def name(self) -> str:
        return str(meta(self.data).get("name", ""))

    @property
    def namespace(self) -> str:
        return str(meta(self.data).get("namespace", ""))

    @property
    def id(self) -> tuple[str, str, str, str]:
        return str(self.data.get("apiVersion", "")), self.kind, self.namespace, self.name

    def shown_id(self) -> str:
        group, _, version = str(self.data.get("apiVersion", "")).rpartition("/")
        return f"{self.kind}.{version}.{group or '[noGrp]'}/{self.name}.{self.namespace or '[noNs]'}"

    def names(self) -> set[str]:
        return {self.name, *self.former}

    def rename(self, name: str) -> None:
        self.former.append(self.name)
        self.data.setdefault("metadata", {})["name"] = name
