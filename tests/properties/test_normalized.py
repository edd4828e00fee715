"""The offset map survives any chain of edits."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalized import NormalizedText
from pipeline.records import Span

TEXTS = st.text(alphabet=st.sampled_from("ab \u00a0\u200b\u0301e\u0627\u0640\U0001f600«»\t"), max_size=40)
PATTERNS = [
    re.compile("a+"),
    re.compile("[ \u00a0]+"),
    re.compile("\u200b"),
    re.compile("b(?=a)"),
    re.compile("(?<=e)"),
    re.compile("^"),
    re.compile("e\u0301?"),
    re.compile("ab"),
]
STEPS = st.lists(
    st.tuples(st.sampled_from(PATTERNS), st.sampled_from(["", "x", " ", "yz", "aba", r"<\g<0>>"])), max_size=6
)


def chain(raw: str, steps: list[tuple[re.Pattern[str], str]]) -> NormalizedText:
    """Apply the substitutions one after the other, with the map."""
    text = NormalizedText.identity(raw)
    for pattern, replacement in steps:
        text = text.substitute(pattern, replacement)
    return text


@given(TEXTS, STEPS)
def test_substitute_gives_the_text_that_re_sub_gives(raw: str, steps: list[tuple[re.Pattern[str], str]]) -> None:
    expected = raw
    for pattern, replacement in steps:
        expected = pattern.sub(replacement, expected)

    assert chain(raw, steps).text == expected


@given(TEXTS.filter(bool), STEPS)
def test_the_anchors_are_sound(raw: str, steps: list[tuple[re.Pattern[str], str]]) -> None:
    text = chain(raw, steps)

    assert text.raw_anchors[0] == text.text_anchors[0] == 0
    assert text.raw_anchors[-1] == len(raw)
    assert text.text_anchors[-1] == len(text.text)
    assert list(text.raw_anchors) == sorted(set(text.raw_anchors))
    assert list(text.text_anchors) == sorted(text.text_anchors)


@given(TEXTS.filter(bool), STEPS)
def test_every_character_maps_to_a_raw_range_and_ranges_follow_each_other(
    raw: str, steps: list[tuple[re.Pattern[str], str]]
) -> None:
    text = chain(raw, steps)
    spans = [text.to_raw(index, index + 1) for index in range(len(text.text))]

    assert all(0 <= span.start < span.end <= len(raw) for span in spans)
    assert [span.start for span in spans] == sorted(span.start for span in spans)
    assert [span.end for span in spans] == sorted(span.end for span in spans)


@given(TEXTS.filter(bool), STEPS)
def test_snapped_cuts_split_the_raw_text_without_overlap(raw: str, steps: list[tuple[re.Pattern[str], str]]) -> None:
    text = chain(raw, steps)
    cuts = sorted({text.snap(index) for index in range(len(text.text) + 1)})
    spans = [text.to_raw(start, end) for start, end in pairwise(cuts)]

    assert all(before.end <= after.start for before, after in pairwise(spans))


@given(TEXTS.filter(bool), STEPS, st.data())
def test_from_raw_finds_all_characters_of_a_raw_range(
    raw: str, steps: list[tuple[re.Pattern[str], str]], data: st.DataObject
) -> None:
    text = chain(raw, steps)
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    found = text.from_raw(Span(start=start, end=end))
    expected = [
        index
        for index in range(len(text.text))
        if text.to_raw(index, index + 1).start < end and text.to_raw(index, index + 1).end > start
    ]

    if end > start:
        assert expected == list(range(found.start, found.end))


@given(TEXTS)
def test_characters_that_no_edit_touched_map_to_themselves(raw: str) -> None:
    text = NormalizedText.identity(raw).substitute(re.compile("\u200b|\u0640"), "").substitute(re.compile(" "), "__")

    for index, character in enumerate(text.text):
        span = text.to_raw(index, index + 1)
        source = raw[span.start : span.end]
        assert source == (" " if character == "_" else character) or source.startswith(character)


@given(TEXTS)
def test_rewritten_text_is_the_text_asked_for(raw: str) -> None:
    after = unicodedata.normalize("NFC", raw).upper()

    assert NormalizedText.identity(raw).rewritten(after).text == after


@given(st.lists(TEXTS, min_size=1, max_size=5), STEPS)
def test_joined_lines_map_like_each_line(lines: list[str], steps: list[tuple[re.Pattern[str], str]]) -> None:
    parts = [chain(line, steps) for line in lines]
    joined = NormalizedText.joined(parts, [("\r\n", "\n")] * (len(parts) - 1))
    raw_start = text_start = 0

    assert joined.text == "\n".join(part.text for part in parts)
    for line, part in zip(lines, parts, strict=True):
        for index in range(len(part.text) if line else 0):
            own = part.to_raw(index, index + 1)
            span = joined.to_raw(text_start + index, text_start + index + 1)
            assert (span.start, span.end) == (own.start + raw_start, own.end + raw_start)
        raw_start += len(line) + 2
        text_start += len(part.text) + 1
