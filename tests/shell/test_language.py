"""The shell language and its programs against what real bash, dash and Debian's tools do with the same scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.shell.place import FakePlace, run

HERE = Path(__file__).parent


def rows(name):
    for row in yaml.safe_load((HERE / f"{name}.yaml").read_text()):
        for shell in ("bash", "dash"):
            if shell in row:
                yield pytest.param(shell, row["script"], row[shell], id=f"{shell}: {row['script'][:60]}")


def expect(shell, script, wanted):
    found = run(script, shell, pid=50, place=FakePlace(userland="full"))
    assert found == (wanted.get("stdout", ""), wanted.get("stderr", ""), wanted.get("code", 0))


@pytest.mark.parametrize(("shell", "script", "wanted"), rows("language"))
def test_the_shell_does_what_the_real_one_does(shell, script, wanted):
    expect(shell, script, wanted)


@pytest.mark.parametrize(("shell", "script", "wanted"), rows("programs"))
def test_programs_do_what_the_real_ones_do(shell, script, wanted):
    expect(shell, script, wanted)


@pytest.mark.parametrize(
    ("script", "message", "code"),
    [
        ("foo", "sh: foo: not found\n", 127),
        ("cd /nope", "sh: cd: line 1: can't cd to /nope: No such file or directory\n", 1),
        ("echo x > /no/x", "sh: can't create /no/x: nonexistent directory\n", 2),
        ("cat < /nope", "sh: can't open /nope: no such file\n", 2),
        ("fi", 'sh: syntax error: unexpected "fi"\n', 2),
        ('echo "a', "sh: syntax error: unterminated quoted string\n", 2),
        ("cat /nope", "cat: can't open '/nope': No such file or directory\n", 1),
        ("ls /nope", "ls: /nope: No such file or directory\n", 1),
        ("rm /nope", "rm: can't remove '/nope': No such file or directory\n", 1),
        ("bash -c true", "sh: bash: not found\n", 127),
        ("curl http://x", "sh: curl: not found\n", 127),
    ],
)
def test_busybox_speaks_its_own_words(script, message, code):
    assert run(script, "sh", userland="busybox") == ("", message, code)


@pytest.mark.parametrize(
    ("userland", "name", "found"),
    [("busybox", "wget", True), ("busybox", "curl", False), ("debian", "bash", True), ("debian", "ps", False)],
)
def test_a_userland_has_its_programs_and_no_others(userland, name, found):
    _, _, code = run(f"command -v {name}", "sh", userland=userland)
    assert (code == 0) is found


def test_packages_add_single_programs():
    assert run("command -v curl", "sh", place=FakePlace(packages=("curl",)))[0] == "/usr/bin/curl\n"
