"""`docs/monitoring.md` names every event, every metric and every state, and no others."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from pipeline.metrics import Figures, MetricsFile
from pipeline.progress import STATES
from pipeline.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EMITTERS = {"emit", "emit_fault", "_warn"}
"""Functions that log an event whose name is the first text that they are given."""

LEVELS = {"debug", "info", "warning", "error", "exception"}
CONSTANTS = {"SHARD_FAILED", "WORKER_LOST"}


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "docs" / "monitoring.md").read_text(encoding="utf-8")


def events(root: Path) -> Iterator[str]:
    """Yield the names of the events that the program logs, and those of constants that name one."""
    for path in (root / "pipeline").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from logged(node)
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in CONSTANTS:
                yield ast.literal_eval(node.value)


def logged(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    is_log = name in LEVELS and isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "log"
    if texts and (name in EMITTERS or is_log) and (found := re.match(r"[a-z_]+\b", texts[0])):
        yield found[0]


def rows(text: str, heading: str) -> set[str]:
    """Return the first cells of the table under a heading."""
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `?([a-z][a-z_]*)`? \|", section, re.MULTILINE)) - {"event", "metric", "state", "file"}


def test_every_event_is_described(root: Path, text: str) -> None:
    assert rows(text, "Events") == set(events(root)) | {"library_message"}


def test_every_metric_is_described_with_its_type(tmp_path: Path, text: str) -> None:
    totals = Totals()
    totals.counts.update({"dropped:read:too_long": 1, "set_aside:filter:copied": 1})
    figures = Figures(
        totals=totals,
        shards={},
        articles_todo=0,
        started=0,
        progressed=0,
        workers_lost=0,
        is_running=True,
        is_failed=False,
    )
    MetricsFile(tmp_path / "run.prom", {}).write(figures)
    written = (tmp_path / "run.prom").read_text(encoding="utf-8")
    metrics = {
        metric.name + ("_total" if metric.type == "counter" else ""): metric.type
        for metric in text_string_to_metric_families(written)
    }

    assert rows(text, "Prometheus") == set(metrics)
    assert [name for name, kind in metrics.items() if f"| `{name}` | {kind} |" not in text] == []


def test_every_state_of_a_shard_is_described(text: str) -> None:
    assert rows(text, "From another terminal") == set(STATES)


def test_the_rules_use_metrics_that_there_are(text: str) -> None:
    rules = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0])
    used = {name for rule in rules["groups"][0]["rules"] for name in re.findall(r"newsbitext_\w+", rule["expr"])}

    assert used
    assert used <= rows(text, "Prometheus")
