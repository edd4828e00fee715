"""Measures the ladder: how often each rung is tried and cures, what it costs, and what it does to quality.

python -m tests.models.ladder SHARED [LINES] prints tables for the seeds and FLORES-200 devtest, how often
the guards find fault with the reference translations of FLORES-200 dev, and what capitals and protected text do.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.records import Document, Flag
from pipeline.stages.identify_language import IdentifyLanguageConfig
from pipeline.stages.normalize import NormalizeConfig
from pipeline.stages.split_sentences import SplitSentencesConfig
from pipeline.stages.strip_boilerplate import StripBoilerplateConfig
from pipeline.translators.base import Decoding
from pipeline.translators.guards import Guards, GuardSettings
from pipeline.translators.ladder import PLAIN, LadderSettings, Models, climb
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from tests.conftest import ROOT
from tests.models.quality import LANGUAGES, LINES, checkpoint, pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.records import Translation
    from pipeline.translators.base import Search, Translator
    from pipeline.translators.wholes import Whole

DECODING = Decoding(beam_size=4, compute_type="int8", no_repeat_ngram_size=5)
SPICES = ("https://t.co/a8Xb2?q=1", "@rianru", "#новости", "€18.10", "F-16", "press@ria.ru")
NO_LADDER = LadderSettings(rungs=(), recase_first=())


@dataclass
class Meter:
    """A translator that counts the source pieces it is given, times the beam."""

    inner: Translator
    work: int = field(default=0)

    @property
    def max_source_tokens(self) -> int:
        return self.inner.max_source_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self.inner.count_tokens(texts)

    def translate(self, texts: Sequence[str], search: Search | None = None) -> list[Translation]:
        beam = (search or DECODING.search).beam_size
        self.work += beam * sum(count + 1 for count in self.inner.count_tokens(texts))
        return self.inner.translate(texts, search)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def seed_segments() -> dict[str, list[str]]:
    """Return the texts of the seeds that a model translates, by language."""
    files = sorted((ROOT / "seeds").glob("*.txt"))
    flow = iter([Document(id=file.name, uri=file.name, text=file.read_text(encoding="utf-8")) for file in files])
    stages = (NormalizeConfig(), StripBoilerplateConfig(), SplitSentencesConfig(), IdentifyLanguageConfig())
    documents: Iterator[Document] = flow
    for config in stages:
        documents = config.build()(documents)
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for document in documents:
        for segment in document.segments:
            if segment.drop is None and segment.language in found:
                found[segment.language].append(segment.text)
    return found


def rungs(wholes: Sequence[Whole]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Count how often each rung was tried, was chosen, and left no fault behind."""
    tried: Counter[str] = Counter()
    chosen: Counter[str] = Counter()
    cured: Counter[str] = Counter()
    for whole in wholes:
        for attempt in whole.translation.attempts:
            faults = set(attempt.flags) - {Flag.RECASED}
            if attempt.rung != PLAIN:
                tried[attempt.rung] += 1
                chosen[attempt.rung] += attempt.chosen
                cured[attempt.rung] += attempt.chosen and not faults
    return tried, chosen, cured


def flags(wholes: Sequence[Whole]) -> str:
    """Return how many translations have each flag."""
    counts = Counter(flag.value for whole in wholes for flag in whole.flags)
    faulty = sum(bool(whole.flags) for whole in wholes)
    return f"{faulty} of {len(wholes)}: " + ", ".join(f"{name} {count}" for name, count in counts.most_common())


def scores(wholes: Sequence[Whole], references: Sequence[str]) -> str:
    """Return BLEU and chrF."""
    import sacrebleu

    texts = [whole.translation.text for whole in wholes]
    bleu = sacrebleu.corpus_bleu(texts, [references]).score
    return f"BLEU {bleu:.2f} chrF {sacrebleu.corpus_chrf(texts, [references]).score:.2f}"


def compare(translator: Translator, name: str, texts: Sequence[str], references: Sequence[str] | None) -> None:
    """Print one set before and after."""
    guards = Guards(GuardSettings())
    work: list[int] = []
    results: list[list[Whole]] = []
    for settings in (NO_LADDER, LadderSettings()):
        meter = Meter(translator)
        models = Models(main=meter, search=DECODING.search)  # type: ignore[arg-type] # what the ladder uses of one
        results.append(climb(models, texts, settings, guards))
        work.append(meter.work)
    before, after = results
    _say(f"{name}: flagged before {flags(before)}\n{name}: flagged after  {flags(after)}")
    for rung, count in (tables := rungs(after))[0].most_common():
        _say(f"{name}: {rung}: tried {count}, chosen {tables[1][rung]}, cured {tables[2][rung]}")
    _say(f"{name}: pieces times beam: {work[1] / work[0]:.3f} of what one try takes")
    if references is not None:
        _say(f"{name}: before {scores(before, references)}, after {scores(after, references)}")


def false_alarms(shared: Path) -> None:
    """Print how often a reference translation is flagged."""
    guards = Guards(GuardSettings())
    for language in LANGUAGES:
        sources, references = pairs(shared, language, lines=None)
        counts = Counter(
            flag.value for one, other in zip(sources, references, strict=True) for flag in guards.flags(one, other)
        )
        found = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        _say(f"{language} references, flagged of {len(sources)}: {found}")


def capitals(translator: Translator, shared: Path, lines: int) -> None:
    """Print what capitals do to lines of FLORES-200 dev, without the ladder and with it."""
    models, guards = Models(main=translator, search=DECODING.search), Guards(GuardSettings())
    for language in ("ru", "fr"):
        sources, references = pairs(shared, language, lines=lines)
        for name, written in (("as it is", str), ("all capitals", str.upper), ("title case", str.title)):
            texts = [written(source) for source in sources]
            for with_ladder, settings in ((False, NO_LADDER), (True, LadderSettings())):
                wholes = climb(models, texts, settings, guards)
                _say(f"capitals {language}, {name}, ladder {with_ladder}: {scores(wholes, references)}")


def protection(translator: Translator, shared: Path, lines: int) -> None:
    """Print how often protected text put into lines of FLORES-200 dev comes out, and what it costs."""
    models, guards = Models(main=translator, search=DECODING.search), Guards(GuardSettings())
    for language in LANGUAGES:
        sources, references = pairs(shared, language, lines=lines)
        texts = [_with_spice(source, number) for number, source in enumerate(sources)]
        for name, given in (("as it is", sources), ("protected", texts)):
            wholes = climb(models, given, LadderSettings(), guards)
            kept = sum(Flag.PROTECTED_CHANGED not in whole.flags for whole in wholes)
            rest = [replace(whole, translation=_without_spice(whole.translation)) for whole in wholes]
            _say(f"{name} {language}: unchanged in {kept} of {len(texts)}, the rest {scores(rest, references)}")
        plain = translator.translate(texts)
        kept = sum(SPICES[number % len(SPICES)] in one.text for number, one in enumerate(plain))
        _say(f"shown to the model {language}: unchanged in {kept} of {len(texts)}")


def _with_spice(text: str, number: int) -> str:
    """Put a protected stretch into the middle of a text."""
    words = text.split(" ")
    middle = len(words) // 2
    return " ".join([*words[:middle], SPICES[number % len(SPICES)], *words[middle:]])


def _without_spice(translation: Translation) -> Translation:
    text = translation.text
    for spice in SPICES:
        text = text.replace(spice, " ")
    return replace(translation, text=" ".join(text.split()))


def main(shared: Path, lines: int | None) -> None:
    """Print everything."""
    false_alarms(shared)
    with MarianCTranslate2(checkpoint(), DECODING) as translator:
        for language, texts in seed_segments().items():
            if texts:
                compare(translator, f"seeds {language}", texts, None)
        for language in LANGUAGES:
            sources, references = pairs(shared, language, lines=lines, part="test/flores200-devtest")
            compare(translator, f"devtest {language}", sources, references)
        capitals(translator, shared, lines or LINES)
        protection(translator, shared, lines or LINES)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
