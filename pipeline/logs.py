"""What a run tells of itself, in the folder `logs` of a corpus: no part of it, and never the cause of a failure.

logs/plan.json            the shards that there are, and the digest of the plan, by the run that began last
logs/runs/RUN.json        how a run stands, renewed every few seconds
logs/runs/RUN.jsonl       its events, one a line, locked while it lives
logs/shards/SHARD.json    how a shard was made, or why not
logs/workers/NAME.json    what a worker is at
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import PipelineError
from pipeline.events import emit
from pipeline.timing import Step  # noqa: TC001 # pydantic reads the annotation

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

LOGS = "logs"
"""Folder of a corpus that holds what differs between runs."""

PLAN, RUNS, SHARDS, WORKERS = "plan.json", "runs", "shards", "workers"

ASIDE = ".new"
"""Ending of a file that is being written. It is not that of the corpus, which is told to be unfinished by those."""


_Log = TypeVar("_Log")

RunState = Literal["running", "done", "failed", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLog:
    """Which shards there are, with their numbers of articles."""

    plan_digest: str
    shards: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLog:
    """How a run stands. Times are seconds since 1970; `shards` and `articles` are what it had to do when it began."""

    run: str
    host: str
    pid: int
    part: tuple[int, int]
    workers: int
    started: float
    beat: float
    shards: int
    articles: int
    shards_done: int = 0
    articles_done: int = 0
    workers_lost: int = 0
    state: RunState = "running"
    error: str | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardLog:
    """How a shard was made, or what kept it from being made. `seconds` are those of all steps."""

    shard: str
    run: str
    host: str
    pid: int
    started: float
    ended: float
    articles: int
    seconds: float
    peak_memory_bytes: int
    steps: dict[str, Step]
    tally: dict[str, int] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLog:
    """What a worker is at: `articles` of `of` have passed all stages since it began the shard at `started`."""

    run: str
    host: str
    pid: int
    beat: float
    shard: str | None = None
    started: float | None = None
    articles: int = 0
    of: int = 0


_ADAPTERS: dict[type, TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in (PlanLog, RunLog, ShardLog, WorkerLog)}


class Folder:
    """Writes the files of `logs`: aside, then renamed. A fault is told once, and harms nobody."""

    def __init__(self, corpus: Path) -> None:
        self.path = corpus / LOGS
        self._told = False

    def write(self, name: str, content: object) -> None:
        """Write a record as JSON."""
        path = self.path / name
        part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{ASIDE}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(asdict(content), ensure_ascii=True) + "\n", encoding="ascii")  # type: ignore[call-overload]
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            self.tell(error)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(OSError):
            (self.path / name).unlink(missing_ok=True)

    def tell(self, error: OSError) -> None:
        """Warn, the first time, that logs cannot be written."""
        if not self._told:
            self._told = True
            emit(log, "logs_unwritable", logging.WARNING, folder=str(self.path), error=str(error))


def files_of(folder: Path) -> list[Path]:
    """Return the files of a folder by name, without those that are being written; none where there is no folder."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []


def read_log(kind: type[_Log], path: Path) -> _Log | None:
    """Return a file of `logs`; None when it is gone, cut off, or of another version."""
    adapter: TypeAdapter[_Log] = _ADAPTERS[kind]
    try:
        return adapter.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def reason_of(error: BaseException) -> str:
    """Return an error as one line; with its kind, unless a user can mend it."""
    text = str(error).partition("\n")[0]
    return text if isinstance(error, PipelineError) else f"{type(error).__name__}: {text}"


def is_locked(path: Path) -> bool:
    """Whether a living process of this host holds the lock of a file; it is neither written nor kept from anybody."""
    try:
        with path.open("rb") as stream:
            return not lock(stream)
    except OSError:
        return False


if sys.platform == "win32":

    def lock(stream: IO[Any]) -> bool:  # noqa: ARG001 # Windows knows no advisory locks
        """Return False: runs are then told to live by their signs of life."""
        return False

else:
    import fcntl

    def lock(stream: IO[Any]) -> bool:
        """Lock a file until it is closed, or the process dies; return whether it could be had at once."""
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB if stream.writable() else fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
