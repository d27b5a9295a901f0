"""Flags as cobra reads them."""

from __future__ import annotations

import pytest

from cluster.kubectl.flags import Flag, FlagProblem, parse

FLAGS = (
    Flag("namespace", short="n"), Flag("all", "bool", short="A"), Flag("watch", "bool", short="w"),
    Flag("label-columns", "strings", short="L"), Flag("replicas", "int"), Flag("dry-run", bare="unchanged"),
    Flag("timeout", "duration"),
)


@pytest.mark.parametrize("words", [["-n", "x"], ["-nx"], ["-n=x"], ["--namespace", "x"], ["--namespace=x"]])
def test_a_value_may_follow_in_every_way(words: list[str]) -> None:
    assert parse(FLAGS, [*words, "pods"])["namespace"] == "x"


def test_short_flags_combine_and_the_last_takes_the_value() -> None:
    found = parse(FLAGS, ["-Awn", "x", "pods"])
    assert (found["all"], found["watch"], found["namespace"], found.args) == (True, True, "x", ["pods"])


def test_lists_grow_by_commas_and_repetition() -> None:
    assert parse(FLAGS, ["-L", "a,b", "-L", "c"])["label-columns"] == ("a", "b", "c")


def test_a_flag_with_an_optional_value_does_not_take_the_next_word() -> None:
    found = parse(FLAGS, ["--dry-run", "x"])
    assert (found["dry-run"], found.args) == ("unchanged", ["x"])


def test_words_after_two_dashes_are_left_alone() -> None:
    found = parse(FLAGS, ["pod", "--", "ls", "-n"])
    assert (found.args, found.dash) == (["pod", "ls", "-n"], 1)


@pytest.mark.parametrize(("words", "problem"), [
    (["--nope"], "unknown flag: --nope"),
    (["-z"], "unknown shorthand flag: 'z' in -z"),
    (["--namespace"], "flag needs an argument: --namespace"),
    (["-n"], "flag needs an argument: 'n' in -n"),
    (["--watch=maybe"],
     'invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax'),
    (["--replicas=x"], 'invalid argument "x" for "--replicas" flag: strconv.ParseInt: parsing "x": invalid syntax'),
    (["--timeout=5"], 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'),
])
def test_a_wrong_flag_is_named_in_pflags_words(words: list[str], problem: str) -> None:
    with pytest.raises(FlagProblem) as caught:
        parse(FLAGS, words)
    assert caught.value.message == problem
