"""Articles as scrapers leave them, with all that is not the article: as many as are asked for, all different."""

from __future__ import annotations

import gzip
import itertools
import json
from typing import TYPE_CHECKING, Any

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LANGUAGES = ("ru", "ar", "fr")
"""Of the embedded model."""

VARIANTS = ("scrape", "plain")

LEFT_OUT = 17
"""One word in so many is left out of a page that comes again, each time others."""

NEW_LINE = "\n"

A_FOLDER = 1_000
"""Articles in a folder."""


def write_pages(folder: Path, count: int, shared: Path) -> str:
    """Write so many articles as text files; return where they are from."""
    pages = list(_pages(shared / "boilerplate" / "open"))
    origin = f"{len(pages)} pages of sets for boilerplate removal"
    if not pages:
        pages = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
        origin = f"the {len(pages)} seeds"
    for number, text in zip(range(count), _varied(pages), strict=False):
        path = folder / f"{number // A_FOLDER:04}" / f"{number:08}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return origin


def write_short(folder: Path, count: int) -> None:
    """Write articles of two short lines, for what depends on their number alone."""
    for number in range(count):
        path = folder / f"{number // A_FOLDER:04}" / f"{number:08}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f"Закон номер {number} принят\n\nМинистр подписал закон номер {number * 7} вчера утром в столице.\n"
        path.write_text(text, encoding="utf-8")


def write_rows(path: Path, megabytes: int) -> int:
    """Write one JSONL file of so many megabytes, packed if its name ends in `.zst`; return its rows."""
    import zstandard

    text = "Министр подписал закон вчера утром в столице. " * 400
    rows = 0
    with path.open("wb") as raw:
        stream = zstandard.ZstdCompressor(level=1).stream_writer(raw) if path.suffix == ".zst" else raw
        size = 0
        while size < megabytes << 20:
            line = json.dumps({"text": f"Закон номер {rows}\n\n{text}"}, ensure_ascii=False).encode() + b"\n"
            stream.write(line)
            size += len(line)
            rows += 1
        if stream is not raw:
            stream.close()
    return rows


def _pages(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for page in map(json.loads, stream):
                if page["language"] in LANGUAGES and page["variant"] in VARIANTS:
                    yield "".join(map(_line, page["lines"]))


def _line(line: dict[str, Any]) -> str:
    return f"{NEW_LINE if line.get('gap') else ''}{line['text']}\n"


def _varied(pages: list[str]) -> Iterator[str]:
    for turn in itertools.count():
        for page in pages:
            yield page if not turn else "\n".join(_thinned(line, turn) for line in page.split("\n"))


def _thinned(line: str, turn: int) -> str:
    words = line.split(" ")
    return " ".join(word for place, word in enumerate(words) if len(words) < LEFT_OUT or (place + turn) % LEFT_OUT)
