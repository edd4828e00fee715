from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.corpus import AlignedWords, DocumentRow, TranslationUnit, document_row, units
from pipeline.errors import ConfigError, InputError
from pipeline.formats.parquet import find_document, read_documents
from pipeline.project import Side, project, project_units
from tests.corpora import SIGNATURE, store
from tests.documents import TEXT, document
from tests.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Rows = tuple[DocumentRow, list[TranslationUnit]]
SPANS = 100


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return store(tmp_path / "corpus")


@pytest.fixture(scope="module")
def seed_corpus(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    folder = tmp_path_factory.mktemp("projection") / "corpus"
    run(seeds, folder)
    return folder


def rows(*links: tuple[int, int, int, int]) -> Rows:
    """Return a document whose title has these links: source start and end, target start and end."""
    one = document()
    first, *rest = units(one, SIGNATURE)
    words = tuple(
        AlignedWords(source_start=a, source_end=b, target_start=c, target_end=d, probability=1.0)
        for a, b, c, d in links
    )
    return document_row(one), [replace(first, word_alignment=words), *rest]


def test_an_english_word_comes_from_its_raw_characters(corpus: Path) -> None:
    found = project(corpus, document().id, (7, 12))

    assert found.given.text == "First"
    assert [(one.start, one.end, one.text) for one in found.found] == [(7, 13, "Первое")]
    assert [part.by for part in found.parts] == ["words"]


def test_a_raw_word_has_its_english(corpus: Path) -> None:
    found = project(corpus, "a.txt", (8, 9), "source")

    assert [(one.start, one.end, one.text) for one in found.found] == [(7, 12, "First")]


def test_a_word_without_a_link_has_the_sentence(corpus: Path) -> None:
    found = project(corpus, "a.txt", (12, 13))

    assert found.given.text == "."
    assert [(part.by, part.found[0].text) for part in found.parts] == [("sentence", "Первое.")]


def test_a_range_over_sentences_has_a_part_for_each(corpus: Path) -> None:
    found = project(corpus, "a.txt", (3, 16))

    assert [part.given.text for part in found.parts] == ["le", "First.", "Se"]
    assert [one.text for one in found.found] == ["Титул", "Первое", "Second."]


def test_ranges_with_words_between_stay_apart_and_neighbours_are_joined() -> None:
    row, own = rows((0, 1, 0, 5), (3, 4, 0, 5), (4, 5, 0, 5))
    found = project_units(row, own, (0, 5))

    assert [(one.start, one.end) for one in found.found] == [(0, 1), (3, 5)]


@pytest.mark.parametrize(("span", "side"), [((5, 7), "target"), ((24, 30), "source")])
def test_blanks_and_boilerplate_have_nothing(corpus: Path, span: tuple[int, int], side: Side) -> None:
    assert project(corpus, "a.txt", span, side).parts == ()


@pytest.mark.parametrize("span", [(0, 0), (5, 3), (-1, 4), (0, 1_000)])
def test_a_range_outside_of_the_text_is_refused(corpus: Path, span: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match="expected A:B with 0 <= A < B <= 21, the length of the target"):
        project(corpus, "a.txt", span)


def test_a_document_that_is_not_there_is_an_input_error(corpus: Path) -> None:
    with pytest.raises(InputError, match=r"no document 'c\.txt'"):
        project(corpus, "c.txt", (0, 1))
    with pytest.raises(InputError, match="expected a corpus"):
        project(corpus / "nowhere", "a.txt", (0, 1))


def test_the_command_prints_ranges_or_json(corpus: Path) -> None:
    command = ["project", str(corpus), "--document", "a.txt", "--span", "0:2", "--from", "source"]
    shown = CliRunner().invoke(app, command)
    record = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)

    assert "0:5 'Title'" in shown.stdout
    assert record["given"] == {"start": 0, "end": 2, "text": TEXT[:2]}
    assert record["parts"][0]["found"] == [{"start": 0, "end": 5, "text": "Title"}]
    assert CliRunner().invoke(app, [*command[:-3], "x"]).exit_code == 2


@pytest.mark.parametrize("side", ["target", "source"])
def test_random_ranges_of_the_seeds_stay_inside_their_sentences(seed_corpus: Path, side: Side) -> None:
    for row, own in seed_documents(seed_corpus):
        here, there = (row.english, row.text) if side == "target" else (row.text, row.english)
        for span in random_spans(here):
            parts = project_units(row, own, span, side).parts
            touched = [unit for unit in own if overlap(ranges(unit, side)[0], span)]

            assert [part.unit_id for part in parts] == [unit.unit_id for unit in touched]
            for part, unit in zip(parts, touched, strict=True):
                first, last = ranges(unit, side)[1]
                assert part.given.text == here[part.given.start : part.given.end]
                assert all(one.text == there[one.start : one.end] for one in part.found)
                assert all(first <= one.start < one.end <= last for one in part.found)


@pytest.mark.parametrize("side", ["target", "source"])
def test_what_is_projected_by_words_comes_back(seed_corpus: Path, side: Side) -> None:
    other: Side = "source" if side == "target" else "target"
    for row, own in seed_documents(seed_corpus):
        for span in random_spans(row.english if side == "target" else row.text):
            for part in project_units(row, own, span, side).parts:
                back = [
                    (one.start, one.end)
                    for found in part.found
                    for again in project_units(row, own, (found.start, found.end), other).parts
                    for one in again.found
                ]

                if part.by == "words":
                    assert any(overlap(one, (part.given.start, part.given.end)) for one in back)


def random_spans(text: str) -> Iterator[tuple[int, int]]:
    chance = random.Random(5)  # noqa: S311 # a choice of cases
    for _ in range(SPANS):
        start = chance.randrange(len(text))
        yield start, min(len(text), start + chance.choice((1, 5, 40, 400)))


def ranges(unit: TranslationUnit, side: Side) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the range of a unit on this side and on the other."""
    source, target = (unit.source_start, unit.source_end), (unit.target_start, unit.target_end)
    return (target, source) if side == "target" else (source, target)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def seed_documents(corpus: Path) -> list[Rows]:
    ids = [row.document_id for path in (corpus / "documents").glob("*.parquet") for row in read_documents(path)]
    found = [one for name in ids if (one := find_document(corpus, name)) is not None]
    assert len(found) == 5
    return found
