from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.forecast import Forecast, forecast
from pipeline.runner import survey
from tests.checkpoints import sentences
from tests.running import job, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Return a folder of three articles: two of the same ten sentences, one of ten others and a number."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, first, more in (("a", 0, ""), ("b", 0, ""), ("c", 10, "\n\n2022\n")):
        text = "\n\n".join(sentences("ru")[first : first + 10]) + more
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def settings(tiny_table: Path, tmp_path: Path) -> tuple[str, ...]:
    """Return overrides by which the small checkpoint translates, a shard an article."""
    return (
        f"stages.translate.models={tiny_table}",
        f"stages.translate.memory={tmp_path / 'memory.sqlite'}",
        "stages.translate.beam_size=1",
        "stages.strip_boilerplate.keep=[title, heading, body, related_news, tags, caption]",
        "shards.articles=1",
    )


def call(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_forecast_tells_what_the_run_then_does(
    articles: Path, tmp_path: Path, settings: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    todo = job(articles, tmp_path / "corpus", *settings, config="default")
    with monkeypatch.context() as patched:
        patched.setattr("pipeline.stages.translate.BACKENDS", {})
        cold = forecast(todo.plan, todo.shards)
    done = run(articles, tmp_path / "corpus", *settings, config="default")
    warm = forecast(todo.plan, todo.shards)

    assert cold.segments > cold.distinct > 0
    assert cold.remembered == 0
    assert done.tally["translated"] == cold.distinct
    assert warm == Forecast(segments=cold.segments, distinct=cold.distinct, remembered=cold.distinct)


def test_a_forecast_makes_no_file(articles: Path, tmp_path: Path, settings: tuple[str, ...]) -> None:
    before = sorted(tmp_path.rglob("*"))
    todo = job(articles, tmp_path / "corpus", *settings, config="default")
    forecast(todo.plan, todo.shards)

    assert sorted(tmp_path.rglob("*")) == before


def test_plan_tells_what_the_memory_holds_of_the_shards_to_do(
    articles: Path, tmp_path: Path, settings: tuple[str, ...]
) -> None:
    options = [word for setting in settings for word in ("--set", setting)]
    command = ("plan", "default", "-i", articles, "-o", tmp_path / "corpus", *options)
    before = call(*command, "--segments")
    run(articles, tmp_path / "corpus", *settings, config="default")
    (articles / "d.txt").write_text("\n\n".join([*sentences("ru")[5:12], sentences("ru")[30]]), encoding="utf-8")
    after = call(*command, "--segments")

    assert "memory.sqlite: not there yet" in before
    assert " 0 in memory" in before
    assert "results=20 bytes=" in after
    assert "segments   8 to do, 8 of them distinct: 7 in memory, 1 to translate" in after
    assert "segments " not in call(*command)


def test_without_a_memory_all_is_to_be_translated(articles: Path, tmp_path: Path, settings: tuple[str, ...]) -> None:
    run(articles, tmp_path / "corpus", *settings, config="default")
    todo = job(articles, tmp_path / "other", *settings, "stages.translate.remember=false", config="default")

    assert forecast(todo.plan, todo.shards).remembered == 0


def test_a_damaged_memory_does_not_stop_the_plan(articles: Path, tmp_path: Path, settings: tuple[str, ...]) -> None:
    (tmp_path / "memory.sqlite").write_bytes(b"once upon a time\n" * 99)
    options = [word for setting in settings for word in ("--set", setting)]

    assert "begins it anew" in call("plan", "default", "-i", articles, "-o", tmp_path / "corpus", *options)


def test_the_commands_of_the_memory_tell_and_prune(articles: Path, tmp_path: Path, settings: tuple[str, ...]) -> None:
    memory = tmp_path / "memory.sqlite"
    run(articles, tmp_path / "corpus", *settings, config="default")
    told = call("memory", "info", memory)
    pruned = call("memory", "prune", memory, "--keep", "default")

    assert "results=20" in told
    assert "tiny ctranslate2" in told
    assert "beam_size=1" in told
    assert "removed    20 results" in pruned
    assert set(survey(job(articles, tmp_path / "corpus", *settings, config="default")).values()) == {"done"}


def test_what_a_config_would_use_stays_when_pruned(
    articles: Path, tmp_path: Path, settings: tuple[str, ...], root: Path
) -> None:
    run(articles, tmp_path / "corpus", *settings, config="default")
    table = settings[0].partition("=")[2]
    config = tmp_path / "mine.yaml"
    text = (root / "configs" / "fast.yaml").read_text(encoding="utf-8")
    config.write_text(text.replace("models/models.yaml", table), encoding="utf-8")
    pruned = call("memory", "prune", tmp_path / "memory.sqlite", "--keep", config)

    assert "removed    0 results" in pruned
