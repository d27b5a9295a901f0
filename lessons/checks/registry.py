"""Every check type a lesson may name."""

from __future__ import annotations

from collections.abc import Mapping

from lessons.checks.absent import AbsentCheck
from lessons.checks.allowed import AllowedCheck
from lessons.checks.check import Check
from lessons.checks.file import FileCheck
from lessons.checks.happened import HappenedCheck
from lessons.checks.http import HttpCheck
from lessons.checks.log import LogCheck
from lessons.checks.objects import ObjectCheck
from lessons.checks.ran import RanCheck
from lessons.checks.request import RequestCheck

CHECKS: Mapping[str, Check] = {
    "object": ObjectCheck(),
    "absent": AbsentCheck(),
    "happened": HappenedCheck(),
    "ran": RanCheck(),
    "request": RequestCheck(),
    "file": FileCheck(),
    "http": HttpCheck(),
    "log": LogCheck(),
    "allowed": AllowedCheck(),
}
