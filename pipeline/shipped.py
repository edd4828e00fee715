"""Files that come with the program: configs and models, in a checkout or installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_HOMES = (_PACKAGE.parent, _PACKAGE)
"""Where `configs/` and `models/` lie: beside the package in a checkout, else inside it."""


def find(path: Path) -> Path:
    """Return `path` if it exists, else the shipped file of that relative name, else `path`."""
    if path.exists() or path.is_absolute():
        return path
    return next((home / path for home in _HOMES if (home / path).exists()), path)


def find_config(name: str) -> Path:
    """Return the file `name`, or the shipped config that is called so, such as `fast`."""
    path = find(Path(name))
    return path if path.exists() else config_files().get(name, path)


def config_files() -> dict[str, Path]:
    """Return the configs that come with the program, by name."""
    folders = (home / "configs" for home in _HOMES)
    return {file.stem: file for folder in folders for file in sorted(folder.glob("*.yaml"))}
