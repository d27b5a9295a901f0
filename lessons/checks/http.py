"""`http`: a request from the learner's terminal is answered so.

type: http
url: http://web.default.svc.cluster.local/
status: 200
matches: "Welcome"        # a regular expression over the body
error: refused            # instead of an answer: nxdomain, refused, timeout …
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cluster.runtime.view import LabView, Revision


class HttpCheck:
    lasting = False

    def holds(self, options: Mapping[str, Any], lab: LabView, news: Sequence[Revision]) -> bool:
        reply = lab.fetch(options["url"])
        if reply.error != options.get("error", ""):
            return False
        body = reply.body.decode(errors="replace")
        return options.get("status", reply.status) == reply.status and bool(re.search(options.get("matches", ""), body))
