"""Writes the report: reads the Parquet files once, holds one handful of articles at a time."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from string import Template
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from pipeline import __version__
from pipeline.formats.files import atomic
from pipeline.formats.parquet import units
from pipeline.report.entries import article, index_line
from pipeline.report.html import Html, element, join
from pipeline.report.overview import overview, suspects
from pipeline.report.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.report.tally import Suspect

REPORT, FOLDER = "report.html", "report"
"""The first page, and the folder of the others, in the folder of the corpus."""

ARTICLES_A_PAGE = 1_000
CHARACTERS_A_PAGE = 12_000_000
"""Raw and English text on a page at most, unless one article has more: some 10 MB of HTML."""

ARTICLES_A_CHUNK = 20
CHARACTERS_A_CHUNK = 200_000
"""What a browser unpacks at once when an article is opened: some milliseconds."""

_DATA = "$data"
"""Where in the template the articles go."""


@dataclass(slots=True)
class _Page:
    """A page that is being filled: its articles lie packed in the spool from `start` to `end`."""

    first: int
    start: int
    index: list[dict[str, object]] = field(default_factory=list)
    pending: list[dict[str, object]] = field(default_factory=list)
    chunks: int = 0
    characters: int = 0
    pending_characters: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Cut:
    """A page that is full: the numbers of its articles, and its bytes in the spool."""

    first: int
    last: int
    start: int
    end: int


def write_report(corpus: Path, shards: Sequence[str], signature: str, folder: Path | None = None) -> list[Path]:
    """Write the report of a corpus into `folder`, else into the corpus; return its files.

    The same corpus gives the same bytes. Raises `OutputError` when they cannot be written.
    """
    tally = Tally()
    with TemporaryFile() as spool:
        cuts = list(_fill(corpus, shards, tally, spool))
        whole = _Whole(tally, signature)
        return [_write_page(folder or corpus, number, cuts, whole, spool) for number in range(len(cuts))]


def page_name(number: int) -> str:
    """Return the path of a page, counted from 0, relative to the first page's folder."""
    return REPORT if number == 0 else f"{FOLDER}/{number + 1}.html"


def is_page(name: str) -> bool:
    """Whether a path, relative to the corpus, is that of a page of the report."""
    return name == REPORT or name.startswith(f"{FOLDER}/")


def pages(folder: Path) -> list[Path]:
    """Return the pages of a report that stand in a folder."""
    return [path for path in (folder / REPORT, *sorted((folder / FOLDER).glob("*.html"))) if path.is_file()]


@dataclass(frozen=True, slots=True)
class _Whole:
    """What the first page tells of the whole corpus."""

    tally: Tally
    signature: str


def _fill(corpus: Path, shards: Sequence[str], tally: Tally, spool: IO[bytes]) -> Iterator[_Cut]:
    """Pack all articles into the spool, count them, and yield the pages that they make."""
    page = _Page(first=0, start=0)
    for shard in shards:
        for document, rows in units(corpus, shard):
            size = len(document.text) + len(document.english)
            if page.index and (len(page.index) == ARTICLES_A_PAGE or page.characters + size > CHARACTERS_A_PAGE):
                yield _close(page, spool)
                page = _Page(first=tally.articles, start=page.end)
            if page.pending and page.pending_characters + size > CHARACTERS_A_CHUNK:
                _pack_chunk(page, spool)
            tally.add(document, rows)
            page.index.append({**index_line(document, rows), "chunk": page.chunks, "place": len(page.pending)})
            page.pending.append(article(document, rows))
            page.characters += size
            page.pending_characters += size
            if len(page.pending) == ARTICLES_A_CHUNK:
                _pack_chunk(page, spool)
    yield _close(page, spool)


def _close(page: _Page, spool: IO[bytes]) -> _Cut:
    _pack_chunk(page, spool)
    spool.write(_packed("index", page.index))
    page.end = spool.tell()
    return _Cut(first=page.first, last=page.first + len(page.index), start=page.start, end=page.end)


def _pack_chunk(page: _Page, spool: IO[bytes]) -> None:
    if page.pending:
        spool.write(_packed(f"chunk-{page.chunks}", page.pending))
        page.chunks += 1
        page.pending, page.pending_characters = [], 0


def _packed(name: str, content: object) -> bytes:
    """Return an element that holds JSON, compressed (zlib) and in base64: nothing in it is markup."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    data = b64encode(zlib.compress(text.encode()))
    return b'<script type="application/octet-stream" id="%s">%s</script>\n' % (name.encode(), data)


def _write_page(folder: Path, number: int, cuts: Sequence[_Cut], whole: _Whole, spool: IO[bytes]) -> Path:
    cut = cuts[number]
    head, tail = _shell(number, cuts, whole)
    path = folder / page_name(number)
    with atomic(path) as stream:
        stream.write(head.encode())
        spool.seek(cut.start)
        for _ in range(cut.start, cut.end, _STRETCH):
            stream.write(spool.read(min(_STRETCH, cut.end - spool.tell())))
        stream.write(tail.encode())
    return path


_STRETCH = 1 << 20


def _shell(number: int, cuts: Sequence[_Cut], whole: _Whole) -> tuple[str, str]:
    """Return what stands on a page before its articles, and what after them."""
    style, script = _asset("report.css"), _asset("report.js")
    tally = whole.tally
    values = {
        "script_hash": _source_hash(script),
        "style_hash": _source_hash(style),
        "style": style,
        "script": script,
        "version": __version__,
        "pager": _pager(number, cuts),
        "kind": "first" if number == 0 else "further",
        "subtitle": _subtitle(tally),
        "overview": overview(tally, whole.signature) if number == 0 else "",
        "suspects": _suspects(cuts, tally) if number == 0 else "",
        "back": "" if number == 0 else element("a", "Overview", href=f"../{REPORT}"),
    }
    head, tail = _asset("template.html").split(_DATA)
    return Template(head).substitute(values), Template(tail).substitute(values)


def _subtitle(tally: Tally) -> Html:
    languages = ", ".join(sorted(name for name, one in tally.languages.items() if one.units)) or "no language"
    return join(f"{tally.articles:,} articles · {tally.units:,} translation units · {languages} → English")


def _suspects(cuts: Sequence[_Cut], tally: Tally) -> Html:
    def page_of(number: int) -> str:
        page = next(index for index, one in enumerate(cuts) if one.first <= number < one.last)
        return "" if page == 0 else page_name(page)

    def identifier(suspect: Suspect) -> str:
        return suspect.unit.document_id

    return suspects(tally.worst(), page_of, identifier)


def _pager(number: int, cuts: Sequence[_Cut]) -> Html:
    """Return links to the pages; nothing when there is one."""
    if len(cuts) == 1:
        return Html("")
    up = "" if number == 0 else "../"
    items = [
        element(
            "li",
            element(
                "a",
                f"{one.first + 1:,}–{one.last:,}",
                href=f"{up}{page_name(index)}#articles",
                aria_current="page" if index == number else None,
            ),
        )
        for index, one in enumerate(cuts)
    ]
    return element("nav", element("span", "Articles"), element("ol", *items), class_="pager", aria_label="Pages")


def _source_hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
