"""Makes the normalised text of each article, with its map to the raw text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pipeline import cleaning
from pipeline.identification import Identifier
from pipeline.languages import primary
from pipeline.normalized import NormalizedText
from pipeline.stages.base import Stage, StageConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipeline.cleaning import Rule
    from pipeline.records import Document


class NormalizeConfig(StageConfig):
    """Cleans the characters of each line; what the embedded model is trained on is the default."""

    stage: Literal["normalize"] = "normalize"

    mojibake: bool = True
    """Undo text that was decoded with the wrong encoding (ftfy)."""

    html_entities: bool = True
    """Resolve entities such as `&nbsp;` and `&apos;`."""

    invisible: bool = True
    """Remove controls, soft hyphens, and marks of direction and width; emoji keep their joiners."""

    arabic_forms: bool = True
    """Remove tatweel and replace presentation forms by the letters they show."""

    quotes: bool = True
    """Write every double quote as " and every single one as '."""

    dashes: bool = True
    """Write every dash and hyphen as -."""

    moses_punctuation: bool = True
    """Apply the punctuation rules of Moses (sacremoses) that do no harm to running text."""

    moses_quote_commas: bool = False
    """Apply its rules that move a comma or a full stop over a closing quote, too."""

    moses_numbers: bool = False
    """Apply its rules that write a decimal mark for the no-break space in `2 500`, too."""

    spacing: bool = True
    """One plain space between words, and none before ? ! : ; as French typography sets it."""

    def build(self) -> Normalize:
        return Normalize(self)


@dataclass(slots=True)
class Normalize(Stage):
    """Assigns `Document.normalized` and a first guess of the article's language."""

    name: ClassVar[str] = "normalize"
    version: ClassVar[int] = 1
    requires: ClassVar[frozenset[str]] = frozenset()
    assigns: ClassVar[frozenset[str]] = frozenset({"normalized", "language"})

    config: NormalizeConfig
    identifier: Identifier = field(default_factory=Identifier)

    def __call__(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            yield document if document.drop is not None else self._normalize(document)

    def _normalize(self, document: Document) -> Document:
        repaired = self._repair(NormalizedText.identity(document.text))
        guess = self.identifier.identify(repaired.text)
        return replace(
            document,
            normalized=self._punctuate(repaired, primary(guess.language)),
            language=guess.language,
            language_probability=guess.probability,
        )

    def _repair(self, text: NormalizedText) -> NormalizedText:
        """Return the text as its author meant it: what does not depend on the language."""
        text = cleaning.apply(text, cleaning.LINE_FEEDS)
        if self.config.html_entities:
            text = cleaning.unescape(text)
        if self.config.mojibake:
            text = cleaning.repair_encoding(text)
        if self.config.invisible:
            text = cleaning.apply(text, cleaning.INVISIBLE)
        if self.config.arabic_forms:
            text = cleaning.apply(text, cleaning.ARABIC_FORMS)
        return cleaning.compose(text)

    def _punctuate(self, text: NormalizedText, language: str) -> NormalizedText:
        """Return the text in plain typography: what may depend on the language."""
        config = self.config
        if config.invisible and language == "ar":
            text = cleaning.apply(text, cleaning.NO_JOINERS)
        if config.quotes:
            text = cleaning.apply(text, cleaning.TIGHT_GUILLEMETS)
        if config.moses_punctuation:
            text = cleaning.apply(text, self._moses(language))
        if config.quotes:
            text = cleaning.apply(text, cleaning.QUOTES)
        if config.dashes:
            text = cleaning.apply(text, cleaning.DASHES)
        if config.spacing:
            text = cleaning.apply(text, cleaning.SPACING)
        return cleaning.apply(text, cleaning.EDGES)

    def _moses(self, language: str) -> tuple[Rule, ...]:
        quote_commas, numbers = self.config.moses_quote_commas, self.config.moses_numbers
        return cleaning.moses_rules(language, quote_commas=quote_commas, numbers=numbers)
