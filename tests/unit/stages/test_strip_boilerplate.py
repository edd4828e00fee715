from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.boilerplate import forest, lexicon
from pipeline.boilerplate.dates import library_version
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


def kept(text: str, uri: str, language: str | None, **settings: object) -> set[Label]:
    with StripBoilerplateConfig.model_validate(settings).build() as stage:
        (document,) = stage([replace(article(text, uri), language=language)])
    return {block.label for block in document.blocks if block.kept}


@pytest.mark.parametrize(
    ("uri", "language", "expected"),
    [
        ("a.txt", None, {Label.BODY}),
        ("a.txt", "fr", {Label.TITLE}),
        ("a.txt", "fr-CA", {Label.TITLE}),
        ("a.txt", "de", {Label.BODY}),
        ("https://www.example.org/a", "fr", {Label.TAGS}),
        ("https://news.example.org/a", "de", {Label.TAGS}),
        ("https://example.com/a", "fr", {Label.TITLE}),
    ],
)
def test_the_site_outranks_the_language_and_the_language_the_rest(
    uri: str, language: str | None, expected: set[Label]
) -> None:
    text, _ = read_labelled(DATA / "ru_regional_portal.txt")

    found = kept(
        text,
        uri,
        language,
        keep=["body"],
        keep_by_language={"fra": ["title"]},
        keep_by_site={"www.example.org": ["tags"]},
    )

    assert found == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep_by_language": {"klingonish": ["body"]}}, "expected a BCP 47 language tag"),
        ({"keep_by_language": {"fr": []}}, "at least 1 item"),
        ({"keep_by_language": {"fr": ["gossip"]}}, "Input should be"),
        ({"keep_by_language": {"fr": ["body"], "fra": ["title"]}}, "each language or site once"),
        ({"keep_by_site": {"https://example.org/news": ["body"]}}, "expected a host such as example.org"),
    ],
)
def test_a_mistake_in_what_to_keep_is_told(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        StripBoilerplateConfig.model_validate(settings)


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
    title, updated = facts["title"].span, facts["updated"].span

    assert title is not None
    assert updated is not None
    assert text[title.start : title.end] == facts["title"].value
    assert text[updated.start : updated.end] == "3 de febrero de 2023 a las 12:40"
    assert facts["updated"].value == "2023-02-03T12:40"


def test_metadata_that_came_with_the_article_stays() -> None:
    text, _ = read_labelled(DATA / "es_diario.txt")
    given = Meta(name="title", value="Otro título")

    with StripBoilerplateConfig().build() as stage:
        (document,) = stage([replace(article(text), meta=(given,))])

    assert [fact for fact in document.meta if fact.name == "title"] == [given]


def test_the_stage_is_picklable_and_names_its_lexicons_and_weights() -> None:
    stage = pickle.loads(pickle.dumps(StripBoilerplateConfig().build()))  # noqa: S301 # just pickled
    known = f"{lexicon.fingerprint()} {library_version()}"

    assert stage.fingerprint() == f"{known} {forest.fingerprint()}"
    assert StripBoilerplateConfig(method="rules").build().fingerprint() == known
    assert stage.requires == {"normalized"}
    assert stage.assigns == {"blocks"}
