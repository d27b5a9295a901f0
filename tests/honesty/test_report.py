"""The report names everything that is registered and nothing that is not, in both languages."""

from __future__ import annotations

import ast
from pathlib import Path

import yaml

import cluster.honesty
from cluster.apiserver.admission import registry as admission
from cluster.apiserver.authn.registry import TABLE as AUTHENTICATORS
from cluster.apiserver.authz.registry import MODES
from cluster.controllers.registry import CONTROLLERS
from cluster.honesty.declared import declared
from cluster.honesty.lines import STATES, Section
from cluster.honesty.remarks import remarks
from cluster.honesty.report import REST, SECTIONS, report
from cluster.honesty.sections.kinds import name_of
from cluster.kinds.registry import REGISTRY
from cluster.kubectl.commands.registry import GROUPS, HIDDEN, OTHERS
from cluster.scheduler.plugins.registry import PLUGINS as SCHEDULER
from cluster.shell.programs.registry import PROGRAMS
from cluster.workloads.apiserverflags import KINDS, OBEYED
from cluster.workloads.catalogue import entries

OUTSIDE = {"honesty", "web", "persistence", "models", "migrations", "management"}
LANGUAGES = {"en", "zh-hans"}
FOLDER = Path(cluster.honesty.__file__).parent


def section(key: str) -> Section:
    return next(one for one in report() if one.key == key)


def names(key: str) -> set[str]:
    return {line.name for line in section(key).lines}


def test_every_registered_thing_has_a_line() -> None:
    commands = {one.name for _, group in GROUPS for one in group} | {one.name for one in (*OTHERS, *HIDDEN)}
    registered = {
        "kinds": {name_of(kind) for kind in REGISTRY},
        "admission": {*admission.PLUGINS, *admission.ABSENT},
        "authorisers": set(MODES),
        "controllers": {one.name for one in CONTROLLERS},
        "scheduler": {one.name for one in SCHEDULER},
        "kubectl": commands,
        "programs": set(PROGRAMS),
        "images": set(entries()),
    }
    assert {key: wanted - names(key) for key, wanted in registered.items() if wanted - names(key)} == {}


def test_every_authenticator_has_a_line() -> None:
    gathered = list(SECTIONS["authenticators"]())
    assert len(gathered) == len(AUTHENTICATORS) + 2 and "Static tokens" in {line.name for line in gathered}


def test_every_flag_of_the_server_has_a_line() -> None:
    lines = {line.name: line.state for line in section("apiserver-flags").lines}
    assert set(lines) == {f"--{name}" for name in KINDS}
    assert {name for name, state in lines.items() if state == "real"} == {f"--{name}" for name in OBEYED}


def test_no_line_stands_twice() -> None:
    for one in report():
        listed = [(line.name, line.facts if one.key == "differences" else ()) for line in one.lines]
        assert len(listed) == len(set(listed)), one.key


def test_what_is_declared_is_neither_stale_nor_of_a_section_that_is_none() -> None:
    document = yaml.safe_load((FOLDER / "declared.yaml").read_text(encoding="utf-8"))
    assert set(document) <= set(SECTIONS)
    for key in document:
        gathered = {line.name for line in SECTIONS[key]()}
        for name, line in declared(key).items():
            if line.state == "absent":
                assert name not in gathered, f"{key}: {name} is there now"
            elif line.state == "simplified" and gathered:
                assert name in gathered, f"{key}: {name} is not there any more"


def test_titles_leads_and_declarations_are_told_in_both_languages() -> None:
    sections = yaml.safe_load((FOLDER / "sections.yaml").read_text(encoding="utf-8"))
    assert set(sections) == {*SECTIONS, REST}
    assert all(set(one["title"]) == set(one["lead"]) == LANGUAGES for one in sections.values())
    for key in SECTIONS:
        assert all(set(how) == LANGUAGES for line in declared(key).values() for how in line.how)


def test_what_is_not_as_in_the_real_one_says_why() -> None:
    for one in report():
        told = one.key in ("programs", "images")  # their lead says it of all
        silent = [line.name for line in one.lines if line.state != "real" and not line.how]
        assert told or silent == [], one.key
        assert all(line.state in STATES for line in one.lines)


def test_a_module_is_taken_at_its_word() -> None:
    text = (
        "What it is. Simplified: no\n    colours, one size. Left out: tails.\n\nFurther words. https://kubernetes.io/\n"
    )
    assert [one["en"] for one in remarks(text)] == ["Simplified: no colours, one size.", "Left out: tails."]
    assert remarks("Nothing to confess.") == remarks(None) == ()


def test_nothing_that_the_code_owns_up_to_is_left_out() -> None:
    shown = {how["en"] for one in report() for line in one.lines for how in line.how}
    core = [path for path in (FOLDER.parent).rglob("*.py") if path.relative_to(FOLDER.parent).parts[0] not in OUTSIDE]
    unsaid = {
        str(path): said["en"]
        for path in core
        for said in remarks(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")), clean=False))
        if said["en"] not in shown
    }
    assert unsaid == {}


def test_flags_that_no_code_reads_are_owned_up_to() -> None:
    [delete] = [line for line in section("kubectl").lines if line.name == "delete"]
    [said] = [how["en"] for how in delete.how]
    assert "--raw" in said and "--cascade" not in said and "--grace-period" not in said


def test_controllers_are_named_with_the_kinds_they_watch() -> None:
    [line] = [line for line in section("kinds").lines if line.name == "ReplicaSet (apps/v1)"]
    assert "← deployment, replicaset" in line.facts
