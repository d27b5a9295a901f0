"""Hashes of templates and revisions."""

from __future__ import annotations

from cluster.machinery.template_hash import data_hash


def test_a_revision_is_hashed_as_go_would_write_it() -> None:
    plain, escaped = data_hash({"a": "x<y"}), data_hash({"a": "x\\u003cy"})
    assert plain != escaped
    assert data_hash({"spec": {"template": {"b": 1, "a": 2}}}) == data_hash({"spec": {"template": {"a": 2, "b": 1}}})


def test_collisions_change_the_hash_and_none_is_zero() -> None:
    assert data_hash({}) == data_hash({}, 0) != data_hash({}, 1)
