"""`log`: a container has written a line.

type: log
pod: web                  # or selector
container: app
matches: "GET / HTTP"
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cluster.runtime.view import LabView, Revision


class LogCheck:
    lasting = False

    def holds(self, options: Mapping[str, Any], lab: LabView, news: Sequence[Revision]) -> bool:
        namespace = options.get("namespace", "default")
        pods = lab.objects("pods", namespace, options.get("selector", ""))
        names = [pod["metadata"]["name"] for pod in pods if options.get("pod") in (None, pod["metadata"]["name"])]
        return any(
            re.search(options["matches"], lab.logs(namespace, name, options.get("container", ""))) for name in names
        )
