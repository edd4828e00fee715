"""XCES as OPUS distributes it: XML documents, and for each language pair a file of sentence links.

`xces/<xx>-en.xml` is the cesAlign file; it links the sentences of `xces/<xx>/<shard>.xml` to those
of `xces/en/<shard>.xml`, in which an article is a `<div>` and a block a `<p>`. Sentences have the
ids of their units, with `.1`, `.2` behind where a side has several; a link may join several, and has its
`certainty`. OpusTools reads it as it stands:
`opus_read -d corpus -s ru -t en -p raw -af xces/ru-en.xml -dl xces`.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

from pipeline.formats import markup
from pipeline.formats.bitext import TARGET_LANGUAGE, language, pairs
from pipeline.formats.files import atomic
from pipeline.formats.sentence_links import sentence_links, sides

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pipeline.corpus import DocumentRow, TranslationUnit
    from pipeline.formats.sentence_links import SentenceLink


Names = tuple[list[str], list[str]]
"""The ids of a unit's sentences: source, target."""


class _Text:
    """One side of one shard: an XML document of articles, blocks and sentences."""

    def __init__(self, stack: ExitStack, path: Path, tag: str) -> None:
        self._stream = stack.enter_context(atomic(path))
        self._article: str | None = None
        self._paragraph: int | None = None
        self._put(f"{markup.DECLARATION}{markup.opening('text', xml_lang=tag)}\n")
        stack.callback(self._close)

    def write(self, document: DocumentRow, unit: TranslationUnit, sentences: Iterable[tuple[str, str]]) -> None:
        if document.document_id != self._article:
            self._end_article()
            self._article = document.document_id
            self._put(f"{markup.opening('div', id=document.document_id, n=document.uri)}\n")
        if unit.paragraph != self._paragraph:
            self._end_paragraph()
            self._paragraph = unit.paragraph
            name = f"{document.document_id}-{unit.paragraph}"
            self._put(f"{markup.opening('p', id=name, type=unit.role)}\n")
        for name, sentence in sentences:
            self._put(f"{markup.element('s', sentence, id=name)}\n")

    def _end_paragraph(self) -> None:
        if self._paragraph is not None:
            self._put("</p>\n")
        self._paragraph = None

    def _end_article(self) -> None:
        self._end_paragraph()
        if self._article is not None:
            self._put("</div>\n")

    def _close(self) -> None:
        self._end_article()
        self._put("</text>\n")

    def _put(self, text: str) -> None:
        self._stream.write(text.encode())


class _Links:
    """The cesAlign file of one language pair: a group of links for each shard."""

    def __init__(self, stack: ExitStack, path: Path) -> None:
        self._stream: IO[bytes] = stack.enter_context(atomic(path))
        self._group: str | None = None
        self._put(f"{markup.DECLARATION}{markup.opening('cesAlign', version='1.0')}\n")
        stack.callback(self._close)

    def write(self, shard: str, unit: TranslationUnit, links: Iterable[SentenceLink], names: Names) -> None:
        if shard != self._group:
            self._end_group()
            self._group = shard
            files = {
                "fromDoc": f"{language(unit)}/{shard}.xml",
                "toDoc": f"{TARGET_LANGUAGE}/{shard}.xml",
            }
            self._put(f"{markup.opening('linkGrp', targType='s', **files)}\n")
        for link in links:
            sources, targets = ([names[side][number] for number in own] for side, own in enumerate(link.sides))
            linked = {"id": f"SL-{sources[0]}", "xtargets": f"{' '.join(sources)};{' '.join(targets)}"}
            self._put(f"{markup.empty('link', **linked, certainty=link.certainty)}\n")

    def _end_group(self) -> None:
        if self._group is not None:
            self._put("</linkGrp>\n")

    def _close(self) -> None:
        self._end_group()
        self._put("</cesAlign>\n")

    def _put(self, text: str) -> None:
        self._stream.write(text.encode())


def export(corpus: Path, shards: Sequence[str], folder: Path) -> list[Path]:
    """Write the link files and the documents; there are none for a corpus without translations."""
    writer = _Writer(folder / "xces")
    with writer.links:
        for shard in shards:
            with writer.texts:
                for document, unit in pairs(corpus, shard):
                    writer.write(shard, document, unit)
    return sorted(writer.paths)


def _names(unit: TranslationUnit, count: int) -> list[str]:
    if count == 1:
        return [unit.unit_id]
    return [f"{unit.unit_id}.{number}" for number in range(1, count + 1)]


class _Writer:
    """Opens files when they are needed; `texts` are closed after each shard, `links` at the end."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open_links: dict[Path, _Links] = {}
        self._open_texts: dict[Path, _Text] = {}
        self.links = ExitStack()
        self.texts = ExitStack()
        self.paths: set[Path] = set()

    def write(self, shard: str, document: DocumentRow, unit: TranslationUnit) -> None:
        source = language(unit)
        spans = sides(unit)
        names = (_names(unit, len(spans[0])), _names(unit, len(spans[1])))
        links = sentence_links(unit, *spans)
        self._link(self._root / f"{source}-{TARGET_LANGUAGE}.xml").write(shard, unit, links, names)
        texts = ((source, unit.source), (TARGET_LANGUAGE, unit.target))
        for (tag, text), own, places in zip(texts, names, spans, strict=True):
            sentences = [(name, text[span.start : span.end]) for name, span in zip(own, places, strict=True)]
            self._text(self._root / tag / f"{shard}.xml", tag).write(document, unit, sentences)

    def _link(self, path: Path) -> _Links:
        if path not in self._open_links:
            self.paths.add(path)
            self._open_links[path] = _Links(self.links, path)
        return self._open_links[path]

    def _text(self, path: Path, tag: str) -> _Text:
        if path not in self._open_texts:
            self.paths.add(path)
            self._open_texts[path] = _Text(self.texts, path, tag)
            self.texts.callback(self._open_texts.pop, path)
        return self._open_texts[path]
