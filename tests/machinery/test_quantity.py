"""Quantities: exact, canonical, in the original's words."""

from __future__ import annotations

import pytest

from cluster.machinery import quantity


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("0.5", "500m"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("1000m", "1"),
        ("1000", "1k"),
        ("1500", "1500"),
        ("512", "512"),
        ("0.5Ki", "512"),
        ("1e3", "1e3"),
        ("100k", "100k"),
        ("-1Gi", "-1Gi"),
        ("0.1m", "100u"),
        (2, "2"),
        ("+1", "1"),
        ("0Mi", "0"),
    ],
)
def test_spelling_is_canonical(given: str | int, canonical: str) -> None:
    assert quantity.canonical(given) == canonical


def test_fractions_round_away_from_zero() -> None:
    assert quantity.parse("100m").value == 1
    assert quantity.parse("1500u").milli_value == 2
    assert quantity.parse("-100m").value == -1


def test_nothing_exceeds_a_signed_64_bit_number() -> None:
    assert quantity.parse("999999Ei").value == 2**63 - 1


def test_sums_keep_the_first_ones_suffixes() -> None:
    assert str(quantity.parse("1Gi") + quantity.parse("512Mi")) == "1536Mi"
    assert str(quantity.ZERO + quantity.parse("1Gi")) == "1Gi"
    assert str(quantity.parse("1") - quantity.parse("250m")) == "750m"


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "1GiB", "Gi", True, None])
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(ValueError):
        quantity.parse(text)
