"""The command `newsbitext project`: parse and print, as `cli` does."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import errors

if TYPE_CHECKING:
    from pipeline.project import Projection


class From(StrEnum):
    """The side that a span counts on."""

    TARGET = "target"
    SOURCE = "source"


def project(
    corpus: Annotated[str, typer.Argument(metavar="[CORPUS]", help="The folder of the corpus, or its URL.")] = "corpus",
    *,
    document: Annotated[str, typer.Option("--document", "-d", metavar="ID", help="The id of a document, or its uri.")],
    span: Annotated[str, typer.Option("--span", metavar="A:B", help="Characters from A up to, not including, B.")],
    side: Annotated[
        From, typer.Option("--from", help="Count in the English document (target) or in the raw article (source).")
    ] = From.TARGET,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell which characters of the raw article a range of its English comes from, or the other way."""
    from pipeline.fetching import at_hand
    from pipeline.formats.parquet import DOCUMENTS, UNITS
    from pipeline.project import project as project_span

    with at_hand(corpus, f"{DOCUMENTS}/", f"{UNITS}/") as folder:
        found = project_span(folder, document, _span(span), "target" if side is From.TARGET else "source")
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False))
    else:
        _print(found)


def _span(text: str) -> tuple[int, int]:
    start, _, end = text.partition(":")
    if start.isdecimal() and end.isdecimal():
        return int(start), int(end)
    raise errors.ConfigError(f"--span: expected A:B, such as 120:134 (got {text!r})")


def _print(found: Projection) -> None:
    print(f"{found.document_id} {found.side} {found.given.start}:{found.given.end} {found.given.text!r}")
    if not found.parts:
        print("no unit stands there: it is white space, boilerplate, or was set aside")
    for part in found.parts:
        print(f"  {part.unit_id}, by {part.by}")
        for one in part.found:
            print(f"    {one.start}:{one.end} {one.text!r}")
