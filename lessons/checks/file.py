"""`file`: a file in the learner's home, or in a container, has a text.

type: file
path: /home/learner/pod.yaml
pod: web                  # with namespace and container: inside that container instead
matches: "kind: Pod"      # a regular expression over the whole text
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cluster.runtime.view import LabView, Revision


class FileCheck:
    lasting = False

    def holds(self, options: Mapping[str, Any], lab: LabView, news: Sequence[Revision]) -> bool:
        if "pod" in options:
            where = options.get("namespace", "default"), options["pod"], options.get("container", "")
            text = lab.container_file(*where, options["path"])
        else:
            text = lab.home_file(options["path"])
        return text is not None and re.search(options.get("matches", ""), text) is not None
