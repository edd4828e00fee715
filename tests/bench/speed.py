"""How fast boilerplate is stripped, tool after tool over the same articles, several times in turn."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pipeline.corpus import document_id
from pipeline.records import Document
from pipeline.stages.normalize import NormalizeConfig
from pipeline.stages.strip_boilerplate import StripBoilerplateConfig
from tests.bench.strippers import as_html, run_justext, run_trafilatura

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.boilerplate.pages import LabelledPage

ROUNDS = 3
"""Each tool has so many turns; its fastest counts."""

SAMPLE_BYTES = 2_000_000
"""Text that is stripped in a turn, at most."""


def speeds(pages: Sequence[LabelledPage]) -> dict[str, float]:
    """Return megabytes (10^6 bytes of the articles in UTF-8) a second, by tool, on one thread."""
    sample, size = _sample(pages)
    raw = [Document(id=document_id("", page.text), uri="", text=page.text) for page in sample]
    html = [(as_html(page), page.language) for page in sample]
    with NormalizeConfig().build() as normalize, StripBoilerplateConfig().build() as strip:
        normalized = list(normalize(raw))
        tools: dict[str, Callable[[], object]] = {
            "newsbitext, stage strip_boilerplate": lambda: list(strip(normalized)),
            "newsbitext, with normalize": lambda: list(strip(normalize(raw))),
            "jusText on <p>": lambda: [run_justext(page, language) for page, language in html],
            "trafilatura on <p>": lambda: [run_trafilatura(page) for page, _ in html],
        }
        turns = [{name: _seconds(run) for name, run in tools.items()} for _ in range(ROUNDS)]
    return {name: round(size / 1e6 / min(turn[name] for turn in turns), 2) for name in tools}


def _sample(pages: Sequence[LabelledPage]) -> tuple[list[LabelledPage], int]:
    """Return pages from all over the list, and the bytes of their text."""
    step = max(1, sum(len(page.text.encode()) for page in pages) // SAMPLE_BYTES)
    sample = list(pages[::step])
    return sample, sum(len(page.text.encode()) for page in sample)


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
