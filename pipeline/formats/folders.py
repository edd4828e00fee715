"""The files of an input on a disk, in the order of their names, whatever the file system's."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def named_files(source: str) -> tuple[bool, Iterable[tuple[str, Path]]]:
    """Return whether a path is that of a directory, and its files, or those of a glob, by their names and in order.

    Raises `InputError` where there are none, or a directory cannot be read.
    """
    root, paths = _files(source)
    return Path(source).is_dir(), ((_name(path, root), path) for path in paths)


def _files(source: str) -> tuple[Path, Iterable[Path]]:
    """Return the root that names are relative to, and the files of a directory, file or glob in the order of names."""
    path = Path(source)
    if path.is_dir():
        return path, _walk(path)
    if path.is_file():
        return path.parent, [path]
    matches = sorted(Path(name) for name in glob.iglob(source, recursive=True))  # noqa: PTH207 # a Path cannot glob an absolute pattern
    files = [match for match in matches if match.is_file()]
    if not files:
        what = "a file, a directory or a glob that matches files"
        raise InputError(f"{source}: expected {what} (got nothing there); name another --input")
    return Path(os.path.commonpath([file.parent for file in files])), files


def _walk(root: Path) -> Iterator[Path]:
    """Yield the files of a directory; links to directories are not followed (no loops), hidden files left out.

    They come in the order of their whole names, yet only the names of one folder, and of those above it, are held.
    """
    levels = [_children(root)]
    while levels:
        path, is_folder = next(levels[-1], (None, False))
        if path is None:
            levels.pop()
        elif is_folder:
            levels.append(_children(path))
        else:
            yield path


def _children(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield what is in a folder, and whether it is one; folders sort as if their names ended in a slash."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(name for one in entries if (name := _shown(one)))
    except OSError as error:
        raise InputError(
            f"{error.filename}: expected a readable directory (got: {error.strerror}); "
            "mend its permissions, or name another --input"
        ) from error
    for name in found:
        yield folder / name, name.endswith("/")


def _shown(entry: os.DirEntry[str]) -> str | None:
    """Return the name of an entry, that of a folder with a slash; None for what is hidden or a link to a folder."""
    try:
        is_folder = entry.is_dir()
    except OSError:  # a link that leads to itself is a file that cannot be read
        is_folder = False
    if entry.name.startswith(".") or (is_folder and entry.is_symlink()):
        return None
    return f"{entry.name}/" if is_folder else entry.name


def _name(path: Path, root: Path) -> str:
    r"""Return the path relative to the root; bytes that are no UTF-8 are written as `\xNN`.

    A name that holds such bytes, or is written as if it did, has its backslashes doubled: no two names are alike.
    """
    name = path.relative_to(root).as_posix()
    own = name.encode("utf-8", "surrogateescape")
    if "\\x" in name or own != name.encode("utf-8", "replace"):
        own = own.replace(b"\\", b"\\\\")
    return own.decode("utf-8", "backslashreplace")
