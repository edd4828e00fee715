"""Arbitrary bytes wherever the program reads: articles, rows, settings, manifests, memories and corpora.

`FUZZ=20` in the environment tries 20 times as many.
"""

from __future__ import annotations

import gzip
import io
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.audit import document_faults
from pipeline.config import load
from pipeline.corpus import document_row, units
from pipeline.errors import ConfigError, InputError
from pipeline.formats.readers import ArticleRef, document_of_text, list_articles, read_article
from pipeline.ledger import account
from pipeline.plan import make_plan
from pipeline.settings import InputSettings, Settings
from pipeline.shards import Manifest, Output, parse_manifest
from tests.conftest import ROOT, examples
from tests.hostile.articles import MARKS, WRONG
from tests.hostile.checking import contents
from tests.running import problems, run
from tests.strategies import articles, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.plan import OpenPlan
    from pipeline.records import Document

NEWS = "Президент страны подписал закон о бюджете.\n\nПодробности неизвестны. Читайте также: Мост закрыт.\n"

MINIMAL = (ROOT / "configs" / "minimal.yaml").read_text(encoding="utf-8")

PACKERS = {".gz": lambda data: gzip.compress(data, 1), ".zst": zstandard.compress, "": bytes}

CONTENTS = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from((*WRONG, *MARKS, *NEWS.encode().splitlines())), max_size=8).map(b"".join),
    st.builds(
        lambda text, encoding: text.encode(encoding, "replace"),
        articles(),
        st.sampled_from(("utf-8", "utf-16", "utf-32", "utf-7", "cp1251", "cp1256", "gb18030", "shift_jis", "cp037")),
    ),
    articles().map(lambda text: text.encode("utf-8", "surrogatepass")),
)


@pytest.fixture(scope="module")
def plan() -> Iterator[OpenPlan]:
    """Open all stages with the fake translator."""
    with make_plan(load(ROOT / "configs" / "minimal.yaml", Settings, [])).open() as opened:
        yield opened


def check(plan: OpenPlan, article: Document) -> None:
    """Assert that an article, as it was read, keeps the promises, or was set aside with a reason."""
    (done,) = plan([article])
    row, rows = document_row(done), units(done, "v:1")

    assert done.text == article.text
    assert done.drop is None or (done.drop.stage == "read" and done.drop.reason)
    assert account(done).balances
    assert list(document_faults(row, rows)) == []
    assert all(unit.source_raw == row.text[unit.source_start : unit.source_end] for unit in rows)


@given(content=CONTENTS)
@settings(max_examples=examples(60))
def test_any_bytes_are_an_article_or_set_aside(plan: OpenPlan, content: bytes) -> None:
    ref = ArticleRef(uri="a.txt", path=Path("a.txt"), format="text")

    check(plan, document_of_text(ref, io.BytesIO(content), InputSettings(path="a.txt")))


ROW = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda text, uri: json.dumps({"text": text, "uri": uri}).encode(),
        articles(),
        st.none() | st.integers() | texts(9),
    ),
    st.recursive(
        st.none() | st.booleans() | st.floats() | texts(9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("text", "uri", "a")), inner),
        max_leaves=5,
    ).map(lambda row: json.dumps(row).encode()),
)
LINES = st.lists(ROW, max_size=4).map(b"\n".join)


def damaged(content: bytes, places: list[tuple[int, int]], end: int) -> bytes:
    """Return bytes of which some are others, and the last `end` are lost."""
    changed = bytearray(content)
    for place, change in places:
        if changed:
            changed[place % len(changed)] ^= change
    return bytes(changed[: len(changed) - end % (len(changed) + 1)])


PLACES = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(1, 255)), max_size=4)
ENDS = st.just(0) | st.integers(0, 1 << 20)


@given(content=LINES, ending=st.sampled_from(sorted(PACKERS)), places=PLACES, end=ENDS)
@settings(max_examples=examples(60))
def test_any_bytes_are_rows_or_set_aside(
    plan: OpenPlan, content: bytes, ending: str, places: list[tuple[int, int]], end: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"rows.jsonl{ending}"
        path.write_bytes(damaged(PACKERS[ending](content), places, end))
        source = InputSettings(path=str(path))
        try:
            found = [read_article(ref, source) for ref in list_articles(source)]
        except InputError:
            found = []  # no line holds anything
        for article in found:
            check(plan, article)


def refused_or_read(content: bytes, overrides: list[str]) -> None:
    """Assert that settings are read, or refused in lines that say where."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "news.yaml"
        path.write_bytes(content)
        try:
            load(path, Settings, overrides)
        except ConfigError as error:
            faults = str(error).splitlines()
        else:
            faults = []
    assert all(": " in line for line in faults)


@given(
    content=st.binary(max_size=200) | texts(200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    overrides=st.lists(texts(40) | texts(20).map(lambda text: f"stages.{text}=1"), max_size=2),
)
@settings(max_examples=examples(100))
def test_any_bytes_are_settings_or_a_config_error(content: bytes, overrides: list[str]) -> None:
    refused_or_read(content, overrides)


PIECES = (
    *("- ", ": ", "[", "]", "{", "}", "&a ", "*a", "!!", "!!python/object:os.system ", "<<: ", "|", ">", "'", '"'),
    *("\t", "\n", "  ", "#", "? ", "---\n", "...", "%YAML 3\n", "\x00", "\x85", "\u2028", "null", "1e999", "0x1"),
    *("9" * 40, ".nan", "stages", "path", "🙂", "\ud800", "@", "`", "true", "input: []\n", "stages: {}\n"),
)


@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(MINIMAL)), st.integers(0, 20), st.sampled_from(PIECES) | texts(5)),
        min_size=1,
        max_size=6,
    ),
    override=st.builds(
        "{}={}".format,
        st.sampled_from(
            ("input", "input.path", "stages", "stages[0]", "stages.translate.beam_size", "workers", "a.b[9]")
        ),
        st.lists(st.sampled_from(PIECES) | texts(5), max_size=4).map("".join),
    ),
)
@settings(max_examples=examples(150))
def test_mutated_settings_are_settings_or_a_config_error(changes: list[tuple[int, int, str]], override: str) -> None:
    text = MINIMAL
    for place, lost, piece in changes:
        text = text[:place] + piece + text[place + lost :]

    refused_or_read(text.encode("utf-8", "surrogatepass"), [override])


MANIFEST = Manifest(
    shard="0123456789ab",
    plan_digest="1" * 64,
    input_digest="2" * 64,
    signature="v:1",
    articles=("a.txt", "ж.txt"),
    outputs={"documents/0123456789ab.parquet": Output(sha256="3" * 64, bytes=7)},
    counts={"articles": 2},
)


@given(places=PLACES, end=ENDS)
@example(places=[], end=0)
@settings(max_examples=examples(100))
def test_a_manifest_is_as_it_was_written_or_none(places: list[tuple[int, int]], end: int) -> None:
    written = MANIFEST.to_json().encode()
    content = damaged(written, places, end)

    assert parse_manifest(content) == (MANIFEST if content == written else None)


@given(content=st.binary(max_size=100) | texts(100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_no_manifest(content: bytes) -> None:
    assert parse_manifest(content) is None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with articles, their corpus in all formats and its memory."""
    home = tmp_path_factory.mktemp("made")
    (home / "articles").mkdir()
    for number in range(2):
        (home / "articles" / f"{number}.txt").write_text(NEWS * (number + 1), encoding="utf-8")
    run(home / "articles", home / "corpus", FORMATS, MEMORY.format(home))
    return home


FORMATS = "output.formats=[parquet, jsonl, tmx, moses, xces]"
MEMORY = "stages.translate.memory={}/memory.sqlite"


@given(data=st.data(), places=PLACES, end=ENDS)
@settings(max_examples=examples(8))
def test_a_damaged_file_of_a_corpus_is_told_and_mended(
    made: Path, data: st.DataObject, places: list[tuple[int, int]], end: int
) -> None:
    expected = contents(made / "corpus")
    name = data.draw(st.sampled_from(sorted(expected)))
    with TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        shutil.copytree(made / "corpus", corpus)
        (corpus / name).write_bytes(damaged(expected[name], places, end))
        changed = (corpus / name).read_bytes() != expected[name]
        found = problems(corpus, made / "articles")
        run(made / "articles", corpus, FORMATS, MEMORY.format(folder))

        assert bool(found) == changed
        assert contents(corpus) == expected


@given(places=PLACES, end=ENDS)
@settings(max_examples=examples(8))
def test_a_damaged_memory_changes_no_byte(made: Path, places: list[tuple[int, int]], end: int) -> None:
    with TemporaryDirectory() as folder:
        memory = Path(folder) / "memory.sqlite"
        memory.write_bytes(damaged((made / "memory.sqlite").read_bytes(), places, end))
        run(made / "articles", Path(folder) / "corpus", FORMATS, MEMORY.format(folder))

        assert contents(Path(folder) / "corpus") == contents(made / "corpus")
