"""The shape of a caption: a message id, its parameters, and the object it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.topology import texts_en, texts_zh_hans

TEXTS: Mapping[str, Mapping[str, str]] = {"en": texts_en.TEXTS, "zh-hans": texts_zh_hans.TEXTS}


@dataclass(frozen=True, slots=True)
class Caption:
    """One short sentence of the story; `focus` is the node it is about."""

    id: str
    focus: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        return TEXTS[language][self.id].format(**self.params)

    def data(self, revision: int, language: str = "") -> dict[str, Any]:
        """Return the caption as frames carry it, with its text when the language is known."""
        shown = {"revision": revision, "id": self.id, "focus": self.focus, "params": dict(self.params)}
        return {**shown, "text": self.text(language)} if language else shown
