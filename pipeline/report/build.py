"""Writes the report: reads the Parquet files once, holds one handful of articles at a time."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from string import Template
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Self

from pipeline import __version__
from pipeline.formats.files import atomic, output_errors
from pipeline.formats.parquet import units
from pipeline.report.entries import article, index_line
from pipeline.report.html import Html, element, join
from pipeline.report.overview import overview, suspects
from pipeline.report.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from pipeline.report.tally import Suspect

REPORT, FOLDER = "report.html", "report"
"""The first page, and the folder of the others, in the folder of the corpus."""

ARTICLES_A_PAGE = 1_000
"""As many as a list without pages of its own bears; measured: usable in under a second."""

CHARACTERS_A_PAGE = 12_000_000
"""Raw and English text on a page at most, unless one article has more: some 10 MB of HTML."""

ARTICLES_A_CHUNK = 20
CHARACTERS_A_CHUNK = 200_000
"""What a browser unpacks at once when an article is opened: some milliseconds."""

SCRIPTS = ("elements", "data", "address", "finder", "article", "sentences", "words", "raw", "hits", "start")
"""The files of `page/` that are joined to the one script of a page, in this order."""

STRETCH = 1 << 20
"""Bytes copied at once."""

_DATA = "$data"
"""Where in the template the articles go."""


class _Spool:
    """A file without a name, on the disk of the pages, that holds packed articles until the pages are known."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with output_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self._stack.enter_context(TemporaryFile(dir=self._folder))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def add(self, name: str, content: object) -> int:
        """Append an element that holds `content` and is called `name`; return where it ends."""
        with output_errors(self._folder):
            self._file.write(_packed(name, content))
            return self._file.tell()

    def copy(self, start: int, end: int, stream: IO[bytes]) -> None:
        """Write the bytes from `start` to `end` to a stream."""
        self._file.seek(start)
        while start < end:
            start += stream.write(self._file.read(min(STRETCH, end - start)))


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
    target = folder or corpus
    tally = Tally()
    with _Spool(target) as spool:
        cuts = list(_fill(corpus, shards, tally, spool))
        whole = _Whole(tally, signature)
        return [_write_page(target, number, cuts, whole, spool) for number in range(len(cuts))]


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


def _fill(corpus: Path, shards: Sequence[str], tally: Tally, spool: _Spool) -> Iterator[_Cut]:
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


def _close(page: _Page, spool: _Spool) -> _Cut:
    _pack_chunk(page, spool)
    page.end = spool.add("index", page.index)
    return _Cut(first=page.first, last=page.first + len(page.index), start=page.start, end=page.end)


def _pack_chunk(page: _Page, spool: _Spool) -> None:
    if page.pending:
        spool.add(f"chunk-{page.chunks}", page.pending)
        page.chunks += 1
        page.pending, page.pending_characters = [], 0


def _packed(name: str, content: object) -> bytes:
    """Return an element that holds JSON, compressed (zlib) and in base64: nothing in it is markup."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    data = b64encode(zlib.compress(text.encode()))
    return b'<script type="application/octet-stream" id="%s">%s</script>\n' % (name.encode(), data)


def _write_page(folder: Path, number: int, cuts: Sequence[_Cut], whole: _Whole, spool: _Spool) -> Path:
    cut = cuts[number]
    head, tail = _shell(number, cuts, whole)
    path = folder / page_name(number)
    with atomic(path) as stream:
        stream.write(head.encode())
        spool.copy(cut.start, cut.end, stream)
        stream.write(tail.encode())
    return path


def _shell(number: int, cuts: Sequence[_Cut], whole: _Whole) -> tuple[str, str]:
    """Return what stands on a page before its articles, and what after them."""
    style, script = _asset("style.css"), "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
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
    return (Path(__file__).parent / "page" / name).read_text(encoding="utf-8")
