"""Corpora at a URL, for commands that read them: fetched into a folder that is gone afterwards."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipeline.errors import InputError, PipelineError
from pipeline.formats.hosting import hosting
from pipeline.publishing import FINISHED, Mirror
from pipeline.report.build import is_page
from pipeline.stores import is_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextmanager
def at_hand(corpus: str, *folders: str) -> Iterator[Path]:
    """Yield the folder of a corpus, which may be at a URL.

    Of a corpus at a URL it holds the manifests and what lies in `folders` (`""`: everything); rows of a shard come when
    they are read, and must be those of its manifest. What is said of the folder in an error is said of the URL.
    """
    if not is_url(corpus):
        yield Path(corpus)
        return
    with TemporaryDirectory(prefix="newsbitext-") as name:
        folder = Path(name)
        mirror = Mirror(corpus, folder)
        try:
            mirror.refresh()
            if not mirror.is_begun:
                raise InputError(f"{corpus}: expected a corpus (got no manifests); make one: newsbitext run")
            mirror.fetch(*folders)
            with nullcontext() if "" in folders else hosting(folder, mirror):
                yield folder
        except PipelineError as error:
            raise type(error)(said_of(corpus, folder, str(error))) from error


def said_of(corpus: str, folder: Path, text: str) -> str:
    """Return words about the folder of a corpus as words about the URL that it was fetched from."""
    return text.replace(str(folder), corpus.rstrip("/")) if is_url(corpus) else text


def put_back(corpus: str, folder: Path, pages: Sequence[Path]) -> list[str]:
    """Publish the pages of a report that was written into the folder of a corpus, where that is at a URL.

    Return where they are; the last manifest, which lists them, is published last.
    """
    if not is_url(corpus):
        return [str(page) for page in pages]
    store = Mirror(corpus, folder).store
    names = {page.relative_to(folder).as_posix(): page for page in pages}
    store.upload(names)
    store.upload({FINISHED: folder / FINISHED})
    store.remove(name for name in store.listing() if is_page(name) and name not in names)
    return [f"{store.url}/{name}" for name in names]
