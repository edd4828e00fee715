"""Surroundings that lack what programs take for granted: a folder to stand in, a home, streams, a locale, memory."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import zstandard

from tests.conftest import ROOT
from tests.hostile.checking import rejects
from tests.running import problems

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NEWS = "Президент страны подписал закон о бюджете.\n"

RUN = "exec {python} -m pipeline run minimal -i {source} -o {corpus}"

SHELLS = {
    "a folder that is gone": "mkdir gone && cd gone && rmdir ../gone && " + RUN,
    "no environment": 'exec env -i PYTHONPATH="$PYTHONPATH" ' + RUN.removeprefix("exec "),
    "a home that is no folder": "HOME=/dev/null " + RUN,
    "an old locale": "LC_ALL=C LANG=C " + RUN + " | cat",
    "ASCII streams": "LC_ALL=C PYTHONIOENCODING=ascii:strict " + RUN,
    "no standard input": RUN + " <&-",
    "no standard output": RUN + " >&-",
    "no standard error": RUN + " 2>&-",
    "no streams": RUN + " <&- >&- 2>&-",
}


def shell(command: str, folder: Path, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in a folder; names in braces stand for the program, the input and the output."""
    names = {"python": sys.executable, "source": folder / "статьи é", "corpus": folder / "корпус é"}
    return subprocess.run(
        [
            "/bin/bash",
            "-c",
            "set -o pipefail; " + command.format(**{name: f"'{path}'" for name, path in names.items()}),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=before,
        timeout=300,
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a folder with one good article; its name is not ASCII."""
    folder = tmp_path / "статьи é"
    folder.mkdir()
    (folder / "новость.txt").write_text(NEWS, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", SHELLS)
def test_a_run_does_without(source: Path, name: str) -> None:
    result = shell(SHELLS[name], source.parent)

    assert "Traceback" not in result.stderr
    assert result.returncode == 0, result.stderr
    assert problems(source.parent / "корпус é", source) == ()


@pytest.mark.parametrize(("arguments", "code"), [("run minimal -i - -o {corpus}", 0), ("strip -", 3)])
def test_standard_input_that_is_closed_is_an_empty_one(source: Path, arguments: str, code: int) -> None:
    result = shell("exec {python} -m pipeline " + arguments + " <&-", source.parent)

    assert "Traceback" not in result.stderr
    assert result.returncode == code, result.stderr


def test_an_old_locale_that_is_insisted_on_is_one_clear_line(source: Path) -> None:
    result = shell("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 " + RUN, source.parent)

    assert result.returncode == 2
    assert all("expected UTF-8" in line and "PYTHONUTF8=1" in line for line in result.stderr.splitlines())


GIGABYTE = 1 << 30


def _zipped() -> bytes:
    piece = gzip.compress(bytes(1 << 24), 6)
    return piece * (GIGABYTE >> 24)


def _zstandard() -> bytes:
    packer = zstandard.ZstdCompressor(level=1).compressobj()
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(GIGABYTE >> 20)), packer.flush()])


def test_a_gigabyte_of_zeros_is_set_aside_in_little_memory(source: Path) -> None:
    for ending, content in ((".gz", _zipped()), (".zst", _zstandard())):
        for kind in ("txt", "jsonl"):
            (source / f"bomb.{kind}{ending}").write_bytes(content)
    result = shell(RUN, source.parent, lambda: resource.setrlimit(resource.RLIMIT_AS, (3 * GIGABYTE, 3 * GIGABYTE)))

    assert result.returncode == 0, result.stderr
    assert {str(row["uri"]): str(row["reason"]).partition(":")[0] for row in rejects(source.parent / "корпус é")} == {
        "bomb.txt.gz": "too_long",
        "bomb.txt.zst": "too_long",
        "bomb.jsonl.gz#0": "too_long",
        "bomb.jsonl.zst#0": "too_long",
    }
