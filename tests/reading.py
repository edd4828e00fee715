"""Reads inputs as a run does, for tests of the readers."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import zstandard

from pipeline.formats.readers import list_articles, read_article
from pipeline.settings import InputSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.records import Document

TEXT = "Заголовок\n\nПервое предложение.\r\nВторое.\n"
PACKERS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstandard.compress}


def settings(path: Path | str, **others: object) -> InputSettings:
    return InputSettings.model_validate({"path": str(path), **others})


def uris(path: Path | str, **others: object) -> list[str]:
    return [ref.uri for ref in list_articles(settings(path, **others))]


def read(path: Path | str, **others: object) -> list[Document]:
    source = settings(path, **others)
    return [read_article(ref, source) for ref in list_articles(source)]


def reason(path: Path, data: bytes, **others: object) -> str:
    """Write one article, read it, and return why it is dropped."""
    path.write_bytes(data)
    (document,) = read(path, **others)
    assert document.drop is not None
    assert document.drop.stage == "read"
    return document.drop.reason


def facts(document: Document) -> dict[str, str]:
    return {fact.name: fact.value for fact in document.meta}
