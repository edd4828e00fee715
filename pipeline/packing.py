"""Records as bytes and back, equal in every bit: what the memory holds.

A record is written as JSON, field by field in their order, without names; what it is read back as
is told by the types of its fields. Attention, which is most of it, has a form of its own.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from pipeline import records
from pipeline.records import ATTENTION_STEPS, Attention, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

Record = TypeVar("Record")

Reader: TypeAlias = "Callable[[Any, list[bytes]], Any]"
"""Makes a value of what JSON holds of it; the weights of attentions stand apart, in their order."""

LEVEL = 6
"""Of zlib: on real attention 9 saves 1 % more."""

SIZE_BYTES = 4
"""Of the length of each part."""

EXACT, COUNTED = 0, 1
"""How weights are written: as they are, or counted in steps."""


def pack(record: object) -> bytes:
    """Return a record as bytes. Its values: records, tuples, texts, numbers, flags, None, attention."""
    weights: list[bytes] = []
    plain = _plain(record, weights)
    parts = [json.dumps(plain, separators=(",", ":")).encode("ascii"), *weights]
    return zlib.compress(b"".join(len(part).to_bytes(SIZE_BYTES, "little") + part for part in parts), LEVEL)


def unpack(kind: type[Record], packed: bytes) -> Record:
    """Return the record that `pack` was given."""
    content = zlib.decompress(packed)
    parts: list[bytes] = []
    place = 0
    while place < len(content):
        start = place + SIZE_BYTES
        place = start + int.from_bytes(content[place:start], "little")
        parts.append(content[start:place])
    reader: Reader = _reader(kind)  # type: ignore[arg-type] # a class is hashable
    record: Record = reader(json.loads(parts[0]), parts[1:])
    return record


def layout(kind: Any) -> str:  # noqa: ANN401 # any type that a field may have
    """Name a type with all fields inside it: it changes whenever packed records can no longer be read."""
    if kind is Attention:
        return f"Attention/{ATTENTION_STEPS}"
    if is_dataclass(kind):
        hints = _hints(kind)
        return f"{_name(kind)}({','.join(f'{one.name}:{layout(hints[one.name])}' for one in fields(kind))})"
    inside = ",".join(layout(one) for one in get_args(kind))
    return f"{_name(kind)}[{inside}]" if inside else _name(kind)


def _name(kind: Any) -> str:  # noqa: ANN401 # any type that a field may have
    return str(getattr(kind, "__name__", kind))


def _plain(value: Any, weights: list[bytes]) -> Any:  # noqa: ANN401 # what JSON has no types for
    if isinstance(value, Attention):
        weights.append(_written(value.weights))
        rows, columns = value.weights.shape
        return [_steps(value.source), _steps(value.target), rows, columns]
    if isinstance(value, tuple):
        return [_plain(one, weights) for one in value]
    if is_dataclass(value):
        return [_plain(getattr(value, one.name), weights) for one in fields(value)]
    return value


@cache
def _reader(kind: Any) -> Reader:  # noqa: ANN401 # any type that a field may have; a return a kind
    if kind is Attention:
        return _attention
    if is_dataclass(kind):
        return _record_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda plain, _: kind(plain)
    if get_origin(kind) is tuple and get_args(kind)[1:] == (...,):
        inner = _reader(get_args(kind)[0])
        return lambda plain, weights: tuple(inner(one, weights) for one in plain)
    if get_origin(kind) in {Union, UnionType}:
        (known,) = (one for one in get_args(kind) if one is not NoneType)
        inner = _reader(known)
        return lambda plain, weights: None if plain is None else inner(plain, weights)
    if kind in {str, int, float, bool}:
        return lambda plain, _: plain
    raise TypeError(f"no way to read {kind} back")


def _record_reader(kind: Any) -> Reader:  # noqa: ANN401 # any record
    hints = _hints(kind)
    inner = [(one.name, _reader(hints[one.name])) for one in fields(kind)]

    def read(plain: Any, weights: list[bytes]) -> Any:  # noqa: ANN401 # any record
        return kind(**{name: one(value, weights) for (name, one), value in zip(inner, plain, strict=True)})

    return read


def _hints(kind: Any) -> dict[str, Any]:  # noqa: ANN401 # any record
    """Return the types of the fields; records may be imported for the type checker alone."""
    return get_type_hints(kind, localns=vars(records))


def _steps(spans: Sequence[Span]) -> list[int]:
    """Return for each span how far it starts behind the end of the one before, and its length."""
    found: list[int] = []
    end = 0
    for span in spans:
        found += (span.start - end, span.end - span.start)
        end = span.end
    return found


def _spans(steps: Sequence[int]) -> tuple[Span, ...]:
    found: list[Span] = []
    end = 0
    for gap, length in zip(steps[::2], steps[1::2], strict=True):
        start = end + gap
        end = start + length
        found.append(Span(start=start, end=end))
    return tuple(found)


def _attention(plain: Any, weights: list[bytes]) -> Attention:  # noqa: ANN401 # a list of lists and numbers
    source, target, rows, columns = plain
    return Attention(source=_spans(source), target=_spans(target), weights=_read(weights.pop(0), rows, columns))


def _written(weights: NDArray[np.float32]) -> bytes:
    """Return weights counted in steps, low and high bytes apart (zeros lie together); else as they are."""
    import numpy as np

    counts = np.rint(weights * ATTENTION_STEPS)
    if counts.size and counts.min() >= 0 and counts.max() <= np.iinfo(np.uint16).max:
        whole = counts.astype("<u2")
        if np.array_equal(_weights(whole), weights):
            return bytes([COUNTED]) + whole.reshape(-1, 1).view(np.uint8).T.tobytes()
    return bytes([EXACT]) + weights.astype("<f4").tobytes()


def _read(written: bytes, rows: int, columns: int) -> NDArray[np.float32]:
    import numpy as np

    if written[0] == EXACT:
        return np.frombuffer(written, dtype="<f4", offset=1).reshape(rows, columns).astype(np.float32)
    planes = np.frombuffer(written, dtype=np.uint8, offset=1).reshape(2, -1)
    counts = np.ascontiguousarray(planes.T).view("<u2")
    return _weights(counts.reshape(rows, columns))


def _weights(counts: NDArray[np.uint16]) -> NDArray[np.float32]:
    import numpy as np

    found: NDArray[np.float32] = counts.astype(np.float32) / np.float32(ATTENTION_STEPS)
    return found
