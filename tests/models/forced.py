"""The cross-attention that a model pays to an English text that is given, not its own: of every head at once."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from pipeline.records import Attention, Document, Label, Segment, Span, Translation
from pipeline.stages.normalize import NormalizeConfig
from pipeline.translators.base import Decoding
from pipeline.translators.marian_torch import MarianTorch
from pipeline.translators.tokenizer import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from numpy.typing import NDArray

    from pipeline.translators.checkpoint import AlignmentHead, Checkpoint
    from tests.models.gold import GoldPair


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """A document of one sentence, and the attention of its pieces: layers, heads, target, source."""

    document: Document
    target: str
    source_spans: tuple[Span, ...]
    target_spans: tuple[Span, ...]
    weights: NDArray[np.float32]

    def seen_by(self, head: AlignmentHead) -> Document:
        """Return the document as `translate` would leave it, had this head been chosen."""
        layer = self.weights[head.layer]
        attention = Attention(
            source=self.source_spans,
            target=self.target_spans,
            weights=layer.mean(0) if head.head is None else layer[head.head],
        )
        return translated(self.document, Translation(text=self.target, model="m", attention=(attention,)))


class Forced:
    """One checkpoint, run by the torch backend over pairs whose English stands."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._backend = MarianTorch(checkpoint, Decoding(beam_size=1, compute_type="float32", threads=1))
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self._backend)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def attended(self, document: Document, target: str) -> Attended:
        """Let the model read a document of one sentence and a given translation of it."""
        import torch

        tokenizer = self._backend._opened()
        (encoded,) = tokenizer.encode([document.segments[0].text])
        pieces = tokenizer._target.encode(target, return_type="offset_mapping")
        numbers = [tokenizer.target_ids.get(piece, tokenizer.target_ids[UNKNOWN]) for piece in pieces["pieces"]]
        source = torch.tensor([tokenizer.framed_ids(encoded.tokens)])
        with torch.inference_mode():
            output = self._backend._model(
                input_ids=source,
                attention_mask=torch.ones_like(source),
                decoder_input_ids=torch.tensor([[self._checkpoint.shape.decoder_start_token_id, *numbers[:-1]]]),
                output_attentions=True,
            )
        first = len(tokenizer.prefix)
        weights = np.stack([layer[0].float().numpy() for layer in output.cross_attentions])
        return Attended(
            document=document,
            target=target,
            source_spans=encoded.spans,
            target_spans=tuple(Span(start=start, end=end) for start, end in pieces["offsets"]),
            weights=weights[:, :, :, first : first + len(encoded.spans)],
        )


def documents(pairs: Sequence[GoldPair]) -> list[Document]:
    """Return a document of one segment for each source, normalised as articles are."""
    with NormalizeConfig().build() as stage:
        found = list(stage([Document(id=pair.id, uri=pair.id, text=pair.source) for pair in pairs]))
    return [_segmented(document, pair.language) for document, pair in zip(found, pairs, strict=True)]


def translated(document: Document, translation: Translation) -> Document:
    """Return the document with its only segment translated."""
    return replace(document, segments=(replace(document.segments[0], translation=translation),))


def _segmented(document: Document, language: str) -> Document:
    if document.normalized is None:
        raise ValueError(f"{document.id}: expected normalised text")
    segment = Segment(
        span=Span(start=0, end=len(document.text)),
        text=document.normalized.text,
        normalized_start=0,
        paragraph=0,
        role=Label.BODY,
        language=language,
    )
    return replace(document, segments=(segment,))
