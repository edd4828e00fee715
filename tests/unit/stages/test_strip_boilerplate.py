from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.boilerplate.lexicon import fingerprint
from pipeline.records import Drop, Label, Meta
from pipeline.stages.strip_boilerplate import StripBoilerplateConfig
from tests.labelled import article, line_labels, read_labelled, strip

DATA = Path(__file__).parents[2] / "data" / "boilerplate"
HAND_WRITTEN = sorted(DATA.glob("*.txt"))
SEED_LABELS = Path(__file__).parents[2] / "golden" / "seed_labels.json"
SEEDS = sorted(json.loads(SEED_LABELS.read_text(encoding="utf-8")))


def expected(path: Path, seed: str) -> dict[int, str]:
    labels = json.loads(path.read_text(encoding="utf-8"))
    return {line["n"]: line["label"] for line in labels[seed]["lines"]}


def read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_line_of_a_seed_has_its_label(seeds: Path, seed: str) -> None:
    found = line_labels(strip(read(seeds / seed)))

    assert {number: block.label for number, block in found.items()} == expected(SEED_LABELS, seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_labels_we_carry_are_those_of_the_data_folder(shared: Path, seed: str) -> None:
    assert expected(SEED_LABELS, seed) == expected(shared / "seeds" / "labels.json", seed)


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda path: path.stem)
def test_every_line_of_a_hand_written_article_has_its_label(path: Path) -> None:
    text, lines = read_labelled(path)

    found = line_labels(strip(text))

    assert [(number, found[number].label.value, line) for number, _, line in lines] == lines


@pytest.mark.parametrize("path", HAND_WRITTEN, ids=lambda path: path.stem)
def test_line_ends_of_other_systems_change_no_label(path: Path) -> None:
    text, _ = read_labelled(path)

    labels = [block.label for block in strip(text.replace("\n", "\r\n")).blocks]

    assert labels == [block.label for block in strip(text).blocks]


def test_only_the_labels_asked_for_are_kept() -> None:
    text, _ = read_labelled(DATA / "fr_quotidien.txt")

    blocks = strip(text, keep=["title", "caption"]).blocks

    assert {block.label for block in blocks if block.kept} == {Label.TITLE, Label.CAPTION}
    assert {block.label for block in blocks if not block.kept} >= {Label.BODY, Label.TAGS} - {Label.TAGS}


def test_a_block_whose_rule_is_not_sure_enough_is_kept() -> None:
    text, _ = read_labelled(DATA / "fr_quotidien.txt")

    assert all(block.kept for block in strip(text, minimum_confidence=1.0).blocks)
    assert not all(block.kept for block in strip(text, minimum_confidence=0.0).blocks)


def test_a_dropped_document_passes_untouched() -> None:
    document = replace(article("Text."), drop=Drop(stage="read", reason="binary"))

    with StripBoilerplateConfig().build() as stage:
        assert list(stage([document])) == [document]


@pytest.mark.parametrize("text", ["", " \n\t\u200e\n"])
def test_a_blank_article_has_no_blocks(text: str) -> None:
    assert strip(text).blocks == ()


def test_the_headline_and_the_date_become_metadata_with_their_places() -> None:
    text, _ = read_labelled(DATA / "es_diario.txt")

    document = strip(text)
    facts = {fact.name: fact for fact in document.meta}
    title = facts["title"].span

    assert title is not None
    assert text[title.start : title.end] == facts["title"].value
    assert facts["published"].value == "Actualizado el 3 de febrero de 2023 a las 12:40"


def test_metadata_that_came_with_the_article_stays() -> None:
    text, _ = read_labelled(DATA / "es_diario.txt")
    given = Meta(name="title", value="Otro título")

    with StripBoilerplateConfig().build() as stage:
        (document,) = stage([replace(article(text), meta=(given,))])

    assert [fact for fact in document.meta if fact.name == "title"] == [given]


def test_the_stage_is_picklable_and_names_its_lexicons() -> None:
    stage = pickle.loads(pickle.dumps(StripBoilerplateConfig().build()))  # noqa: S301 # just pickled

    assert stage.fingerprint() == fingerprint()
    assert stage.requires == {"normalized"}
    assert stage.assigns == {"blocks"}
