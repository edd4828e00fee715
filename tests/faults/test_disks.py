"""A full disk, one that becomes read-only, and bits that rot: the next run makes the corpus that was meant."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from pipeline.engines.local import run_here
from pipeline.errors import OutputError
from pipeline.runner import run as run_job
from pipeline.worker import Worker
from tests.faults.conftest import SMALL
from tests.faults.runs import Input, digests, half_written, manifests
from tests.running import job, problems, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL_DISK, LARGE_DISK = "size=150k", "size=20m"
"""The first holds some of the ten shards, the second all that is made of them."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a small disk; skip where that is not allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not _works("mount", "-t", "tmpfs", "-o", SMALL_DISK, "tmpfs", str(folder)):
        pytest.skip("needs the right to mount a small disk, which root has")
    yield folder
    _works("umount", str(folder))


def test_a_full_disk_is_told_in_one_line_and_more_space_cures_it(
    small_disk: Path, articles: Path, undisturbed: dict[str, str]
) -> None:
    corpus = small_disk / "corpus"
    code, output = Input(articles=articles, corpus=corpus, settings=(SMALL,)).finish("-q", "--workers=2")
    lines = [line for line in output.splitlines() if line.startswith("error:")]
    done = manifests(corpus)
    left = list(half_written(corpus))
    _works("mount", "-o", f"remount,{LARGE_DISK}", str(small_disk))
    summary = run(articles, corpus, SMALL)

    assert code == 4
    assert len(lines) == 1
    assert "No space left on device); free some space, then run again" in lines[0]
    assert left == []
    assert 0 < len(done) == summary.reused < 10
    assert digests(corpus) == undisturbed


def test_an_output_that_becomes_read_only_is_told_and_what_is_done_stays(
    corpus: Path, articles: Path, undisturbed: dict[str, str]
) -> None:
    todo = job(articles, corpus, SMALL)

    def engine(worker: Worker, shards: object) -> object:
        for one in run_here(worker, shards):  # type: ignore[arg-type]
            stack.enter_context(_read_only(corpus))
            yield one

    with ExitStack() as stack, pytest.raises(OutputError, match=r"make it writable, or name another --output$"):
        run_job(todo, engine, Worker(todo))  # type: ignore[arg-type]
    summary = run(articles, corpus, SMALL)

    assert summary.reused == 1
    assert digests(corpus) == undisturbed


@pytest.mark.parametrize("damage", ["cut", "flip"])
@pytest.mark.parametrize(
    "pattern",
    [
        "manifests/[!cd]*.json",
        "manifests/corpus.json",
        "manifests/derivation",
        "documents/*.parquet",
        "units/ru/*.parquet",
        "exports/corpus.jsonl",
        "rejects.jsonl",
        "README.md",
        "report.html",
    ],
)
def test_a_file_that_is_damaged_is_made_anew(
    made: Path, articles: Path, undisturbed: dict[str, str], pattern: str, damage: str
) -> None:
    chance = random.Random(f"{pattern} {damage}")  # noqa: S311 # no secret
    path = chance.choice(sorted(made.glob(pattern)))
    content = bytearray(path.read_bytes())
    place = chance.randrange(len(content))
    if damage == "cut":
        del content[place:]
    else:
        content[place] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    found = problems(made, articles)
    summary = run(articles, made, SMALL)

    assert found or pattern == "README.md"
    assert summary.done == (1 if "*" in pattern else 0)
    assert digests(made) == undisturbed


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, articles: Path) -> Path:
    """Return a finished corpus; who damages it has it mended."""
    corpus = tmp_path_factory.mktemp("made") / "corpus"
    run(articles, corpus, SMALL)
    return corpus


@pytest.mark.parametrize(
    "name", [".rejects.jsonl.0123.part", "report/.a.html.0123.part", "input/.stdin.jsonl.0123.part"]
)
def test_what_a_killed_process_left_half_written_is_removed(
    made: Path, articles: Path, undisturbed: dict[str, str], name: str
) -> None:
    path = made / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"half")
    run(articles, made, SMALL)

    assert digests(made) == undisturbed


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """Let nobody write into a folder and those in it; root is stopped by an attribute only."""
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    if os.geteuid() == 0:
        if sys.platform != "linux" or not _works("chattr", "+i", *map(str, folders)):
            pytest.skip("root may write everywhere here: the disk knows no immutable folders")
        yield
        _works("chattr", "-i", *map(str, folders))
        return
    for one in folders:
        one.chmod(0o555)
    yield
    for one in folders:
        one.chmod(0o755)


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
