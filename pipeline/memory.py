"""What was made once is kept in SQLite, under the text and all that shapes its result.

A lost or damaged memory costs time, never a result: each row carries a checksum of its own.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from pipeline.disks import SharedLock, is_network
from pipeline.errors import InputError, OutputError
from pipeline.events import emit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

log = logging.getLogger(__name__)

APPLICATION = 0x4E425458
"""`NBTX` in the header of the file: a database of another program is never touched."""

VERSION = 1
"""Of the tables; the layout of the values is in their recipe."""

KEY_BYTES, CHECK_BYTES = 16, 8
"""Of a key, 128 bits: 10^12 texts clash once in 10^14 memories; and of the checksum of a row."""

LOOKED_UP = 500
"""Keys of one query; SQLite takes 999 in any of its builds."""

WAIT_SECONDS = 60.0
"""For another process that is writing: it writes a window at a time, in well under a second."""

_MACHINE = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_NOMEM,
    )
)
"""Errors that say nothing about the content of the file; every other one is taken for damage."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Codec(Generic[Value]):
    """How a result becomes bytes and is read back, equal in every bit."""

    pack: Callable[[Value], bytes]
    unpack: Callable[[bytes], Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a memory holds of one recipe; `bytes` are those of the values."""

    recipe: str
    results: int
    bytes: int


class DamagedError(Exception):
    """The content of the file is not what was written."""


class Memory(Generic[Value]):
    """A memory that is open, shared with any number of processes.

    A file that cannot be opened or written is done without, with one warning. One that is damaged is
    put aside under another name, with a warning, and begun anew.
    """

    def __init__(self, path: Path, codec: Codec[Value]) -> None:
        self._path = path
        self._codec = codec
        self._lock = SharedLock(_lock_of(path))
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        with self._tolerant():
            self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def find(self, recipe: str, texts: Sequence[str]) -> dict[str, Value]:
        """Return the results that are known, by their texts."""
        found: dict[str, Value] = {}
        with self._tolerant() as database:
            for text, packed in _rows(database, recipe, texts) if database else ():
                found[text] = self._codec.unpack(packed)
        return found

    def store(self, recipe: str, results: Mapping[str, Value]) -> None:
        """Keep results for ever, all of them or, when the process dies meanwhile, none."""
        rows = [(key := _key(recipe, text), _sealed(key, self._codec.pack(one))) for text, one in results.items()]
        with self._tolerant() as database:
            if database and rows:
                _write(database, recipe, rows)

    @contextmanager
    def _tolerant(self) -> Iterator[sqlite3.Connection | None]:
        """Give the database, None when there is none to be had; faults of it end here."""
        try:
            yield self._database
        except sqlite3.ProgrammingError:  # ours
            raise
        except (sqlite3.Error, OSError, DamagedError) as error:
            self._close()
            if _is_damage(self._path, error):
                self._begin_anew(error)
            else:
                self._warn("memory_unusable", error, "going on without it")

    def _warn(self, event: str, error: Exception, cure: str, **more: str) -> None:
        values = {"file": str(self._path), **more, "error": str(error), "cure": cure}
        emit(log, event, logging.WARNING, **values)

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._lock.share()
        try:
            self._database = _connect(self._path)
        except OutputError:
            self._lock.release()
            raise

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
        self._lock.release()

    def _begin_anew(self, error: Exception) -> None:
        """Put the file aside and open a new one, unless another process still reads the old one.

        A database that is renamed while it is open would share its log with the one that follows it.
        """
        if not self._lock.take():
            self._warn("memory_damaged", error, "others use it, going on without it")
            return
        try:
            kept = _put_aside(self._path)
            self._warn("memory_damaged", error, "begun anew", kept_as=str(kept))
            self._open()
        except (sqlite3.Error, OSError, DamagedError) as fault:
            self._close()
            self._warn("memory_unusable", fault, "going on without it")


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def known(path: Path, recipe: str, texts: Sequence[str]) -> set[str]:
    """Return the texts whose result a file holds; without a file, none."""
    with _reading(path) as database:
        return {text for text, _ in _rows(database, recipe, texts)} if database else set()


def count(path: Path) -> int:
    """Return how many results a file holds; without a file, none."""
    with _reading(path) as database:
        return int(database.execute("SELECT count(*) FROM results").fetchone()[0]) if database else 0


def contents(path: Path) -> list[Held]:
    """Return what a file holds, recipe by recipe; it is read whole."""
    with _reading(path) as database:
        rows = database.execute(_CONTENTS).fetchall() if database else []
    return [Held(recipe=recipe, results=results, bytes=size) for recipe, results, size in rows]


def prune(path: Path, keep: Collection[str]) -> int:
    """Remove every result but those of the recipes to keep, and give back the space; return how many went.

    Raises `OutputError` when the file cannot be changed, as while a run writes into it.
    """
    if not path.exists():
        return 0
    lock = SharedLock(_lock_of(path))
    try:
        lock.share()
        with closing(_connect(path)) as database:
            return _remove(database, keep)
    except DamagedError as error:
        raise InputError(f"{path}: cannot be read: {error}; a run begins it anew") from error
    except sqlite3.Error as error:
        raise OutputError(f"{path}: cannot be pruned: {error}; try again when no run uses it") from error
    finally:
        lock.release()


def _remove(database: sqlite3.Connection, keep: Collection[str]) -> int:
    gone = [one for one in database.execute("SELECT id, recipe FROM recipes").fetchall() if one[1] not in keep]
    database.execute("BEGIN IMMEDIATE")
    for number, _ in gone:
        database.execute("DELETE FROM results WHERE recipe = ?", (number,))
        database.execute("DELETE FROM recipes WHERE id = ?", (number,))
    removed = database.total_changes - len(gone)
    database.execute("COMMIT")
    database.execute("VACUUM")
    return removed


_CONTENTS = """
SELECT recipes.recipe, count(*), sum(length(value)) FROM results JOIN recipes ON recipes.id = results.recipe
GROUP BY recipes.id ORDER BY recipes.id
"""


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Give a connection that only reads, None without a file; `InputError` when it is no sound memory."""
    if not path.exists():
        yield None
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=WAIT_SECONDS)) as found:
            _tables(path, found)
            yield found
    except (sqlite3.Error, DamagedError) as error:
        raise InputError(f"{path}: cannot be read: {error}; if it is damaged, a run begins it anew") from error


def _connect(path: Path) -> sqlite3.Connection:
    """Open a file for reading and writing; make its tables when it is new."""
    database = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
    try:
        new = not _tables(path, database)
        _set_journal(path, database)
        if new:
            _make_tables(database)
    except BaseException:
        database.close()
        raise
    return database


def _set_journal(path: Path, database: sqlite3.Connection) -> None:
    """Write ahead, but on a disk of the network, where that would need memory that hosts share.

    There the rollback journal stands by the locks of the network alone.
    """
    mode, synchronous = ("DELETE", "FULL") if is_network(path) else ("WAL", "NORMAL")
    with suppress(sqlite3.OperationalError):  # another process is just setting it
        database.execute(f"PRAGMA journal_mode = {mode}")
    database.execute(f"PRAGMA synchronous = {synchronous}")


def _make_tables(database: sqlite3.Connection) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.execute("CREATE TABLE IF NOT EXISTS recipes (id INTEGER PRIMARY KEY, recipe TEXT NOT NULL UNIQUE)")
    database.execute(
        "CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, recipe INTEGER NOT NULL, value BLOB NOT NULL)"
    )
    database.execute(f"PRAGMA application_id = {APPLICATION}")
    database.execute(f"PRAGMA user_version = {VERSION}")
    database.execute("COMMIT")


def _tables(path: Path, database: sqlite3.Connection) -> set[str]:
    """Return the names of the tables, none in a new file; a database that is no memory is refused."""
    database.execute("BEGIN")  # all of one moment: another process may just be making the tables
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    database.execute("COMMIT")
    if tables and "results" not in tables and application != APPLICATION:
        raise OutputError(f"{path}: expected a memory (got a database of another program); name another --memory")
    if tables and (application, version, tables) != (APPLICATION, VERSION, {"recipes", "results"}):
        raise DamagedError(f"expected version {VERSION} of a memory (got {application:08x} {version})")
    return tables


def _rows(database: sqlite3.Connection, recipe: str, texts: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the texts that are known with their values, in no order."""
    for start in range(0, len(texts), LOOKED_UP):
        asked = {_key(recipe, text): text for text in texts[start : start + LOOKED_UP]}
        marks = ",".join("?" * len(asked))
        query = f"SELECT key, value FROM results WHERE key IN ({marks})"  # noqa: S608 # question marks only
        for key, value in database.execute(query, list(asked)):
            if key not in asked:
                raise DamagedError("a row stands under the key of another")
            yield asked[key], _unsealed(key, value)


def _write(database: sqlite3.Connection, recipe: str, rows: Iterable[tuple[bytes, bytes]]) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT OR IGNORE INTO recipes (recipe) VALUES (?)", (recipe,))
    found = database.execute("SELECT id FROM recipes WHERE recipe = ?", (recipe,)).fetchone()
    if found is None:
        raise DamagedError("a recipe that was written is not there")
    values = ((key, found[0], value) for key, value in rows)
    database.executemany("INSERT OR IGNORE INTO results (key, recipe, value) VALUES (?, ?, ?)", values)
    database.execute("COMMIT")


def _key(recipe: str, text: str) -> bytes:
    content = f"{recipe}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=KEY_BYTES).digest()


def _sealed(key: bytes, packed: bytes) -> bytes:
    return packed + hashlib.blake2b(key + packed, digest_size=CHECK_BYTES).digest()


def _unsealed(key: bytes, value: object) -> bytes:
    if isinstance(value, bytes):
        packed = value[:-CHECK_BYTES]
        if _sealed(key, packed) == value:
            return packed
    raise DamagedError("a row does not match its checksum")


def _is_damage(path: Path, error: Exception) -> bool:
    """Whether an error tells of the content of the file, and not of the machine or of other processes."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the rest says where
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        return code not in _MACHINE or (code == sqlite3.SQLITE_READONLY and writable)
    return isinstance(error, DamagedError)


def _put_aside(path: Path) -> Path:
    """Rename the file and its log, so that it can be looked into; return its new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    for ending in ("-wal", "-journal"):
        companion = path.with_name(path.name + ending)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + ending))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    return aside
