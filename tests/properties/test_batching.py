from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.batching import once_each, windows
from pipeline.records import Document, Label, Segment, Span

SEGMENT = Segment(span=Span(start=0, end=1), text="a", normalized_start=0, paragraph=0, role=Label.BODY)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50)), max_size=60), st.integers(1, 20), st.integers(1, 90))
def test_windows_keep_order_and_count_and_are_no_larger_than_they_must(
    sizes: list[tuple[int, int]], segments: int, characters: int
) -> None:
    documents = [
        Document(id=str(number), uri=str(number), text="a" * length, segments=(SEGMENT,) * count)
        for number, (count, length) in enumerate(sizes)
    ]
    found = list(windows(documents, segments, characters))

    assert [document for window in found for document in window] == documents
    assert all(window for window in found)
    for window in found:
        before = window[:-1]
        assert sum(len(document.segments) for document in before) < segments
        assert sum(len(document.text) for document in before) < characters


@given(st.lists(st.integers(0, 9), max_size=50))
def test_each_distinct_item_is_worked_on_once(items: list[int]) -> None:
    seen: list[int] = []

    def double(batch: list[int]) -> list[int]:
        seen.extend(batch)
        return [2 * item for item in batch]

    found = once_each(double, items)

    assert seen == list(dict.fromkeys(items))
    assert [found[item] for item in items] == [2 * item for item in items]
