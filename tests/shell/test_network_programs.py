"""curl, wget, nslookup, nc and ping: the real tools' output, errors and exit codes over a scripted network."""

from __future__ import annotations

import pytest

from cluster.workloads.process import WebReply
from tests.shell.place import FakePlace, run

PAGE = WebReply(
    200, (("Server", "nginx/1.29.0"), ("Content-Type", "text/html")), b"<h1>hi</h1>\n", "", "10.96.0.9:80", 0.002
)


def place(userland="full", **replies):
    found = FakePlace(userland=userland)
    found.names = {"web": ("10.96.0.9",)}
    found.replies = {"http://web/": PAGE, "http://web:8080/": WebReply(error="refused", address="10.96.0.9:8080")}
    found.replies |= {
        "http://slow/": WebReply(error="timeout", seconds=5.0),
        "http://web/x": WebReply(404, (), b"no\n", "", "10.96.0.9:80"),
        "http://web/old": WebReply(301, (("Location", "/"),), b"", "", "10.96.0.9:80"),
        "https://web/": WebReply(error="tls"),
    }
    found.replies |= replies
    return found


@pytest.mark.parametrize(
    ("line", "out", "err", "code"),
    [
        ("curl -s web", "<h1>hi</h1>\n", "", 0),
        ("curl web", "<h1>hi</h1>\n", "", 0),
        ("curl nope", "", "curl: (6) Could not resolve host: nope\n", 6),
        (
            "curl web:8080",
            "",
            "curl: (7) Failed to connect to web port 8080 after 0 ms: Could not connect to server\n",
            7,
        ),
        ("curl -m 5 slow", "", "curl: (28) Connection timed out after 5000 milliseconds\n", 28),
        ("curl -sf web/x", "", "", 22),
        ("curl -sSf web/x", "", "curl: (22) The requested URL returned error: 404\n", 22),
        ("curl -s -o /dev/null -w '%{http_code}\\n' web/x", "404\n", "", 0),
        ("curl -sL web/old", "<h1>hi</h1>\n", "", 0),
        ("curl -sI web", "HTTP/1.1 200 OK\r\nServer: nginx/1.29.0\r\nContent-Type: text/html\r\n\r\n", "", 0),
        ("curl -s nope || echo failed", "failed\n", "", 0),
        ("wget -qO- http://web", "<h1>hi</h1>\n", "", 0),
    ],
)
def test_curl_says_what_curl_says(line, out, err, code):
    assert run(line, place=place()) == (out, err, code)


@pytest.mark.parametrize(
    ("line", "out", "err", "code"),
    [
        ("wget -qO- http://web", "<h1>hi</h1>\n", "", 0),
        ("wget -qO- nope", "", "wget: bad address 'nope'\n", 1),
        ("wget -qO- web:8080", "", "wget: can't connect to remote host (10.96.0.9): Connection refused\n", 1),
        ("wget -q -T 5 -O- slow", "", "wget: download timed out\n", 1),
        ("wget -qO- web/x", "", "wget: server returned error: HTTP/1.1 404 Not Found\n", 1),
    ],
)
def test_busybox_wget_says_what_it_says(line, out, err, code):
    assert run(line, "sh", place=place("busybox")) == (out, err, code)


def test_a_request_takes_its_time_on_the_virtual_clock():
    found = place()
    start = found.now()
    run("curl -s -m 5 slow", place=found)
    assert found.now() == start + 5


def test_curl_sends_what_it_is_told():
    found = place()
    run("echo body | curl -s -X PUT -H 'X-A: b' -d @- http://web/", place=found)
    request = found.requests[-1]
    assert (request.method, request.body) == ("PUT", b"body\n") and ("X-A", "b") in request.headers


def test_nslookup_of_busybox_and_bind():
    assert run("nslookup web", "sh", place=place("busybox"))[0] == (
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tweb\nAddress: 10.96.0.9\n\n"
    )
    out, _, code = run("nslookup nope", place=place())
    assert code == 1 and "** server can't find nope: NXDOMAIN" in out


def test_ping_ends_with_its_statistics():
    found = place()
    found.replies["icmp://10.96.0.9"] = WebReply(200)
    out, _, code = run("ping -c 2 web", place=found)
    assert code == 0 and "2 packets transmitted, 2 received, 0% packet loss" in out


def test_nc_tells_open_from_closed():
    found = place()
    found.replies |= {"tcp://web:80": PAGE, "tcp://web:81": WebReply(error="refused", address="10.96.0.9:81")}
    assert run("nc -zv web 80", place=found)[1:] == ("Connection to web (10.96.0.9) 80 port [tcp/http] succeeded!\n", 0)
    message = "nc: connect to web (10.96.0.9) port 81 (tcp) failed: Connection refused\n"
    assert run("nc -zv web 81", place=found)[1:] == (message, 1)
