"""A corpus is the same whatever its memory knew, and whatever befell the memory or the run."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import InputError
from pipeline.memory import count
from tests.checkpoints import sentences
from tests.conftest import ROOT
from tests.running import problems, run
from tests.unit.test_runner import digests

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Return a folder of twelve short articles in three languages, which share some sentences."""
    folder = tmp_path / "articles"
    folder.mkdir()
    chance = random.Random(5)  # noqa: S311 # no secret
    for number in range(12):
        lines = chance.sample(sentences(("ru", "ar", "fr")[number % 3]), k=12)
        (folder / f"{number:02}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def settings(tiny_table: Path) -> tuple[str, ...]:
    """Return overrides by which the small checkpoint translates, a shard an article."""
    return (f"stages.translate.models={tiny_table}", "stages.translate.beam_size=1", "shards.articles=1")


@pytest.fixture
def expected(tmp_path: Path, articles: Path, settings: tuple[str, ...]) -> dict[str, str]:
    """Return the checksums of the corpus that is made without a memory."""
    run(articles, tmp_path / "without", *settings, "stages.translate.remember=false", config="default")

    assert not (tmp_path / "without.memory.sqlite").exists()
    return digests(tmp_path / "without")


def remembering(path: Path) -> str:
    return f"stages.translate.memory={path}"


def test_a_corpus_is_made_again_from_the_memory_alone(
    articles: Path, tmp_path: Path, settings: tuple[str, ...], expected: dict[str, str]
) -> None:
    first = run(articles, tmp_path / "corpus", *settings, config="default")
    assert digests(tmp_path / "corpus") == expected
    shutil.rmtree(tmp_path / "corpus")
    second = run(articles, tmp_path / "corpus", *settings, config="default")

    assert digests(tmp_path / "corpus") == expected
    assert first.tally["translated"] == count(tmp_path / "corpus.memory.sqlite")
    assert set(second.tally) == {"remembered"}
    assert problems(tmp_path / "corpus", articles) == ()


def test_a_setting_after_the_translation_translates_nothing_again(
    articles: Path, tmp_path: Path, settings: tuple[str, ...]
) -> None:
    run(articles, tmp_path / "corpus", *settings, config="default")
    again = run(articles, tmp_path / "corpus", *settings, "stages.filter.max_length_ratio=1.5", config="default")

    assert again.done == 12
    assert set(again.tally) == {"remembered"}


def test_workers_share_a_memory_and_make_the_same_corpus(
    articles: Path, tmp_path: Path, settings: tuple[str, ...], expected: dict[str, str]
) -> None:
    memory = tmp_path / "shared.sqlite"
    run(articles, tmp_path / "cold", *settings, remembering(memory), config="default", workers=3)
    warm = run(articles, tmp_path / "warm", *settings, remembering(memory), config="default", workers=2)

    assert digests(tmp_path / "cold") == digests(tmp_path / "warm") == expected
    assert set(warm.tally) == {"remembered"}
    assert not list(tmp_path.glob("*damaged*"))


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_memory_never_reaches_the_corpus(
    articles: Path, tmp_path: Path, settings: tuple[str, ...], expected: dict[str, str], seed: int
) -> None:
    memory = tmp_path / "shared.sqlite"
    run(articles, tmp_path / "first", *settings, remembering(memory), config="default")
    chance = random.Random(seed)  # noqa: S311 # no secret
    content = bytearray(memory.read_bytes())
    if seed < 2:
        del content[chance.randrange(len(content)) :]
    else:
        for _ in range(40):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    memory.write_bytes(content)
    run(articles, tmp_path / "second", *settings, remembering(memory), config="default")

    assert digests(tmp_path / "second") == expected


def test_a_run_that_is_killed_goes_on_with_what_it_had_translated(
    articles: Path, tmp_path: Path, settings: tuple[str, ...], expected: dict[str, str]
) -> None:
    memory, corpus = tmp_path / "shared.sqlite", tmp_path / "corpus"
    command: list[str | Path]
    command = [sys.executable, "-m", "pipeline", "run", "default", "-i", articles, "-o", corpus]
    command += ["--memory", memory]
    command += [word for setting in settings for word in ("--set", setting)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while child.poll() is None and held(memory) < 30:
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    killed = child.wait()
    kept = held(memory)
    shutil.rmtree(corpus)
    summary = run(articles, corpus, *settings, remembering(memory), config="default")

    assert killed == -signal.SIGKILL
    assert kept >= 30
    assert summary.tally["remembered"] >= kept
    assert digests(corpus) == expected


def held(memory: Path) -> int:
    """Return how many results a memory holds, also while another process begins it."""
    try:
        return count(memory)
    except InputError:
        return 0
