from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline import disks
from pipeline.disks import SharedLock, is_network

if TYPE_CHECKING:
    from pathlib import Path

MOUNTS = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
31 22 0:27 / {0}/team rw,relatime shared:9 - nfs4 server:/export rw,vers=4.2
32 31 0:28 / {0}/team/fast rw - xfs /dev/vdb rw
33 22 0:29 / {0}/my\040files rw - fuse.sshfs me@host:/ rw
34 22 0:30 / {0}/scratch rw - wekafs weka rw
"""


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is said to hold several mounts."""
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS.format(tmp_path).lstrip(), encoding="utf-8")
    monkeypatch.setattr(disks, "_MOUNTS", table)
    return tmp_path


@pytest.mark.parametrize(
    ("place", "network"),
    [
        ("a.sqlite", False),
        ("team/a.sqlite", True),
        ("team/fast/a.sqlite", False),
        ("my files/deep/a.sqlite", True),
        ("scratch/a.sqlite", True),
    ],
)
def test_the_innermost_mount_tells_whose_disk_it_is(mounts: Path, place: str, *, network: bool) -> None:
    assert is_network(mounts / place) == network


def test_a_system_that_does_not_tell_has_local_disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disks, "_MOUNTS", tmp_path / "none")

    assert not is_network(tmp_path)


def test_a_lock_is_shared_by_many_and_taken_by_one_alone(tmp_path: Path) -> None:
    one, other = SharedLock(tmp_path / "lock"), SharedLock(tmp_path / "lock")
    one.share()
    other.share()

    assert not one.take()
    assert other.take()
    assert not one.take()
    other.release()
    assert one.take()
    one.release()
