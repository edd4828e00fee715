"""Files of the input that change while a run reads them: what is there is read, and the next run mends the rest."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.engines.local import run_here
from pipeline.runner import run as run_job
from pipeline.verify import verify
from pipeline.worker import Worker
from tests.hostile.checking import contents
from tests.running import job, problems, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.formats.readers import ArticleRef

NEWS = "Президент страны подписал закон о бюджете.\n"
LONGER = NEWS + "\nПарламент принял его вчера.\n"


def write(path: Path, texts: Sequence[str]) -> None:
    """Write the articles of a file in the format of its ending."""
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"text": list(texts)}), path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    else:
        path.write_text("".join(texts), encoding="utf-8")


def _vanish(path: Path) -> None:
    path.unlink()


def _grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(LONGER.encode())


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _other(path: Path) -> None:
    path.unlink()
    write(path, [LONGER, LONGER])


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


CHANGES = (_vanish, _grow, _cut, _empty, _folder, _other, _pipe)
FILES = ("m.txt", "m.jsonl", "m.parquet")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a folder with two good articles, to which that comes which changes."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for name in ("a.txt", "z.txt"):
        write(folder / name, [NEWS])
    return folder


def keep(source: Path) -> None:
    """Write the files that will change, and a copy of each."""
    (source.parent / "kept").mkdir()
    for name in FILES:
        write(source / name, [NEWS, LONGER])
        shutil.copy2(source / name, source.parent / "kept")


def restore(source: Path) -> None:
    """Put the files back as they were, with their times."""
    for name in FILES:
        path = source / name
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        shutil.copy2(source.parent / "kept" / name, path)


def assert_mended(source: Path, corpus: Path) -> None:
    """Assert that the corpus verifies, and that another run makes of it what it would have made at once."""
    assert verify(corpus).problems == ()
    run(source, corpus)
    run(source, source.parent / "fresh")

    assert contents(corpus) == contents(source.parent / "fresh")
    assert problems(corpus, source) == ()


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_after_it_was_listed(source: Path, change: Callable[[Path], None]) -> None:
    keep(source)
    corpus = source.parent / "corpus"
    todo = job(source, corpus)
    for name in FILES:
        change(source / name)
    run_job(todo, run_here, Worker(todo))
    restore(source)

    assert_mended(source, corpus)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("back", [False, True])
def test_a_file_that_changes_between_its_checksum_and_its_reading(
    source: Path, change: Callable[[Path], None], *, back: bool
) -> None:
    keep(source)
    corpus = source.parent / "corpus"
    changed: set[str] = set()

    def reading(article: ArticleRef) -> None:
        name = article.path.name if isinstance(article.path, Path) else ""
        if name in FILES and name not in changed:
            changed.add(name)
            change(source / name)
        elif name == "z.txt" and back:
            restore(source)

    todo = job(source, corpus)
    worker = Worker(todo)
    worker.reading = reading
    run_job(todo, run_here, worker)
    assert changed == set(FILES)
    restore(source)

    assert_mended(source, corpus)
