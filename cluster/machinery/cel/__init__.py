"""CEL, the language of rules in Kubernetes. https://kubernetes.io/docs/reference/using-api/cel/

`compile(expression, variables)` parses and checks, `Program.evaluate(bindings)` runs, `evaluate(expression, bindings)`
does both over JSON values. An expression sees nothing but its bindings: no clock, no chance.

Left out: the cost an expression might have is not estimated beforehand (only its steps are counted while it runs),
lists and maps of mixed types are not refused, and lists declared as sets or maps compare in their order.
"""

from cluster.machinery.cel.frontend import CompileError
from cluster.machinery.cel.program import Compiler, Program, broken, compile, evaluate
from cluster.machinery.cel.values import CelError

__all__ = ["CelError", "CompileError", "Compiler", "Program", "broken", "compile", "evaluate"]
