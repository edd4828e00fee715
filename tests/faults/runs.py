"""Starts the command on a small corpus, looks at what it does, and compares what comes of it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from pipeline.claims import LOCKS, UNLISTED
from pipeline.formats.parquet import read_units
from pipeline.shards import MANIFESTS, WHOLE, parse_manifest
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_SECONDS = 180
"""For what takes a second on a quiet machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Articles, where their corpus goes, and the settings that differ from the config `minimal`."""

    articles: Path
    corpus: Path
    settings: tuple[str, ...] = ("shards.articles=2",)

    def command(self, *options: str) -> list[str]:
        """Return the command that makes the corpus."""
        settings = [word for setting in self.settings for word in ("--set", setting)]
        places = ["--input", str(self.articles), "--output", str(self.corpus)]
        return [sys.executable, "-m", "pipeline", "run", "minimal", *places, *settings, *options]

    def start(self, *options: str, **environment: str) -> subprocess.Popen[str]:
        """Start the command in a process group of its own."""
        return subprocess.Popen(
            self.command(*options),
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def finish(self, *options: str, **environment: str) -> tuple[int, str]:
        """Run the command to its end; return its exit code and what it printed."""
        return ended(self.start(*options, **environment))


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Return the exit code of a command, and what it printed."""
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, output


def copied_articles(seeds: Path, folder: Path, copies: int) -> Path:
    """Make a folder of the seeds, each several times under another name and with another last line."""
    folder.mkdir(parents=True)
    for path in seeds.glob("*.txt"):
        for number in range(copies):
            copy = folder / f"{number:02}-{path.name}"
            shutil.copyfile(path, copy)
            with copy.open("a", encoding="utf-8") as stream:
                stream.write(f"\n\n{number} {number + 1}.\n")
    return folder


def digests(corpus: Path) -> dict[str, str]:
    """Return the checksum of every file of a corpus by its name, but of those that tell of its runs."""
    return {
        path.relative_to(corpus).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(corpus.rglob("*"))
        if path.is_file() and path.relative_to(corpus).parts[0] not in UNLISTED
    }


def manifests(corpus: Path) -> dict[str, tuple[int, int]]:
    """Return which file proves that a shard is done: its inode, and when it was written in nanoseconds."""
    found = {}
    for path in (corpus / MANIFESTS).glob("[!.]*.json"):
        manifest = parse_manifest(path.read_bytes())
        if manifest is not None and manifest.shard != WHOLE:
            found[manifest.shard] = (path.stat().st_ino, path.stat().st_mtime_ns)
    return found


def unit_ids(corpus: Path) -> Counter[str]:
    """Count each unit of a corpus by its id."""
    return Counter(unit.unit_id for path in sorted((corpus / "units").rglob("*.parquet")) for unit in read_units(path))


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the processes of a run that work on shards."""
    try:
        children = psutil.Process(process.pid).children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.NoSuchProcess:
        return []


def until(what: Callable[[], object], process: subprocess.Popen[str] | None = None) -> bool:
    """Wait until something is so; return False when the process ends first."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        if process is not None and process.poll() is not None:
            return bool(what())
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.002)
    return True


def is_claimed(corpus: Path) -> bool:
    """Whether a run has begun to write a corpus, or one that was killed left its lock."""
    return any((corpus / LOCKS).glob("part-*"))


def half_written(corpus: Path) -> Iterator[Path]:
    """Yield the rows of shards that are being written."""
    return (corpus / "documents").glob(".*.part")
