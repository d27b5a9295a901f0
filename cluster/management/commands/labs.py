"""`manage.py labs …`: make, list, hand out, move, delete and drive labs, with or without a running server."""

from __future__ import annotations

import shlex
import sys
from argparse import _SubParsersAction
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
from django.core.management import call_command
from django.core.management.base import CommandParser

from cluster.management.command import LabCommand
from cluster.models import Lab
from cluster.persistence import labs
from cluster.persistence.errand import Errand, errand
from cluster.persistence.labs import LabError
from cluster.web.address import kubeconfig, page_address

MANIFESTS = (".yaml", ".yml", ".json")


class Command(LabCommand):
    help = "Make, list, hand out, move, delete and drive labs."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        actions = parser.add_subparsers(dest="action", required=True, parser_class=_Parser)
        for add in ARGUMENTS.values():
            add(actions)

    def work(self, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        ACTIONS[options["action"]](self, options)

    def create(self, options: Mapping[str, Any]) -> None:
        lab = labs.create(
            labs.local_visitor(),
            options["name"],
            nodes=options["nodes"],
            profile=options["profile"],
            seed=options["seed"],
            instant=options["instant"],
        )
        self.stdout.write(f"lab {lab.name} created: {lab.slug}")
        self.stdout.write(f"page: {page_address()}/labs/{lab.slug}/enter/{lab.token}/")

    def kubeconfig(self, options: Mapping[str, Any]) -> None:
        self.stdout.write(kubeconfig(labs.find(options["name"]), options["host"]), ending="")

    def list(self, options: Mapping[str, Any]) -> None:
        rows = [("NAME", "ID", "OWNER", "REVISION", "CLOCK")]
        for lab in Lab.objects.order_by("name", "slug"):
            clock = "paused" if lab.paused else f"x{lab.speed:g}"
            rows.append((lab.name, lab.slug, lab.owner_id[:8], str(lab.revision), clock))
        widths = [max(len(row[column]) for row in rows) + 3 for column in range(len(rows[0]))]
        for row in rows:
            line = "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write(line.rstrip())

    def delete(self, options: Mapping[str, Any]) -> None:
        for name in options["names"]:
            lab = labs.find(name)
            labs.delete(lab)
            self.stdout.write(f"lab {lab.name} deleted")

    def export(self, options: Mapping[str, Any]) -> None:
        text = orjson.dumps(labs.export(labs.find(options["name"])))
        if options["output"] == "-":
            sys.stdout.buffer.write(text + b"\n")
        else:
            Path(options["output"]).write_bytes(text)

    def bring_in(self, options: Mapping[str, Any]) -> None:
        path = options["file"]
        try:
            text = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        except OSError as error:
            raise LabError(str(error)) from error
        lab = labs.restore(labs.local_visitor(), labs.read_document(text), options["name"] or "")
        self.stdout.write(f"lab {lab.name} created: {lab.slug}")

    def run(self, options: Mapping[str, Any]) -> None:
        with errand(labs.find(options["name"])) as held:
            outcome = held.run(" ".join(options["line"]), options["session"])
        sys.stdout.write(outcome.stdout)
        sys.stderr.write(outcome.stderr)
        sys.stdout.flush()
        raise SystemExit(outcome.code)

    def apply(self, options: Mapping[str, Any]) -> None:
        """Apply each file by itself, so that one refused file says nothing about the next."""
        files = list(manifests(map(Path, options["paths"])))
        worst = 0
        with errand(labs.find(options["name"])) as held:
            for path in files:
                worst = max(worst, _apply_file(held, path))
        sys.stdout.flush()
        raise SystemExit(worst)


def _apply_file(held: Errand, path: Path) -> int:
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        sys.stderr.write(f"error: error parsing {path}: error converting YAML to JSON: yaml: {error.reason}\n")
        return 1
    inside = f".apply-{path.name}"
    held.write_files({inside: text})
    word = shlex.quote(inside)
    outcome = held.run(f"kubectl apply -f {word}; code=$?; rm {word}; exit $code", "apply")
    sys.stdout.write(outcome.stdout)
    sys.stderr.write(outcome.stderr.replace(inside, str(path)))
    return outcome.code


def manifests(paths: Iterable[Path]) -> Iterable[Path]:
    """Yield the files meant: a folder means the manifests in it, as kubectl has it."""
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.iterdir() if one.suffix in MANIFESTS)
        elif path.is_file():
            yield path
        else:
            raise LabError(f'the path "{path}" does not exist')


class _Parser(CommandParser):
    """An action's own parser: it knows the options that all commands have, wherever they are written."""

    def __init__(self, **more: Any):
        super().__init__(**more)
        self.add_argument("--data", metavar="DIR", help="the folder that keeps labs, keys and certificates")


def _create(actions: _SubParsersAction[_Parser]) -> None:
    parser = actions.add_parser("create", help="make a lab")
    parser.add_argument("name")
    parser.add_argument("--nodes", type=int, default=3, help="worker nodes; 0: a control plane with no node at all")
    parser.add_argument("--profile", default="default", help="what the lab begins with")
    parser.add_argument("--seed", type=int, help="the same seed and commands give the same lab")
    parser.add_argument("--instant", action="store_true", help="no simulated delays: pulls and starts take no time")


def _kubeconfig(actions: _SubParsersAction[_Parser]) -> None:
    parser = actions.add_parser("kubeconfig", help="print the kubeconfig of a lab's administrator")
    parser.add_argument("name")
    parser.add_argument("--host", default="", help="the name the server is reached by, if not the one it listens on")


def _list(actions: _SubParsersAction[_Parser]) -> None:
    actions.add_parser("list", help="list all labs")


def _delete(actions: _SubParsersAction[_Parser]) -> None:
    actions.add_parser("delete", help="delete labs").add_argument("names", nargs="+", metavar="name")


def _export(actions: _SubParsersAction[_Parser]) -> None:
    parser = actions.add_parser("export", help="write a lab with its whole history as one JSON document")
    parser.add_argument("name")
    parser.add_argument("-o", "--output", default="-", metavar="FILE")


def _import(actions: _SubParsersAction[_Parser]) -> None:
    parser = actions.add_parser("import", help="make a lab from an exported document")
    parser.add_argument("file", help="- reads standard input")
    parser.add_argument("--name", help="another name than the exported lab's")


def _run(actions: _SubParsersAction[_Parser]) -> None:
    parser = actions.add_parser("run", help="run one line in a lab's terminal; its exit code becomes this command's")
    parser.add_argument("name")
    parser.add_argument("line", nargs="+", help="the command line, quoted")
    parser.add_argument("--session", default="t1", help="which of the lab's terminals")


def _apply(actions: _SubParsersAction[_Parser]) -> None:
    parser = actions.add_parser("apply", help="apply manifests as the terminal's kubectl does, file by file")
    parser.add_argument("name")
    parser.add_argument("-f", "--filename", dest="paths", nargs="+", action="extend", required=True, metavar="PATH")


ARGUMENTS: Mapping[str, Callable[[Any], None]] = {
    "create": _create,
    "kubeconfig": _kubeconfig,
    "list": _list,
    "delete": _delete,
    "export": _export,
    "import": _import,
    "run": _run,
    "apply": _apply,
}
ACTIONS: Mapping[str, Callable[[Command, Mapping[str, Any]], None]] = {
    "create": Command.create,
    "kubeconfig": Command.kubeconfig,
    "list": Command.list,
    "delete": Command.delete,
    "export": Command.export,
    "import": Command.bring_in,
    "run": Command.run,
    "apply": Command.apply,
}
