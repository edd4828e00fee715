"""SentencePiece as MarianMT checkpoints use it, with the place of every piece in the text.

Gives the ids of transformers' `MarianTokenizer`, without its two surprises: the punctuation
normaliser that it builds and never applies (`normalize` applies ours), and the special tokens and
language codes that it reads out of the text itself: an article that says `<pad>` or `>>deu<<` is text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.errors import ModelError
from pipeline.records import Span
from pipeline.translators.checkpoint import TARGET_VOCABULARY, VOCABULARY, read_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipeline.translators.checkpoint import Checkpoint

END = "</s>"
UNKNOWN = "<unk>"
PADDING = "<pad>"
SPACE = "▁"


@dataclass(frozen=True, slots=True)
class Encoded:
    """The pieces of one source text, without prefix and end mark; spans are code points of it."""

    tokens: tuple[str, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of target pieces, stripped, and where in it each piece stands (may be empty)."""

    text: str
    spans: tuple[Span, ...]


class Tokenizer:
    """Turns text into pieces and back; one object for both sides, safe to share between threads."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._source = _load(checkpoint.path("source.spm"))
        self._target = _load(checkpoint.path("target.spm"))
        self.source_ids = _vocabulary(checkpoint.path(VOCABULARY))
        separate = checkpoint.path(TARGET_VOCABULARY)
        self.target_ids = _vocabulary(separate) if separate.is_file() else self.source_ids
        self.target_tokens = {number: token for token, number in self.target_ids.items()}
        self.prefix = (checkpoint.prefix,) if checkpoint.prefix else ()
        if checkpoint.prefix and checkpoint.prefix not in self.source_ids:
            raise ModelError(
                f"{checkpoint.path(VOCABULARY)}: the prefix {checkpoint.prefix} is no token of this "
                f"model; mend `prefix` of {checkpoint.name} in the model table"
            )

    def count(self, texts: Sequence[str]) -> list[int]:
        """Return how many pieces each text has, without prefix and end mark."""
        return [len(pieces) for pieces in self._source.encode(_clean(texts), out_type=str)]

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Return the pieces of each text; a piece that the model does not know is `<unk>`."""
        known = self.source_ids
        found = self._source.encode(_clean(texts), return_type="offset_mapping")
        return [
            Encoded(
                tuple(piece if piece in known else UNKNOWN for piece in one["pieces"]),
                tuple(Span(start=start, end=end) for start, end in one["offsets"]),
            )
            for one in found
        ]

    def framed(self, tokens: Sequence[str]) -> list[str]:
        """Return what the model reads: prefix, pieces, end mark."""
        return [*self.prefix, *tokens, END]

    def framed_ids(self, tokens: Sequence[str]) -> list[int]:
        """Return the ids of what the model reads."""
        return [self.source_ids[token] for token in self.framed(tokens)]

    def decode(self, pieces: Sequence[Sequence[str]]) -> list[Decoded]:
        """Return the text of each sequence of target pieces (without end mark)."""
        found = self._target.decode([list(one) for one in pieces], return_type="offset_mapping")
        return [_decoded(one["text"], one["offsets"]) for one in found]


def _decoded(text: str, offsets: Sequence[tuple[int, int]]) -> Decoded:
    text = text.replace(SPACE, " ")
    kept = text.strip()
    first = len(text) - len(text.lstrip())
    limit = len(kept)
    return Decoded(
        kept,
        tuple(
            Span(start=min(max(start - first, 0), limit), end=min(max(end - first, 0), limit)) for start, end in offsets
        ),
    )


def _clean(texts: Sequence[str]) -> list[str]:
    """Replace lone surrogates, which no UTF-8 can hold, one for one."""
    return [
        text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts
    ]


def _load(path: Path) -> Any:  # noqa: ANN401 # sentencepiece carries no types
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor()
    try:
        processor.LoadFromSerializedProto(path.read_bytes())
    except (OSError, RuntimeError) as error:
        raise ModelError(f"{path}: not a SentencePiece model; fetch the model again") from error
    return processor


def _vocabulary(path: Path) -> dict[str, int]:
    found = read_json(path)
    if not isinstance(found, dict) or not all(isinstance(number, int) for number in found.values()):
        raise ModelError(f"{path}: expected pieces with their numbers; fetch the model again")
    missing = [token for token in (END, UNKNOWN) if token not in found]
    if missing:
        raise ModelError(f"{path}: expected the token {missing[0]}; fetch the model again")
    return found
