"""Which programs there are, and which userlands have them.

An image names its userland: "busybox" and "alpine" (busybox applets, ash), "debian" (a slim Debian:
dash, bash, coreutils, no tools for processes or network), "full" (a well-equipped machine: nodes and
the learner's terminal), "none" (distroless: no shell, no programs). `packages` of a place add
single programs, as an image's Dockerfile would.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.shell.programs import editors, encoding, files, grep, network, output, running, system, text
from cluster.shell.programs.awk import awk
from cluster.shell.programs.jq import jq
from cluster.shell.programs.openssl import openssl
from cluster.shell.programs.program import Plain
from cluster.shell.programs.sed import sed
from cluster.shell.programs.signals import Listener, Summing
from cluster.workloads.process import Program

USERLANDS = ("none", "busybox", "alpine", "debian", "full")
_EVERYWHERE = frozenset(("busybox", "alpine", "debian", "full"))
_NOT_SLIM = frozenset(("busybox", "alpine", "full"))
_GNU = frozenset(("debian", "full"))
_FULL = frozenset(("full",))

# Which dialect a shell's name means in each userland.
SHELLS: Mapping[str, Mapping[str, str]] = {
    "busybox": {"sh": "ash", "ash": "ash"},
    "alpine": {"sh": "ash", "ash": "ash"},
    "debian": {"sh": "dash", "dash": "dash", "bash": "bash"},
    "full": {"sh": "dash", "dash": "dash", "bash": "bash"},
}


@dataclass(frozen=True)
class Entry:
    program: Program
    userlands: frozenset[str] = _EVERYWHERE
    places: frozenset[str] = frozenset(("container", "node", "terminal"))


PROGRAMS: Mapping[str, Entry] = {
    "echo": Entry(Plain(output.echo)),
    "printf": Entry(Plain(output.printf)),
    "true": Entry(Plain(output.true)),
    "false": Entry(Plain(output.false)),
    "yes": Entry(Plain(output.yes)),
    "sleep": Entry(Plain(output.sleep)),
    "seq": Entry(Plain(output.seq)),
    "basename": Entry(Plain(output.basename)),
    "dirname": Entry(Plain(output.dirname)),
    "expr": Entry(Plain(output.expr)),
    "test": Entry(Plain(output.test)),
    "[": Entry(Plain(output.test)),
    "kill": Entry(Plain(output.kill), _NOT_SLIM),
    "pwd": Entry(Plain(output.pwd)),
    "cat": Entry(Plain(files.cat)),
    "ls": Entry(Plain(files.ls)),
    "mkdir": Entry(Plain(files.mkdir)),
    "rmdir": Entry(Plain(files.rmdir)),
    "rm": Entry(Plain(files.rm)),
    "cp": Entry(Plain(files.cp)),
    "mv": Entry(Plain(files.mv)),
    "touch": Entry(Plain(files.touch)),
    "ln": Entry(Plain(files.ln)),
    "chmod": Entry(Plain(files.chmod)),
    "chown": Entry(Plain(files.chown)),
    "chgrp": Entry(Plain(files.chown)),
    "stat": Entry(Plain(files.stat)),
    "file": Entry(Plain(files.file), _FULL),
    "readlink": Entry(Plain(files.readlink)),
    "realpath": Entry(Plain(files.readlink)),
    "du": Entry(Plain(files.du)),
    "df": Entry(Plain(files.df)),
    "mount": Entry(Plain(files.mount)),
    "find": Entry(Plain(files.find)),
    **{name: Entry(Plain(getattr(text, name))) for name in ("head", "tail", "wc", "sort", "uniq", "cut", "tr", "tee")},
    **{name: Entry(Plain(getattr(text, name))) for name in ("nl", "tac", "paste", "fold", "diff")},
    "rev": Entry(Plain(text.rev), _NOT_SLIM),
    "column": Entry(Plain(text.column), _FULL),
    "less": Entry(Plain(text.less), _NOT_SLIM),
    "more": Entry(Plain(text.less)),
    "grep": Entry(Plain(grep.grep)),
    "egrep": Entry(Plain(grep.grep)),
    "fgrep": Entry(Plain(grep.grep)),
    "date": Entry(Plain(system.date)),
    "uname": Entry(Plain(system.uname)),
    "hostname": Entry(Plain(system.hostname)),
    "whoami": Entry(Plain(system.whoami)),
    "id": Entry(Plain(system.id_)),
    "groups": Entry(Plain(system.groups)),
    "env": Entry(Plain(system.env)),
    "printenv": Entry(Plain(system.printenv)),
    "which": Entry(Plain(system.which)),
    "nproc": Entry(Plain(system.nproc)),
    "ps": Entry(Plain(system.ps), _NOT_SLIM),
    "pgrep": Entry(Plain(system.pgrep), _NOT_SLIM),
    "pkill": Entry(Plain(system.pgrep), _NOT_SLIM),
    "killall": Entry(Plain(system.pgrep), _NOT_SLIM),
    "pidof": Entry(Plain(system.pidof)),
    "top": Entry(Plain(system.top), _NOT_SLIM),
    "free": Entry(Plain(system.free), _NOT_SLIM),
    "uptime": Entry(Plain(system.uptime), _NOT_SLIM),
    "clear": Entry(Plain(system.clear)),
    "reset": Entry(Plain(system.clear)),
    "stty": Entry(Plain(system.stty)),
    "tput": Entry(Plain(system.tput), _GNU),
    "tty": Entry(Plain(system.tty)),
    "sync": Entry(Plain(system.nothing)),
    "sed": Entry(Plain(sed)),
    "awk": Entry(Plain(awk)),
    "gawk": Entry(Plain(awk), _FULL),
    "mawk": Entry(Plain(awk), _GNU),
    "jq": Entry(Plain(jq), _FULL),
    "base64": Entry(Plain(encoding.base64)),
    **{name: Entry(Plain(encoding.checksum)) for name in ("md5sum", "sha1sum", "sha256sum", "sha512sum")},
    "od": Entry(Plain(encoding.dump)),
    "hexdump": Entry(Plain(encoding.dump), _NOT_SLIM),
    "xxd": Entry(Plain(encoding.dump), _NOT_SLIM),
    **{name: Entry(Plain(encoding.gzip)) for name in ("gzip", "gunzip", "zcat")},
    "tar": Entry(Plain(encoding.tar)),
    "dd": Entry(Plain(encoding.dd)),
    "mktemp": Entry(Plain(encoding.mktemp)),
    "openssl": Entry(Plain(openssl), _FULL),
    "xargs": Entry(Plain(running.xargs)),
    "timeout": Entry(Plain(running.timeout)),
    "watch": Entry(Plain(running.watch), _NOT_SLIM),
    "nohup": Entry(Plain(running.run_rest)),
    "nice": Entry(Plain(running.run_rest)),
    "setsid": Entry(Plain(running.run_rest)),
    "stdbuf": Entry(Plain(running.run_rest), _GNU),
    "time": Entry(Plain(running.time), _NOT_SLIM),
    "busybox": Entry(Plain(running.busybox), frozenset(("busybox", "alpine"))),
    "vi": Entry(Plain(editors.edit), _NOT_SLIM),
    "vim": Entry(Plain(editors.edit), _FULL),
    "nano": Entry(Plain(editors.edit), _FULL),
    "curl": Entry(Plain(network.curl), _FULL),
    "wget": Entry(Plain(network.wget), _NOT_SLIM),
    "nslookup": Entry(Plain(network.nslookup), _NOT_SLIM),
    "dig": Entry(Plain(network.dig), _FULL),
    "host": Entry(Plain(network.host), _FULL),
    "getent": Entry(Plain(network.getent)),
    "nc": Entry(Listener(network.nc, network.serve_nc), _NOT_SLIM),
    "ping": Entry(Summing(network.ping), _NOT_SLIM),
}


def has_program(name: str, kind: str, userland: str, packages: tuple[str, ...]) -> bool:
    """Return whether a place of this kind and userland has the program."""
    entry = PROGRAMS.get(name)
    if entry is None or kind not in entry.places:
        return False
    return userland in entry.userlands or name in packages
