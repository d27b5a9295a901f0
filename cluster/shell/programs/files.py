"""Programs about files and folders: cat, ls, mkdir, rm, cp, mv, touch, ln, chmod, stat, du, df, find …"""

from __future__ import annotations

import re
from datetime import datetime, timezone

from cluster.shell import patterns
from cluster.shell.calls import ShellCall
from cluster.shell.programs.program import (
    UsageFault,
    cannot_open,
    each_line,
    missing_operand,
    options,
    read_file,
)
from cluster.workloads.files import FileError, FileInfo


def cat(call: ShellCall) -> int | None:
    found = options(call, "nAbesTtuvE", "", "number:n show-all:A")
    if "n" in found or "b" in found or "E" in found or "A" in found:

        def numbered(_: str, line: str, ended: bool) -> bool:
            call.state["count"] = call.state.get("count", 0) + 1
            mark = "$" if "E" in found or "A" in found else ""
            lead = f"{call.state['count']:6d}\t" if "n" in found or "b" in found else ""
            call.write(f"{lead}{line}{mark}" + ("\n" if ended else ""))
            return True

        return int(bool(call.state.get("failed"))) if each_line(call, found.operands, numbered) else None
    names = found.operands or ["-"]
    while call.state.get("i", 0) < len(names):
        name = names[call.state.get("i", 0)]
        if name == "-":
            data = call.read()
            while data:
                call.write(data)
                data = call.read()
            if data is None:
                return None
        else:
            try:
                call.write(read_file(call, name))
            except FileError as fault:
                cannot_open(call, name, fault)
                call.state["failed"] = True
        call.state["i"] = call.state.get("i", 0) + 1
    return int(bool(call.state.get("failed")))


# -- ls --------------------------------------------------------------------------------------------


def mode_text(info: FileInfo) -> str:
    """Return `drwxr-xr-x`."""
    letters = "".join(letter if info.mode >> (8 - i) & 1 else "-" for i, letter in enumerate("rwxrwxrwx"))
    if info.mode & 0o1000:
        letters = letters[:8] + ("t" if info.mode & 1 else "T")
    return {"dir": "d", "link": "l"}.get(info.kind, "-") + letters


def _date(call: ShellCall, moment: float) -> str:
    when = datetime.fromtimestamp(moment, timezone.utc)
    recent = -3600 < call.place.now() - moment < 15778476
    return f"{when:%b} {when.day:>2} " + (f"{when:%H:%M}" if recent else f" {when.year}")


def _human(size: float) -> str:
    for unit in ("", "K", "M", "G", "T"):
        if size < 1024:
            return f"{size:.1f}{unit}" if unit and size < 10 else f"{size:.0f}{unit}"
        size /= 1024
    return f"{size:.0f}P"


def ls(call: ShellCall) -> int | None:
    found = options(
        call, "aAlh1dRtrSFcpinsoguUX", "", "all:a almost-all:A human-readable:h recursive:R reverse:r color= color", 2
    )
    status = 0
    singles: list[str] = []
    folders: list[str] = []
    for name in found.operands or ["."]:
        try:
            info = call.place.files.stat(call.path(name), follow="l" not in found)
        except FileError as fault:
            lead = f"{name}: {fault}" if call.applet() else f"cannot access '{name}': {fault}"
            call.complain(lead)
            status = 1 if call.applet() else 2
            continue
        (folders if info.kind == "dir" and "d" not in found else singles).append(name)
    if singles:
        _entries(call, "", sorted(singles), found)
    shown = bool(singles)
    while folders:
        folder = folders.pop(0)
        if shown:
            call.write("\n")
        if len(found.operands) > 1 or "R" in found:
            call.write(f"{folder}:\n")
        shown = True
        names = _names(call, folder, found)
        if names is None:
            status = 2
            continue
        _entries(call, folder, names, found)
        if "R" in found:
            below = [f"{folder.rstrip('/')}/{name}" for name in names if name not in (".", "..")]
            folders = [one for one in below if _stat(call, one).kind == "dir"] + folders
    return status


def _stat(call: ShellCall, name: str) -> FileInfo:
    try:
        return call.place.files.stat(call.path(name), follow=False)
    except FileError:
        return FileInfo("file", 0, 0, 0.0)


def _names(call: ShellCall, folder: str, found: object) -> list[str] | None:
    try:
        names = list(call.place.files.list(call.path(folder)))
    except FileError as fault:
        call.complain(f"cannot open directory '{folder}': {fault}")
        return None
    assert hasattr(found, "flags")
    if "a" in found.flags:
        return [".", "..", *names]
    return names if "A" in found.flags else [name for name in names if not name.startswith(".")]


def _entries(call: ShellCall, folder: str, names: list[str], found: object) -> None:
    assert hasattr(found, "flags")
    flags: set[str] = found.flags
    infos = {name: _stat(call, f"{folder}/{name}" if folder else name) for name in names}
    order = sorted(names, key=lambda name: name.lstrip(".").lower()) if not call.applet() else list(names)
    order = sorted([n for n in names if n in (".", "..")]) + [n for n in order if n not in (".", "..")]
    if "t" in flags:
        order.sort(key=lambda name: -infos[name].modified)
    elif "S" in flags:
        order.sort(key=lambda name: -infos[name].size)
    if "r" in flags:
        order.reverse()
    if "l" in flags or "o" in flags or "g" in flags:
        _long(call, order, infos, flags, bool(folder))
        return
    shown = [name + _mark(infos[name], flags) for name in order]
    if call.tty and "1" not in flags:
        columns(call, shown)
    else:
        call.write("".join(f"{name}\n" for name in shown))


def _mark(info: FileInfo, flags: set[str]) -> str:
    if "F" not in flags and "p" not in flags:
        return ""
    if info.kind == "dir":
        return "/"
    if "p" in flags and "F" not in flags:
        return ""
    return "@" if info.kind == "link" else "*" if info.mode & 0o111 else ""


def columns(call: ShellCall, names: list[str]) -> None:
    """Write names in as many columns as fit, downwards."""
    from cluster.shell.lineeditor import width

    if not names:
        return
    for rows in range(1, len(names) + 1):
        groups = [names[i : i + rows] for i in range(0, len(names), rows)]
        widths = [max(map(width, group)) + 2 for group in groups]
        if sum(widths) - 2 <= call.columns or rows == len(names):
            for row in range(rows):
                cells = [(group[row], size) for group, size in zip(groups, widths, strict=True) if row < len(group)]
                text = "".join(name + " " * (size - width(name)) for name, size in cells)
                call.write(text.rstrip() + "\n")
            return


def _long(call: ShellCall, order: list[str], infos: dict[str, FileInfo], flags: set[str], total: bool) -> None:
    if total:
        blocks = sum(-(-info.size // 4096) * 4 for info in infos.values() if info.kind != "link")
        call.write(f"total {_human(blocks * 1024) if 'h' in flags else blocks}\n")
    sizes = {name: _human(info.size) if "h" in flags else str(info.size) for name, info in infos.items()}
    wide = max((len(size) for size in sizes.values()), default=0)
    users = max((len(info.user) for info in infos.values()), default=0)
    groups = max((len(info.group) for info in infos.values()), default=0)
    for name in order:
        info = infos[name]
        links = 2 if info.kind == "dir" else 1
        arrow = f" -> {info.target}" if info.kind == "link" else ""
        owner = f"{info.user:<{users}} {info.group:<{groups}}"
        when = _date(call, info.modified)
        call.write(
            f"{mode_text(info)} {links} {owner} {sizes[name]:>{wide}} {when} {name}{_mark(info, flags)}{arrow}\n"
        )


# -- making and removing -----------------------------------------------------------------------------


def _each(call: ShellCall, names: list[str], act: str, work: object) -> int:
    """Do something to every name; complaints read `mkdir: cannot create directory 'x': …`."""
    status = 0
    assert callable(work)
    for name in names:
        try:
            work(name)
        except FileError as fault:
            quoted = f"'{name}'" if not call.applet() else f"'{name}'"
            act_words = act.replace("cannot", "can't") if call.applet() else act
            call.complain(f"{act_words} {quoted}: {fault}")
            status = 1
    return status


def mkdir(call: ShellCall) -> int | None:
    found = options(call, "pv", "m", "parents:p mode=:m verbose:v")
    if not found.operands:
        raise missing_operand(call)
    mode = int(found.get("m", "755"), 8)

    def make(name: str) -> None:
        call.place.files.make_dir(call.path(name), parents="p" in found, mode=mode)
        if "v" in found:
            call.write(f"mkdir: created directory '{name}'\n")

    return _each(call, found.operands, "cannot create directory", make)


def rmdir(call: ShellCall) -> int | None:
    found = options(call, "p")

    def remove(name: str) -> None:
        if call.place.files.stat(call.path(name), follow=False).kind != "dir":
            raise FileError("ENOTDIR", name)
        call.place.files.remove(call.path(name))

    return _each(call, found.operands, "failed to remove", remove)


def rm(call: ShellCall) -> int | None:
    found = options(call, "rRfivd", "", "recursive:r force:f verbose:v")
    recursive = "r" in found or "R" in found
    if not found.operands:
        if "f" in found:
            return 0
        raise missing_operand(call)
    status = 0
    for name in found.operands:
        path = call.path(name)
        try:
            if call.place.files.stat(path, follow=False).kind == "dir" and not recursive:
                call.complain(
                    f"'{name}' is a directory" if call.applet() else f"cannot remove '{name}': Is a directory"
                )
                status = 1
                continue
            call.place.files.remove(path, recursive=recursive)
        except FileError as fault:
            if "f" in found and fault.code == "ENOENT":
                continue
            call.complain(f"{'can' + chr(39) + 't' if call.applet() else 'cannot'} remove '{name}': {fault}")
            status = 1
        else:
            if "v" in found:
                call.write(f"removed '{name}'\n")
    return status


def _into(call: ShellCall, target: str, source: str) -> str:
    """Return where a source goes: into the target when that is a folder."""
    try:
        if call.place.files.stat(call.path(target)).kind == "dir":
            return f"{target.rstrip('/')}/{source.rstrip('/').rpartition('/')[2]}"
    except FileError:
        pass
    return target


def _targets(call: ShellCall, found: object, word: str) -> tuple[list[str], str]:
    assert hasattr(found, "operands") and hasattr(found, "get")
    operands: list[str] = list(found.operands)
    if found.get("t"):
        return operands, str(found.get("t"))
    if not operands:
        raise UsageFault(f"{call.name}: missing file operand\nTry '{call.name} --help' for more information.\n")
    if len(operands) == 1:
        raise UsageFault(
            f"{call.name}: missing destination file operand after '{operands[0]}'\n"
            f"Try '{call.name} --help' for more information.\n"
        )
    target = operands.pop()
    if len(operands) > 1 and _into(call, target, "x") == target:
        raise UsageFault(f"{call.name}: target '{target}' is not a directory\n")
    return operands, target


def cp(call: ShellCall) -> int | None:
    found = options(call, "rRafpvnuLPdiT", "t", "recursive:r archive:a")
    sources, target = _targets(call, found, "copy")
    recursive = bool({"r", "R", "a"} & found.flags)
    status = 0
    for source in sources:
        goal = _into(call, target, source)
        try:
            info = call.place.files.stat(call.path(source))
            if info.kind == "dir" and not recursive:
                call.complain(
                    f"omitting directory '{source}'"
                    if call.applet()
                    else f"-r not specified; omitting directory '{source}'"
                )
                status = 1
                continue
            copy(call, call.path(source), call.path(goal), keep=bool({"p", "a"} & found.flags))
            if "v" in found:
                call.write(f"'{source}' -> '{goal}'\n")
        except FileError as fault:
            lead = "cannot stat" if fault.code == "ENOENT" and not call.place.files.exists(call.path(source)) else ""
            shown = source if lead else goal
            if call.applet():
                lead = "can't stat" if lead else "can't create"
            call.complain(f"{lead or 'cannot create regular file'} '{shown}': {fault}")
            status = 1
    return status


def copy(call: ShellCall, source: str, target: str, *, keep: bool) -> None:
    files = call.place.files
    info = files.stat(source)
    if info.kind == "dir":
        if not files.exists(target):
            files.make_dir(target, mode=info.mode)
        for name in list(files.list(source)):
            copy(call, f"{source}/{name}", f"{target}/{name}", keep=keep)
        return
    files.write(target, files.read(source), mode=info.mode)
    if keep:
        files.touch(target, info.modified)


def mv(call: ShellCall) -> int | None:
    found = options(call, "fvniuT", "t")
    sources, target = _targets(call, found, "move")
    status = 0
    for source in sources:
        goal = _into(call, target, source)
        try:
            call.place.files.stat(call.path(source), follow=False)
        except FileError as fault:
            call.complain(f"{'can' + chr(39) + 't rename' if call.applet() else 'cannot stat'} '{source}': {fault}")
            status = 1
            continue
        try:
            call.place.files.rename(call.path(source), call.path(goal))
            if "v" in found:
                call.write(f"renamed '{source}' -> '{goal}'\n")
        except FileError as fault:
            call.complain(f"cannot move '{source}' to '{goal}': {fault}")
            status = 1
    return status


def touch(call: ShellCall) -> int | None:
    found = options(call, "acmh", "drt", "no-create:c date=:d reference=:r")
    if not found.operands:
        if call.applet():
            raise missing_operand(call)
        raise UsageFault("touch: missing file operand\nTry 'touch --help' for more information.\n")
    moment = call.place.now()

    def work(name: str) -> None:
        path = call.path(name)
        if call.place.files.exists(path):
            call.place.files.touch(path, moment)
        elif "c" not in found:
            call.place.files.write(path, b"")

    status = 0
    for name in found.operands:
        try:
            work(name)
        except FileError as fault:
            call.complain(f"{name}: {fault}" if call.applet() else f"cannot touch '{name}': {fault}")
            status = 1
    return status


def ln(call: ShellCall) -> int | None:
    found = options(call, "sfnvTr", "", "symbolic:s force:f")
    if not found.operands:
        raise UsageFault("ln: missing file operand\nTry 'ln --help' for more information.\n")
    source = found.operands[0]
    target = found.operands[1] if len(found.operands) > 1 else source.rstrip("/").rpartition("/")[2]
    if "n" not in found:
        target = _into(call, target, source)
    path = call.path(target)
    try:
        if "f" in found and call.place.files.exists(path):
            call.place.files.remove(path)
        if "s" in found:
            call.place.files.symlink(source, path)
        else:
            copy(call, call.path(source), path, keep=True)
    except FileError as fault:
        kind = "symbolic link" if "s" in found else "hard link"
        call.complain(f"failed to create {kind} '{target}': {fault}")
        return 1
    return 0


# -- owners and modes ----------------------------------------------------------------------------------


def changed_mode(text: str, mode: int, is_dir: bool) -> int | None:
    """Return the mode that `chmod TEXT` makes of `mode`; None when the text is no mode."""
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    for clause in text.split(","):
        match = re.fullmatch(r"([ugoa]*)([-+=])([rwxXst]*)", clause)
        if not match:
            return None
        who, op, rights = match.groups()
        bits = 0
        for letter in rights:
            part = {"r": 4, "w": 2, "x": 1, "X": 1 if is_dir or mode & 0o111 else 0}.get(letter, 0)
            for target in who.replace("a", "ugo") or "ugo":
                bits |= part << {"u": 6, "g": 3, "o": 0}[target]
            bits |= 0o1000 if letter == "t" else 0
        if op == "=":
            mask = sum(7 << {"u": 6, "g": 3, "o": 0}[target] for target in set(who.replace("a", "ugo") or "ugo"))
            mode = mode & ~mask | bits
        else:
            mode = mode | bits if op == "+" else mode & ~bits
    return mode


def _walk(call: ShellCall, name: str, recursive: bool) -> list[str]:
    found = [name]
    if recursive and call.place.files.stat(call.path(name)).kind == "dir":
        for child in call.place.files.list(call.path(name)):
            found += _walk(call, f"{name.rstrip('/')}/{child}", True)
    return found


def chmod(call: ShellCall) -> int | None:
    words = list(call.argv[1:])
    recursive = False
    while words and words[0] in ("-R", "-v", "-f", "-c", "--recursive"):
        recursive = words.pop(0) in ("-R", "--recursive") or recursive
    if len(words) < 2:
        raise missing_operand(call)
    text, *names = words
    status = 0
    for name in names:
        try:
            for one in _walk(call, name, recursive):
                info = call.place.files.stat(call.path(one))
                mode = changed_mode(text, info.mode, info.kind == "dir")
                if mode is None:
                    raise UsageFault(f"chmod: invalid mode: '{text}'\nTry 'chmod --help' for more information.\n")
                call.place.files.chmod(call.path(one), mode)
        except FileError as fault:
            missing = fault.code == "ENOENT"
            lead = f"cannot access '{name}'" if missing else f"changing permissions of '{name}'"
            call.complain(f"{name}: {fault}" if call.applet() else f"{lead}: {fault}")
            status = 1
    return status


def chown(call: ShellCall) -> int | None:
    words = [word for word in call.argv[1:] if word not in ("-v", "-h", "-f")]
    recursive = "-R" in words
    words = [word for word in words if word != "-R"]
    if len(words) < 2:
        raise missing_operand(call)
    owner, *names = words
    user, _, group = owner.partition(":") if call.name != "chgrp" else ("", "", owner)
    status = 0
    for name in names:
        try:
            for one in _walk(call, name, recursive):
                call.place.files.chown(call.path(one), user, group)
        except FileError as fault:
            missing = fault.code == "ENOENT"
            lead = f"cannot access '{name}'" if missing else f"changing ownership of '{name}'"
            call.complain(f"{name}: {fault}" if call.applet() else f"{lead}: {fault}")
            status = 1
    return status


# -- looking -----------------------------------------------------------------------------------------


def stat(call: ShellCall) -> int | None:
    found = options(call, "Lt", "c", "format=:c printf=:c")
    status = 0
    for name in found.operands:
        try:
            info = call.place.files.stat(call.path(name), follow="L" in found)
        except FileError as fault:
            call.complain(f"cannot {'stat' if call.applet() else 'statx'} '{name}': {fault}")
            status = 1
            continue
        when = datetime.fromtimestamp(info.modified, timezone.utc)
        kind = {"dir": "directory", "link": "symbolic link"}.get(
            info.kind, "regular file" if info.size else "regular empty file"
        )
        fields = {
            "n": name,
            "s": str(info.size),
            "a": f"{info.mode:o}",
            "A": mode_text(info),
            "U": info.user,
            "G": info.group,
            "F": kind,
            "Y": str(int(info.modified)),
            "y": f"{when:%Y-%m-%d %H:%M:%S}.000000000 +0000",
            "%": "%",
        }
        if "c" in found:
            call.write(re.sub(r"%(.)", lambda m, f=fields: f.get(m.group(1), "?"), found.get("c")) + "\n")  # type: ignore[misc]
            continue
        call.write(
            f"  File: {name}\n  Size: {info.size:<10}\tBlocks: {-(-info.size // 512):<10} IO Block: 4096   {kind}\n"
            f"Access: ({info.mode:04o}/{mode_text(info)})  "
            f"Uid: ({0:5d}/{info.user:>8})   Gid: ({0:5d}/{info.group:>8})\n"
            f"Modify: {fields['y']}\n"
        )
    return status


def file(call: ShellCall) -> int | None:
    for name in call.argv[1:]:
        try:
            info = call.place.files.stat(call.path(name), follow=False)
        except FileError as fault:
            call.write(f"{name}: cannot open `{name}' ({fault})\n")
            continue
        call.write(f"{name}: {_described(call, name, info)}\n")
    return 0


def _described(call: ShellCall, name: str, info: FileInfo) -> str:
    if info.kind == "dir":
        return "directory"
    if info.kind == "link":
        return f"symbolic link to {info.target}"
    data = call.place.files.read(call.path(name))
    if not data:
        return "empty"
    if data.startswith(b"#!"):
        return "POSIX shell script, ASCII text executable"
    if data[:1] in b"{[":
        return "JSON text data"
    try:
        data.decode("ascii")
        return "ASCII text"
    except UnicodeDecodeError:
        pass
    try:
        data.decode()
        return "Unicode text, UTF-8 text"
    except UnicodeDecodeError:
        return "data"


def readlink(call: ShellCall) -> int | None:
    found = options(call, "fenmqs", "", "canonicalize:f")
    for name in found.operands:
        try:
            if "f" in found or "e" in found or call.name == "realpath":
                call.write(call.place.files.real_path(call.path(name)) + "\n")
                continue
            info = call.place.files.stat(call.path(name), follow=False)
            if info.kind != "link":
                return 1
            call.write(info.target + "\n")
        except FileError as fault:
            if call.name == "realpath":
                call.complain(f"{name}: {fault}")
            return 1
    return 0


def _tree_size(call: ShellCall, name: str, sizes: list[tuple[int, str]], all_files: bool) -> int:
    info = call.place.files.stat(call.path(name), follow=False)
    total = 4 if info.kind == "dir" else -(-info.size // 4096) * 4
    if info.kind == "dir":
        for child in call.place.files.list(call.path(name)):
            total += _tree_size(call, f"{name.rstrip('/')}/{child}", sizes, all_files)
        sizes.append((total, name))
    elif all_files:
        sizes.append((total, name))
    return total


def du(call: ShellCall) -> int | None:
    found = options(call, "shackmx", "d", "summarize:s human-readable:h all:a max-depth=:d")
    status = 0
    for name in found.operands or ["."]:
        sizes: list[tuple[int, str]] = []
        try:
            total = _tree_size(call, name, sizes, "a" in found)
        except FileError as fault:
            call.complain(f"cannot access '{name}': {fault}")
            status = 1
            continue
        depth = int(found.get("d", "99"))
        rows = (
            [(total, name)]
            if "s" in found
            else [row for row in sizes if row[1].removeprefix(name).count("/") <= depth] or [(total, name)]
        )
        for size, path in rows:
            call.write(f"{_human(size * 1024) if 'h' in found else size}\t{path}\n")
    return status


def df(call: ShellCall) -> int | None:
    found = options(call, "hTaikP", "t")
    size, used = 104857600, 6291456
    human = "h" in found
    rows = [
        [
            "Filesystem",
            "Size" if human else "1K-blocks",
            "Used",
            "Avail" if human else "Available",
            "Use%",
            "Mounted on",
        ]
    ]
    for mount, source, _ in call.place.files.mounts():
        if found.operands and not any(call.path(name) == mount for name in found.operands):
            continue
        numbers = [size, used, size - used]
        shown = [_human(number * 1024) if human else str(number) for number in numbers]
        rows.append([source, *shown, f"{-(-used * 100 // size)}%", mount])
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    for row in rows:
        cells = [f"{row[0]:<{max(widths[0], 14)}}"] + [f"{row[i]:>{widths[i]}}" for i in range(1, 5)]
        call.write(" ".join(cells) + f" {row[5]}\n")
    return 0


def mount(call: ShellCall) -> int | None:
    if len(call.argv) > 1 and not call.argv[1].startswith("-"):
        call.complain(f"{call.argv[-1]}: must be superuser to use mount.")
        return 32
    for point, source, read_only in call.place.files.mounts():
        kind = "overlay" if point == "/" else "tmpfs" if "secret" in point else "ext4"
        call.write(f"{source} on {point} type {kind} ({'ro' if read_only else 'rw'},relatime)\n")
    return 0


# -- find ----------------------------------------------------------------------------------------------


def find(call: ShellCall) -> int | None:
    if "todo" in call.state:
        return _run_todo(call)
    words = list(call.argv[1:])
    starts = []
    while words and not words[0].startswith(("-", "(", "!")):
        starts.append(words.pop(0))
    tests = _find_tests(call, words)
    todo: list[list[str]] = []
    status = 0
    for start in starts or ["."]:
        try:
            call.place.files.stat(call.path(start), follow=False)
        except FileError as fault:
            call.complain(f"{start}: {fault}" if call.applet() else f"'{start}': {fault}")
            status = 1
            continue
        _find_in(call, start, 0, tests, todo)
    call.state["todo"], call.state["status"] = todo, status
    return _run_todo(call)


def _find_tests(call: ShellCall, words: list[str]) -> list[tuple[str, list[str], bool]]:
    found = []
    negated = False
    while words:
        word = words.pop(0)
        if word in ("!", "-not"):
            negated = True
            continue
        if word in ("-a", "-and", "(", ")"):
            continue
        if word == "-exec":
            if ";" not in words and "+" not in words:
                raise UsageFault("find: missing argument to `-exec'\n")
            end = min(words.index(mark) for mark in (";", "+") if mark in words)
            found.append((word + ("+" if words[end] == "+" else ""), words[:end], False))
            del words[: end + 1]
        elif word in (
            "-name",
            "-iname",
            "-path",
            "-type",
            "-maxdepth",
            "-mindepth",
            "-size",
            "-mtime",
            "-mmin",
            "-newer",
            "-perm",
            "-user",
            "-regex",
            "-wholename",
        ):
            if not words:
                raise UsageFault(f"find: missing argument to `{word}'\n")
            found.append((word, [words.pop(0)], negated))
        elif word in ("-print", "-print0", "-delete", "-empty", "-o", "-or", "-ls", "-xdev", "-prune"):
            found.append(("-o" if word == "-or" else word, [], negated))
        else:
            raise UsageFault(
                f"find: unknown predicate `{word}'\n" if not call.applet() else f"find: unrecognized: {word}\n"
            )
        negated = False
    return found


def _find_in(
    call: ShellCall, path: str, depth: int, tests: list[tuple[str, list[str], bool]], todo: list[list[str]]
) -> None:
    limits = {name: int(args[0]) for name, args, _ in tests if name in ("-maxdepth", "-mindepth")}
    info = call.place.files.stat(call.path(path), follow=False)
    if depth >= limits.get("-mindepth", 0):
        _judge(call, path, info, tests, todo)
    if info.kind == "dir" and depth < limits.get("-maxdepth", 10**6):
        for name in call.place.files.list(call.path(path)):
            _find_in(call, f"{path.rstrip('/')}/{name}", depth + 1, tests, todo)


def _judge(
    call: ShellCall, path: str, info: FileInfo, tests: list[tuple[str, list[str], bool]], todo: list[list[str]]
) -> None:
    acts = any(name in ("-print", "-print0", "-delete", "-exec", "-exec+", "-ls") for name, _, _ in tests)
    branches: list[list[tuple[str, list[str], bool]]] = [[]]
    for test in tests:
        if test[0] == "-o":
            branches.append([])
        else:
            branches[-1].append(test)
    for branch in branches:
        if all(_find_matches(call, path, info, test) != test[2] for test in branch):
            for name, args, _ in branch:
                _find_act(path, name, args, todo)
            if not acts:
                todo.append(["-print", path])
            return


def _find_act(path: str, name: str, args: list[str], todo: list[list[str]]) -> None:
    if name == "-exec":
        todo.append(["-exec", *(word.replace("{}", path) for word in args)])
    elif name == "-exec+":
        held = next((item for item in todo if item[0] == "-exec+"), None)
        if held:
            held.append(path)
        else:
            todo.append(["-exec+", *(word for word in args if word != "{}"), path])
    elif name in ("-print", "-print0", "-delete", "-ls"):
        todo.append([name, path])


def _find_matches(call: ShellCall, path: str, info: FileInfo, test: tuple[str, list[str], bool]) -> bool:
    name, args, _ = test
    base = path.rstrip("/").rpartition("/")[2] or path
    if name in ("-name", "-iname"):
        text, pattern = (base.lower(), args[0].lower()) if name == "-iname" else (base, args[0])
        return patterns.matches([(pattern, False)], text)
    if name in ("-path", "-wholename"):
        return patterns.matches([(args[0], False)], path)
    if name == "-regex":
        return re.fullmatch(args[0], path) is not None
    if name == "-type":
        return {"f": "file", "d": "dir", "l": "link"}.get(args[0]) == info.kind
    if name == "-empty":
        return (
            info.size == 0 if info.kind == "file" else info.kind == "dir" and not call.place.files.list(call.path(path))
        )
    if name == "-size":
        return _find_number(args[0], info.size)
    if name in ("-mtime", "-mmin"):
        age = (call.place.now() - info.modified) / (86400 if name == "-mtime" else 60)
        return _compare(args[0], int(age))
    if name == "-newer":
        return info.modified > call.place.files.stat(call.path(args[0])).modified
    if name == "-perm":
        return (
            info.mode == int(args[0].lstrip("-/"), 8)
            if args[0][0] not in "-/"
            else bool(info.mode & int(args[0][1:], 8))
        )
    if name == "-user":
        return info.user == args[0]
    return True


def _compare(text: str, value: int) -> bool:
    number = int(text.lstrip("+-"))
    return value > number if text[0] == "+" else value < number if text[0] == "-" else value == number


def _find_number(text: str, size: int) -> bool:
    unit = {"c": 1, "k": 1024, "M": 1 << 20, "G": 1 << 30}.get(text[-1], 512)
    return _compare(text.rstrip("ckMGb"), -(-size // unit))


def _run_todo(call: ShellCall) -> int | None:
    state = call.state
    while state["todo"]:
        act, *args = state["todo"][0]
        if act in ("-exec", "-exec+"):
            if "child" not in state:
                state["child"] = call.run_child(args)
            code = call.child_exit(state["child"])
            if code is None:
                return None
            del state["child"]
            state["status"] = state["status"] or int(act == "-exec+" and code != 0)
        elif act == "-delete":
            call.place.files.remove(call.path(args[0]), recursive=True) if call.place.files.exists(
                call.path(args[0])
            ) else None
        else:
            call.write(args[0] + ("\0" if act == "-print0" else "\n"))
        state["todo"].pop(0)
    return int(state["status"])
