"""A memory gives back what was stored, or nothing: whatever happens to its file."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pipeline import memory as module
from pipeline.errors import InputError, OutputError
from pipeline.memory import LOOKED_UP, Codec, Memory, contents, known, prune
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXTS: Codec[str] = Codec(
    lambda text: text.encode("utf-8", "surrogatepass"), lambda found: found.decode("utf-8", "surrogatepass")
)

RESULTS = {f"текст {number}": f"text {number} " * 9 for number in range(300)}

WRITER = """
import sys
from pathlib import Path
from pipeline.memory import Codec, Memory
codec = Codec(lambda text: text.encode(), lambda found: found.decode())
first, batches = int(sys.argv[2]), int(sys.argv[3])
with Memory(Path(sys.argv[1]), codec) as memory:
    for batch in range(first, first + batches):
        memory.store("r", {f"{batch} {number}": f"{batch} {number} " * 40 for number in range(50)})
        print(batch, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a memory may be made."""
    return tmp_path / "memory.sqlite"


@pytest.fixture
def filled(path: Path) -> Path:
    """Return a memory that holds `RESULTS`."""
    with Memory(path, TEXTS) as memory:
        memory.store("recipe", RESULTS)
    return path


def found(path: Path, texts: dict[str, str] | None = None, recipe: str = "recipe") -> dict[str, str]:
    with Memory(path, TEXTS) as memory:
        return memory.find(recipe, list(texts or RESULTS))


def test_what_was_stored_is_found_by_its_text_and_recipe(filled: Path) -> None:
    assert found(filled) == RESULTS
    assert found(filled, {"текст 7": "", "другой": ""}) == {"текст 7": RESULTS["текст 7"]}
    assert found(filled, recipe="another") == {}


def test_more_texts_than_one_query_takes_are_found(path: Path) -> None:
    many = {str(number): str(-number) for number in range(2 * LOOKED_UP + 1)}
    with Memory(path, TEXTS) as memory:
        memory.store("recipe", many)

    assert found(path, many) == many


def test_a_lone_surrogate_is_a_text_like_others(path: Path) -> None:
    with Memory(path, TEXTS) as memory:
        memory.store("recipe", {"a\ud800": "b\udfff"})

    assert found(path, {"a\ud800": ""}) == {"a\ud800": "b\udfff"}


def test_two_that_have_it_open_see_what_the_other_stores(path: Path) -> None:
    with Memory(path, TEXTS) as one, Memory(path, TEXTS) as other:
        one.store("recipe", {"a": "b"})

        assert other.find("recipe", ["a"]) == {"a": "b"}


def test_a_closed_memory_is_a_single_file_beside_its_lock(filled: Path) -> None:
    assert {one.name for one in filled.parent.iterdir()} == {filled.name, f".{filled.name}.lock"}


@pytest.mark.parametrize(("network", "journal"), [(False, "wal"), (True, "delete")])
def test_a_disk_of_the_network_gets_no_write_ahead_log(
    path: Path, monkeypatch: pytest.MonkeyPatch, *, network: bool, journal: str
) -> None:
    monkeypatch.setattr(module, "is_network", lambda _: network)
    with Memory(path, TEXTS) as memory:
        memory.store("recipe", RESULTS)

    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == (journal,)
    assert found(path) == RESULTS


def test_a_database_of_another_program_is_refused_and_left_as_it_was(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE photos (name TEXT)")
    other.close()
    before = path.read_bytes()

    with pytest.raises(OutputError, match="another program"), Memory(path, TEXTS):
        pass
    assert path.read_bytes() == before


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "half of it gone": lambda content: content[: len(content) // 2],
    "cut within a page": lambda content: content[: len(content) - 1000],
    "cut in the header": lambda content: content[:50],
    "no database": lambda content: b"once upon a time" + content[16:].lower(),
    "zeros": lambda content: bytes(len(content)),
    "another header": lambda content: b"\xff" + content[1:],
    "zeros at the end": lambda content: content[: len(content) // 2] + bytes(len(content) - len(content) // 2),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_put_aside_and_begun_anew(
    filled: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    content = DAMAGES[damage](filled.read_bytes())
    filled.write_bytes(content)
    with Memory(filled, TEXTS) as memory:
        memory.find("recipe", list(RESULTS))
        memory.store("recipe", RESULTS)
        again = memory.find("recipe", list(RESULTS))

    assert again == found(filled) == RESULTS
    assert filled.with_name(f"{filled.name}.damaged-1").read_bytes()[:50] == content[:50]
    assert "memory_damaged" in caplog.text


def test_an_empty_file_is_a_new_memory(path: Path) -> None:
    path.touch()
    with Memory(path, TEXTS) as memory:
        memory.store("recipe", RESULTS)

    assert found(path) == RESULTS


@pytest.mark.parametrize("seed", range(60))
def test_flipped_bits_never_change_a_result(filled: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 # no secret
    content = bytearray(filled.read_bytes())
    for _ in range(chance.choice((1, 1, 20))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    filled.write_bytes(content)
    with Memory(filled, TEXTS) as memory:
        first = memory.find("recipe", list(RESULTS))
        memory.store("recipe", {text: one for text, one in RESULTS.items() if text not in first})
        second = memory.find("recipe", list(RESULTS))

    assert first.items() <= RESULTS.items()
    assert second.items() <= RESULTS.items()


def test_a_row_that_does_not_match_its_checksum_is_noticed(filled: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = sqlite3.connect(filled)
    database.execute("UPDATE results SET value = (SELECT value FROM results LIMIT 1) WHERE rowid = 200")
    database.commit()
    database.close()

    assert found(filled).items() <= RESULTS.items()
    assert "a row does not match its checksum" in caplog.text


def test_a_damaged_file_that_others_use_is_done_without(filled: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Memory(filled, TEXTS) as other, Memory(filled, TEXTS) as one:
        database = sqlite3.connect(filled)
        database.execute("UPDATE results SET value = zeroblob(20)")
        database.commit()
        database.close()
        nothing = one.find("recipe", list(RESULTS))
        one.store("recipe", RESULTS)
        afterwards = one.find("recipe", list(RESULTS))

        assert nothing == afterwards == {}
        assert "others use it" in caplog.text
        assert other.find("recipe", list(RESULTS)) == {}
    assert filled.with_name(f"{filled.name}.damaged-1").exists()


def test_a_file_that_cannot_be_opened_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    with Memory(tmp_path / "file" / "memory.sqlite", TEXTS) as memory:
        memory.store("recipe", RESULTS)

        assert memory.find("recipe", list(RESULTS)) == {}
    assert "memory_unusable" in caplog.text


def test_a_full_disk_costs_what_does_not_fit(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Memory(path, TEXTS) as memory:
        memory.store("recipe", {"a": "b"})
        assert memory._database is not None
        memory._database.execute("PRAGMA max_page_count = 8")
        memory.store("recipe", RESULTS)

    assert "memory_unusable" in caplog.text
    assert found(path, RESULTS | {"a": ""}) == {"a": "b"}


def test_a_file_that_is_locked_for_too_long_is_done_without(
    filled: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.05)
    with Memory(filled, TEXTS) as memory:
        other = sqlite3.connect(filled)
        other.execute("BEGIN IMMEDIATE")
        memory.store("recipe", {"new": "one"})
        other.close()

    assert "locked" in caplog.text
    assert found(filled) == RESULTS


@pytest.mark.parametrize("seconds", [0.0, 0.03, 0.1, 0.2, 0.35])
def test_a_process_that_is_killed_leaves_whole_batches(path: Path, seconds: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), "0", "100000"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    said = child.communicate()[0].split()
    last = int(said[-1]) if said else 0
    expected = {f"{batch} {number}": f"{batch} {number} " * 40 for batch in range(last + 2) for number in range(50)}
    kept = found(path, expected, "r")

    assert kept.items() <= expected.items()
    assert len(kept) in {50 * (last + 1), 50 * (last + 2)}
    assert not list(path.parent.glob("*damaged*"))


class Interrupted(sqlite3.Connection):
    """A connection whose first look at a file takes so long that another process makes the tables meanwhile."""

    other: threading.Thread

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401 # as sqlite3 has it
        if "sqlite_master" in statement and self.other.ident is None:
            self.other.start()
            self.other.join(0.3)
        return super().execute(statement, *values)


def test_a_memory_that_another_begins_meanwhile_is_not_taken_for_damaged(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connect = sqlite3.connect

    def store() -> None:
        monkeypatch.setattr(sqlite3, "connect", connect)
        with Memory(path, TEXTS) as memory:
            memory.store("recipe", {"other": "one"})

    Interrupted.other = threading.Thread(target=store)
    monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=Interrupted))
    with Memory(path, TEXTS) as memory:
        memory.store("recipe", {"this": "one"})
    Interrupted.other.join()

    assert found(path, {"this": "", "other": ""}) == {"this": "one", "other": "one"}
    assert caplog.text == ""


def test_processes_may_write_at_once(path: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(first), "12"], cwd=ROOT, stdout=subprocess.DEVNULL
        )
        for first in (0, 4, 8)
    ]
    assert [child.wait() for child in children] == [0, 0, 0]
    expected = {f"{batch} {number}": f"{batch} {number} " * 40 for batch in range(20) for number in range(50)}

    assert found(path, expected, "r") == expected


def test_what_a_file_holds_is_told_without_changing_it(filled: Path) -> None:
    with Memory(filled, TEXTS) as memory:
        memory.store("other", {"a": "b"})
    before = filled.read_bytes()

    assert [(one.recipe, one.results) for one in contents(filled)] == [("recipe", len(RESULTS)), ("other", 1)]
    assert known(filled, "recipe", ["текст 1", "b"]) == {"текст 1"}
    assert filled.read_bytes() == before


def test_a_file_that_is_not_there_holds_nothing(path: Path) -> None:
    assert contents(path) == []
    assert known(path, "recipe", ["a"]) == set()
    assert prune(path, ()) == 0
    assert not path.exists()


def test_what_is_pruned_is_gone_with_its_space(filled: Path) -> None:
    with Memory(filled, TEXTS) as memory:
        memory.store("other", {"a": "b"})
    before = filled.stat().st_size
    removed = prune(filled, {"other"})

    assert removed == len(RESULTS)
    assert [(one.recipe, one.results) for one in contents(filled)] == [("other", 1)]
    assert filled.stat().st_size < before


def test_a_damaged_file_is_told_and_not_touched_by_those_who_only_read(filled: Path) -> None:
    filled.write_bytes(b"once upon a time\n" * 1000)

    with pytest.raises(InputError, match="cannot be read"):
        contents(filled)
    assert [one.name for one in filled.parent.glob("memory*")] == [filled.name]
