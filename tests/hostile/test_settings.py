"""Settings that mean harm are refused: in one line with its place, with exit code 2, at once, and in little memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pipeline.config import MOST_MISTAKES, load
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 2.0
"""Of the processor, beyond what it takes to start."""

MEGABYTES = 100
"""Of memory, beyond what it takes to start."""

LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))

BOMBS = {
    "laughs": (LAUGHS, "anchors and aliases"),
    "an anchor twice": ("input: &a {path: b}\noutput: &a {path: c}\n", "anchors and aliases"),
    "an alias of itself": ("input: &a [*a]\n", "anchors and aliases"),
    "an alias of nothing": ("input: *nothing\n", "anchors and aliases"),
    "a merge": ("input: {path: a}\n<<: {stages: []}\n", "<<"),
    "an object": ("input: !!python/object/apply:os.system [id]\n", "tags such as"),
    "a name": ("input: !!python/name:os.system\n", "tags such as"),
    "binary": ("input: !!binary aGk=\n", "tags such as"),
    "a tag of one's own": ("%TAG ! tag:evil.example,2000:\n---\ninput: !x {}\n", "tags such as"),
    "a depth of lists": ("input: " + "[" * 10_000 + "]" * 10_000, "levels"),
    "a depth of mappings": ("input: " + "{a: " * 10_000 + "}" * 10_000, "levels"),
    "a depth that is open": ("input: " + "[" * 10_000, "levels"),
    "a depth of dashes": ("- " * 10_000, "levels"),
    "a depth of keys": ("? " * 10_000, "levels"),
    "a depth of indents": ("\n".join(" " * n + "a:" for n in range(1_000)), "levels"),
}

WIDE = {
    "10 MB": ("# " + "x" * 10_000_000 + "\n", "at most"),
    "a word of 1 MB": ("input: " + "x" * 1_000_000, "expected a mapping (got 'xxx"),
    "a key of 1 MB": ("? " + "x" * 1_000_000 + "\n: 1\n", "no such setting"),
    "a stage of 1 MB": ("stages: [{stage: " + "x" * 1_000_000 + "}]\n", "expected"),
    "a number of 1 MB": ("workers: " + "9" * 1_000_000, "valid integer"),
    "a list of 1 MB": ("stages: [" + "a," * 500_000 + "]", "at most"),
    "1,000 mistakes": ("stages:\n" + "- stage: nothing\n" * 1_000, "expected"),
    "many mistakes": ("stages:\n" + "- stage: nothing\n" * 60_000, "at most"),
    "a text of 1 MB": ("input: |\n" + "  x\n" * 250_000, "expected a mapping"),
    "breaks": ("\n" * 1_000_000 + "a", "expected a mapping"),
}
"""What is valid YAML, or nearly, but too much of it."""

LONGEST_OPTION = 100_000
"""Characters; the system passes on no more than 128 KiB in one."""

OPTIONS = [name for name, (text, _) in BOMBS.items() if len(text) < LONGEST_OPTION and "\n" not in text.strip()]

LONGEST_LINE = 1_000


def checked(*arguments: str | Path) -> tuple[int, list[str], float, int]:
    """Run `check`; return its exit code, what it said, its seconds of the processor, and its most megabytes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "check", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stderr is not None
    said = process.stderr.read().decode("utf-8")
    process.stderr.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said.splitlines(), used.ru_utime + used.ru_stime, used.ru_maxrss // 1000


@pytest.fixture(scope="module")
def usual() -> tuple[float, int]:
    """Return what `check` takes of settings that are right."""
    code, _, seconds, megabytes = checked("minimal")
    assert code == 0
    return seconds, megabytes


def check(usual: tuple[float, int], word: str, *arguments: str | Path) -> None:
    code, lines, seconds, megabytes = checked(*arguments)
    assert code == 2
    assert all(line.startswith("error: ") for line in lines)
    assert any(word in line for line in lines)
    assert len(lines) <= MOST_MISTAKES + 1
    assert max(map(len, lines)) < LONGEST_LINE
    assert seconds < usual[0] + SECONDS
    assert megabytes < usual[1] + MEGABYTES


@pytest.mark.parametrize("name", [*BOMBS, *WIDE])
def test_a_hostile_file_is_refused_at_once(tmp_path: Path, usual: tuple[float, int], name: str) -> None:
    text, word = (BOMBS | WIDE)[name]
    (tmp_path / "news.yaml").write_text(text, encoding="utf-8")

    check(usual, word, tmp_path / "news.yaml")


@pytest.mark.parametrize("name", OPTIONS)
def test_a_hostile_option_is_refused_at_once(name: str) -> None:
    text, word = BOMBS[name]
    start = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load(ROOT / "configs" / "minimal.yaml", Settings, [f"input={text}"])

    assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < LONGEST_LINE
    assert time.process_time() < start + SECONDS
