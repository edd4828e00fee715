"""Runs the command over hostile articles and looks at all that comes out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers import expat

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL_FORMATS = "output.formats=[parquet, jsonl, tmx, moses, xces]"

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What acts on a terminal or turns the order of a page around."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said, and its exit code."""

    code: int
    stdout: str
    stderr: str


def command(*arguments: str | Path, limit_seconds: int = 600) -> Ran:
    """Run the command on its own, with nothing to read."""
    result = subprocess.run(
        [sys.executable, "-m", "pipeline", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=ROOT,
        timeout=limit_seconds,
    )
    return Ran(result.returncode, result.stdout.decode("utf-8", "replace"), result.stderr.decode("utf-8", "replace"))


def corpus_faults(source: Path, corpus: Path, limit_seconds: int = 3600) -> Iterator[str]:
    """Make a corpus of a folder in all formats, and yield what is wrong with it."""
    ran = command("run", "minimal", "-i", source, "-o", corpus, "--set", ALL_FORMATS, limit_seconds=limit_seconds)
    yield from _said("run", ran)
    if ran.code:
        return
    yield from _said("verify", command("verify", corpus, "--input", source, limit_seconds=limit_seconds))
    yield from _said("status", command("status", corpus))
    yield from reject_faults(corpus)
    yield from file_faults(corpus)


def _said(name: str, ran: Ran) -> Iterator[str]:
    if ran.code:
        yield f"{name}: exit code {ran.code}: {ran.stderr[-500:]}"
    if "Traceback" in ran.stderr:
        yield f"{name}: a traceback: {ran.stderr[-1500:]}"
    if found := ACTING.search(ran.stdout + ran.stderr):
        yield f"{name}: prints {found.group()!r}"


def rejects(corpus: Path) -> Iterator[dict[str, object]]:
    """Yield what was set aside, as the corpus lists it."""
    with (corpus / "rejects.jsonl").open(encoding="utf-8", newline="\n") as stream:
        yield from map(json.loads, stream)


def reject_faults(corpus: Path) -> Iterator[str]:
    """Yield what was set aside without a reason, or because of a fault of ours."""
    for row in rejects(corpus):
        reason = row["reason"]
        if not (row["stage"] and isinstance(reason, str) and reason.strip()):
            yield f"rejects: {row['uri']}: no reason"
        elif reason.startswith("internal_error"):
            yield f"rejects: {row['uri']}: {reason}"


def file_faults(corpus: Path) -> Iterator[str]:
    """Yield what other programs would stumble over: XML, lines that do not match, a page that acts."""
    for path in sorted([*corpus.rglob("*.xml"), *corpus.rglob("*.tmx")]):
        try:
            with path.open("rb") as stream:
                expat.ParserCreate().ParseFile(stream)
        except expat.ExpatError as error:
            yield f"{path.name}: {error}"
    for path in sorted(corpus.glob("exports/moses/*.ids")):
        sides = [own.read_bytes().decode("utf-8") for own in path.parent.glob(f"{path.stem}.*")]
        if len({side.count("\n") for side in sides} | {len(side.splitlines()) for side in sides}) != 1:
            yield f"{path.name}: files of different lengths"
    for path in sorted(corpus.glob("report*.html")):
        page = path.read_text("utf-8")
        if found := ACTING.search(page):
            yield f"{path.name}: holds {found.group()!r}"
        for bad in ("<script>alert", "<img src=x", "<svg onload"):
            if bad in page:
                yield f"{path.name}: holds {bad}"


def contents(corpus: Path) -> dict[str, bytes]:
    """Return the files of a corpus that a manifest lists, and the manifests."""
    files = (path for path in sorted(corpus.rglob("*")) if path.is_file())
    found = {path.relative_to(corpus).as_posix(): path.read_bytes() for path in files}
    return {name: content for name, content in found.items() if not name.startswith(("logs/", "locks/"))}
