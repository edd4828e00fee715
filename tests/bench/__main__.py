"""How fast newsbitext is, next to transformers and to CTranslate2 by itself, on the same segments.

python -m tests.bench [FOLDER]: with FOLDER of articles; without it the seeds, which are few.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.formats.parquet import units
from pipeline.runner import Worker
from pipeline.translators.base import Decoding, most_target_tokens
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from pipeline.translators.marian_torch import MarianTorch
from pipeline.translators.store import ModelStore
from tests.conftest import ROOT
from tests.running import job

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.stages.translate import TranslateConfig
    from pipeline.translators.tokenizer import Encoded

BATCH = 32
"""The batch of the usual script around transformers' `generate`."""


def end_to_end(articles: Path, corpus: Path) -> tuple[float, list[str], TranslateConfig]:
    """Run all stages; return the seconds without loading models, and what models translated."""
    todo = job(articles, corpus, config="default")
    with Worker(todo) as worker:
        worker.run(todo.shards[0])
        start = time.perf_counter()
        for shard in todo.shards:
            worker.run(shard)
        seconds = time.perf_counter() - start
    sources = [row.source for shard in todo.shards for _, rows in units(corpus, shard.id) for row in rows if row.model]
    (config,) = (stage for stage in todo.plan.settings.stages if stage.stage == "translate")
    return seconds, sources, config


def padded(encoded: Sequence[Encoded], translator: MarianTorch) -> Callable[[], None]:
    """Return a run of transformers in batches of `BATCH`, in the order of the texts."""
    import torch

    tokenizer, model = translator._tokenizer, translator._model
    assert tokenizer is not None
    ids = [torch.tensor(tokenizer.framed_ids(one.tokens)) for one in encoded]
    padding = translator._checkpoint.shape.pad_token_id
    settings = translator._generation(translator._decoding.search, longest_target(encoded, translator))

    def run() -> None:
        for first in range(0, len(ids), BATCH):
            inputs = torch.nn.utils.rnn.pad_sequence(
                ids[first : first + BATCH], batch_first=True, padding_value=padding
            )
            with torch.inference_mode():
                model.generate(
                    input_ids=inputs,
                    attention_mask=(inputs != padding).long(),
                    generation_config=settings,
                )

    return run


def bare(encoded: Sequence[Encoded], translator: MarianCTranslate2) -> Callable[[], None]:
    """Return a run of CTranslate2 with its own batching, without scores or attention."""
    tokenizer, engine = translator._tokenizer, translator._engine
    assert tokenizer is not None
    tokens = [tokenizer.framed(one.tokens) for one in encoded]

    def run() -> None:
        engine.translate_batch(
            tokens,
            beam_size=translator._decoding.beam_size,
            max_batch_size=translator._decoding.batch_tokens,
            batch_type="tokens",
            max_input_length=0,
            max_decoding_length=longest_target(encoded, translator),
        )

    return run


def longest_target(encoded: Sequence[Encoded], translator: MarianTorch | MarianCTranslate2) -> int:
    """Return the limit that newsbitext would set for the longest of the texts."""
    longest = max(len(one.tokens) for one in encoded)
    return most_target_tokens(longest, translator._checkpoint.max_target_tokens - 1)


def timed(run: Callable[[], None]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    articles = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "seeds"
    with tempfile.TemporaryDirectory() as folder:
        whole, sources, config = end_to_end(articles, Path(folder) / "corpus")
    store = ModelStore(config.models)
    (name,) = set(store.table.languages.values())
    checkpoint = store.open(name)
    seconds = {"newsbitext, all stages": whole}
    with MarianCTranslate2(checkpoint, decoding(config)) as fast:
        assert fast._tokenizer is not None
        seconds["CTranslate2 alone"] = timed(bare(fast._tokenizer.encode(sources), fast))
    with MarianTorch(checkpoint, decoding(config.model_copy(update={"backend": "torch"}))) as slow:
        assert slow._tokenizer is not None
        usual = timed(padded(slow._tokenizer.encode(sources), slow))
    seconds[f"transformers, batches of {BATCH}"] = usual
    print(f"{len(sources)} segments, {name}, beam {config.beam_size}")
    for what, spent in seconds.items():
        print(f"{what:<30} {len(sources) / spent:8.1f} segments/s  x{usual / spent:5.2f}")


def decoding(config: TranslateConfig) -> Decoding:
    """Return how the stage would decode."""
    return Decoding(
        beam_size=config.beam_size,
        compute_type=config.numbers,
        device=config.device,
        threads=config.threads,
        batch_tokens=config.batch_tokens,
    )


if __name__ == "__main__":
    main()
