"""`manage.py runworker control-plane`: Channels' worker, with the engine that runs the labs."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

from channels.management.commands.runworker import Command as ChannelsCommand
from django.core.management.base import CommandParser


class Command(ChannelsCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--data", metavar="DIR", help="the folder that keeps labs, keys and certificates")

    def handle(self, *args: Any, **options: Any) -> None:
        if "control-plane" not in options["channels"]:
            super().handle(*args, **options)
            return
        asyncio.run(_run())


async def _run() -> None:
    from cluster.persistence.announce import BELL
    from cluster.web.consumers.control_plane import ENGINE

    loop = asyncio.get_running_loop()
    BELL.bind(loop)
    serving = asyncio.ensure_future(ENGINE.serve())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, serving.cancel)
    await asyncio.wait([serving])
    ENGINE.stop()
    if not serving.cancelled():
        serving.result()
