"""`lab node list | add NAME | off NAME | on NAME`: the lab's machines, as hands on the rack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cluster.kubelet.machines import Machine, machine, machine_names, read_machine, register, save_machine
from cluster.machinery.names import dns_subdomain
from cluster.runtime.console.doors import Doors
from cluster.workloads.process import Call

USAGE = "usage: lab node list | add NAME | off NAME | on NAME\n"


def run(doors: Doors, call: Call, words: Sequence[str]) -> int:
    action = ACTIONS.get(words[0] if words else "")
    wanted = 1 if action is _list else 2
    if action is None or len(words) != wanted:
        call.error(USAGE)
        return 2
    return action(doors, call, words[-1])


def _list(doors: Doors, call: Call, _: str) -> int:
    state = doors.context.state
    for name in machine_names(state):
        found = read_machine(state, name) or {}
        power = "on" if found.get("powered") else "off"
        call.write(f"{name:<16} {found.get('address', ''):<14} {found.get('role', ''):<14} {power}\n")
    return 0


def _add(doors: Doors, call: Call, name: str) -> int:
    """Bring a machine with everything a worker needs; its kubelet joins by itself."""
    state = doors.context.state
    if dns_subdomain(name):
        call.error(f"lab: {name!r} is no host name\n")
        return 1
    if read_machine(state, name) is not None:
        call.error(f"lab: there is a machine {name!r} already\n")
        return 1
    register(state, machine(name, _next_index(doors)))
    doors.kubelets.look_at_machines()
    call.write(f"machine {name} added\n")
    return 0


def _next_index(doors: Doors) -> int:
    """Return an index no machine has, so that its address and pod range are its own."""
    state = doors.context.state
    taken = {
        str((read_machine(state, name) or {}).get("address", "")).rpartition(".")[2] for name in machine_names(state)
    }
    return next(number for number in range(254) if str(number + 2) not in taken)


def _switch(doors: Doors, call: Call, name: str, *, on: bool) -> int:
    found = read_machine(doors.context.state, name)
    if found is None:
        call.error(f"lab: there is no machine {name!r}\n")
        return 1
    changed: Machine = {**found, "powered": on}
    save_machine(doors.context.state, changed)
    doors.kubelets.look_at_machines()
    call.write(f"machine {name} is {'on' if on else 'off'}\n")
    return 0


def _off(doors: Doors, call: Call, name: str) -> int:
    return _switch(doors, call, name, on=False)


def _on(doors: Doors, call: Call, name: str) -> int:
    return _switch(doors, call, name, on=True)


ACTIONS: Mapping[str, Callable[[Doors, Call, str], int]] = {"list": _list, "add": _add, "off": _off, "on": _on}
