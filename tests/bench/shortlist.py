"""What a vocabulary shortlist would bring: CTranslate2's `vmap.txt`, made from the model's own alignments."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pipeline.translators.conversion import converted
from pipeline.translators.tokenizer import Tokenizer
from tests.bench.peers import BARE_BATCH_TOKENS, bare_engine, longest_target

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from pipeline.translators.base import Decoding
    from pipeline.translators.checkpoint import Checkpoint

CANDIDATES = 40
"""Target pieces of a source piece, at most; Marian's shortlists have 50 to 100."""

COMMON = 200
"""Target pieces that are always allowed."""


def try_out(
    checkpoint: Checkpoint, decoding: Decoding, texts: Sequence[str], sample: Sequence[str], folder: Path
) -> dict[str, float]:
    """Return the speed of bare CTranslate2 on the sample with and without, and the share of changed translations.

    The list is made from the texts themselves, so the changes are fewer than on unseen text.
    """
    tokenizer = Tokenizer(checkpoint)
    plain = bare_engine(converted(checkpoint), decoding)
    made = texts[:: max(1, len(texts) // 1000)]
    _write(folder, checkpoint, _candidates(plain, tokenizer, made))
    listed = bare_engine(folder, decoding)
    tokens = sorted((tokenizer.framed(one.tokens) for one in tokenizer.encode(sample)), key=len, reverse=True)
    settings = {
        "beam_size": decoding.beam_size,
        "max_batch_size": BARE_BATCH_TOKENS,
        "batch_type": "tokens",
        "max_input_length": 0,
        "max_decoding_length": longest_target(checkpoint, sample),
    }
    seconds: defaultdict[bool, list[float]] = defaultdict(list)
    found: dict[bool, list[Any]] = {}
    for use in (False, True, False, True):
        start = time.perf_counter()
        found[use] = (listed if use else plain).translate_batch(tokens, use_vmap=use, **settings)
        seconds[use].append(time.perf_counter() - start)
    changed = sum(a.hypotheses[0] != b.hypotheses[0] for a, b in zip(found[False], found[True], strict=True))
    return {
        "without": len(sample) / min(seconds[False]),
        "with": len(sample) / min(seconds[True]),
        "changed": changed / len(sample),
    }


def _candidates(engine: Any, tokenizer: Tokenizer, texts: Sequence[str]) -> dict[str, list[str]]:  # noqa: ANN401 # CTranslate2 carries no types
    """Return the target pieces that were written where a source piece was looked at most; under "" the common ones."""
    inputs = [tokenizer.framed(one.tokens) for one in tokenizer.encode(texts)]
    common: Counter[str] = Counter()
    pairs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for source, result in zip(
        inputs,
        engine.translate_batch(inputs, beam_size=1, return_attention=True, max_batch_size=1024, batch_type="tokens"),
        strict=True,
    ):
        common.update(result.hypotheses[0])
        for piece, row in zip(result.hypotheses[0], result.attention[0], strict=False):
            for place in sorted(range(len(row)), key=row.__getitem__)[-3:]:
                pairs[source[place]][piece] += 1
    found = {source: [piece for piece, _ in counts.most_common(CANDIDATES)] for source, counts in pairs.items()}
    return {"": [piece for piece, _ in common.most_common(COMMON)], **found}


def _write(folder: Path, checkpoint: Checkpoint, candidates: dict[str, list[str]]) -> None:
    folder.mkdir()
    for file in converted(checkpoint).iterdir():
        (folder / file.name).symlink_to(file)
    lines = [f"{source}\t{' '.join(targets)}\n" for source, targets in candidates.items()]
    (folder / "vmap.txt").write_text("".join(lines), encoding="utf-8")
