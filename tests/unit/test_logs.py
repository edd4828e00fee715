"""Logs harm nobody: neither a disk that refuses them, nor a file that is not what it should be."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from pipeline.logs import PLAN, Folder, PlanLog, RunLog, files_of, is_locked, lock, read_log

if TYPE_CHECKING:
    from pathlib import Path

PLANNED = PlanLog(plan_digest="d", shards={"a": 1})


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write(PLAN, PLANNED)

    assert read_log(PlanLog, folder.path / PLAN) == PLANNED
    assert [path.name for path in files_of(folder.path)] == [PLAN]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"plan_digest": 1, "shards": {}}', "\x00\x00"])
def test_a_damaged_file_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / PLAN
    path.write_text(content)

    assert read_log(PlanLog, path) is None
    assert read_log(RunLog, tmp_path / "nothing") is None


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "logs").write_text("in the way")
    folder = Folder(tmp_path)
    with caplog.at_level(logging.WARNING, "pipeline"):
        folder.write(PLAN, PLANNED)
        folder.write(PLAN, PLANNED)
        folder.remove(PLAN)

    assert [record.getMessage().split()[0] for record in caplog.records] == ["logs_unwritable"]


def test_a_lock_is_seen_while_it_is_held_and_not_after(tmp_path: Path) -> None:
    path = tmp_path / "events"
    with path.open("a") as stream:
        assert lock(stream)
        held = is_locked(path)

    assert held
    assert not is_locked(path)
    assert not is_locked(tmp_path / "nothing")
