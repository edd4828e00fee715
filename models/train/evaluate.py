"""Step 8: BLEU and chrF of a packaged checkpoint, translated with CTranslate2."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.train.text import normalize, read_pairs, tighten_guillemets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Scores of one set against the untouched reference, with their sacreBLEU signatures."""

    name: str
    lines: int
    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str


class Translator:
    """A packaged checkpoint, converted to int8 and run on `threads` cores."""

    def __init__(self, folder: Path, converted: Path, threads: int) -> None:
        import ctranslate2
        import sentencepiece

        if not converted.exists():
            converter = ctranslate2.converters.TransformersConverter(str(folder))
            converter.convert(str(converted), quantization="int8")
        self.model = ctranslate2.Translator(str(converted), intra_threads=threads, compute_type="int8")
        self.source = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
        self.target = sentencepiece.SentencePieceProcessor(model_file=str(folder / "target.spm"))

    def __call__(self, texts: Sequence[str], beam: int) -> list[str]:
        """Translate texts in their order; they are normalised as in training."""
        pieces = [[*self.source.encode(normalize(tighten_guillemets(text)), out_type=str), "</s>"] for text in texts]
        results = self.model.translate_batch(
            pieces,
            beam_size=beam,
            max_batch_size=2048,
            batch_type="tokens",
            max_decoding_length=256,
        )
        return [self.target.decode_pieces(result.hypotheses[0]) for result in results]


def score(name: str, outputs: list[str], references: list[str]) -> Score:
    """Score outputs against one reference each."""
    from sacrebleu.metrics import BLEU, CHRF

    bleu, chrf = BLEU(), CHRF()
    bleu_score = bleu.corpus_score(outputs, [references]).score
    chrf_score = chrf.corpus_score(outputs, [references]).score
    return Score(
        name=name,
        lines=len(outputs),
        bleu=round(bleu_score, 2),
        chrf=round(chrf_score, 2),
        bleu_signature=str(bleu.get_signature()),
        chrf_signature=str(chrf.get_signature()),
    )


def evaluate(translator: Translator, paths: Sequence[Path], beam: int, outputs: Path) -> list[Score]:
    """Translate and score sets of pairs; the translations are left in `outputs`."""
    outputs.mkdir(parents=True, exist_ok=True)
    scores = []
    for path in paths:
        pairs = list(read_pairs(path))
        translated = translator([source for source, _ in pairs], beam)
        name = path.name.removesuffix(".tsv.zst")
        (outputs / f"{name}.json").write_text(json.dumps(translated, ensure_ascii=False, indent=0))
        scores.append(score(name, translated, [english for _, english in pairs]))
    return scores
