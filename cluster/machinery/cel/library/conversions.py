"""Conversions between types (`int("3")`, `string(1.5)`), `size` and `type`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from cluster.machinery.cel.library.times import SECOND, duration, duration_text, timestamp, timestamp_text
from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import LEAST, MOST, CelError, Timestamp, TypeName, UInt, type_name

_INTEGER = re.compile(r"^[+-]?[0-9]+$")
_FLOAT = re.compile(
    r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$|^[+-]?(?:inf|infinity)$|^nan$", re.IGNORECASE
)
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_WORDS = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}


def _range(value: int) -> int:
    if LEAST <= value <= MOST:
        return value
    raise CelError("integer overflow")


def _int_of_text(text: str) -> int:
    if not _INTEGER.match(text):
        raise CelError(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    value = int(text)
    if LEAST <= value <= MOST:
        return value
    raise CelError(f'strconv.ParseInt: parsing "{text}": value out of range')


def _int_of_double(value: float) -> int:
    if value != value or not LEAST < value < MOST:
        raise CelError("integer overflow")
    return int(value)


def _uint_of_text(text: str) -> UInt:
    if not text.isascii() or not text.isdigit():
        raise CelError(f'strconv.ParseUint: parsing "{text}": invalid syntax')
    return _uint(int(text))


def _uint(value: float) -> UInt:
    if value != value or not 0 <= value < 2**64:
        raise CelError("unsigned integer overflow")
    return UInt(int(value))


def _double_of_text(text: str) -> float:
    if _FLOAT.match(text):
        return float(text)
    raise CelError(f'strconv.ParseFloat: parsing "{text}": invalid syntax')


def _bool_of_text(text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise CelError(f'strconv.ParseBool: parsing "{text}": invalid syntax')


def double_text(value: float) -> str:
    """Return a double as Go's `strconv.FormatFloat(v, 'g', -1, 64)`: shortest digits, an exponent from 1e+06 on."""
    text = repr(value)
    if text in _WORDS:
        return _WORDS[text]
    number = Decimal(text).normalize()
    power = number.adjusted()
    if value == 0 or -4 <= power < 6:
        return f"{number:f}"
    digits = "".join(map(str, number.as_tuple().digits))
    mantissa = f"{digits[0]}.{digits[1:]}".rstrip(".")
    return f"{'-' if value < 0 else ''}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _text_of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise CelError("invalid UTF-8 in bytes, cannot convert to string") from None


def _type(value: Any) -> TypeName:
    return TypeName(type_name(value))


STANDARD = library(
    [
        ("int(int) int", lambda value: value),
        ("int(uint) int", lambda value: _range(int(value))),
        ("int(double) int", _int_of_double),
        ("int(string) int", _int_of_text),
        ("int(timestamp) int", lambda value: value.nanos // SECOND),
        ("int(duration) int", lambda value: value.nanos),
        ("uint(uint) uint; uint(int) uint; uint(double) uint", _uint),
        ("uint(string) uint", _uint_of_text),
        ("double(double) double; double(int) double; double(uint) double", float),
        ("double(string) double", _double_of_text),
        ("bool(bool) bool", lambda value: value),
        ("bool(string) bool", _bool_of_text),
        ("bytes(bytes) bytes", lambda value: value),
        ("bytes(string) bytes", str.encode),
        ("duration(duration) duration; timestamp(timestamp) timestamp", lambda value: value),
        ("duration(string) duration", duration),
        ("timestamp(string) timestamp", timestamp),
        ("timestamp(int) timestamp", lambda value: Timestamp(value * SECOND)),
        ("dyn(dyn) dyn", lambda value: value),
        ("type(dyn) type", _type),
        ("size(string) int; size(bytes) int; size(list<T>) int; size(map<T,T>) int", len),
        ("string.size() int; bytes.size() int; list<T>.size() int; map<T,T>.size() int", len),
    ],
    declared=False,
)

# Declared by us as a whole, since addresses add overloads of their own.
TEXTS = library(
    [
        ("string(string) string", lambda value: value),
        ("string(bool) string", lambda value: "true" if value else "false"),
        ("string(int) string; string(uint) string", lambda value: str(int(value))),
        ("string(double) string", double_text),
        ("string(bytes) string", _text_of_bytes),
        ("string(timestamp) string", timestamp_text),
        ("string(duration) string", duration_text),
    ]
)
