"""Resource quantities (`500m`, `1Gi`): parsing, comparing, adding and the canonical spelling.

Follows k8s.io/apimachinery `api/resource`. Amounts are whole nano-units, so arithmetic is exact; finer
fractions round up, and nothing exceeds 2^63-1, as in the original.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

DECIMAL = "DecimalSI"
BINARY = "BinarySI"
EXPONENT = "DecimalExponent"

NANO = 10**9
_LIMIT = (2**63 - 1) * NANO
_SHAPE = re.compile(r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$")
_NUMBER = re.compile(r"^([+-]?)([0-9]*)(?:\.([0-9]*))?$")
_POWERS_OF_TEN = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_POWERS_OF_TWO = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_TEN_BY_POWER = {power: suffix for suffix, power in _POWERS_OF_TEN.items()}
_TWO_BY_POWER = {power: suffix for suffix, power in _POWERS_OF_TWO.items()}
_EXPONENT_SUFFIX = re.compile(r"^[eE]([+-]?[0-9]+)$")

WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
WRONG_SUFFIX = "unable to parse quantity's suffix"
WRONG_NUMBER = "unable to parse numeric part of quantity"


def _round_away(amount: int, unit: int) -> int:
    """Divide, rounding away from zero, as `Quantity.Value` and scaling do."""
    quotient, rest = divmod(abs(amount), unit)
    whole = quotient + (1 if rest else 0)
    return whole if amount >= 0 else -whole


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount in nano-units and the family of suffixes it is written with."""

    nanos: int
    format: str = DECIMAL

    @property
    def value(self) -> int:
        """Return whole units, rounded away from zero."""
        return _round_away(self.nanos, NANO)

    @property
    def milli_value(self) -> int:
        """Return thousandths, rounded away from zero."""
        return _round_away(self.nanos, 10**6)

    @property
    def is_zero(self) -> bool:
        return self.nanos == 0

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(_clamped(self.nanos + other.nanos), self.format if self.nanos else other.format)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(_clamped(self.nanos - other.nanos), self.format if self.nanos else other.format)

    def __mul__(self, times: int) -> Quantity:
        return Quantity(_clamped(self.nanos * times), self.format)

    def __neg__(self) -> Quantity:
        return Quantity(-self.nanos, self.format)

    def __lt__(self, other: Quantity) -> bool:
        return self.nanos < other.nanos

    def __le__(self, other: Quantity) -> bool:
        return self.nanos <= other.nanos

    def __gt__(self, other: Quantity) -> bool:
        return self.nanos > other.nanos

    def __ge__(self, other: Quantity) -> bool:
        return self.nanos >= other.nanos

    def __str__(self) -> str:
        return _canonical(self)


def _clamped(nanos: int) -> int:
    return max(-_LIMIT, min(_LIMIT, nanos))


def _canonical(quantity: Quantity) -> str:
    nanos = quantity.nanos
    if nanos == 0:
        return "0"
    if quantity.format == BINARY and abs(nanos) >= 1024 * NANO and nanos % NANO == 0:
        return _binary_text(nanos // NANO)
    return _decimal_text(nanos, quantity.format)


def _binary_text(units: int) -> str:
    power = 0
    while power < 60 and units % 1024 == 0:
        units //= 1024
        power += 10
    return f"{units}{_TWO_BY_POWER.get(power, '')}"


def _decimal_text(nanos: int, format_: str) -> str:
    power = -9
    while power < 18 and nanos % 1000 == 0:
        nanos //= 1000
        power += 3
    if format_ == EXPONENT:
        return f"{nanos}e{power}" if power else str(nanos)
    return f"{nanos}{_TEN_BY_POWER[power]}"


def _suffix(text: str) -> tuple[int, int, str]:
    """Return (base, power, format) of a suffix; ValueError when it is none."""
    if text in _POWERS_OF_TEN:
        return 10, _POWERS_OF_TEN[text], DECIMAL
    if text in _POWERS_OF_TWO:
        return 2, _POWERS_OF_TWO[text], BINARY
    exponent = _EXPONENT_SUFFIX.match(text)
    if exponent is None:
        raise ValueError(WRONG_SUFFIX)
    return 10, int(exponent.group(1)), EXPONENT


def _scaled(digits: int, decimals: int, base: int, power: int) -> int:
    """Return `digits / 10^decimals * base^power` in nano-units, rounded away from zero."""
    numerator, denominator = digits * NANO, 10**decimals
    if power >= 0:
        numerator *= base ** min(power, 80)
    else:
        denominator *= base ** min(-power, 80)
    return _round_away(numerator, denominator)


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Quantity:
    shape = _SHAPE.match(text)
    if shape is None:
        raise ValueError(WRONG_FORMAT)
    number = _NUMBER.match(shape.group(1))
    base, power, format_ = _suffix(shape.group(2))
    if number is None or not (number.group(2) or number.group(3)):
        raise ValueError(WRONG_NUMBER)
    sign, whole, fraction = number.group(1), number.group(2) or "", number.group(3) or ""
    nanos = _clamped(_scaled(int(whole + fraction or "0"), len(fraction), base, power))
    return Quantity(-nanos if sign == "-" else nanos, format_)


def parse(value: Any) -> Quantity:
    """Return the quantity a manifest holds, a text or a number; ValueError in the server's words."""
    if isinstance(value, str):
        return _parsed(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(WRONG_FORMAT)
    return _parsed(str(value))


def canonical(value: Any) -> str:
    """Return the canonical spelling: `0.5` is `500m`, `1024Mi` is `1Gi`."""
    return str(parse(value))


def of_value(units: int, format_: str = DECIMAL) -> Quantity:
    return Quantity(_clamped(units * NANO), format_)


def of_milli(thousandths: int, format_: str = DECIMAL) -> Quantity:
    return Quantity(_clamped(thousandths * 10**6), format_)


ZERO = Quantity(0)
