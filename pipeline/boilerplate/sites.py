"""Tells which site an article is from: by its web address, wherever that is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipeline.records import Document, Meta

Setting = TypeVar("Setting")

ADDRESSES = ("url", "source_url", "source_link", "link", "canonical_url", "original_url")
HOSTS = ("host", "domain", "site", "hostname")
"""Facts that come with an article and hold its web address, or only the host of it."""

_ADDRESS = re.compile(r"(?:https?:)?//(?:[^/@\s]*@)?(?P<host>[^/:?#\s]+)", re.IGNORECASE)
_HOST = re.compile(r"(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}")
_FILE_ENDINGS = frozenset({"txt", "json", "jsonl", "gz", "zst", "html", "htm", "parquet", "csv", "xml", "md"})


def article_host(document: Document, facts: Iterable[Meta] = ()) -> str | None:
    """Return the host of the article, in lower case and without `www.`; None when nothing tells it.

    In this order: the uri, when it is a web address; facts that came with the article; `facts`;
    the first folder of the uri, when it is written as a host.
    """
    known = [*document.meta, *facts]
    addresses = [document.uri, *(fact.value for fact in known if fact.name in ADDRESSES)]
    hosts = [match["host"] for match in map(_ADDRESS.match, addresses) if match]
    hosts += [fact.value for fact in known if fact.name in HOSTS]
    hosts += document.uri.split("/")[:-1][:1]
    return next(filter(None, map(host_name, hosts)), None)


def host_name(text: str) -> str | None:
    """Return a host in lower case and without `www.`, or None when the text is no name of a host."""
    host = text.strip().lower().rstrip(".").removeprefix("www.")
    match = _HOST.fullmatch(host)
    return host if match and host.rpartition(".")[2] not in _FILE_ENDINGS else None


def by_site(host: str | None, settings: Mapping[str, Setting]) -> Setting | None:
    """Return the setting of a host, or of the nearest domain above it; None when there is none."""
    while host:
        if host in settings:
            return settings[host]
        host = host.partition(".")[2]
    return None
