"""`ran`: since the step began, the learner ran a command line.

type: ran
line: "^kubectl explain pod"   # a regular expression
code: 0                        # its exit code; any when left out
output: "KIND:"                # a regular expression its output must match; none when left out
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cluster.runtime.view import LabView, Revision


class RanCheck:
    lasting = True

    def holds(self, options: Mapping[str, Any], lab: LabView, news: Sequence[Revision]) -> bool:
        return any(
            re.search(options["line"], command.line)
            and options.get("code", command.code) == command.code
            and re.search(options.get("output", ""), command.output)
            for command in lab.new_commands()
        )
