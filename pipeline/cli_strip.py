"""The command `newsbitext strip`: articles in, clean text out; parse and print, as `cli` does."""

from __future__ import annotations

import json
import os
import shutil
import sys
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import errors
from pipeline.events import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.boilerplate.site_memory import SiteMemory
    from pipeline.formats.readers import ArticleRef
    from pipeline.formats.streams import Article
    from pipeline.records import Document, Label
    from pipeline.stripping import Stripped

SEPARATOR = "\f\n"
"""Stands between two articles: a line with a form feed, which no article has in its text."""

STDIN = "-"


class StripFormat(StrEnum):
    """What comes out."""

    TEXT = "text"
    JSONL = "jsonl"


class InputFormat(StrEnum):
    """What goes in; `auto` looks at the ending of a file, and at the first bytes of a pipe."""

    AUTO = "auto"
    TEXT = "text"
    JSONL = "jsonl"
    PARQUET = "parquet"


Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATH]...", help="Files, directories, globs; - or none is standard input."),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="DIR", help="A file an article, named as in the input.")
]
Format = Annotated[
    StripFormat, typer.Option("--format", "-f", help="Clean text, or a JSON object an article with all its blocks.")
]
Keep = Annotated[
    list[str] | None,
    typer.Option("--keep", metavar="LABEL,...", help="Labels that stay; without it title, heading, body."),
]
Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help="The headline, of one article.")]
Language = Annotated[
    str | None, typer.Option("--language", "-l", metavar="TAG", help="BCP 47; without it, it is guessed.")
]
Sites = Annotated[
    Path | None, typer.Option("--sites", metavar="FILE", help="What a run learned of sites: CORPUS/learned/sites.json.")
]
Explain = Annotated[bool, typer.Option("--explain", help="Show a line a block: kept or stripped, and why.")]
InputFormatOption = Annotated[InputFormat, typer.Option("--input-format", help="How the input is read.")]
Encoding = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="Of text files, as cp1251; without it, it is told.")
]
TextField = Annotated[str, typer.Option("--text-field", metavar="NAME", help="What holds the article in JSONL.")]
UriField = Annotated[str, typer.Option("--uri-field", metavar="NAME", help="What names the article in JSONL.")]


def strip(
    paths: Paths = None,
    *,
    output: Output = None,
    output_format: Format = StripFormat.TEXT,
    keep: Keep = None,
    title: Title = None,
    language: Language = None,
    sites: Sites = None,
    explain: Explain = False,
    input_format: InputFormatOption = InputFormat.AUTO,
    encoding: Encoding = None,
    text_field: TextField = "text",
    uri_field: UriField = "uri",
) -> None:
    """Strip boilerplate: articles in, clean text out, one after another.

    In text, a line with a form feed stands between two articles.
    """
    from pipeline.stripping import ARTICLE, Stripper, with_title

    options = {"format": input_format.value, "encoding": encoding, "text_field": text_field, "uri_field": uri_field}
    articles = _articles(paths or [STDIN], options)
    if title is not None:
        articles = _only_one(articles)
    sink = _Sink(output_format, output, explain=explain)
    with Stripper(language=_tag(language), keep=_labels(keep) or ARTICLE, sites=_memory(sites)) as stripper:
        for ref, document in articles:
            sink.write(ref, document, stripper.strip(with_title(document, title)))
    if sink.refused:
        raise errors.InputError(f"expected articles that can be read (got {sink.refused} that cannot, see above)")


class _Sink:
    """Writes each article as soon as it is stripped: to standard output, or to a file of its own."""

    def __init__(self, output_format: StripFormat, folder: Path | None, *, explain: bool) -> None:
        self._format = output_format
        self._folder = folder
        self._explain = explain
        self._names: set[str] = set()
        self._written = 0
        self.refused = 0

    def write(self, ref: ArticleRef, document: Document, stripped: Stripped) -> None:
        """Write an article; of one that cannot be read only JSONL has a row, with the reason."""
        if document.drop is not None:
            self.refused += 1
            print(printable(f"warning: {document.uri}: {document.drop.reason}"), file=sys.stderr)
        if self._explain:
            _put("".join(f"{line}\n" for line in self._explanation(document, stripped)))
        if document.drop is not None and self._format == StripFormat.TEXT:
            return
        text = _row(document, stripped) if self._format == StripFormat.JSONL else f"{stripped.text}\n"
        if self._folder is not None:
            self._store(self._folder, ref, text)
        elif not self._explain:
            between = SEPARATOR if self._written and self._format == StripFormat.TEXT else ""
            _put(between + text)
        self._written += 1

    def _explanation(self, document: Document, stripped: Stripped) -> Iterator[str]:
        from pipeline.explanation import explain, explain_as_rows

        if self._format == StripFormat.JSONL:
            for row in explain_as_rows(document.text, stripped):
                yield json.dumps({"uri": document.uri, **row}, ensure_ascii=False)
            return
        watched = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if watched else None
        yield f"{document.uri}  language={stripped.language}"
        yield from explain(document.text, stripped, width=width, colour=watched and not os.environ.get("NO_COLOR"))

    def _store(self, folder: Path, ref: ArticleRef, text: str) -> None:
        from pipeline.formats.compressed import FRAMES, suffix
        from pipeline.formats.files import atomic

        name = ref.uri
        if ref.format == "text" and suffix(ref.path) in FRAMES:
            name = name.removesuffix(suffix(ref.path))
        ending = ".txt" if self._format == StripFormat.TEXT else ".json"
        path = folder / (name if name.endswith(ending) else name + ending)
        if name in self._names:
            raise errors.OutputError(f"{path}: expected one article of this name (got two); strip them one by one")
        if path.exists() and isinstance(ref.path, Path) and ref.path.exists() and path.samefile(ref.path):
            raise errors.OutputError(f"{path}: expected another folder than that of the articles; name one: --output")
        self._names.add(name)
        with atomic(path) as stream:
            stream.write(text.encode())


def _put(text: str) -> None:
    """Write to standard output, in UTF-8 whatever the locale, and at once: a reader may wait for it."""
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def _row(document: Document, stripped: Stripped) -> str:
    from pipeline.explanation import block_row

    drop = document.drop
    row = {
        "uri": document.uri,
        "language": stripped.language,
        "text": stripped.text,
        "meta": [
            {
                "name": fact.name,
                "value": fact.value,
                "start": fact.span.start if fact.span else None,
                "end": fact.span.end if fact.span else None,
            }
            for fact in stripped.meta
        ],
        "blocks": [block_row(block) for block in stripped.blocks],
        "drop": {"stage": drop.stage, "reason": drop.reason} if drop else None,
    }
    return json.dumps(row, ensure_ascii=False) + "\n"


def _articles(paths: Sequence[str], options: dict[str, str | None]) -> Iterator[Article]:
    from pydantic import ValidationError

    from pipeline.formats.streams import read_files, read_stream
    from pipeline.settings import InputSettings

    if STDIN in paths and sys.stdin.isatty():
        raise errors.ConfigError("expected articles: name files or directories, or write to standard input")
    for path in paths:
        try:
            source = InputSettings.model_validate({"path": path, **options})
        except ValidationError as error:
            message = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise errors.ConfigError(f"--encoding: {message} (got {options['encoding']!r})") from error
        if path == STDIN:
            with open(sys.stdin.fileno(), "rb", closefd=False) as stream:
                yield from read_stream(stream, source)
        else:
            yield from read_files(source)


def _memory(path: Path | None) -> SiteMemory | None:
    from pydantic import ValidationError

    from pipeline.boilerplate.site_memory import parse_memory

    try:
        return None if path is None else parse_memory(path.read_bytes())
    except (OSError, ValidationError) as error:
        message = error.strerror if isinstance(error, OSError) else "it is another file"
        raise errors.InputError(f"{path}: expected what a run learned of sites (got: {message})") from error


def _only_one(articles: Iterable[Article]) -> Iterator[Article]:
    first = list(islice(articles, 2))
    if len(first) > 1:
        raise errors.ConfigError("--title: expected one article (got several); in JSONL, a field title does the same")
    yield from first


def _labels(words: Sequence[str] | None) -> tuple[Label, ...]:
    """Return the labels of `--keep`, which may be given several times, with commas or without."""
    from pipeline.mistakes import suggest
    from pipeline.records import Label

    names = [name.strip() for word in words or () for name in word.split(",") if name.strip()]
    for name in names:
        if name not in list(Label):
            known = ", ".join(Label)
            raise errors.ConfigError(f"--keep: expected labels of {known} (got {name!r}){suggest(name, Label)}")
    return tuple(map(Label, names))


def _tag(language: str | None) -> str | None:
    from pipeline.languages import canonical_tag

    try:
        return None if language is None else canonical_tag(language)
    except ValueError as error:
        raise errors.ConfigError(f"--language: {error}") from error
