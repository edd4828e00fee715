"""The pages hold all of the corpus, nothing of it as markup, and the same bytes every time."""

from __future__ import annotations

import re
import tracemalloc
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from pipeline.corpus import document_row, units
from pipeline.errors import OutputError
from pipeline.records import Drop, Label
from pipeline.report import build
from pipeline.report.entries import LONGEST_REJECT
from tests.corpora import SHARD, SIGNATURE, store
from tests.documents import TEXT, document
from tests.reports import HOSTILE, OVERRIDE, Parsed, hostile, report

if TYPE_CHECKING:
    from pathlib import Path


def many(count: int) -> list[str]:
    return [f"{number:04d}.txt" for number in range(count)]


def test_a_page_holds_every_article_with_its_text_blocks_units_and_links(tmp_path: Path) -> None:
    (page,) = report(tmp_path / "corpus")
    first, second = Parsed(page).articles
    row = document_row(document("a.txt"))
    title = units(document("a.txt"), SIGNATURE)[0]

    assert (first["uri"], second["uri"]) == ("a.txt", "b.txt")
    assert (first["text"], first["english"]) == (TEXT, row.english)
    assert [one[:3] for one in first["blocks"]] == [[one.start, one.end, one.label] for one in row.blocks]
    assert first["units"][0]["id"] == title.unit_id
    assert first["units"][0]["links"] == [0, 5, 0, 5, 100]


def test_the_index_tells_what_lists_and_filters_need(tmp_path: Path) -> None:
    (page,) = report(tmp_path / "corpus")
    line = Parsed(page).index[0]

    assert line["title"] == "Титул"
    assert line["languages"] == {"ru": 2, "en": 1}
    assert line["labels"] == {"related_news": 1}
    assert line["flags"] == {"passthrough": 1}


def test_the_same_corpus_gives_the_same_bytes(tmp_path: Path) -> None:
    (first,) = report(tmp_path / "one")
    (second,) = report(tmp_path / "two")

    assert first.read_bytes() == second.read_bytes()


def test_no_word_of_an_article_becomes_an_element(tmp_path: Path) -> None:
    (tame,) = report(tmp_path / "tame", [replace(hostile("a.txt"), uri="a.txt")])
    page = Parsed(report(tmp_path / "hostile", [hostile()])[0])
    names = [name for name, _ in page.elements]

    assert names.count("script") == [name for name, _ in Parsed(tame).elements].count("script") == 3
    assert "img" not in names
    assert names.count("style") == 1
    assert [key for _, attributes in page.elements for key in attributes if key.startswith("on")] == []
    assert page.articles[0]["text"] == f"{HOSTILE}\n{HOSTILE}\n"


def test_characters_that_would_turn_the_page_around_are_named_not_written(tmp_path: Path) -> None:
    (page,) = report(tmp_path / "corpus", [hostile()])
    text = page.read_text(encoding="utf-8")

    assert not {OVERRIDE, "\u2028", "\u2029", "\x01"} & set(text)
    assert 'title="U+202E RIGHT-TO-LEFT OVERRIDE">RLO</span>' in text


def test_only_the_script_and_the_style_of_the_page_itself_may_act(tmp_path: Path) -> None:
    page = Parsed(report(tmp_path / "corpus")[0])
    policy = next(one["content"] for name, one in page.elements if one.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    (script,), (style,) = page.scripts, page.styles

    assert policy.startswith("default-src 'none'; ")
    for kind, content in (("script-src", script), ("style-src", style)):
        assert f"{kind} 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}';" in policy
    assert "unsafe" not in policy


def test_every_category_has_a_colour(tmp_path: Path) -> None:
    (style,) = Parsed(report(tmp_path / "corpus")[0]).styles
    stripped = set(Label) - {Label.TITLE, Label.HEADING, Label.BODY}

    assert [label for label in sorted(stripped) if f'[data-label="{label}"] {{ --hue: ' not in style] == []


def test_a_page_names_no_address_outside_of_itself(tmp_path: Path) -> None:
    (page,) = report(tmp_path / "corpus")

    assert re.findall(r"(?:https?|wss?|data):|//[a-z]+\.|@import|url\(", page.read_text(encoding="utf-8")) == []
    assert all(not one.get("src") for _, one in Parsed(page).elements)


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Write a report of five articles, two on a page."""
    monkeypatch.setattr(build, "ARTICLES_A_PAGE", 2)
    return report(tmp_path / "corpus", [document(uri) for uri in many(5)])


def test_a_large_corpus_has_pages_that_hold_each_article_once(pages: list[Path], tmp_path: Path) -> None:
    uris = [[line["uri"] for line in Parsed(page).index] for page in pages]

    assert [page.relative_to(tmp_path / "corpus").as_posix() for page in pages] == [
        "report.html",
        "report/2.html",
        "report/3.html",
    ]
    assert uris == [["0000.txt", "0001.txt"], ["0002.txt", "0003.txt"], ["0004.txt"]]


def test_every_link_between_pages_leads_to_a_page_and_an_article(pages: list[Path]) -> None:
    for page in pages:
        links = [one["href"] or "" for name, one in Parsed(page).elements if name == "a"]
        there = [link.partition("#")[0] for link in links]
        assert all((page.parent / path).is_file() for path in there if path)

    suspects = [one["href"] or "" for name, one in Parsed(pages[0]).elements if name == "a" and "unit=" in str(one)]

    assert len(suspects) == 10
    for link in suspects:
        path, _, query = link.partition("#articles?article=")
        target = pages[0].parent / path if path else pages[0]
        assert query.partition("&")[0] in {line["id"] for line in Parsed(target).index}


def test_an_article_larger_than_a_page_has_one_to_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "CHARACTERS_A_PAGE", 10)

    assert len(report(tmp_path / "corpus", [document(uri) for uri in many(3)])) == 3


def test_articles_are_packed_in_chunks_that_a_browser_unpacks_one_by_one(tmp_path: Path) -> None:
    (page,) = report(tmp_path / "corpus", [document(uri) for uri in many(45)])

    assert [len(chunk) for name, chunk in Parsed(page).packed.items() if name != "index"] == [20, 20, 5]


def test_an_article_that_was_set_aside_whole_is_shown_in_part_and_says_so(tmp_path: Path) -> None:
    long = replace(document(), text="а" * 50_000, blocks=(), segments=(), drop=Drop(stage="read", reason="too_long: x"))
    (article,) = Parsed(report(tmp_path / "corpus", [long])[0]).articles

    assert (len(article["text"]), article["characters"]) == (LONGEST_REJECT, 50_000)
    assert article["drop"] == ["read", "too_long: x"]


def test_a_corpus_without_an_article_has_a_report(tmp_path: Path) -> None:
    (page,) = report(tmp_path / "corpus", [])

    assert Parsed(page).index == []
    assert "0 articles" in Parsed(page).text


def test_a_folder_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    corpus = store(tmp_path / "corpus")
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(OutputError, match="file: expected to write it"):
        build.write_report(corpus, [SHARD], SIGNATURE, tmp_path / "file")


def test_nothing_but_the_pages_is_left_in_the_folder(tmp_path: Path) -> None:
    corpus = store(tmp_path / "corpus")
    build.write_report(corpus, [SHARD], SIGNATURE, tmp_path / "pages")

    assert [path.name for path in (tmp_path / "pages").rglob("*")] == ["report.html"]


def test_the_memory_does_not_grow_with_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "ARTICLES_A_PAGE", 20)
    names = [f"{number:012x}" for number in range(12)]
    for name in names:
        store(tmp_path, [document(f"{name}-{uri}") for uri in many(40)], shard=name)
    few, all_of_them = (peak(tmp_path, names[:count]) for count in (2, 12))

    assert all_of_them < 1.3 * few


def peak(corpus: Path, shards: list[str]) -> int:
    """Return the most bytes that Python held while it wrote a report."""
    build.write_report(corpus, shards, SIGNATURE)
    tracemalloc.start()
    build.write_report(corpus, shards, SIGNATURE)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most
