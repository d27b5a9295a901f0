"""A lab server in a process of its own, for measurements and tests: `manage.py lab` on free ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LabServer:
    """One server process. `data` is its folder, `page` and `api` the bases of its addresses."""

    def __init__(self, data: Path):
        self.data = data
        self.port, self.tls_port = free_port(), free_port()
        self.page = f"http://127.0.0.1:{self.port}"
        self.api = f"https://127.0.0.1:{self.tls_port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._log = data / "server.log"

    def environment(self) -> dict[str, str]:
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("KUBARIUM", "DJANGO", "KUBECONFIG"))
        }
        return {**kept, "KUBARIUM_DATA": str(self.data), "PYTHONUNBUFFERED": "1"}

    def start(self) -> None:
        """Start and wait until it is healthy."""
        words = ["lab", "--port", str(self.port), "--tls-port", str(self.tls_port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment(), stdout=log, stderr=log
            )
        end = time.monotonic() + PATIENCE
        while not self.is_healthy():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server did not start:\n{self.log()}")
            time.sleep(0.05)

    def is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.page}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> int:
        """Stop as Ctrl-C does; return the exit code."""
        return self._end(signal.SIGINT)

    def kill(self) -> None:
        """Stop as a power cut of the process does."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(timeout=30)
        self._process = None
        return code

    def resident(self) -> float:
        """Return the process's resident memory in MB."""
        if self._process is None:
            return 0.0
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-4000:] if self._log.exists() else ""

    def manage(self, *words: str, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a management command on the server's folder."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if check and done.returncode:
            raise AssertionError(f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def create_lab(self, name: str, *more: str) -> Path:
        """Make a lab; return the path of its kubeconfig."""
        self.manage("labs", "create", name, *more)
        path = self.data / f"{name}.kubeconfig"
        path.write_text(self.manage("labs", "kubeconfig", name).stdout)
        return path
