"""Articles of a pipe are those that a run over standard input would read."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import InputError
from pipeline.formats.readers import list_articles, read_article, spool_stdin
from pipeline.formats.streams import read_stream
from tests.reading import settings

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.records import Document

ROWS = "\ufeff" + "\n".join(
    [
        json.dumps({"text": "Первая статья.", "title": "Первая"}, ensure_ascii=False),
        "",
        '{"text": 5}',
        "broken",
        '{"text": "Second.", "uri": "http://a.example/2"}',
    ]
)


def streamed(data: bytes, **others: object) -> list[Document]:
    stream = io.BufferedReader(io.BytesIO(data))
    return [document for _, document in read_stream(stream, settings("-", **others))]


@pytest.mark.parametrize("data", [ROWS.encode(), "Текст.\n".encode("cp1251"), b"", b"\xef\xbb\xbf  {", b"\n\n{}\n"])
def test_a_stream_gives_the_articles_that_a_run_reads(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    source = settings(spool_stdin(tmp_path, "auto"))

    assert streamed(data) == [read_article(ref, source) for ref in list_articles(source)]


def test_a_line_that_is_too_long_is_set_aside_and_the_next_is_read() -> None:
    long, short = streamed(b'{"text": "%s"}\n{"text": "Short."}' % (b"a" * 500), max_article_characters=20)

    assert long.drop is not None
    assert long.drop.reason.startswith("too_long: over 240 bytes")
    assert short.text == "Short."


def test_parquet_cannot_be_piped() -> None:
    with pytest.raises(InputError, match="name the file"):
        streamed(b"PAR1")
