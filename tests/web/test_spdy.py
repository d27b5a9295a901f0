"""SPDY/3.1 framing."""

from __future__ import annotations

import struct
import zlib

import pytest

from cluster.web.spdy import DICTIONARY, PING, SYN_STREAM, BadFrame, Framer, data, ping


def syn_stream(deflate: zlib._Compress, number: int, headers: dict[str, str]) -> bytes:
    words = [word.encode() for pair in headers.items() for word in pair]
    block = struct.pack(">I", len(headers)) + b"".join(struct.pack(">I", len(word)) + word for word in words)
    packed = deflate.compress(block) + deflate.flush(zlib.Z_SYNC_FLUSH)
    body = struct.pack(">IIH", number, 0, 0) + packed
    return struct.pack(">HHI", 0x8003, SYN_STREAM, len(body)) + body


def test_the_dictionary_is_the_drafts() -> None:
    assert (len(DICTIONARY), zlib.adler32(DICTIONARY)) == (1423, 0xE3C6A7C2)


def test_streams_are_opened_with_compressed_headers_that_remember() -> None:
    deflate = zlib.compressobj(zdict=DICTIONARY)
    text = syn_stream(deflate, 1, {"streamtype": "error"}) + syn_stream(deflate, 3, {"streamtype": "stdin"})
    frames = list(Framer().feed(text))
    assert [(one.number, one.headers["streamtype"]) for one in frames] == [(1, "error"), (3, "stdin")]


def test_frames_may_arrive_byte_by_byte() -> None:
    framer = Framer()
    text = data(5, b"hello", fin=True) + ping(7)
    frames = [frame for byte in text for frame in framer.feed(bytes([byte]))]
    assert (frames[0].number, frames[0].data, frames[0].fin) == (5, b"hello", True)
    assert (frames[1].kind, frames[1].number) == (PING, 7)


@pytest.mark.parametrize("text", [b"\x80\x02" + bytes(6), b"\x80\x03\x00\x01\x00\x00\x00\x0c" + bytes(10) + b"zz"])
def test_what_is_no_frame_is_refused(text: bytes) -> None:
    with pytest.raises(BadFrame):
        list(Framer().feed(text))
