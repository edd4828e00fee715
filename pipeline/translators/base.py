"""What the translate stage calls: texts in, translations out, in order, one for one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, Self, TypeAlias

from pipeline.errors import ModelError
from pipeline.records import ATTENTION_STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.records import Translation
    from pipeline.translators.checkpoint import Checkpoint


ComputeType: TypeAlias = Literal["int8", "float32", "float16", "bfloat16"]
Device: TypeAlias = Literal["cpu", "cuda"]

LOG_PROB_DECIMALS = 4
"""To which log-probabilities are rounded: what is beyond differs between machines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How a translation is looked for; it may differ from call to call.

    `no_repeat_ngram_size`: no run of so many pieces is written twice in a target; 0: any may be.
    `repetition_penalty`: what the chance of a piece that was written before is divided by; 1: none.
    """

    beam_size: int
    no_repeat_ngram_size: int = 0
    repetition_penalty: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How a model is run. `threads` 0: all cores; `batch_tokens`: source pieces decoded at once, None: by `budget`."""

    beam_size: int
    compute_type: ComputeType
    no_repeat_ngram_size: int = 0
    device: Device = "cpu"
    threads: int = 0
    batch_tokens: int | None = None

    @property
    def search(self) -> Search:
        """How translations are looked for when a call does not say."""
        return Search(beam_size=self.beam_size, no_repeat_ngram_size=self.no_repeat_ngram_size)


def in_full_precision(checkpoint: Checkpoint, decoding: Decoding) -> Decoding:
    """Return how to decode what a narrower type had no finite numbers for; `ModelError` when none is wider."""
    if decoding.compute_type not in {"float16", "bfloat16"}:
        raise ModelError(
            f"{checkpoint.folder}: gives no numbers as {decoding.compute_type}; its weights are damaged, fetch the "
            "model again"
        )
    return replace(decoding, compute_type="float32")


def most_target_tokens(source_tokens: int, positions: int) -> int:
    """Return how many pieces, with the end mark, the target of one input may have.

    Three a source piece and 32: of 2,991 references of FLORES-200 dev (ru, ar, fr) the longest has
    2.8 pieces a source piece and half have less than 1, so only a decoder that runs in a loop gets so far.
    """
    return min(3 * source_tokens + 32, positions)


def in_steps(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weights of an attention, rounded as its record promises."""
    import numpy as np

    steps = np.float32(ATTENTION_STEPS)
    rounded: NDArray[np.float32] = np.rint(weights * steps) / steps
    return rounded


class Translator(Protocol):
    """One opened model. It knows texts, no documents; it never truncates and never reorders."""

    @property
    def max_source_tokens(self) -> int:
        """The most pieces (without the end mark) that one input may have."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many pieces each text has, without the end mark."""

    def translate(self, texts: Sequence[str], search: Search | None = None) -> list[Translation]:
        """Translate non-empty texts of at most `max_source_tokens` pieces each.

        `search` None: as the translator was opened. The result of a text does not depend on its
        neighbours. `Translation.attention` holds one `Attention`, its spans those of the text and of
        its translation.
        """
