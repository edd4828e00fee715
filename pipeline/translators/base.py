"""What the translate stage calls: texts in, translations out, in order, one for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from pipeline.records import Translation


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

    def translate(self, texts: Sequence[str]) -> list[Translation]:
        """Translate non-empty texts of at most `max_source_tokens` pieces each.

        The result of a text does not depend on its neighbours. `Translation.attention` is set
        when the translator was opened with attention.
        """
