"""Tells which site an article is from: by its web address, its folder, or a pattern."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.records import Meta

SiteFrom: TypeAlias = Literal["auto", "url", "folder", "all"]

ONE_SITE = "*"
"""The site of all articles whose site is not told: what most of them share is boilerplate too."""

_ADDRESSES = ("url", "source_url", "link", "canonical_url", "site", "domain", "host")
"""Facts that come with articles and name the site or hold the address, the surest first."""

_HOST = re.compile(r"(?:https?://)?(?:www\.)?([\w-]+(?:\.[\w-]+)+)(?:[:/?#]|$)", re.IGNORECASE)
_DATE = re.compile(r"[\d._-]+")
"""A folder of a day, a month, a year or a part: it is no site of its own."""

_URL = re.compile(r"https?://", re.IGNORECASE)


def name_site(uri: str, meta: Iterable[Meta], source: SiteFrom, pattern: str | None) -> str:
    """Return the site of an article; `ONE_SITE` when nothing tells it.

    `pattern` is searched in the uri before all else: its first group, else all that matches, is the
    site. `auto` takes the host of the web address, else the folders above the article, those of dates aside.
    """
    if pattern is not None and (match := re.search(pattern, uri)):
        return match[1] if match.re.groups and match[1] else match[0]
    host = _host(uri, meta) if source in ("auto", "url") else None
    if host or source in ("url", "all"):
        return host or ONE_SITE
    folders = [name for name in uri.split("/")[:-1] if not _DATE.fullmatch(name)]
    return "/".join(folders) or ONE_SITE


def is_told_by_name(uri: str, source: SiteFrom, pattern: str | None) -> bool:
    """Whether the uri alone tells the site, so that the article need not be read for it."""
    return source in ("folder", "all") or (pattern is not None and re.search(pattern, uri) is not None)


def _host(uri: str, meta: Iterable[Meta]) -> str | None:
    if _URL.match(uri) and (match := _HOST.match(uri)):
        return match[1].lower()
    facts = {fact.name: fact.value.strip() for fact in meta}
    matches = (_HOST.match(facts[name]) for name in _ADDRESSES if name in facts)
    return next((match[1].lower() for match in matches if match), None)
