"""Exports hold what the Parquet files hold, in the form that each format's own readers expect."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from pipeline.corpus import AlignedWords, document_id
from pipeline.errors import OutputError
from pipeline.formats import jsonl, moses, parquet, tmx, xces
from pipeline.formats.exports import EXPORTS, FORMATS, export
from pipeline.records import Drop, Span
from tests.corpora import SHARD, store
from tests.documents import document

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.corpus import TranslationUnit

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return store(tmp_path / "corpus")


def stored(corpus: Path) -> list[TranslationUnit]:
    return [unit for _, own in parquet.units(corpus, SHARD) for unit in own]


def test_every_format_is_in_the_table() -> None:
    assert FORMATS == ("parquet", "jsonl", "tmx", "moses", "xces")


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_returns_its_files_and_is_the_same_every_time(corpus: Path, name: str) -> None:
    first = {path: path.read_bytes() for path in export(name, corpus, [SHARD], corpus / "exports")}
    second = {path: path.read_bytes() for path in export(name, corpus, [SHARD], corpus / "exports")}

    assert first == second
    assert set(first) == {path for path in (corpus / "exports").rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_that_cannot_be_written_is_one_line(corpus: Path, name: str) -> None:
    (corpus / "exports").touch()

    with pytest.raises(OutputError, match="expected to write it"):
        export(name, corpus, [SHARD], corpus / "exports")


@pytest.mark.parametrize("name", ["moses", "xces"])
def test_a_corpus_without_translations_has_no_bitext(tmp_path: Path, name: str) -> None:
    blank = replace(document(), segments=(), blocks=(), drop=Drop(stage="read", reason="blank: x"))
    corpus = store(tmp_path / "corpus", [blank])

    assert export(name, corpus, [SHARD], corpus / "exports") == []


def test_json_lines_hold_every_unit_with_every_column(corpus: Path) -> None:
    (path,) = jsonl.export(corpus, [SHARD], corpus / "exports")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    assert len(rows) == 6
    assert rows == [json.loads(json.dumps(asdict(unit))) for unit in stored(corpus)]
    assert sum(row["passthrough"] for row in rows) == 2


def test_rejects_hold_blocks_segments_and_documents(tmp_path: Path) -> None:
    whole = document("a.txt")
    dropped = Drop(stage="filter", reason="length_ratio: 9.0")
    cut = replace(whole, segments=(*whole.segments[:1], replace(whole.segments[1], drop=dropped), *whole.segments[2:]))
    lost = replace(document("b.txt"), drop=Drop(stage="read", reason="binary: x"))
    corpus = store(tmp_path / "corpus", [cut, lost])
    lines = jsonl.write_rejects(corpus, [SHARD]).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]

    assert [(row["kind"], row["stage"], row["uri"]) for row in rows] == [
        ("block", "strip_boilerplate", "a.txt"),
        ("segment", "filter", "a.txt"),
        ("document", "read", "b.txt"),
    ]
    assert [row["text"] for row in rows] == ["Читайте также", "Первое.", lost.text]
    assert rows[1]["reason"] == "length_ratio: 9.0"


def test_tmx_holds_the_translated_units_with_languages_and_offsets(corpus: Path) -> None:
    (path,) = tmx.export(corpus, [SHARD], corpus / "exports")
    root = ET.parse(path).getroot()  # noqa: S314 # our own file
    first = next(root.iter("tu"))
    properties = {one.get("type"): one.text for one in first.iter("prop")}

    assert (root.tag, root.get("version")) == ("tmx", "1.4")
    assert len(list(root.iter("tu"))) == 4
    assert first.get("tuid") == stored(corpus)[0].unit_id
    assert [(side.get(LANGUAGE), side.findtext("seg")) for side in first.iter("tuv")] == [
        ("ru", "Титул"),
        ("en", "Title"),
    ]
    assert properties["uri"] == "a.txt"
    assert (properties["source_start"], properties["source_end"]) == ("0", "5")


def test_tmx_is_read_by_translate_toolkit(corpus: Path) -> None:
    storage = pytest.importorskip("translate.storage.tmx")
    (path,) = tmx.export(corpus, [SHARD], corpus / "exports")
    units = storage.tmxfile.parsefile(str(path)).units

    assert [(str(unit.source), str(unit.target)) for unit in units] == [
        (unit.source, unit.target) for unit in stored(corpus) if not unit.passthrough
    ]


def test_moses_files_have_the_same_lines_and_tokens(corpus: Path) -> None:
    source, target, align, ids = (
        path.read_text(encoding="utf-8").splitlines() for path in moses.export(corpus, [SHARD], corpus / "exports")
    )

    assert source == ["Титул", "Первое."] * 2
    assert target == ["Title", "First."] * 2
    assert align == ["0-0"] * 4
    assert ids == [unit.unit_id for unit in stored(corpus) if not unit.passthrough]


def test_token_links_follow_the_words_through_normalisation() -> None:
    raw = "«Да»,\n  сказал\u00a0\u200fон"
    unit = replace(
        unit_of(raw, '"Да", сказал он', '"Yes," he said'),
        word_alignment=(link(1, 3, 1, 4), link(8, 14, 10, 14), link(16, 18, 7, 9)),
    )

    assert moses.token_links(unit) == [(0, 0), (1, 2), (2, 1)]


def test_a_word_of_several_tokens_is_linked_to_each() -> None:
    unit = replace(unit_of("2 500 человек", "2 500 человек", "2500 people"), word_alignment=(link(0, 5, 0, 4),))

    assert moses.token_links(unit) == [(0, 0), (1, 0)]


def test_line_breaks_inside_a_unit_never_break_a_line(tmp_path: Path) -> None:
    text = "Раз\u2028два\x85три"
    whole = document()
    segment = replace(whole.segments[0], text=text, span=Span(start=0, end=5))
    corpus = store(tmp_path / "corpus", [replace(whole, segments=(segment,))])
    source, _, _, _ = moses.export(corpus, [SHARD], corpus / "exports")

    assert source.read_text(encoding="utf-8") == "Раз два три\n"


def test_xces_links_sentences_of_two_documents(corpus: Path) -> None:
    paths = xces.export(corpus, [SHARD], corpus / "exports")
    root = corpus / "exports" / "xces"
    links = ET.parse(root / "ru-en.xml").getroot()  # noqa: S314 # our own file
    group = links.find("linkGrp")
    assert group is not None
    source, target = (
        {one.get("id"): one.text for one in ET.parse(root / str(group.get(side))).iter("s")}  # noqa: S314 # our own file
        for side in ("fromDoc", "toDoc")
    )
    pairs = [str(one.get("xtargets")).split(";") for one in group.iter("link")]

    assert paths == sorted([root / "ru-en.xml", root / "ru" / f"{SHARD}.xml", root / "en" / f"{SHARD}.xml"])
    assert [(source[one], target[other]) for one, other in pairs] == [
        (unit.source, unit.target) for unit in stored(corpus) if not unit.passthrough
    ]


def test_xces_keeps_articles_and_blocks(corpus: Path) -> None:
    xces.export(corpus, [SHARD], corpus / "exports")
    text = ET.parse(corpus / "exports" / "xces" / "ru" / f"{SHARD}.xml").getroot()  # noqa: S314 # our own file

    assert text.get(LANGUAGE) == "ru"
    assert [article.get("n") for article in text.iter("div")] == ["a.txt", "b.txt"]
    assert [block.get("type") for block in text.iter("p")] == ["title", "body"] * 2


def test_xces_is_read_by_opustools(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opustools = pytest.importorskip("opustools")
    xces.export(corpus, [SHARD], corpus / "exports")
    root = corpus / "exports" / "xces"
    opustools.OpusRead(
        directory="corpus",
        source="ru",
        target="en",
        preprocess="raw",
        alignment_file=str(root / "ru-en.xml"),
        download_dir=str(root),
        write_mode="moses",
    ).printPairs()

    assert capsys.readouterr().out.splitlines() == ["Титул\tTitle", "Первое.\tFirst."] * 2


def test_shards_follow_each_other_in_every_export(tmp_path: Path) -> None:
    corpus = store(store(tmp_path / "corpus", [document("a.txt")], "aaa"), [document("b.txt")], "bbb")
    exports = corpus / "exports"
    (lines,) = jsonl.export(corpus, ["bbb", "aaa"], exports)
    rows = [json.loads(line)["uri"] for line in lines.read_text(encoding="utf-8").splitlines()]
    xces.export(corpus, ["bbb", "aaa"], exports)
    groups = ET.parse(exports / "xces" / "ru-en.xml").iter("linkGrp")  # noqa: S314 # our own file

    assert rows == ["b.txt"] * 3 + ["a.txt"] * 3
    assert [group.get("fromDoc") for group in groups] == ["ru/bbb.xml", "ru/aaa.xml"]


def unit_of(raw: str, source: str, target: str) -> TranslationUnit:
    """Return a unit of an article that is nothing else."""
    from pipeline.corpus import units

    whole = document()
    (segment, *_) = whole.segments
    assert segment.translation is not None
    translation = replace(segment.translation, text=target, words=())
    own = replace(segment, span=Span(start=0, end=len(raw)), text=source, translation=translation)
    one = replace(whole, text=raw, id=document_id("a.txt", raw), segments=(own,))
    (unit,) = units(one, "v:1")
    return unit


def link(source_start: int, source_end: int, target_start: int, target_end: int) -> AlignedWords:
    return AlignedWords(
        source_start=source_start,
        source_end=source_end,
        target_start=target_start,
        target_end=target_end,
        probability=1.0,
    )
