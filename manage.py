#!/usr/bin/env python
"""The one command: `manage.py lab`, `manage.py labs …`, `manage.py bench`."""

from __future__ import annotations

import os
import sys


def _take_data_folder(argv: list[str]) -> None:
    """Let `--data DIR` of any command choose the data folder before the settings are read."""
    for position, word in enumerate(argv):
        if word == "--":
            return
        if word == "--data" and position + 1 < len(argv):
            os.environ["KUBARIUM_DATA"] = argv[position + 1]
        elif word.startswith("--data="):
            os.environ["KUBARIUM_DATA"] = word.removeprefix("--data=")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labsite.settings")
    _take_data_folder(sys.argv)
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except BrokenPipeError:  # `… | head`: whoever read has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


if __name__ == "__main__":
    main()
