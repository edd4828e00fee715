"""Charts as inline SVG: bars, a stacked bar, histograms. Colours come from the style sheet, by class."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log2, log10
from typing import TYPE_CHECKING

from pipeline.report.html import Html, element

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 14, 14, 20, 22
"""Of a histogram, in units of its own: browsers scale it to the column."""

BINS = 24
OCTAVES = (-4.0, 4.0)
"""Length ratios are drawn from 1/16 to 16, since a half is as odd as a double."""

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""What a round step between two ticks begins with."""

RATIO = "length_ratio"


def bar(share: float, kind: str) -> Html:
    """Return a bar that is filled for a share in [0, 1]; the number stands beside it in the table."""
    width = f"{100 * min(max(share, 0.0), 1.0):.1f}"
    fill = element("rect", width=width, height=8, rx=1, class_=f"fill {kind}")
    track = element("rect", width=100, height=8, rx=1, class_="track")
    return element(
        "svg", track, fill, class_="bar", viewBox="0 0 100 8", preserveAspectRatio="none", aria_hidden="true"
    )


def stacked(parts: Sequence[tuple[str, int]]) -> Html:
    """Return one bar of all parts, (kind, count) each, in their order."""
    total = max(sum(count for _, count in parts), 1)
    pieces: list[str] = []
    reached = 0.0
    for kind, count in parts:
        width = 100 * count / total
        pieces.append(element("rect", x=f"{reached:.2f}", width=f"{width:.2f}", height=8, class_=f"fill {kind}"))
        reached += width
    return element(
        "svg", *pieces, class_="stacked", viewBox="0 0 100 8", preserveAspectRatio="none", aria_hidden="true"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """Values from `low` to `high`, after taking their logarithm to base 2 or not."""

    low: float
    high: float
    logarithmic: bool
    ticks: tuple[tuple[float, str], ...]

    def place(self, value: float) -> float:
        """Return where a value stands between the ends, as a share in [0, 1]."""
        scaled = log2(max(value, 2**self.low)) if self.logarithmic else value
        return min(max((scaled - self.low) / (self.high - self.low), 0.0), 1.0)

    def value(self, share: float) -> float:
        """Return the value that stands at a share of the axis."""
        scaled = self.low + share * (self.high - self.low)
        return 2**scaled if self.logarithmic else scaled


def histogram(name: str, counts: Mapping[float, int]) -> Html:
    """Return the histogram of a score with at least one value; its words stand in `aria-label`."""
    axis = _axis(name, counts)
    heights = [0] * BINS
    for value, count in counts.items():
        heights[min(int(axis.place(value) * BINS), BINS - 1)] += count
    tallest = max(heights)
    middle = quantile(counts, 0.5)
    return element(
        "svg",
        *_bars(axis, heights),
        *_ticks(axis),
        element("text", f"{tallest:,}", x=LEFT, y=TOP - 8, class_="tick"),
        *_median(axis, middle),
        class_="histogram",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=f"Histogram of {name}: {summary(counts)}",
    )


def summary(counts: Mapping[float, int]) -> str:
    """Return in words what a histogram shows."""
    low, middle, high = (figure(quantile(counts, share)) for share in (0.05, 0.5, 0.95))
    return f"{sum(counts.values()):,} units, median {middle}, nine of ten between {low} and {high}"


def quantile(counts: Mapping[float, int], share: float) -> float:
    """Return the least value that at least this share of the counted values does not exceed."""
    wanted = share * sum(counts.values())
    reached = 0
    value = 0.0
    for value, count in sorted(counts.items()):  # noqa: B007 # the last one is the answer
        reached += count
        if reached >= wanted:
            break
    return value


def figure(value: float) -> str:
    """Return a value to two decimals, with a minus sign rather than a hyphen."""
    return f"{value:.2f}".replace("-", "−")


def _bars(axis: _Axis, heights: Sequence[int]) -> Iterator[Html]:
    width = (WIDTH - LEFT - RIGHT) / BINS
    room = HEIGHT - TOP - BOTTOM
    for number, count in enumerate(heights):
        if not count:
            continue
        height = max(room * count / max(heights), 1.5)
        low, high = axis.value(number / BINS), axis.value((number + 1) / BINS)
        yield element(
            "g",
            element("title", f"{figure(low)} to {figure(high)}: {count:,} units"),
            element(
                "rect",
                x=f"{LEFT + number * width + 0.75:.2f}",
                y=f"{HEIGHT - BOTTOM - height:.2f}",
                width=f"{width - 1.5:.2f}",
                height=f"{height:.2f}",
                rx=1,
                class_="fill",
            ),
        )


def _ticks(axis: _Axis) -> Iterator[Html]:
    floor_line = HEIGHT - BOTTOM
    yield element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=floor_line, y2=floor_line, class_="axis")
    for value, text in axis.ticks:
        share = axis.place(value)
        place = f"{_x(share):.2f}"
        yield element("line", x1=place, x2=place, y1=floor_line, y2=floor_line + 4, class_="axis")
        yield element("text", text, x=place, y=HEIGHT - 6, text_anchor="middle", class_="tick")


def _median(axis: _Axis, middle: float) -> Iterator[Html]:
    share = axis.place(middle)
    place = f"{_x(share):.2f}"
    yield element("line", x1=place, x2=place, y1=TOP - 4, y2=HEIGHT - BOTTOM, class_="median")
    anchor = "end" if share > 0.5 else "start"  # noqa: PLR2004 # the words go where there is room
    side = f"{_x(share) + (-5 if anchor == 'end' else 5):.2f}"
    yield element("text", f"median {figure(middle)}", x=side, y=TOP - 8, text_anchor=anchor, class_="tick strong")


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _axis(name: str, counts: Mapping[float, int]) -> _Axis:
    if name == RATIO:
        low, high = OCTAVES
        ticks = tuple((2.0**power, f"1/{2**-power}" if power < 0 else f"{2**power}") for power in range(-4, 5))
        return _Axis(low=low, high=high, logarithmic=True, ticks=ticks)
    low, high = min(counts), max(counts)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif high <= 0:
        high = 0.0
    step = _round_step((high - low) / 5 or 1.0)
    low, high = step * floor(low / step), step * ceil(high / step)
    if low == high:
        high += step
    number = round((high - low) / step)
    ticks = tuple((low + index * step, f"{low + index * step:g}".replace("-", "−")) for index in range(number + 1))
    return _Axis(low=low, high=high, logarithmic=False, ticks=ticks)


def _round_step(step: float) -> float:
    power = 10.0 ** floor(log10(step))
    return next(power * start for start in STEPS if power * start >= step - 1e-9)
