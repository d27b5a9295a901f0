"""The garbage collector of a process that holds many labs.

Objects of labs live long and know no cycles; looking through all of them again and again costs answers
of large lists most of their time. So what is there at the start is never looked at again, and the rest seldom.
"""

from __future__ import annotations

import gc

SELDOM = (50_000, 20, 50)  # allocations before the youngest generation is looked at, and so on up


def calm() -> None:
    """Make collections rare from now on; called when a process has loaded its code."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
