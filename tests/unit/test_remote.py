"""Articles at a URL are those of the same folder on a disk, and no more of them is read than is needed."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from pipeline.errors import ConfigError, InputError
from pipeline.formats.readers import input_digest, list_articles, read_article
from pipeline.settings import InputSettings, OutputSettings
from pipeline.stores import is_url, open_system
from tests.stores import put

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.formats.readers import ArticleRef
    from pipeline.records import Document

URL = "memory://news"

LINES = b"".join(json.dumps({"text": f"Article {number}. " + "words " * 50}).encode() + b"\n" for number in range(9))


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Return a folder with articles of all kinds, and with what is none; the same lies at the URL."""
    folder = tmp_path / "articles"
    for name, data in {
        "b.txt": b"B.",
        "a/one.txt": "Был дождь.".encode(),
        "a/[1]*?.txt": b"A name like a glob.",
        "a/.hidden.txt": b"hidden",
        ".git/c.txt": b"hidden",
        "rows.jsonl": LINES,
        "packed/rows.jsonl.gz": gzip.compress(LINES, mtime=0),
        "packed/rows.jsonl.zst": zstandard.compress(LINES),
        "packed/cut.jsonl.gz": gzip.compress(LINES, mtime=0)[:-20],
        "packed/text.txt.gz": gzip.compress(b"Text.", mtime=0),
        "empty.txt": b"",
        "broken.parquet": b"PAR1 no footer",
        "notes.md": b"no article",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    pq.write_table(pa.table({"text": [f"Row {n}." for n in range(5)]}), folder / "t.parquet", row_group_size=2)
    put(URL, folder)
    return folder


@pytest.fixture(autouse=True)
def _clean() -> None:
    system, _ = open_system(URL)
    system.store.clear()


def everything(place: str) -> list[tuple[str, Document, str]]:
    """Return the articles of an input: names, contents, digests."""
    source = InputSettings(path=place)
    return [(ref.uri, read_article(ref, source), input_digest([ref])) for ref in list_articles(source)]


@pytest.mark.parametrize("part", ["", "/b.txt", "/rows.jsonl", "/packed", "/*.txt", "/**/*.txt", "/*/*.gz", "/.git/*"])
def test_the_articles_at_a_url_are_those_of_the_folder(articles: Path, part: str) -> None:
    assert everything(URL + part) == everything(str(articles) + part)


def test_an_article_that_is_gone_since_it_was_listed_is_set_aside(articles: Path) -> None:
    source = InputSettings(path=URL)
    listed = list(list_articles(source))
    system, root = open_system(URL)
    system.rm_file(f"{root}/b.txt")
    (gone,) = [read_article(ref, source) for ref in listed if ref.uri == "b.txt"]

    assert articles.is_dir()
    assert gone.drop is not None
    assert (gone.drop.reason, gone.drop.transient) == ("unreadable: No such file or directory", True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of the sizes of the ranges that are read."""
    system, _ = open_system(URL)
    sizes: list[int] = []
    read = system.cat_file

    def noted(path: str, start: int | None = None, end: int | None = None) -> object:
        data = read(path, start=start, end=end)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(system, "cat_file", noted)
    return sizes


def test_an_article_in_a_large_file_is_read_by_its_range(asked: list[int]) -> None:
    system, root = open_system(URL)
    line = json.dumps({"text": "word " * 20_000}).encode() + b"\n"
    system.pipe_file(f"{root}/large.jsonl", line * 200)
    source = InputSettings(path=URL)
    last = list(list_articles(source))[-1]
    asked.clear()

    assert read_article(last, source).text.startswith("word")
    assert sum(asked) < len(line) * 3


def test_a_row_of_a_large_parquet_file_is_read_with_its_group_only(asked: list[int], tmp_path: Path) -> None:
    import random

    noise = random.Random(0)  # noqa: S311 # no secret
    rows = [noise.randbytes(20_000).hex() for _ in range(500)]
    pq.write_table(pa.table({"text": rows}), tmp_path / "large.parquet", row_group_size=20, compression="none")
    put(URL, tmp_path)
    source = InputSettings(path=URL)
    listed: list[ArticleRef] = list(list_articles(source))
    asked.clear()

    assert read_article(listed[3], source).text == rows[3]
    assert sum(asked) < sum(map(len, rows)) / 2


def test_a_store_that_does_not_answer_stops_the_run_and_costs_no_article(
    articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = InputSettings(path=URL)
    (listed,) = [ref for ref in list_articles(source) if ref.uri == "b.txt"]

    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("Connection reset by peer")

    monkeypatch.setattr(open_system(URL)[0], "cat_file", fail)

    assert articles.is_dir()
    with pytest.raises(InputError, match=r"memory://news: expected to reach it \(got: Connection reset by peer\); run"):
        read_article(listed, source)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("bogus://news", "expected a URL of a known kind, such as s3://, gs:// or memory:// (got bogus://)"),
        ("memory://none", "memory://none: expected a file, a folder or a glob that matches files (got nothing there)"),
    ],
)
def test_a_url_of_nothing_is_told_in_one_line(url: str, words: str) -> None:
    with pytest.raises((ConfigError, InputError)) as told:
        list(list_articles(InputSettings(path=url)))

    assert words in str(told.value)


def test_a_scheme_that_is_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ImportError("Please install gcsfs to access Google Storage")

    monkeypatch.setattr("fsspec.url_to_fs", refuse)

    with pytest.raises(ConfigError, match=r"pip install 'newsbitext\[gcs\]'"):
        list(list_articles(InputSettings(path="gs://bucket/news-that-nobody-has")))


@pytest.mark.parametrize(
    "url", ["s3://user:s3cret@bucket/a", "https://host/a.txt?signature=s3cret", "ftp://u:s3cret@h"]
)
@pytest.mark.parametrize("settings", [InputSettings, OutputSettings])
def test_a_url_with_a_secret_is_refused_without_showing_it(
    url: str, settings: type[InputSettings | OutputSettings]
) -> None:
    with pytest.raises(ConfigError, match="expected a URL without a password or a query") as told:
        settings.model_validate({"path": url})

    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("path", ["news", "a/b.txt", "C:\\news", "C:/news", "news::2024", "-", "/tmp/a:b"])  # noqa: S108 # not made
def test_a_path_is_no_url(path: str) -> None:
    assert not is_url(path)


def test_paths_of_this_machine_need_no_fsspec(seeds: Path) -> None:
    script = (
        "import sys; from pipeline import cli; from pipeline.settings import InputSettings\n"
        "from pipeline.formats.readers import list_articles, read_article\n"
        "source = InputSettings(path=sys.argv[1])\n"
        "assert [read_article(one, source) for one in list_articles(source)]\n"
        "sys.exit('fsspec' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script, str(seeds)], check=False).returncode == 0
