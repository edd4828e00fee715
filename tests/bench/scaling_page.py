"""docs/scaling.md, made from scaling.json: python -m tests.bench.scaling_page simulates and writes anew."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from tests.bench.simulation import Assumptions, Measured, simulate
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "scaling.md"
RESULTS = ROOT / "tests" / "bench" / "scaling.json"
TEMPLATE = ROOT / "tests" / "bench" / "scaling.template.md"

CORES = (1, 16, 256, 4_096)

NAMES = {
    "fake": "no model (`minimal`: the fake translator)",
    "model": "the embedded model (`default`)",
}


def render(results: dict[str, Any]) -> str:
    """Return the page: the text of the template, with tables of the figures in it."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, made in _parts(results).items():
        text = text.replace(f"<!-- {name} -->", made)
    return text


def measured(results: dict[str, Any], kind: str) -> Measured:
    """Return what the simulation needs of a kind of run, in CPU seconds of one core."""
    run = results["runs"][kind]["1"]
    articles = run["counts"]["articles"]
    largest = max(results["memory"], key=int)
    return Measured(
        work=run["phases"]["work"]["cpu_seconds"] / articles,
        finish=run["phases"]["finish"]["cpu_seconds"] / articles,
        listing=results["memory"][largest]["again_cpu_seconds"] / int(largest),
        start_up=results["start_up"][kind]["cpu_seconds"],
        shards=[(count, seconds) for count, seconds in run["durations"]],
    )


def _parts(results: dict[str, Any]) -> dict[str, str]:
    return {
        "machine": ", ".join(f"{name} {value}" for name, value in results["machine"].items()),
        "text": ", ".join(f"{name}: {value}" for name, value in results["text"].items()),
        "busy": _busy(results["machine"]),
        "rates": _rates(results),
        "stages": _stages(results),
        "sizes": _sizes(results),
        "memory": _memory(results),
        "rows": _rows(results),
        "disk": _disk(results),
        "assumptions": _assumptions(),
        "corpus": f"{Assumptions().corpus_articles:,}",
        "simulation": "\n\n".join(_simulation(found, kind) for kind, found in results["simulation"].items()),
    }


def _busy(machine: dict[str, str]) -> str:
    """Return a warning when others used the machine before the measurements began."""
    if float(machine["load before"]) < 1:
        return ""
    return (
        "**Others used this machine meanwhile: the two columns of times (×) say nothing about workers; "
        "measure again on an idle one.** "
    )


def _rates(results: dict[str, Any]) -> str:
    rows = []
    for kind, runs in results["runs"].items():
        one, two = runs["1"], runs["2"]
        articles = one["counts"]["articles"]
        cpu = one["phases"]["work"]["cpu_seconds"] / articles
        ratios = [f"{_seconds(one, phase) / _seconds(two, phase):.2f}" for phase in (("work",), tuple(one["phases"]))]
        spent = two["phases"]["work"]["cpu_seconds"] / one["phases"]["work"]["cpu_seconds"]
        rows.append([NAMES[kind], f"{articles:,}", f"{1 / cpu:.1f}", *ratios, f"{spent:.2f}"])
    head = ("", "articles", "articles/s a core", "two workers: shards ×", "whole run ×", "CPU of two / of one")
    return _table(head, rows)


def _seconds(run: dict[str, Any], phases: tuple[str, ...]) -> float:
    return float(sum(run["phases"][phase]["seconds"] for phase in phases))


def _stages(results: dict[str, Any]) -> str:
    kinds = results["by_stage"]
    steps = list(dict.fromkeys(step for found in kinds.values() for step in found))
    rows = [[step, *(f"{1_000 * found.get(step, 0.0):.2f}" for found in kinds.values())] for step in steps]
    rows.append(["all", *(f"{1_000 * sum(found.values()):.2f}" for found in kinds.values())])
    return _table(("step", *(f"{NAMES[kind]}: ms" for kind in kinds)), rows)


def _sizes(results: dict[str, Any]) -> str:
    rows = [
        [
            size,
            f"{one['shards']:,}",
            f"{1_000 * one['work']:.2f}",
            f"{1_000 * one['finish']:.2f}",
            f"{one['files']:.2f}",
            f"{one['bytes']:,.0f}",
        ]
        for size, one in results["by_size"].items()
    ]
    head = ("articles a shard", "shards", "CPU ms an article", "finish ms", "files an article", "bytes an article")
    return _table(head, rows)


def _memory(results: dict[str, Any]) -> str:
    rows = [
        [
            f"{int(size):,}",
            f"{one['peak_megabytes']:.0f}",
            f"{one['again_peak_megabytes']:.0f}",
            f"{one['listing_cpu_seconds']:.2f}",
            f"{one['again_cpu_seconds']:.2f}",
        ]
        for size, one in results["memory"].items()
    ]
    return _table(("articles", "peak MB", "nothing to do: peak MB", "listing: CPU s", "nothing to do: CPU s"), rows)


def _rows(results: dict[str, Any]) -> str:
    rows = [
        [
            ending,
            f"{one['megabytes']:,}",
            f"{one['rows']:,}",
            f"{one['before_megabytes']:.0f}",
            f"{one['peak_megabytes']:.0f}",
            f"{one['listing_cpu_seconds']:.1f}",
            f"{one['reading_cpu_seconds']:.1f}",
        ]
        for ending, one in results["rows"].items()
    ]
    head = ("file", "MB", "rows", "MB before", "peak MB", "listing: CPU s", "digest and read: CPU s")
    return _table(head, rows)


def _disk(results: dict[str, Any]) -> str:
    rows = [
        [NAMES[kind], f"{runs['1']['bytes'] / runs['1']['counts']['articles']:,.0f}",
         f"{runs['1']['files'] / runs['1']['counts']['articles']:.3f}"]
        for kind, runs in results["runs"].items()
    ]  # fmt: skip
    return _table(("", "bytes an article", "files an article"), rows)


def _assumptions() -> str:
    given = Assumptions()
    return (
        f"{given.articles:,} articles in shards of {given.shard_articles:,} and corpora of {given.corpus_articles:,}; "
        f"a core fails once in {given.hours_to_failure:,.0f} hours and loses its shard; {given.slow_share:.0%} of the "
        f"cores take {given.slowness:g} times as long; a core hour costs {given.euros_a_core_hour:.2f} €"
    )


def simulated(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a billion articles would take, by kind of run and number of cores; last, all in one corpus."""
    usual = Assumptions()
    cases = {f"{cores:,}": (usual, cores) for cores in CORES}
    cases[f"{CORES[-1]:,}, one corpus"] = (replace(usual, corpus_articles=usual.articles), CORES[-1])
    return {
        kind: {name: asdict(simulate(measured(results, kind), *case)) for name, case in cases.items()}
        for kind in results["runs"]
    }


def _simulation(outcomes: dict[str, Any], kind: str) -> str:
    rows = [
        [
            name,
            f"{one['wall_days']:,.1f}",
            *(f"{one[figure]:,.0f}" for figure in ("core_hours", "euros", "articles_a_euro", "failures")),
            f"{one['efficiency']:.0%}",
        ]
        for name, one in outcomes.items()
    ]
    head = ("cores", "days", "core hours", "€", "articles a €", "failures", "time in shards that count")
    return f"With {NAMES[kind]}:\n\n{_table(head, rows)}"


def _table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [list(head), ["-", *["-:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(results: dict[str, Any]) -> None:
    """Simulate, and write the figures and the page."""
    complete = {**results, "simulation": simulated(results)}
    RESULTS.write_text(json.dumps(complete, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(render(complete), encoding="utf-8")


if __name__ == "__main__":
    write(json.loads(RESULTS.read_text(encoding="utf-8")))
