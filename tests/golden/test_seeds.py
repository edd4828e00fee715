"""The seeds become the expected corpus, with the translator that only upper-cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.formats.parquet import read_documents, read_units
from tests.running import problems, run

if TYPE_CHECKING:
    from pipeline.corpus import DocumentRow, TranslationUnit

EXPECTED = Path(__file__).parent / "expected"
SEEDS = (
    "000_cfd07d93efee0ad9",
    "001_5bbd08d60b413066",
    "002_f44bda25a199d41f",
    "003_6bd580ba76741c33",
    "004_3336c18a44a6bb92",
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """Make the corpus of the seeds with the fake translator."""
    folder = tmp_path_factory.mktemp("golden") / "corpus"
    run(seeds, folder)
    return folder


@pytest.mark.parametrize("name", SEEDS)
def test_a_seed_becomes_the_expected_document_and_units(corpus: Path, name: str, *, rewrite_golden: bool) -> None:
    actual = render(corpus, f"{name}.txt")
    path = EXPECTED / f"{name}.json"
    if rewrite_golden:
        path.parent.mkdir(exist_ok=True)
        path.write_text(actual, encoding="utf-8")

    assert actual == path.read_text(encoding="utf-8"), "if it is right, `make golden` and read the diff"


def test_the_corpus_of_the_seeds_verifies(corpus: Path, seeds: Path) -> None:
    assert problems(corpus, seeds) == ()


def render(corpus: Path, uri: str) -> str:
    """Return the rows of one article as JSON that a person can review."""
    documents = [row for path in sorted((corpus / "documents").rglob("*.parquet")) for row in read_documents(path)]
    units = [row for path in sorted((corpus / "units").rglob("*.parquet")) for row in read_units(path)]
    (document,) = (row for row in documents if row.uri == uri)
    own = sorted((row for row in units if row.uri == uri), key=lambda row: row.sentence)
    content = {
        "language": document.language,
        "blocks": [_block(document, index) for index in range(len(document.blocks))],
        "set_aside": [f"{one.stage}: {one.reason}: {one.source}" for one in document.set_aside],
        "meta": [f"{fact.name}: {fact.value}" for fact in document.meta],
        "units": [_unit(document, row) for row in own],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _block(document: DocumentRow, index: int) -> str:
    block = document.blocks[index]
    mark = "+" if block.kept else "-"
    text = document.text[block.start : block.end]
    return f"{mark} {block.start}:{block.end} {block.label} ({block.rule}) {text[:60]}"


def _unit(document: DocumentRow, row: TranslationUnit) -> dict[str, object]:
    return {
        "where": f"{row.paragraph}/{row.sentence} {row.source_start}:{row.source_end}",
        "source": f"{row.source_language} {row.role}: {row.source}",
        "target": row.target,
        "words": " ".join(
            f"{document.text[link.source_start : link.source_end]}"
            f"={document.english[link.target_start : link.target_end]}"
            for link in row.word_alignment
        ),
        "flags": " ".join(row.flags),
    }
