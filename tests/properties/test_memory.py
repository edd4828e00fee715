"""What comes out of the stages does not depend on what the memory knew, nor on windows, batches or order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import load
from pipeline.corpus import document_id, document_row, units
from pipeline.plan import make_plan
from pipeline.records import Document
from pipeline.settings import Settings
from tests.checkpoints import foreign_sentences
from tests.conftest import ROOT
from tests.strategies import articles

if TYPE_CHECKING:
    from collections.abc import Iterable

NEWS = st.lists(st.sampled_from(foreign_sentences()), min_size=1, max_size=6).map("\n\n".join)


def rows(documents: Iterable[Document], *overrides: str) -> dict[str, object]:
    """Return the rows of the documents that all stages made, with the translator that loads no model."""
    loaded = load(ROOT / "configs" / "minimal.yaml", Settings, overrides)
    with make_plan(loaded).open() as plan:
        return {one.uri: (document_row(one), units(one, "v:1")) for one in plan(documents)}


@given(
    texts=st.lists(articles() | NEWS, min_size=1, max_size=4),
    known=st.integers(0, 4),
    windows=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    order=st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=20)
def test_rows_are_the_same_with_any_memory(
    texts: list[str], known: int, windows: tuple[int, int], order: object
) -> None:
    documents = [
        Document(id=document_id(f"{index}.txt", text), uri=f"{index}.txt", text=text)
        for index, text in enumerate(texts)
    ]
    expected = rows(documents)
    shuffled = documents[:]
    order.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    with tempfile.TemporaryDirectory() as folder:
        memory = f"stages.translate.memory={Path(folder) / 'memory.sqlite'}"
        first, second = (f"stages.translate.window_segments={size}" for size in windows)
        rows(shuffled[:known], memory, first)

        assert rows(shuffled, memory, second) == expected
        assert rows(documents, memory) == expected
