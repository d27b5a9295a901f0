"""Programs about the machine and its processes: ps, top, free, date, uname, id, env, hostname, uptime …"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from cluster.shell.calls import ShellCall
from cluster.shell.programs.program import UsageFault, options
from cluster.workloads.files import FileError
from cluster.workloads.process import ProcessInfo


def date(call: ShellCall) -> int | None:
    found = options(call, "uR", "dfrs", "utc:u date=:d iso-8601 rfc-3339= rfc-email:R")
    when = datetime.fromtimestamp(call.place.now(), timezone.utc)
    if "d" in found:
        given = _moment(found.get("d"), when)
        if given is None:
            raise UsageFault(f"date: invalid date '{found.get('d')}'\n")
        when = given
    words = [word for word in found.operands if word.startswith("+")]
    if "iso-8601" in found:
        kind = found.get("iso-8601")
        call.write(when.strftime("%Y-%m-%dT%H:%M:%S+00:00" if kind.startswith("s") else "%Y-%m-%d") + "\n")
    elif "rfc-3339" in found:
        call.write(when.strftime("%Y-%m-%d %H:%M:%S+00:00") + "\n")
    elif "R" in found:
        call.write(when.strftime("%a, %d %b %Y %H:%M:%S +0000") + "\n")
    elif words:
        call.write(format_time(when, words[0][1:]) + "\n")
    else:
        call.write(format_time(when, "%a %b %e %H:%M:%S UTC %Y") + "\n")
    return 0


def format_time(when: datetime, pattern: str) -> str:
    """Return strftime's text, with GNU's `%s`, `%N`, `%3N` and `%-d`."""
    pattern = re.sub(r"%(\d?)N", lambda m: f"{when.microsecond * 1000:09d}"[: int(m.group(1) or 9)], pattern)
    pattern = pattern.replace("%s", str(int(when.timestamp()))).replace("%:z", "+00:00").replace("%e", f"{when.day:>2}")
    return when.strftime(pattern)


_UNITS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86400, "week": 604800}


def _moment(text: str, now: datetime) -> datetime | None:
    if match := re.fullmatch(r"@(\d+(?:\.\d+)?)", text):
        return datetime.fromtimestamp(float(match.group(1)), timezone.utc)
    named = {"now": 0, "today": 0, "yesterday": -86400, "tomorrow": 86400}
    if text.lower() in named:
        return now + timedelta(seconds=named[text.lower()])
    if match := re.fullmatch(r"([-+]?\d+) (\w+?)s?( ago)?", text.strip()):
        unit = _UNITS.get(match.group(2))
        return now + timedelta(seconds=int(match.group(1)) * unit * (-1 if match.group(3) else 1)) if unit else None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def uname(call: ShellCall) -> int | None:
    found = options(call, "asnrvmpio", "", "all:a kernel-name:s nodename:n kernel-release:r machine:m")
    values = {
        "s": "Linux",
        "n": call.place.hostname,
        "r": "6.1.0-44-amd64",
        "v": "#1 SMP PREEMPT_DYNAMIC Debian 6.1.164-1 (2026-03-01)",
        "m": "x86_64",
        "o": "GNU/Linux" if not call.applet() else "Linux",
    }
    wanted = [key for key in "snrvmo" if key in found.flags or "a" in found.flags] or ["s"]
    call.write(" ".join(values[key] for key in wanted) + "\n")
    return 0


def hostname(call: ShellCall) -> int | None:
    found = options(call, "fisdI", "", "fqdn:f ip-address:i all-ip-addresses:I short:s")
    if "i" in found or "I" in found:
        call.write(str(call.place.services.get("address", "127.0.0.1")) + ("\n" if "i" in found else " \n"))
        return 0
    if found.operands:
        call.complain(
            "you must be root to change the host name" if not call.applet() else "sethostname: Operation not permitted"
        )
        return 1
    call.write((call.place.hostname.split(".")[0] if "s" in found else call.place.hostname) + "\n")
    return 0


def _passwd(call: ShellCall) -> dict[str, tuple[str, str]]:
    """Return names by user id, each with its group id."""
    try:
        rows = call.place.files.read("/etc/passwd").decode().splitlines()
    except FileError:
        rows = []
    found = {"0": ("root", "0")}
    for row in rows:
        parts = row.split(":")
        if len(parts) > 3:
            found[parts[2]] = (parts[0], parts[3])
    return found


def identity(call: ShellCall) -> tuple[str, str, str]:
    """Return (uid, name or '', gid) of the user this runs as."""
    table = _passwd(call)
    user, _, group = call.user.partition(":")
    if user.isdigit():
        name, gid = table.get(user, ("", "0"))
        return user, name, group or gid
    for uid, (name, gid) in table.items():
        if name == user:
            return uid, name, group or gid
    return ("0" if user == "root" else "1000"), user, group or ("0" if user == "root" else "1000")


def whoami(call: ShellCall) -> int | None:
    uid, name, _ = identity(call)
    if not name:
        call.complain(f"cannot find name for user ID {uid}" if not call.applet() else f"unknown uid {uid}")
        return 1
    call.write(name + "\n")
    return 0


def id_(call: ShellCall) -> int | None:
    found = options(call, "ugnGr", "", "user:u group:g name:n groups:G")
    uid, name, gid = identity(call)
    group = "root" if gid == "0" else name if gid == uid else ""
    if "u" in found:
        call.write((name if "n" in found and name else uid) + "\n")
    elif "g" in found or "G" in found:
        call.write((group if "n" in found and group else gid) + "\n")
    else:

        def shown(number: str, text: str) -> str:
            return f"{number}({text})" if text else number

        call.write(f"uid={shown(uid, name)} gid={shown(gid, group)} groups={shown(gid, group)}\n")
    return 0


def groups(call: ShellCall) -> int | None:
    uid, name, gid = identity(call)
    call.write(("root" if gid == "0" else name or gid) + "\n")
    return 0


def env(call: ShellCall) -> int | None:
    """`env` prints the environment, or runs a command with another one."""
    if "child" in call.state:
        return call.child_exit(call.state["child"])
    words = list(call.argv[1:])
    environ = dict(call.environ)
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        if flag in ("-i", "-", "--ignore-environment"):
            environ = {}
        elif flag in ("-u", "--unset") and words:
            environ.pop(words.pop(0), None)
        elif flag not in ("-0", "-S", "--"):
            raise UsageFault(
                f"env: invalid option -- '{flag.lstrip('-')}'\nTry 'env --help' for more information.\n", 125
            )
    while words and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        environ[name] = value
    if not words:
        call.write("".join(f"{name}={value}\n" for name, value in environ.items()))
        return 0
    call.state["child"] = call.run_child(words, environ=environ)
    return call.child_exit(call.state["child"])


def printenv(call: ShellCall) -> int | None:
    names = call.argv[1:]
    if not names:
        call.write("".join(f"{name}={value}\n" for name, value in call.environ.items()))
        return 0
    status = 0
    for name in names:
        if name in call.environ:
            call.write(call.environ[name] + "\n")
        else:
            status = 1
    return status


# -- processes -----------------------------------------------------------------------------------------


def processes(call: ShellCall) -> list[ProcessInfo]:
    """Return the processes of this place: what it knows of others, and the tasks of this one."""
    mine = {}
    for task in call.tasks():
        command = " ".join(task["argv"])
        mine[task["pid"]] = ProcessInfo(
            task["pid"], call.user if not call.user.isdigit() else call.user, command, task["started"]
        )
    others = {info.pid: info for info in call.place.processes()}
    return [info for _, info in sorted({**others, **mine}.items())]


def _cpu_time(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def ps(call: ShellCall) -> int | None:
    words = call.argv[1:]
    flags = "".join(word.lstrip("-") for word in words if not word.startswith("--"))
    found = processes(call)
    if call.applet():
        call.write("PID   USER     TIME  COMMAND\n")
        for info in found:
            minutes, seconds = divmod(int(info.cpu), 60)
            call.write(f"{info.pid:5d} {info.user:<8} {minutes:2d}:{seconds:02d} {info.command}\n")
        return 0
    if "u" in flags:
        call.write("USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n")
        for info in found:
            started = datetime.fromtimestamp(info.started, timezone.utc)
            time = f"{int(info.cpu) // 60}:{int(info.cpu) % 60:02d}"
            state = "Ss" if info.pid == 1 else "S"
            call.write(
                f"{info.user:<10} {info.pid:5d}  0.0  0.0   4364  3220 ?        {state:<4} {started:%H:%M}   {time} "
                f"{info.command}\n"
            )
    elif "f" in flags:
        call.write("UID          PID    PPID  C STIME TTY          TIME CMD\n")
        for info in found:
            started = datetime.fromtimestamp(info.started, timezone.utc)
            parent = 0 if info.pid == 1 else 1
            call.write(
                f"{info.user:<8} {info.pid:7d} {parent:7d}  0 {started:%H:%M} ?        {_cpu_time(info.cpu)} "
                f"{info.command}\n"
            )
    else:
        call.write("    PID TTY          TIME CMD\n")
        own = {task["pid"] for task in call.tasks()}
        for info in found:
            if info.pid in own or "e" in flags or "A" in flags or "a" in flags or "x" in flags:
                name = info.command.split(" ")[0].rpartition("/")[2]
                call.write(f"{info.pid:7d} {'pts/0' if call.tty else '?':<8} {_cpu_time(info.cpu)} {name}\n")
    return 0


def pgrep(call: ShellCall) -> int | None:
    found = options(call, "flaxnov", "us")
    if not found.operands:
        raise UsageFault("pgrep: no matching criteria specified\nTry `pgrep --help' for more information.\n", 2)
    expression = re.compile(found.operands[0])
    own = max((task["pid"] for task in call.tasks()), default=0)
    status = 1
    for info in processes(call):
        name = info.command if "f" in found else info.command.split(" ")[0].rpartition("/")[2]
        if info.pid != own and expression.search(name):
            status = 0
            if call.name == "pkill" or call.name == "killall":
                call.kill(info.pid, "TERM")
            else:
                call.write(f"{info.pid} {info.command}\n" if "a" in found or "l" in found else f"{info.pid}\n")
    return status


def pidof(call: ShellCall) -> int | None:
    found = [
        str(info.pid) for info in processes(call) if info.command.split(" ")[0].rpartition("/")[2] in call.argv[1:]
    ]
    if not found:
        return 1
    call.write(" ".join(reversed(found)) + "\n")
    return 0


def top(call: ShellCall) -> int | None:
    found = options(call, "bcHiSs", "ndpu")
    limit = int(found.get("n", "0"))
    shown = call.state.get("shown", 0)
    if call.state.get("next", 0) <= call.place.now():
        if "b" not in found:
            call.write("\x1b[H\x1b[2J")
        _top_screen(call)
        call.state["shown"] = shown = shown + 1
        call.state["next"] = call.place.now() + float(found.get("d", "3"))
    if limit and shown >= limit:
        return 0
    call.sleep_until(call.state["next"])
    return None


def _top_screen(call: ShellCall) -> None:
    rows = processes(call)
    when = datetime.fromtimestamp(call.place.now(), timezone.utc)
    if call.applet():
        call.write("Mem: 2048000K used, 6144000K free, 1024K shrd, 100000K buff, 900000K cached\n")
        call.write("CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n")
        call.write("Load average: 0.00 0.00 0.00 1/100 50\n  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n")
        for info in rows:
            call.write(f"{info.pid:5d} {0:5d} {info.user:<8} S     4364   0%   0   0% {info.command}\n")
        return
    call.write(f"top - {when:%H:%M:%S} up  1:00,  0 user,  load average: 0.00, 0.00, 0.00\n")
    call.write(f"Tasks: {len(rows):3d} total,   1 running, {len(rows) - 1:3d} sleeping,   0 stopped,   0 zombie\n")
    call.write("%Cpu(s):  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n")
    call.write("MiB Mem :   8192.0 total,   6144.0 free,   1024.0 used,   1024.0 buff/cache\n\n")
    call.write("    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n")
    for info in rows:
        name = info.command.split(" ")[0].rpartition("/")[2]
        call.write(f"{info.pid:7d} {info.user:<8}  20   0    4364   3220   2960 S   0.0   0.0   0:00.00 {name}\n")


def free(call: ShellCall) -> int | None:
    found = options(call, "hmgkb", "", "human:h mega:m giga:g")
    total, used, cached = 8388608, 1048576, 1048576
    scale, unit = (1024, "") if "m" in found else (1 << 20, "") if "g" in found else (1, "")
    values = [total, used, total - used - cached, 1024, cached, total - used]
    shown = [f"{value / (1 << 20):.1f}Gi" if "h" in found else f"{value // scale}{unit}" for value in values]
    call.write("               total        used        free      shared  buff/cache   available\n")
    call.write("Mem:    " + "".join(f"{text:>12}" for text in shown) + "\n")
    call.write("Swap:   " + "".join(f"{text:>12}" for text in ("0B" if "h" in found else "0",) * 3) + "\n")
    return 0


def uptime(call: ShellCall) -> int | None:
    when = datetime.fromtimestamp(call.place.now(), timezone.utc)
    seconds = int(call.place.now() - float(call.place.services.get("booted", call.place.now() - 3600)))
    up = f"{seconds // 3600}:{seconds // 60 % 60:02d}" if seconds >= 3600 else f"{seconds // 60} min"
    call.write(f" {when:%H:%M:%S} up {up},  0 users,  load average: 0.00, 0.00, 0.00\n")
    return 0


def nproc(call: ShellCall) -> int | None:
    call.write(f"{call.place.services.get('cpus', 4)}\n")
    return 0


# -- the screen ----------------------------------------------------------------------------------------


def clear(call: ShellCall) -> int | None:
    call.write("\x1b[H\x1b[2J\x1b[3J" if call.name != "reset" else "\x1bc")
    return 0


def stty(call: ShellCall) -> int | None:
    if not call.keyboard:
        call.complain("'standard input': Inappropriate ioctl for device")
        return 1
    if "size" in call.argv:
        call.write(f"{call.rows} {call.columns}\n")
    elif len(call.argv) == 1 or "-a" in call.argv:
        call.write("speed 38400 baud; line = 0;\n")
    return 0


def tput(call: ShellCall) -> int | None:
    codes = {
        "clear": "\x1b[H\x1b[2J",
        "reset": "\x1bc",
        "bold": "\x1b[1m",
        "sgr0": "\x1b[0m",
        "smul": "\x1b[4m",
        "civis": "\x1b[?25l",
    }
    what = call.argv[1] if len(call.argv) > 1 else ""
    if what == "cols":
        call.write(f"{call.columns}\n")
    elif what == "lines":
        call.write(f"{call.rows}\n")
    elif what in ("setaf", "setab") and len(call.argv) > 2:
        call.write(f"\x1b[{3 if what == 'setaf' else 4}{call.argv[2]}m")
    else:
        call.write(codes.get(what, ""))
    return 0


def tty(call: ShellCall) -> int | None:
    call.write("/dev/pts/0\n" if call.keyboard else "not a tty\n")
    return int(not call.keyboard)


def which(call: ShellCall) -> int | None:
    status = 0
    for name in [word for word in call.argv[1:] if not word.startswith("-")]:
        path = call.where(name)
        if path:
            call.write(path + "\n")
        else:
            status = 1
    return status


def nothing(call: ShellCall) -> int | None:
    """Succeed without doing anything: sync and the like have no work here."""
    return 0
