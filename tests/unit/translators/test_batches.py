from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.translators.batches import equal_lengths


@given(st.lists(st.integers(0, 40), max_size=200), st.integers(0, 300))
def test_every_text_is_in_one_batch_of_its_own_length(lengths: list[int], max_tokens: int) -> None:
    batches = equal_lengths(lengths, max_tokens)

    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[index] for index in batch}) == 1
        assert len(batch) == 1 or len(batch) * max(1, lengths[batch[0]]) <= max_tokens


def test_the_longest_come_first() -> None:
    assert equal_lengths([1, 3, 2, 3], 6) == [[1, 3], [2], [0]]
