"""Programs of others read what is exported, characters that trouble them included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import langcodes
import pytest

from pipeline.corpus import document_row, units
from pipeline.formats import jsonl, parquet, tmx, xces
from pipeline.formats.exports import EXPORTS, export
from pipeline.formats.parquet import ShardWriter
from tests.corpora import SHARD, SIGNATURE, store
from tests.documents import document

if TYPE_CHECKING:
    from pipeline.corpus import TranslationUnit
    from pipeline.records import Document

HOSTILE = 'Цены <b>&amp;</b> ]]> "растут"\x00\x0b\x1f\ufffe <script>\u2028\t\N{NO-BREAK SPACE}🙂 &#0; العربية'
WRITTEN = HOSTILE.translate({0: None, 0xFFFE: None, 0x0B: " ", 0x1F: " "})
"""What XML can hold of it."""


def hostile(uri: str = "a.txt", language: str = "ru") -> Document:
    """Return a document whose every segment is full of what breaks readers."""
    whole = document(uri)
    segments = []
    for segment in whole.segments:
        assert segment.translation is not None
        translation = replace(segment.translation, text=HOSTILE, words=())
        segments.append(replace(segment, text=HOSTILE, language=language, translation=translation))
    return replace(whole, segments=tuple(segments))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return store(tmp_path / "corpus", [document("a.txt"), hostile("b.txt", "zh-Hant")])


def stored(corpus: Path) -> list[TranslationUnit]:
    return [unit for _, own in parquet.units(corpus, SHARD) for unit in own]


def translated(corpus: Path) -> list[TranslationUnit]:
    return [unit for unit in stored(corpus) if not unit.passthrough]


def texts(rows: list[TranslationUnit]) -> list[tuple[str, str]]:
    return sorted((unit.source, unit.target) for unit in rows)


def test_pandas_reads_parquet_and_json_lines(corpus: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    (lines,) = jsonl.export(corpus, [SHARD], corpus / "exports")
    files = sorted((corpus / "units").glob("*/*.parquet"))
    tables = [pandas.concat([pandas.read_parquet(file) for file in files]), pandas.read_json(lines, lines=True)]

    for table in tables:
        assert sorted(zip(table["source"], table["target"], strict=True)) == texts(stored(corpus))
    assert [len(links) for links in tables[1]["word_alignment"]] == [
        len(unit.word_alignment) for unit in stored(corpus)
    ]


def test_polars_reads_parquet_and_json_lines(corpus: Path) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed: pip install newsbitext[readers]")
    (lines,) = jsonl.export(corpus, [SHARD], corpus / "exports")

    for table in (polars.read_parquet(corpus / "units" / "**" / "*.parquet"), polars.read_ndjson(lines)):
        assert sorted(table.select("source", "target").rows()) == texts(stored(corpus))


def test_duckdb_reads_parquet_and_json_lines(corpus: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed: pip install newsbitext[readers]")
    (lines,) = jsonl.export(corpus, [SHARD], corpus / "exports")

    tables = (duckdb.read_parquet(str(corpus / "units" / "*" / "*.parquet")), duckdb.read_json(str(lines)))
    for table in tables:
        assert sorted(table.select("source", "target").fetchall()) == texts(stored(corpus))
        linked = table.filter("len(word_alignment) > 0").order("uri, sentence").limit(1).fetchall()[0]
        assert linked[table.columns.index("word_alignment")][0]["target_end"] == 5


def test_datasets_reads_json_lines(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="datasets is not installed")
    (lines,) = jsonl.export(corpus, [SHARD], corpus / "exports")
    code = "import sys, json; from datasets import load_dataset as load\n"
    code += "print('RESULT', json.dumps(load('json', data_files=sys.argv[1], split='train').to_list()))"
    environment = {**os.environ, "HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(lines)], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.rpartition("RESULT ")[2]) == [
        json.loads(json.dumps(asdict(unit))) for unit in stored(corpus)
    ]


def test_lxml_finds_tmx_valid(corpus: Path) -> None:
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed")
    (path,) = tmx.export(corpus, [SHARD], corpus / "exports")
    dtd = etree.DTD(str(Path(__file__).with_name("tmx14.dtd")))
    tree = etree.parse(path)

    assert dtd.validate(tree), dtd.error_log
    assert [seg.text for seg in tree.iter("seg")][-2:] == [WRITTEN, WRITTEN]


def test_languages_are_tags_of_bcp_47(corpus: Path) -> None:
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed")
    (path,) = tmx.export(corpus, [SHARD], corpus / "exports")
    tags = {side.get("{http://www.w3.org/XML/1998/namespace}lang") for side in etree.parse(path).iter("tuv")}

    assert tags == {"ru", "zh-Hant", "en"}
    assert all(langcodes.tag_is_valid(tag) for tag in tags)


def test_translate_toolkit_reads_tmx(corpus: Path) -> None:
    storage = pytest.importorskip("translate.storage.tmx", reason="translate-toolkit is not installed")
    (path,) = tmx.export(corpus, [SHARD], corpus / "exports")
    found = storage.tmxfile.parsefile(str(path)).units

    assert [(unit.source, unit.target) for unit in found][-1] == (WRITTEN, WRITTEN)
    assert len(found) == len(translated(corpus))


def test_opustools_filters_links_by_their_certainty(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opustools = pytest.importorskip("opustools", reason="opustools is not installed")
    xces.export(corpus, [SHARD], corpus / "exports")
    root = corpus / "exports" / "xces"
    for threshold, lines in ((0.5, 2), (1.5, 0)):
        opustools.OpusRead(
            directory="corpus",
            source="ru",
            target="en",
            preprocess="raw",
            alignment_file=str(root / "ru-en.xml"),
            download_dir=str(root),
            write_mode="moses",
            attribute="certainty",
            threshold=threshold,
        ).printPairs()

        assert len(capsys.readouterr().out.splitlines()) == lines


@pytest.mark.parametrize("name", EXPORTS)
def test_a_larger_corpus_is_exported_in_the_same_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(parquet, "ROWS_A_GROUP", 6)
    peaks = []
    for articles in (10, 80):
        corpus = write(tmp_path / str(articles), articles)
        tracemalloc.start()
        export(name, corpus, [SHARD], corpus / "exports")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 2 * peaks[0]


def write(corpus: Path, articles: int) -> Path:
    """Store articles of long units."""
    with ShardWriter(corpus, SHARD) as writer:
        for number in range(articles):
            one = document(f"{number}.txt")
            long = [replace(unit, source="Слово " * 300, target="Word " * 300) for unit in units(one, SIGNATURE)]
            writer.write(document_row(one), long)
    return corpus
