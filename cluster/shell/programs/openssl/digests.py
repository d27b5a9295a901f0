"""`openssl version | rand | base64 | dgst`: bytes and their digests."""

from __future__ import annotations

import base64 as b64
import hashlib

from cluster.shell.calls import ShellCall
from cluster.shell.programs import encoding
from cluster.shell.programs.program import device_bytes, everything

_KINDS = ("sha256", "sha1", "md5", "sha512")


def version(call: ShellCall) -> int:
    call.write("OpenSSL 3.5.1 1 Jul 2025 (Library: OpenSSL 3.5.1 1 Jul 2025)\n")
    return 0


def rand(call: ShellCall) -> int:
    words = call.argv[2:]
    data = device_bytes(call, "/dev/urandom", next((int(word) for word in words if word.isdigit()), 16))
    if "-hex" in words:
        call.write(f"{data.hex()}\n")
    else:
        call.write(f"{b64.b64encode(data).decode()}\n" if "-base64" in words else data)
    return 0


def base64(call: ShellCall) -> int | None:
    call.argv = ["base64", *(word for word in call.argv[2:] if word == "-d")]
    return encoding.base64(call)


def dgst(call: ShellCall) -> int | None:
    words = call.argv[1:]
    inputs = everything(call, [word for word in words[1:] if not word.startswith("-")])
    if inputs is None:
        return None
    kind = next((word.lstrip("-") for word in words if word.lstrip("-") in _KINDS), "sha256")
    for name, data in inputs:
        call.write(f"{kind.upper()}({'stdin' if name == '-' else name})= {hashlib.new(kind, data).hexdigest()}\n")
    return 0
