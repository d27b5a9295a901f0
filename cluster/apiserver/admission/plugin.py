"""What an admission plugin is."""

from __future__ import annotations

from cluster.apiserver.attributes import CREATE, DELETE, UPDATE, Attributes


class Plugin:
    """Base of all plugins: `admit` may change the draft, `judge` may only refuse.

    `resources` names what it looks at (empty: everything), so that other requests pass at no cost.
    """

    name = ""
    operations: tuple[str, ...] = (CREATE, UPDATE, DELETE)
    resources: frozenset[str] = frozenset()
    mutates = False
    judges = False

    def admit(self, attributes: Attributes) -> None:
        """Change `attributes.draft`, or refuse early."""

    def judge(self, attributes: Attributes) -> None:
        """Raise StatusError to refuse."""
