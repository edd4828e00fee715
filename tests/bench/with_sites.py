"""What a look at all pages of a site adds: the same pages, stripped with and without site memory."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from pipeline.corpus import document_id
from pipeline.records import Document
from pipeline.stages.base import Unread
from pipeline.stages.normalize import NormalizeConfig
from pipeline.stages.site_memory import SiteMemorySettings
from pipeline.stages.strip_boilerplate import StripBoilerplate, StripBoilerplateConfig
from pipeline.stripping import Stripper
from tests.bench.line_scores import score
from tests.bench.strippers import blocks_of_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.boilerplate.pages import LabelledPage
    from pipeline.boilerplate.site_memory import SiteMemory
    from pipeline.stages.base import Flow
    from tests.bench.line_scores import LineScores

SETTINGS = SiteMemorySettings()


def with_sites(pages: Sequence[LabelledPage]) -> dict[str, dict[str, LineScores]]:
    """Return scores of the pages whose site has enough of them, by set and variant, then by method."""
    found: dict[str, dict[str, LineScores]] = {}
    for group in sorted({(page.set, page.variant) for page in pages}):
        own = [page for page in pages if (page.set, page.variant) == group]
        counts = Counter(page.site for page in own)
        shared = [page for page in own if counts[page.site] >= SETTINGS.min_articles]
        if shared:
            found["/".join(group)] = {
                "rules": _scores(shared, None),
                "with site memory": _scores(shared, _learned(shared)),
            }
    return found


def _learned(pages: Sequence[LabelledPage]) -> SiteMemory | None:
    documents = map(_document, pages)
    articles = [
        Unread(uri=one.uri, has_facts=False, read=partial(_same, one), digest=partial(str, one.id)) for one in documents
    ]
    stage = StripBoilerplate(StripBoilerplateConfig(site_memory=SETTINGS))
    return stage.informed(lambda: articles, _Normalize()).sites


class _Normalize:
    """The stage before."""

    digest = ""

    @contextmanager
    def __call__(self) -> Iterator[Flow]:
        with NormalizeConfig().build() as normalize:
            yield normalize


def _same(document: Document) -> Document:
    return document


def _scores(pages: Sequence[LabelledPage], sites: SiteMemory | None) -> LineScores:
    with Stripper(sites=sites) as stripper:
        blocks = [blocks_of_lines(page, stripper.strip(_document(page)).blocks) for page in pages]
    kept = ([block is None or block.kept for block in of_page] for of_page in blocks)
    return score(zip(pages, kept, strict=True))


def _document(page: LabelledPage) -> Document:
    uri = f"{page.site}/{page.id.replace('/', ' ')}"
    return Document(id=document_id(uri, page.text), uri=uri, text=page.text)
