from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.packing import layout, pack, unpack
from pipeline.records import ATTENTION_STEPS, Attempt, Attention, Flag, Span, Translation, WordLink
from pipeline.translators.base import in_steps
from pipeline.translators.wholes import Whole

TEXT = st.text(st.characters())
SPANS = st.builds(lambda start, length: Span(start=start, end=start + length), st.integers(0, 999), st.integers(0, 99))
STEPS = st.integers(0, ATTENTION_STEPS).map(lambda count: count / ATTENTION_STEPS)
ANY_WEIGHT = st.floats(0, 2**40, width=32)


@st.composite
def attentions(draw: st.DrawFn) -> Attention:
    """Draw an attention whose spans may overlap, be empty or stand in any order."""
    source, target = (tuple(draw(st.lists(SPANS, max_size=5))) for _ in range(2))
    size = len(source) * len(target)
    weights = draw(st.lists(draw(st.sampled_from((STEPS, ANY_WEIGHT))), min_size=size, max_size=size))
    table = np.array(weights, dtype=np.float32).reshape(len(target), len(source))
    return Attention(source=source, target=target, weights=table)


FLAGS = st.lists(st.sampled_from(Flag), max_size=3).map(tuple)
LINKS = st.builds(WordLink, source=SPANS, target=SPANS, probability=st.floats(0, 1))
TRANSLATIONS = st.builds(
    Translation,
    text=TEXT,
    model=st.none() | TEXT,
    log_prob=st.none() | st.floats(max_value=0, allow_nan=False),
    words=st.lists(LINKS, max_size=3).map(tuple),
    attention=st.lists(attentions(), max_size=3).map(tuple),
    finished=st.booleans(),
    attempts=st.lists(
        st.builds(
            Attempt,
            rung=TEXT,
            text=TEXT,
            log_prob=st.none() | st.floats(max_value=0, allow_nan=False),
            flags=FLAGS,
            chosen=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
)
WHOLES = st.builds(Whole, translation=TRANSLATIONS, flags=FLAGS, pieces=st.integers(1, 99), kept=st.integers(0, 99))


def comparable(value: Any) -> object:  # noqa: ANN401 # any record
    """Return a value in which arrays are bytes, so that equal means equal in every bit."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, tuple):
        return tuple(comparable(one) for one in value)
    if is_dataclass(value):
        return type(value), tuple(comparable(getattr(value, one.name)) for one in fields(value))
    return type(value), value


@given(WHOLES)
def test_what_is_read_back_is_equal_in_every_bit(whole: Whole) -> None:
    assert comparable(unpack(Whole, pack(whole))) == comparable(whole)


def test_attention_in_steps_takes_a_byte_or_two_a_weight() -> None:
    table = np.random.default_rng(3).dirichlet(np.ones(40), 40).astype(np.float32)
    steps = in_steps(table)
    spans = tuple(Span(start=3 * number, end=3 * number + 3) for number in range(40))
    coarse, exact = (
        len(pack(Translation(text="", attention=(Attention(source=spans, target=spans, weights=weights),))))
        for weights in (steps, table)
    )

    assert coarse < exact / 2


@dataclass(frozen=True, slots=True)
class Try:
    flags: tuple[Flag, ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Tries:
    name: str
    tries: tuple[Try, ...] = ()


def test_flags_and_records_inside_records_come_back_as_such() -> None:
    tries = Tries("a", (Try((Flag.COPIED, Flag.SPLIT), -1.5), Try()))
    again = unpack(Tries, pack(tries))

    assert again == tries
    assert isinstance(again.tries[0].flags[0], Flag)


def test_the_layout_names_every_field_inside() -> None:
    assert (
        layout(Tries)
        == "Tries(name:str,tries:tuple[Try(flags:tuple[Flag,Ellipsis],score:float | None[float,NoneType]),Ellipsis])"
    )
    assert f"Attention/{ATTENTION_STEPS}" in layout(Whole)


def test_a_type_that_cannot_be_read_back_is_refused() -> None:
    @dataclass(frozen=True)
    class Odd:
        value: complex

    with pytest.raises(TypeError, match="no way to read"):
        unpack(Odd, pack(Tries("a")))
