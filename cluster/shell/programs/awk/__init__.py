"""awk: reading the program (`grammar`), running it (`machine`)."""

from __future__ import annotations

from cluster.shell.calls import ShellCall
from cluster.shell.programs.awk.grammar import AwkFault, parse
from cluster.shell.programs.awk.machine import Machine, escapes
from cluster.shell.programs.program import UsageFault, everything, options


def awk(call: ShellCall) -> int | None:
    found = options(call, "", "Fvf", "field-separator=:F assign=:v file=:f", 2, stop_early=True)
    operands = list(found.operands)
    if "f" in found:
        text = "\n".join(call.place.files.read(call.path(name)).decode() for name in found.all["f"])
    elif operands:
        text = operands.pop(0)
    else:
        raise UsageFault("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]\n", 2)
    try:
        program = parse(text)
        machine = Machine(call, program)
    except AwkFault as fault:
        raise UsageFault(f"{call.name}: {fault}\n", 2) from None
    for word in found.all.get("v", ()):
        name, _, value = word.partition("=")
        machine.variables[name] = machine.given(escapes(value))
    if "F" in found:
        machine.variables["FS"] = "\t" if found.get("F") == "t" else escapes(found.get("F"))
    names = [word for word in operands if "=" not in word]
    inputs = everything(call, names) if program.reads_input else []
    if inputs is None:
        return None
    try:
        code = machine.run(inputs, [word for word in operands if "=" in word])
    except AwkFault as fault:
        call.error(f"{call.name}: {fault}\n")
        return 2
    return code or (2 if call.state.get("failed") else 0)
