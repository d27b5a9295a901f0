"""kubectl as a program of the learner's terminal (and of any container that has it).

Follows kubectl 1.33 and its reference, https://kubernetes.io/docs/reference/kubectl/ . It talks to the lab's API
server through the client behind the door `client` of its place, never to a store. What a command must remember
between two wakes is in `call.state`.
"""

from __future__ import annotations

import logging

from cluster.kubectl import app
from cluster.workloads.process import BLOCKED, Call, WebReply, WebRequest

LOG = logging.getLogger(__name__)
BROKEN = 70  # EX_SOFTWARE
EXIT_CODES = {"INT": 130, "TERM": 143, "KILL": 137, "HUP": 129}


class Kubectl:
    """The program. It keeps nothing itself."""

    def run(self, call: Call) -> int | None:
        """Run as far as it goes. A bug behind one command is logged and said; it must not stop the lab."""
        try:
            return app.run(call)
        except Exception as bug:
            LOG.exception("kubectl broke on %s", list(call.argv))
            call.error(f"the lab broke: {type(bug).__name__}: {bug}\n")
            return BROKEN

    def signalled(self, call: Call, signal: str) -> int | None:
        app.interrupted(call)
        return EXIT_CODES.get(signal, BLOCKED)

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return WebReply(error="refused")
