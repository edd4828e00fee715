"""Shards do not depend on anything but the articles' names; manifests survive only whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.shards import LONGEST, Manifest, Output, cut, in_share, parse_manifest, whole_manifest


@dataclass(frozen=True)
class Name:
    """The least that can be cut into shards."""

    uri: str


ARTICLES = [Name(f"{number:05d}.txt") for number in range(2000)]
MANIFEST = Manifest(
    shard="0123456789ab",
    plan_digest="p",
    input_digest="i",
    signature="v:1",
    articles=("a.txt",),
    outputs={"units/x.parquet": Output(sha256="0", bytes=3)},
    counts={"articles": 1},
)


@given(st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=50), st.integers(1, 9))
def test_every_article_is_in_one_shard_in_order(names: list[str], size: int) -> None:
    articles = [Name(name) for name in names]
    shards = list(cut(articles, size))

    assert [article for shard in shards for article in shard.articles] == articles
    assert all(0 < len(shard.articles) <= size * LONGEST for shard in shards)


def test_a_new_article_changes_one_shard_only() -> None:
    before = {shard.id for shard in cut(ARTICLES, 16)}
    after = {shard.id for shard in cut(sorted([*ARTICLES, Name("00777a.txt")], key=lambda one: one.uri), 16)}

    assert len(before) > 50
    assert len(after - before) <= 2


def test_shares_split_the_shards_without_rest() -> None:
    shards = list(cut(ARTICLES, 16))
    shares = [[shard for shard in shards if in_share(shard.id, index, 3)] for index in (1, 2, 3)]

    assert sorted(shard.id for one in shares for shard in one) == sorted(shard.id for shard in shards)
    assert all(len(one) > len(shards) / 6 for one in shares)


def test_a_manifest_reads_back_as_it_was_written() -> None:
    assert parse_manifest(MANIFEST.to_json()) == MANIFEST


def test_what_is_known_of_the_articles_of_a_shard_stands_in_its_manifest() -> None:
    knowing = replace(MANIFEST, knowledge="k")

    assert parse_manifest(knowing.to_json()) == knowing


def test_a_corpus_knows_what_its_shards_know() -> None:
    shards = [MANIFEST, replace(MANIFEST, knowledge="k")]
    others = [MANIFEST, replace(MANIFEST, knowledge="l")]

    assert whole_manifest(shards, {}).knowledge != whole_manifest(others, {}).knowledge


@given(st.integers(0, 8 * len(MANIFEST.to_json().encode()) - 1))
def test_a_manifest_with_one_bit_flipped_is_none(bit: int) -> None:
    content = bytearray(MANIFEST.to_json().encode())
    content[bit // 8] ^= 1 << bit % 8

    assert parse_manifest(bytes(content)) is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", "nonsense", MANIFEST.to_json()[:-20]])
def test_a_broken_manifest_is_none(text: str) -> None:
    assert parse_manifest(text) is None
