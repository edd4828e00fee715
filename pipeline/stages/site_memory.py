"""The site memory of `strip_boilerplate`: its settings, and how it is learned from the input."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pipeline.boilerplate.site_learning import Sample, SiteLearner, Thresholds
from pipeline.boilerplate.site_memory import SiteMemory
from pipeline.boilerplate.site_names import SiteFrom, is_told_by_name, name_site
from pipeline.errors import PipelineError
from pipeline.events import emit, emit_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pipeline.boilerplate.blocks import Candidate
    from pipeline.boilerplate.page import Verdict
    from pipeline.records import Document
    from pipeline.stages.base import Before, Flow, Unread

    Judge = Callable[[Document], tuple[Sequence[Candidate], Sequence[Verdict]]]

log = logging.getLogger(__name__)


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"expected a regular expression (got: {error})") from None
    return text


class SiteMemorySettings(BaseModel):
    """Lines that stand on many articles of a site are boilerplate, even when no rule knows them."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    site: SiteFrom = "auto"
    """What tells the site: the host of the `url`, the `folder`; `auto`: either, in this order; `all`: it is one."""

    site_pattern: Annotated[str, AfterValidator(_pattern)] | None = None
    """A regular expression whose first group in an article's uri is its site; where it fits, it is taken."""

    min_articles: int = Field(5, ge=2)
    """Articles of the site on which a line must stand."""

    min_share: float = Field(0.1, gt=0.0, le=1.0)
    """Share of the site's articles on which a line must stand."""

    min_prose_share: float = Field(0.5, gt=0.0, le=1.0)
    """The same for a sentence: agencies end many articles with one paragraph, which is text."""

    sample_articles: int = Field(200, ge=20, le=10_000)
    """Articles of a site that are looked at, at most."""


def learn_sites(settings: SiteMemorySettings, articles: Sequence[Unread], before: Before, judge: Judge) -> SiteMemory:
    """Return what the sites of the input repeat; `before` opens the stages that come before."""
    sample = Sample(max(settings.sample_articles, settings.min_articles))
    for place, article in enumerate(articles):
        sample.add(_site(settings, article), article.uri, place)
    chosen = sample.chosen(settings.min_articles)
    left = dict.fromkeys(sorted(set(chosen.values())), 0)
    for site in chosen.values():
        left[site] += 1
    thresholds = Thresholds(
        articles=settings.min_articles, share=settings.min_share, prose_share=settings.min_prose_share
    )
    learners: dict[str, SiteLearner] = {}
    sites = {}
    for place, document in _read(articles, chosen, before):
        site = chosen[place]
        learner = learners.setdefault(site, SiteLearner())
        if document is not None:
            learner.add(*judge(document))
        left[site] -= 1
        if not left[site]:
            sites[site] = learners.pop(site).learn(thresholds, sample.counts[site])
    memory = SiteMemory(sites, settings.site, settings.site_pattern)
    lines = sum(len(site.lines) for site in sites.values())
    emit(log, "site_memory", sites=len(sites), articles=len(chosen), lines=lines)
    return memory


def _site(settings: SiteMemorySettings, article: Unread) -> str:
    if article.has_facts and not is_told_by_name(article.uri, settings.site, settings.site_pattern):
        document = article.read()
        return name_site(document.uri, document.meta, settings.site, settings.site_pattern)
    return name_site(article.uri, (), settings.site, settings.site_pattern)


def _read(articles: Sequence[Unread], chosen: dict[int, str], before: Before) -> Iterator[tuple[int, Document | None]]:
    """Yield the articles that were chosen, as the stages before leave them; None for a bad one."""
    with before() as flow:
        for place in chosen:
            document = articles[place].read()
            yield place, None if document.drop else _prepared(document, flow)


def _prepared(document: Document, flow: Flow) -> Document | None:
    try:
        (done,) = flow([document])
    except (PipelineError, OSError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 # told with its traceback
        cure = "the sites are learned without it"
        emit_fault(log, "site_memory_fault", uri=document.uri, cure=cure)
        return None
    return None if done.drop else done
