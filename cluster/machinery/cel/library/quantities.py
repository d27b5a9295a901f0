"""Quantities: `quantity("1Gi").isGreaterThan(quantity("512Mi"))`.

https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from cluster.machinery import quantity
from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import LEAST, MOST, CelError, Opaque


@dataclass(frozen=True, slots=True)
class Quantity(Opaque):
    """An amount in nano-units: equal amounts are equal however they are written."""

    TYPE: ClassVar[str] = "kubernetes.Quantity"
    nanos: int

    @property
    def is_integer(self) -> bool:
        return self.nanos % quantity.NANO == 0 and LEAST <= self.nanos // quantity.NANO <= MOST


def _quantity(text: str) -> Quantity:
    try:
        return Quantity(quantity.parse(text).nanos)
    except ValueError as error:
        raise CelError(str(error)) from None


def _is_quantity(text: str) -> bool:
    try:
        _quantity(text)
    except CelError:
        return False
    return True


def _nanos(value: Any) -> int:
    return value.nanos if isinstance(value, Quantity) else int(value) * quantity.NANO


def _as_integer(value: Quantity) -> int:
    if value.is_integer:
        return value.nanos // quantity.NANO
    raise CelError("cannot convert value to integer")


def _compared(test: Callable[[int, int], Any]) -> Callable[[Quantity, Quantity], Any]:
    return lambda one, other: test(one.nanos, other.nanos)


QUANTITIES = library(
    [
        ("quantity(string) Quantity", _quantity),
        ("isQuantity(string) bool", _is_quantity),
        ("Quantity.sign() int", lambda one: (one.nanos > 0) - (one.nanos < 0)),
        ("Quantity.isInteger() bool", lambda one: one.is_integer),
        ("Quantity.asInteger() int", _as_integer),
        ("Quantity.asApproximateFloat() double", lambda one: one.nanos / quantity.NANO),
        ("Quantity.add(Quantity) Quantity; Quantity.add(int) Quantity", lambda a, b: Quantity(a.nanos + _nanos(b))),
        ("Quantity.sub(Quantity) Quantity; Quantity.sub(int) Quantity", lambda a, b: Quantity(a.nanos - _nanos(b))),
        ("Quantity.isLessThan(Quantity) bool", _compared(lambda one, other: one < other)),
        ("Quantity.isGreaterThan(Quantity) bool", _compared(lambda one, other: one > other)),
        ("Quantity.compareTo(Quantity) int", _compared(lambda one, other: (one > other) - (one < other))),
    ]
)
