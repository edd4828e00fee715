"""The hand-made word alignments are well formed, and the measures are those of the literature."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.models.gold import GOLD, LANGUAGES, Agreement, GoldPair, links_of, read_gold

PAIRS = read_gold()


def test_there_are_twenty_pairs_a_language_and_none_twice() -> None:
    assert all(count >= 20 for count in Counter(pair.language for pair in PAIRS).values())
    assert {pair.language for pair in PAIRS} == set(LANGUAGES)
    assert len({pair.id for pair in PAIRS}) == len({pair.source for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.id for pair in PAIRS])
def test_every_link_joins_words_that_exist(pair: GoldPair) -> None:
    source, target = pair.words()

    assert all(0 <= i < len(source) and 0 <= j < len(target) for i, j in pair.possible)


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.id for pair in PAIRS])
def test_every_word_of_letters_or_digits_has_a_link(pair: GoldPair) -> None:
    source, target = pair.words()
    linked = {source[i] for i, _ in pair.possible} | {target[j] for _, j in pair.possible}

    assert [word for word in (*source, *target) if word[0].isalnum() and word not in linked] in ([], ["إن"])


def test_no_link_is_both_sure_and_possible() -> None:
    for language in LANGUAGES:
        for line in (GOLD / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
            _, _, _, sure, possible = line.split("\t")
            assert not links_of(sure) & links_of(possible)


def test_the_error_rate_is_that_of_och_and_ney() -> None:
    pair = GoldPair(
        id="xx-01",
        language="fr",
        source="a b c",
        target="x y z",
        sure=links_of("0-0 1-1"),
        possible=links_of("0-0 1-1 2-1"),
    )
    found = Agreement.of([pair], [links_of("0-0 2-1 2-2")])

    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(1 / 2)
    assert found.error_rate == pytest.approx(1 - (1 + 2) / (3 + 2))


def test_gold_links_have_no_errors() -> None:
    assert Agreement.of(PAIRS, [pair.sure for pair in PAIRS]).error_rate == 0
    assert Agreement.of(PAIRS, [pair.possible for pair in PAIRS]).error_rate == 0
