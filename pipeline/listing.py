"""The articles of an input, cut into shards and laid by: what is held of them does not grow with their number."""

from __future__ import annotations

import json
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from weakref import finalize

from pipeline.formats.readers import ArticleRef
from pipeline.remote import Remote
from pipeline.shards import Shard, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pipeline.formats.compressed import Place

HELD_BYTES = 16 << 20
"""Of the list that stay in memory, some 15 an article; more of it goes to a temporary file."""

_FASTEST = 1
"""Level of zlib: names that follow each other are nearly the same, so that the best level saves little more."""

Item = TypeVar("Item")
Made = TypeVar("Made")


class Listing(Sequence[Shard[ArticleRef]]):
    """The shards of an input, in its order. One is unpacked when it is asked for; 16 bytes of each are held."""

    def __init__(self, articles: Iterable[ArticleRef], size: int) -> None:
        self._file = SpooledTemporaryFile(max_size=HELD_BYTES)  # noqa: SIM115 # it lives as long as the listing
        finalize(self, self._file.close)
        self._lock = Lock()
        self._ends = array("Q", [0])
        self._counts = array("Q", [0])
        self._has_rows = False
        for shard in cut(articles, size):
            self._has_rows = self._has_rows or any(article.format != "text" for article in shard.articles)
            self._file.write(_packed(shard))
            self._ends.append(self._file.tell())
            self._counts.append(self._counts[-1] + len(shard.articles))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, place: int) -> Shard[ArticleRef]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Shard[ArticleRef]]: ...
    def __getitem__(self, place: int | slice) -> Shard[ArticleRef] | Sequence[Shard[ArticleRef]]:
        if isinstance(place, slice):
            return Chosen(self, range(len(self))[place])
        number = range(len(self))[place]
        start, end = self._ends[number], self._ends[number + 1]
        with self._lock:
            self._file.seek(start)
            packed = self._file.read(end - start)
        return _unpacked(packed)

    @property
    def articles(self) -> int:
        """The number of articles."""
        return self._counts[-1]

    def each(self, make: Callable[[ArticleRef], Made]) -> Sequence[Made]:
        """Return what is made of each article, when it is asked for."""
        return _Articles(self, make)

    def largest_first(self, places: Sequence[int]) -> Sequence[int]:
        """Return the places of shards such that workers end together: the largest come first.

        Where articles are rows, the order stays: a compressed file can be read forwards only.
        """
        if self._has_rows:
            return places
        return array("Q", sorted(places, key=lambda place: self._counts[place] - self._counts[place + 1]))

    def shard_of(self, article: int) -> tuple[int, int]:
        """Return the number of the shard that holds an article, and the article's place in it."""
        shard = bisect_right(self._counts, article) - 1
        return shard, article - self._counts[shard]


class Chosen(Sequence[Item], Generic[Item]):
    """Some items of a sequence, by their places; none is held."""

    def __init__(self, items: Sequence[Item], places: Sequence[int]) -> None:
        self._items = items
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Item]: ...
    def __getitem__(self, place: int | slice) -> Item | Sequence[Item]:
        if isinstance(place, slice):
            return Chosen(self._items, self._places[place])
        return self._items[self._places[place]]


class _Articles(Sequence[Made], Generic[Made]):
    """What is made of each article of a listing; the shard that was asked for last is held."""

    def __init__(self, listing: Listing, make: Callable[[ArticleRef], Made]) -> None:
        self._listing = listing
        self._make = make
        self._number = -1
        self._shard: Shard[ArticleRef] | None = None

    def __len__(self) -> int:
        return self._listing.articles

    @overload
    def __getitem__(self, place: int) -> Made: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Made]: ...
    def __getitem__(self, place: int | slice) -> Made | Sequence[Made]:
        if isinstance(place, slice):
            return Chosen(self, range(len(self))[place])
        number, within = self._listing.shard_of(range(len(self))[place])
        if self._shard is None or number != self._number:
            self._number, self._shard = number, self._listing[number]
        return self._make(self._shard.articles[within])

    def __iter__(self) -> Iterator[Made]:
        return (self._make(article) for shard in self._listing for article in shard.articles)


def _packed(shard: Shard[ArticleRef]) -> bytes:
    rows = [[one.uri, _place(one.path), one.format, one.row, one.offset, one.length] for one in shard.articles]
    return zlib.compress(json.dumps([shard.id, rows]).encode("ascii"), _FASTEST)


def _unpacked(packed: bytes) -> Shard[ArticleRef]:
    name, rows = json.loads(zlib.decompress(packed))
    return Shard(name, tuple(_ref(*row) for row in rows))


def _place(place: Place) -> str | list[str | int]:
    return [place.root, place.path, place.size, place.version] if isinstance(place, Remote) else str(place)


def _ref(uri: str, place: Any, *rest: Any) -> ArticleRef:  # noqa: ANN401 # as JSON gives it back
    kind, row, offset, length = rest
    path = Remote(*place) if isinstance(place, list) else Path(place)
    return ArticleRef(uri=uri, path=path, format=kind, row=row, offset=offset, length=length)
