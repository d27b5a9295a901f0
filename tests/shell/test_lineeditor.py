"""The line editor: keys in, a line and what the screen shows out."""

from __future__ import annotations

import pytest

from cluster.shell.lineeditor import LineEditor, new_line, width

HISTORY = ["kubectl get pods", "echo one", "kubectl apply -f web.yaml"]


def editor(keys, *, history=HISTORY, columns=80, candidates=()):
    process = {"columns": columns, "line": new_line("$ ", history)}
    made = LineEditor(process, list(history), lambda text: (text.rfind(" ") + 1, candidates))
    made.feed(keys)
    return made


@pytest.mark.parametrize(
    ("keys", "text", "cursor"),
    [
        ("hello", "hello", 5),
        ("hello\x01X", "Xhello", 1),
        ("hello\x1b[D\x1b[DX", "helXlo", 4),
        ("hello world\x1bb\x1bbX", "Xhello world", 1),
        ("hello world\x01\x1bfX", "helloX world", 6),
        ("hello\x7f\x7f", "hel", 3),
        ("hello\x01\x1b[3~", "ello", 0),
        ("hello world\x17", "hello ", 6),
        ("hello world\x15", "", 0),
        ("hello\x01\x0b", "", 0),
        ("hello world\x17\x01\x19", "worldhello ", 5),
        ("ab\x14", "ba", 2),
        ("\x1b[A", "kubectl apply -f web.yaml", 25),
        ("\x1b[A\x1b[A", "echo one", 8),
        ("draft\x1b[A\x1b[B", "draft", 5),
        ("\x12get", "kubectl get pods", 8),
        ("\x12kubectl\x12\x1b[F", "kubectl get pods", 16),
        ("x\x12zzz\x07", "x", 1),
        ("你好\x7f", "你", 1),
        ("\x1b[200~a\tb\rc\x1b[201~", "a\tb\nc", 5),
        ("x\x1b.", "xweb.yaml", 9),
        ("a\x1b[1;5Db", "ba", 1),
    ],
)
def test_keys_edit_the_line(keys, text, cursor):
    line = editor(keys).line
    assert (line["text"], line["cursor"]) == (text, cursor)


@pytest.mark.parametrize(("keys", "done"), [("ls\r", "line"), ("ls\x03", "interrupt"), ("\x04", "eof")])
def test_a_line_ends(keys, done):
    assert editor(keys).line["done"] == done


def test_control_d_in_a_line_deletes():
    line = editor("ab\x01\x04").line
    assert line["text"] == "b" and "done" not in line


def test_what_comes_after_the_end_is_left_for_the_next_line():
    process = {"columns": 80, "line": new_line("$ ", [])}
    assert LineEditor(process, [], lambda text: (0, ())).feed("ls\rcat\r") == "cat\r"


def test_a_key_in_two_pieces_waits_for_the_second():
    process = {"columns": 80, "line": new_line("$ ", HISTORY)}
    made = LineEditor(process, list(HISTORY), lambda text: (0, ()))
    assert made.feed("\x1b[") == "\x1b[" and made.feed("\x1b[A") == ""
    assert process["line"]["text"] == HISTORY[-1]


def test_one_candidate_is_put_in_with_a_blank():
    assert editor("kubectl des\t", candidates=("describe",)).line["text"] == "kubectl describe "
    assert editor("cat et\t", candidates=("etc/",)).line["text"] == "cat etc/"


def test_several_candidates_give_their_common_part_then_a_list():
    made = editor("get w\t", candidates=("web-1", "web-2"))
    assert made.line["text"] == "get web-"
    made.output.clear()
    made.feed("\t")
    assert made.output == ["\x07"]
    made.feed("\t")
    assert "web-1  web-2" in "".join(made.output)


def test_wide_letters_take_two_columns():
    assert (width("a"), width("你"), width("e\u0301")) == (1, 2, 1)
    made = editor("你好", columns=20)
    assert made._place("$ ", "你好") == (0, 6)


def test_a_long_line_wraps_and_is_redrawn_from_its_first_row():
    made = editor("x" * 30, columns=20)
    made.output.clear()
    made.feed("\x01")
    assert made.output[-1].startswith("\x1b[1A\r\x1b[J") or made.line["row"] == 0
