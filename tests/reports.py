"""Writes reports of hand-made corpora, and reads them as a browser does."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from pipeline.corpus import document_id
from pipeline.normalized import NormalizedText
from pipeline.records import Document, Label, Segment, Span, Translation
from pipeline.report.build import write_report
from tests.corpora import SHARD, SIGNATURE, store
from tests.documents import block, link

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

OVERRIDE = "\N{RIGHT-TO-LEFT OVERRIDE}"

HOSTILE = (
    f"<script>window.stolen=1</script> </script> <!-- ]]> &lt; \u2028\u2029 {OVERRIDE}abc\N{POP DIRECTIONAL FORMATTING}"
    f" \"'`$data ${{script}} <img src=x onerror=window.stolen=1> <style>*{{display:none}}</style>\x01 😀 конец."
)
"""What an article may hold to get out of its place on a page."""


def hostile(uri: str = "<b>$data</b>.txt") -> Document:
    """Return a document that tries to break out everywhere: text, target, facts, names, labels' rules."""
    text = f"{HOSTILE}\n{HOSTILE}\n"
    half = len(HOSTILE)
    blocks = (block(0, half, Label.BODY), block(half + 1, 2 * half + 1, Label.ADVERTISEMENT, kept=False))
    return Document(
        id=document_id(uri, text),
        uri=uri,
        text=text,
        normalized=NormalizedText.identity(text),
        language="ru",
        language_probability=0.9,
        blocks=tuple(replace(one, rule=HOSTILE) for one in blocks),
        segments=(
            Segment(
                span=Span(start=0, end=half),
                text=HOSTILE,
                normalized_start=0,
                paragraph=0,
                role=Label.BODY,
                language="ru",
                language_probability=0.9,
                translation=Translation(
                    text=HOSTILE, model="m", log_prob=-3.0, words=(link(half - 6, half - 1, half - 6, half - 1),)
                ),
            ),
        ),
    )


def report(folder: Path, documents: Iterable[Document] | None = None) -> list[Path]:
    """Store documents as a corpus in `folder` and write its report; return the pages."""
    store(folder, documents)
    return write_report(folder, [SHARD], SIGNATURE)


class Parsed(HTMLParser):
    """A page as a parser of HTML sees it: its elements, its visible text, what is packed in it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.packed: dict[str, Any] = {}
        self._open: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 # as HTMLParser calls it
        self._open.append("")

    def handle_data(self, data: str) -> None:
        tag, attributes = self.elements[-1] if self.elements else ("", {})
        if self._open and self._open[-1] == "script":
            if name := attributes.get("id"):
                self.packed[name] = json.loads(zlib.decompress(b64decode(data)))
            else:
                self.scripts.append(data)
        elif self._open and self._open[-1] == "style" and tag == "style":
            self.styles.append(data)
        else:
            self.text += data

    @property
    def index(self) -> list[dict[str, Any]]:
        """The lines of the index of articles."""
        lines: list[dict[str, Any]] = self.packed["index"]
        return lines

    @property
    def articles(self) -> list[dict[str, Any]]:
        """The articles, in the order of the page."""
        return [self.packed[f"chunk-{line['chunk']}"][line["place"]] for line in self.index]
