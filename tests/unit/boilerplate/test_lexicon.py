from __future__ import annotations

from importlib.resources import files

import pytest
import yaml

from pipeline.boilerplate.folding import tokens
from pipeline.boilerplate.lexicon import GAP, Where, compile_lexicon, fingerprint, load_lexicon
from pipeline.records import Label

FILES = sorted(
    file.name for file in (files("pipeline.boilerplate") / "lexicon").iterdir() if file.name.endswith(".yaml")
)
LANGUAGES = {"ar", "de", "en", "es", "fa", "fr", "it", "kk", "pt", "ru", "tr", "uk", "zh"}


def words(text: str) -> tuple[str, ...]:
    return tuple(tokens(text))


def found(entries: dict[str, dict[str, list[str]]], text: str) -> list[tuple[str, Where]]:
    lexicon = compile_lexicon([entries])
    return [(hit.label.value, hit.where) for hit in lexicon.hits(words(text))]


def test_a_whole_line_is_found_only_as_a_whole_line() -> None:
    entries = {"related_news": {"line": ["read also"]}}

    assert found(entries, "READ ALSO:") == [("related_news", Where.LINE)]
    assert found(entries, "Read also this") == []


def test_a_start_is_found_only_at_the_start() -> None:
    entries = {"byline": {"start": ["by"]}}

    assert found(entries, "By Jane Roe") == [("byline", Where.START)]
    assert found(entries, "Stand by me") == []


def test_a_star_stands_for_any_ending() -> None:
    entries = {"newsletter_appeal": {"anywhere": ["подпи* на"]}}

    assert found(entries, "Срочно подпишитесь на канал") == [("newsletter_appeal", Where.ANYWHERE)]


def test_a_gap_stands_for_a_few_words() -> None:
    entries = {"share_prompt": {"anywhere": ["follow … facebook"]}}

    assert found(entries, "Please follow us all on Facebook")
    assert found(entries, "follow " + "and " * GAP + "facebook")
    assert not found(entries, "follow " + "and " * (GAP + 1) + "facebook")


def test_the_longer_phrase_is_the_stronger() -> None:
    lexicon = compile_lexicon([{"tags": {"start": ["more"]}, "related_news": {"start": ["more news"]}}])

    best = max(lexicon.hits(words("More news today")), key=lambda hit: hit.strength)

    assert best.label == Label.RELATED_NEWS


def test_an_unknown_category_is_an_error() -> None:
    with pytest.raises(ValueError, match="gossip"):
        compile_lexicon([{"gossip": {"line": ["x"]}}])


def test_a_phrase_cannot_begin_with_a_gap() -> None:
    with pytest.raises(ValueError, match="begins with a word"):
        compile_lexicon([{"tags": {"line": ["… x"]}}])


def test_words_of_dates_are_known_in_all_languages() -> None:
    lexicon = load_lexicon()

    assert all(map(lexicon.is_date_word, words("января janvier يناير Ağustos März enero січня қаңтар")))
    assert not lexicon.is_date_word("парламент")


def test_every_language_we_promise_has_a_file() -> None:
    assert {name.removesuffix(".yaml") for name in FILES} >= LANGUAGES


@pytest.mark.parametrize("name", FILES)
def test_a_lexicon_has_words_of_dates_and_phrases_for_what_articles_carry(name: str) -> None:
    content = yaml.safe_load((files("pipeline.boilerplate") / "lexicon" / name).read_text(encoding="utf-8"))

    assert content["months"]
    assert content["dates"]
    assert {"byline", "comments", "legal_footer", "related_news", "share_prompt", "tags"} <= content.keys()


@pytest.mark.parametrize("name", FILES)
def test_a_phrase_stands_in_one_category_of_a_language(name: str) -> None:
    content = yaml.safe_load((files("pipeline.boilerplate") / "lexicon" / name).read_text(encoding="utf-8"))
    seen: dict[tuple[str, tuple[str, ...], bool], str] = {}
    doubled = []
    for category, places in content.items():
        for place, phrases in places.items() if isinstance(places, dict) else ():
            for phrase in phrases:
                key = (place, words(phrase.replace("…", " ")), phrase.endswith("*"))
                if seen.setdefault(key, category) != category:
                    doubled.append(phrase)

    assert doubled == []


def test_the_fingerprint_is_a_sha256() -> None:
    assert len(fingerprint()) == 64
    assert int(fingerprint(), 16)
