"""`manage.py lessons verify|list`: prove the course, print what it covers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lessons.catalog.lesson import Lesson
from lessons.catalog.loader import ContentError, topics, tracks
from lessons.proof.prove import faults


class Command(BaseCommand):
    help = "Prove every lesson on a simulated cluster in virtual time, and print the topic ids they cover."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["verify", "list"])
        parser.add_argument("--only", default="", help="the id of a track or a lesson")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            chosen = [lesson for track in tracks() for lesson in track.lessons if lesson.id.startswith(options["only"])]
        except ContentError as error:
            raise CommandError(str(error)) from error
        if options["action"] == "verify":
            self.verify(chosen)
        self.cover(chosen)

    def verify(self, chosen: list[Lesson]) -> None:
        broken = 0
        for lesson in chosen:
            found = list(faults(lesson))
            broken += bool(found)
            self.stdout.write(f"{'FAIL' if found else 'ok  '} {lesson.id}")
            for fault in found:
                self.stdout.write(f"     {fault}")
        if broken:
            raise CommandError(f"{broken} of {len(chosen)} lessons are not proved")
        self.stdout.write(f"{len(chosen)} lessons proved in {len(chosen[0].texts) if chosen else 0} languages")

    def cover(self, chosen: list[Lesson]) -> None:
        known = topics()
        covered = {topic for lesson in chosen for topic in lesson.topics}
        for unknown in sorted(covered - known.keys()):
            raise CommandError(f"no such topic: {unknown}")
        for topic in known:
            if topic in covered:
                self.stdout.write(topic)
