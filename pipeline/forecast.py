"""What a run would have to translate, and what of it the memory holds: told by the stages before."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from itertools import takewhile
from typing import TYPE_CHECKING

from pipeline.batching import windows
from pipeline.formats import readers
from pipeline.memory import known
from pipeline.stages.translate import Translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipeline.formats.readers import ArticleRef
    from pipeline.plan import Plan
    from pipeline.records import Document
    from pipeline.shards import Shard

WINDOW = 4096
"""Segments that are looked up together."""

KEY_BYTES = 16
"""What is kept of a segment to know it again: some 100 MB a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Segments with something to translate, how many of them are distinct, and how many of those remembered."""

    segments: int
    distinct: int
    remembered: int


def translator_of(plan: Plan) -> Translate | None:
    """Return the stage that translates, if there is one."""
    return next((stage for stage in plan.stages if isinstance(stage, Translate)), None)


def memory_of(plan: Plan) -> Path | None:
    """Return the file of the memory, if a run would use one."""
    stage = translator_of(plan)
    return stage.config.memory if stage and stage.config.remember else None


def forecast(plan: Plan, shards: Iterable[Shard[ArticleRef]]) -> Forecast:
    """Run all stages before `translate` over the shards; no model is loaded, nothing is written."""
    stage = translator_of(plan)
    if stage is None:
        return Forecast(segments=0, distinct=0, remembered=0)
    memory = memory_of(plan)
    seen: set[bytes] = set()
    segments = remembered = 0
    with ExitStack() as stack:
        before = [stack.enter_context(one) for one in takewhile(lambda one: one is not stage, plan.stages)]
        stack.enter_context(stage)
        for window in windows(reduce(lambda flow, one: one(flow), before, _documents(plan, shards)), WINDOW):
            new: defaultdict[tuple[str, ...], dict[bytes, str]] = defaultdict(dict)
            for job in stage.jobs(window):
                segments += 1
                if (key := _key(job.models, job.text)) not in seen:
                    new[job.models][key] = job.text
            for models, texts in new.items():
                seen |= texts.keys()
                remembered += len(known(memory, stage.recipe(*models), list(texts.values()))) if memory else 0
    return Forecast(segments=segments, distinct=len(seen), remembered=remembered)


def _documents(plan: Plan, shards: Iterable[Shard[ArticleRef]]) -> Iterator[Document]:
    for shard in shards:
        for article in shard.articles:
            yield readers.read_article(article, plan.settings.input)


def _key(models: tuple[str, ...], text: str) -> bytes:
    content = "\0".join((*models, text)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=KEY_BYTES).digest()
