"""Bytes in other clothes: base64, checksums, od, hexdump, gzip, tar, dd, split and mktemp."""

from __future__ import annotations

import base64 as b64
import gzip as gz
import hashlib
import io
import posixpath
import tarfile
from typing import Any

from cluster.shell.calls import ShellCall
from cluster.shell.programs.program import UsageFault, device_bytes, everything, options
from cluster.workloads.files import FileError


def base64(call: ShellCall) -> int | None:
    found = options(call, "dDi", "w", "decode:d wrap=:w ignore-garbage:i")
    inputs = everything(call, found.operands[:1])
    if inputs is None:
        return None
    if not inputs:
        return 1
    data = inputs[0][1]
    if "d" in found or "D" in found:
        text = b"".join(data.split())
        try:
            call.write(b64.b64decode(text, validate="i" not in found))
        except ValueError:
            call.write(_valid_part(text))
            call.error("base64: truncated input\n" if call.applet() else "base64: invalid input\n")
            return 1
        return 0
    width = int(found.get("w", "76"))
    text = b64.b64encode(data)
    if not width:
        call.write(text)
    else:
        call.write(b"".join(text[i : i + width] + b"\n" for i in range(0, len(text), width)))
    return 0


def _valid_part(text: bytes) -> bytes:
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    end = next((i for i, letter in enumerate(text) if letter not in alphabet), len(text))
    return b64.b64decode(text[: end // 4 * 4])


def checksum(call: ShellCall) -> int | None:
    found = options(call, "cbt", "", "check:c")
    inputs = everything(call, found.operands)
    if inputs is None:
        return None
    kind = call.name.removesuffix("sum")
    if "c" in found:
        return _check(call, kind, inputs)
    for name, data in inputs:
        call.write(f"{hashlib.new(kind, data).hexdigest()}  {name}\n")
    return int(bool(call.state.get("failed")))


def _check(call: ShellCall, kind: str, inputs: list[tuple[str, bytes]]) -> int:
    wrong = 0
    for line in inputs[0][1].decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        try:
            right = hashlib.new(kind, call.place.files.read(call.path(name))).hexdigest() == digest
        except FileError:
            right = False
        call.write(f"{name}: {'OK' if right else 'FAILED'}\n")
        wrong += not right
    if wrong:
        call.complain(f"WARNING: {wrong} computed checksum did NOT match")
    return int(bool(wrong))


def dump(call: ShellCall) -> int | None:
    """od, hexdump -C and xxd: bytes as hexadecimal."""
    found = options(call, "CcxbvpA", "tAnN")
    inputs = everything(call, found.operands)
    if inputs is None:
        return None
    data = b"".join(content for _, content in inputs)
    if call.name == "xxd" and "p" in found:
        call.write(data.hex() + "\n")
        return 0
    for i in range(0, len(data), 16):
        row = data[i : i + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        if call.name == "xxd":
            pairs = " ".join(row[j : j + 2].hex() for j in range(0, len(row), 2))
            call.write(f"{i:08x}: {pairs:<39}  {text}\n")
        elif call.name == "hexdump":
            halves = "  ".join(row[j : j + 8].hex(" ") for j in range(0, len(row), 8))
            call.write(f"{i:08x}  {halves:<48}  |{text}|\n")
        elif "c" in found:
            names = {0: "\\0", 9: "\\t", 10: "\\n", 13: "\\r"}
            call.write(
                f"{i:07o}" + "".join(f"{names.get(b, chr(b) if 32 <= b < 127 else f'{b:03o}'):>4}" for b in row) + "\n"
            )
        else:
            words = [int.from_bytes(row[j : j + 2], "little") for j in range(0, len(row), 2)]
            call.write(f"{i:07o}" + "".join(f" {word:06o}" for word in words) + "\n")
    call.write(f"{len(data):08x}\n" if call.name == "hexdump" else f"{len(data):07o}\n" if call.name == "od" else "")
    return 0


def gzip(call: ShellCall) -> int | None:
    found = options(call, "dckf123456789nv", "", "decompress:d stdout:c keep:k")
    unpack = "d" in found or call.name in ("gunzip", "zcat")
    inputs = everything(call, found.operands)
    if inputs is None:
        return None
    for name, data in inputs:
        try:
            result = gz.decompress(data) if unpack else gz.compress(data, mtime=0)
        except (OSError, EOFError):
            call.complain(f"{name}: not in gzip format" if name != "-" else "stdin: not in gzip format")
            return 1
        if name == "-" or "c" in found or call.name == "zcat":
            call.write(result)
            continue
        call.place.files.write(call.path(name.removesuffix(".gz") if unpack else f"{name}.gz"), result)
        if "k" not in found:
            call.place.files.remove(call.path(name))
    return int(bool(call.state.get("failed")))


# -- tar -----------------------------------------------------------------------------------------------


def tar(call: ShellCall) -> int | None:
    words = list(call.argv)
    if len(words) > 1 and not words[1].startswith("-"):
        words[1] = "-" + words[1]
    call.argv = words
    found = options(
        call,
        "cxtvzjJpkmhOP",
        "fCX",
        "create:c extract:x list:t verbose:v gzip:z file=:f directory=:C no-same-owner overwrite exclude=",
    )
    folder = call.path(found.get("C", "."))
    name = found.get("f", "-")
    if "c" in found:
        return _tar_create(call, found, folder, name)
    if not {"x", "t"} & found.flags:
        raise UsageFault("tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\n", 2)
    inputs = everything(call, [] if name == "-" else [name])
    if inputs is None:
        return None
    if not inputs:
        call.error("tar: Error is not recoverable: exiting now\n")
        return 2
    return _tar_open(call, found, folder, inputs[0][1])


def _tar_create(call: ShellCall, found: Any, folder: str, name: str) -> int:
    buffer = io.BytesIO()
    status = 0
    mode = "w:gz" if "z" in found or name.endswith((".tgz", ".tar.gz")) else "w"
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for operand in found.operands:
            try:
                _tar_add(call, found, archive, posixpath.join(folder, operand), operand, name)
            except FileError as fault:
                call.error(f"tar: {operand}: Cannot stat: {fault}\n")
                status = 2
    if name == "-":
        call.write(buffer.getvalue())
    else:
        call.place.files.write(call.path(name), buffer.getvalue())
    if status:
        call.error("tar: Exiting with failure status due to previous errors\n")
    return status


def _tar_add(call: ShellCall, found: Any, archive: tarfile.TarFile, path: str, name: str, target: str) -> None:
    info = call.place.files.stat(path, follow=False)
    entry = tarfile.TarInfo(name.lstrip("/") or ".")
    entry.mode, entry.mtime, entry.uname, entry.gname = info.mode, int(info.modified), info.user, info.group
    if "v" in found:
        (call.error if target == "-" else call.write)(name + ("/" if info.kind == "dir" else "") + "\n")
    if info.kind == "link":
        entry.type, entry.linkname = tarfile.SYMTYPE, info.target
        archive.addfile(entry)
    elif info.kind == "dir":
        entry.type = tarfile.DIRTYPE
        archive.addfile(entry)
        for child in call.place.files.list(path):
            _tar_add(call, found, archive, posixpath.join(path, child), posixpath.join(name, child), target)
    else:
        data = call.place.files.read(path)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))


def _tar_open(call: ShellCall, found: Any, folder: str, data: bytes) -> int:
    try:
        archive = tarfile.TarFile(fileobj=io.BytesIO(gz.decompress(data) if data[:2] == b"\x1f\x8b" else data))
    except (tarfile.TarError, OSError, EOFError):
        call.error(
            "tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors\n"
        )
        return 2
    with archive:
        for entry in archive.getmembers():
            if found.operands and not any(
                entry.name == one or entry.name.startswith(f"{one}/") for one in found.operands
            ):
                continue
            if "t" in found or "v" in found:
                call.write(entry.name + ("/" if entry.isdir() else "") + "\n")
            if "x" in found:
                _tar_extract(call, archive, entry, posixpath.normpath(posixpath.join(folder, entry.name)))
    return 0


def _tar_extract(call: ShellCall, archive: tarfile.TarFile, entry: tarfile.TarInfo, path: str) -> None:
    files = call.place.files
    if entry.isdir():
        files.make_dir(path, parents=True, mode=entry.mode)
        return
    files.make_dir(posixpath.dirname(path), parents=True)
    if entry.issym():
        files.symlink(entry.linkname, path)
        return
    content = archive.extractfile(entry)
    files.write(path, content.read() if content else b"", mode=entry.mode)


# -- files of a certain size -----------------------------------------------------------------------------


def _size(text: str) -> int:
    units = {"c": 1, "w": 2, "b": 512, "k": 1024, "K": 1024, "M": 1 << 20, "G": 1 << 30}
    text = text.removesuffix("B") if text[-2:-1].isalpha() else text
    return int(text[:-1]) * units[text[-1]] if text[-1:].isalpha() else int(text)


def dd(call: ShellCall) -> int | None:
    given = dict(word.partition("=")[::2] for word in call.argv[1:])
    source = given.get("if", "-")
    try:
        block = _size(given.get("bs", "512"))
        count = int(given["count"]) * block if "count" in given else None
    except (ValueError, KeyError):
        raise UsageFault("dd: invalid number\n") from None
    if source.startswith("/dev/") and source != "/dev/stdin":
        size = min(count or 0, 4 << 20)
        data = device_bytes(call, source, size) if source != "/dev/null" else b""
        claimed = count or 0
    else:
        inputs = everything(call, [] if source == "-" else [source])
        if inputs is None:
            return None
        if not inputs:
            return 1
        data = inputs[0][1][:count] if count else inputs[0][1]
        claimed = len(data)
    if "of" not in given:
        call.write(data)
    elif given["of"] != "/dev/null":
        call.place.files.write(call.path(given["of"]), data)
    if given.get("status") != "none":
        blocks = claimed // block if block else 0
        call.error(f"{blocks}+0 records in\n{blocks}+0 records out\n{claimed} bytes copied, 0.001 s, 1.0 GB/s\n")
    return 0


def mktemp(call: ShellCall) -> int | None:
    found = options(call, "dqu", "pt", "directory:d tmpdir=:p")
    template = found.operands[0] if found.operands else "tmp.XXXXXXXXXX"
    folder = found.get("p") or ("" if found.operands else "/tmp")
    for attempt in range(100):
        seed = f"{call.place.hostname}:{call.place.now()}:{attempt}:{call.tasks()[-1]['pid'] if call.tasks() else 0}"
        letters = b64.b32encode(hashlib.blake2b(seed.encode()).digest()).decode().lower()
        count = len(template) - len(template.rstrip("X"))
        name = template.rstrip("X") + letters[:count]
        path = call.path(posixpath.join(folder, name))
        if not call.place.files.exists(path):
            if "d" in found:
                call.place.files.make_dir(path, mode=0o700)
            else:
                call.place.files.write(path, b"", mode=0o600)
            call.write(posixpath.join(folder, name) + "\n")
            return 0
    return 1
