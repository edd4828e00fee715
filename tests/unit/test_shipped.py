from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import shipped


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_shipped_file_is_found_from_any_folder(root: Path) -> None:
    assert shipped.find(Path("configs/default.yaml")) == root / "configs" / "default.yaml"


def test_a_file_of_the_user_comes_before_the_shipped_one(elsewhere: Path) -> None:
    own = Path("configs/default.yaml")
    (elsewhere / "configs").mkdir()
    own.touch()

    assert shipped.find(own) == own


def test_a_file_that_is_nowhere_keeps_its_name() -> None:
    assert shipped.find(Path("configs/defualt.yaml")) == Path("configs/defualt.yaml")


def test_a_shipped_config_is_found_by_its_name(root: Path) -> None:
    assert shipped.find_config("fast") == root / "configs" / "fast.yaml"


def test_an_installed_package_finds_its_files_inside(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = elsewhere / "site-packages" / "pipeline"
    (package / "configs").mkdir(parents=True)
    (package / "configs" / "default.yaml").touch()
    monkeypatch.setattr(shipped, "_HOMES", (package.parent, package))

    assert shipped.find_config("default") == package / "configs" / "default.yaml"
