"""CPU seconds of each stage, of reading, of writing, and of what is made from the rows, an article.

python -m tests.bench.by_stage SOURCE CORPUS CONFIG [KEY=VALUE ...] prints them as JSON. The stages run one after
the other over all articles, so that none is blamed for another.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.corpus import document_row, units
from pipeline.formats import datasheet, jsonl, readers
from pipeline.formats.parquet import ShardWriter
from pipeline.report.build import write_report
from tests.running import job

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.records import Document
    from pipeline.worker import Job

MATERIAL = 64
"""Articles at the beginning that are run first, unmeasured: for what is loaded when it is first needed."""


def measure(source: Path, corpus: Path, config: str, overrides: Sequence[str]) -> dict[str, float]:
    """Return the CPU seconds an article, by the name of the step."""
    todo = job(source, corpus, *overrides, config=config)
    articles = [article for shard in todo.shards for article in shard.articles]
    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> object:
        start = time.process_time()
        result = work()
        found[name] = found.get(name, 0.0) + (time.process_time() - start) / len(articles)
        return result

    settings = todo.plan.settings.input
    with ExitStack() as stack:
        stages = [stack.enter_context(stage) for stage in todo.plan.stages]
        warm: list[Document] = [readers.read_article(one, settings) for one in articles[:MATERIAL]]
        for stage in stages:
            warm = list(stage(warm))
        timed("digest", lambda: readers.input_digest(articles))
        documents = timed("read", lambda: [readers.read_article(one, settings) for one in articles])
        for stage in stages:
            documents = timed(stage.name, lambda stage=stage, given=documents: list(stage(given)))  # type: ignore[misc]
    timed("write", lambda: _write(todo, documents))  # type: ignore[arg-type] # they are documents
    timed("rejects", lambda: jsonl.write_rejects(corpus, ["all"]))
    timed("export jsonl", lambda: jsonl.export(corpus, ["all"], corpus / "exports"))
    timed("card", lambda: datasheet.write_card(corpus, ["all"], todo.plan.signature, todo.plan.licences))
    timed("report", lambda: write_report(corpus, ["all"], todo.plan.signature))
    return found


def _write(todo: Job, documents: Sequence[Document]) -> None:
    with ShardWriter(todo.corpus, "all") as writer:
        for document in documents:
            writer.write(document_row(document), units(document, todo.plan.signature))


def main() -> None:
    source, corpus, config, *overrides = sys.argv[1:]
    print(json.dumps(measure(Path(source), Path(corpus), config, overrides)))


if __name__ == "__main__":
    main()
