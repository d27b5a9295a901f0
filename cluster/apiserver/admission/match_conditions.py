"""Match conditions: expressions that all must hold before a webhook is called or a policy evaluated.

https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.apiserver.admission.expressions import Bindings, evaluated
from cluster.kinds.admissionregistration.expressions import Scope
from cluster.machinery.cel import CelError, Program


@dataclass(frozen=True, slots=True)
class MatchConditions:
    """The compiled conditions of one webhook or policy."""

    programs: tuple[Program, ...]

    @classmethod
    def of(cls, conditions: Sequence[Mapping[str, Any]] | None, scope: Scope | None = None) -> MatchConditions:
        """Compile `matchConditions`."""
        known = scope or Scope()
        return cls(tuple(known.ready(one["expression"], "bool") for one in conditions or ()))

    def hold(self, bindings: Bindings) -> bool:
        """Say whether all hold. One that is false decides, whatever error another gives; raise CelError otherwise."""
        errors = []
        for program in self.programs:
            try:
                if evaluated(program, bindings) is False:
                    return False
            except CelError as error:
                errors.append(str(error))
        if errors:
            raise CelError(errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")
        return True
