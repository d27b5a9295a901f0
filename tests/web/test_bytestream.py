"""Forwarded bytes: how a connection becomes requests, however the bytes are cut."""

from __future__ import annotations

import pytest

from cluster.web.bytestream import CONTINUE, BadStream, Message, Reader, response

GET = b"GET /a?b=c HTTP/1.1\r\nHost: localhost:8080\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"


def read(data: bytes, size: int) -> list[Message]:
    reader = Reader()
    return [found for at in range(0, len(data), size) for found in reader.feed(data[at : at + size])]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_requests_are_found_however_the_bytes_are_cut(size: int) -> None:
    found = read(GET + POST + CHUNKED + GET, size)
    assert [(one.method, one.target, one.body) for one in found] == [
        ("GET", "/a?b=c", b""),
        ("POST", "/", b"hello"),
        ("POST", "/", b"hello"),
        ("GET", "/a?b=c", b""),
    ]
    assert found[0].headers == (("Host", "localhost:8080"),)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_redis_commands_are_handed_on_whole(size: int) -> None:
    commands = [b"*1\r\n$4\r\nPING\r\n", b"*2\r\n$3\r\nGET\r\n$4\r\nname\r\n"]
    assert [one.body for one in read(b"".join(commands), size)] == commands


def test_a_client_that_waits_for_a_go_ahead_gets_one() -> None:
    reader = Reader()
    head = b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    assert [one.interim for one in reader.feed(head)] == [CONTINUE]
    assert [one.body for one in reader.feed(b"ok")] == [b"ok"]


def test_what_is_neither_is_handed_on_raw() -> None:
    assert [one.body for one in Reader().feed(b"\x16\x03\x01hello")] == [b"\x16\x03\x01hello"]
    with pytest.raises(BadStream):
        list(Reader().feed(b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n"))


def test_an_answer_has_its_length_and_no_body_where_none_may_be() -> None:
    (asked,) = Reader().feed(GET)
    text = response(asked, 200, [("Content-Type", "text/plain"), ("Content-Length", "99")], b"hi")
    assert text == b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"
    (head,) = Reader().feed(GET.replace(b"GET", b"HEAD"))
    assert response(head, 200, [], b"hi").endswith(b"Content-Length: 2\r\n\r\n")
    (last,) = Reader().feed(GET.replace(b"Host: localhost:8080", b"Connection: close"))
    assert last.closes and b"Connection: close\r\n" in response(last, 204, [], b"")
