"""MarianMT on transformers: the reference that the default is compared with, and an option on GPUs."""

from __future__ import annotations

import logging
import math
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from pipeline.errors import ModelError
from pipeline.events import emit
from pipeline.records import Attention, Translation
from pipeline.translators import canary
from pipeline.translators.base import LOG_PROB_DECIMALS, in_full_precision, in_steps, most_target_tokens
from pipeline.translators.batches import equal_lengths
from pipeline.translators.budget import token_budget
from pipeline.translators.checkpoint import PICKLE, WEIGHTS
from pipeline.translators.halving import in_halves
from pipeline.translators.tokenizer import UNKNOWN, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from pipeline.translators.base import Decoding, Search
    from pipeline.translators.checkpoint import Checkpoint
    from pipeline.translators.tokenizer import Encoded

log = logging.getLogger(__name__)

TIED = ("model.shared.weight",)
"""Of tensors that are one, the name that every reader looks for."""


def convert_pickle(folder: Path) -> None:
    """Write `model.safetensors` from a checkpoint's `pytorch_model.bin`, of which no code is run.

    Tensors that share their memory are written once. Raises `ModelError` when the file holds anything but tensors.
    """
    import torch
    from safetensors.torch import save_file

    path = folder / PICKLE
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        tensors = {name: state[name].contiguous() for name in sorted(state, key=lambda name: (name not in TIED, name))}
    except Exception as error:  # whatever a damaged or hostile pickle makes torch raise
        raise ModelError(
            f"{path}: not loaded: expected nothing but tensors, since a pickle can run code; fetch the model again "
            "from a source that you trust"
        ) from error
    once = {(tensor.data_ptr(), tensor.shape): name for name, tensor in reversed(tensors.items())}
    kept = {name: tensor for name, tensor in tensors.items() if once[tensor.data_ptr(), tensor.shape] == name}
    aside = folder / f".{WEIGHTS}"
    try:
        save_file(kept, aside, metadata={"format": "pt"})
        aside.replace(folder / WEIGHTS)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise ModelError(
            f"{folder}: cannot be written: {error.strerror}; copy the model to a folder of yours"
        ) from error


class MarianTorch:
    """One checkpoint, loaded from its safetensors, with no network.

    On a CPU it decodes one text at a time, so that no result depends on its neighbours; on a GPU
    batches of one length, where the last digits may.
    """

    def __init__(self, checkpoint: Checkpoint, decoding: Decoding) -> None:
        self._checkpoint = checkpoint
        self._decoding = decoding
        self._stack = ExitStack()
        self._model: Any = None
        self._tokenizer: Tokenizer | None = None
        self._precise: MarianTorch | None = None

    @property
    def max_source_tokens(self) -> int:
        """The most pieces of one input."""
        return self._checkpoint.max_source_tokens

    def __enter__(self) -> Self:
        import torch
        from transformers import GenerationConfig, MarianMTModel
        from transformers.utils import logging

        logging.disable_progress_bar()
        if self._decoding.device == "cuda" and not torch.cuda.is_available():
            raise ModelError("device: expected a machine with CUDA (torch sees none); set device: cpu")
        if self._decoding.threads:
            torch.set_num_threads(self._decoding.threads)
        self._tokenizer = Tokenizer(self._checkpoint)
        try:
            model = MarianMTModel.from_pretrained(
                self._checkpoint.folder,
                local_files_only=True,
                use_safetensors=True,
                attn_implementation="eager",  # the only one that gives its attention
                dtype=getattr(torch, self._decoding.compute_type),
            )
        except Exception as error:  # whatever a damaged file makes torch, safetensors or transformers raise
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(
                f"{self._checkpoint.folder}: transformers cannot load it: {first}; fetch the model again"
            ) from error
        model.generation_config = GenerationConfig()  # what the checkpoint's own says would be mixed in
        self._model = model.eval().to(self._decoding.device)
        self._stack.callback(self._close)
        canary.check(self, self._checkpoint)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def _close(self) -> None:
        self._model = self._tokenizer = self._precise = None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many pieces each text has, without the end mark."""
        return self._opened().count(texts)

    def translate(self, texts: Sequence[str], search: Search | None = None) -> list[Translation]:
        """Translate texts of at most `max_source_tokens` pieces each, in order."""
        search = search or self._decoding.search
        encoded = self._opened().encode(texts)
        budget = self._budget()
        results: dict[int, Translation] = {}

        def decode(batch: list[int]) -> list[Translation]:
            return self._decode([encoded[index] for index in batch], search)

        for batch in equal_lengths([len(one.tokens) for one in encoded], budget):
            results.update(zip(batch, in_halves(batch, decode), strict=True))
        lost = [index for index in sorted(results) if not math.isfinite(results[index].log_prob or 0.0)]
        if lost:
            again = self._in_full_precision(len(lost)).translate([texts[index] for index in lost], search)
            results.update(zip(lost, again, strict=True))
        return [results[index] for index in range(len(texts))]

    def _budget(self) -> int:
        """Return the most source pieces of a batch; 0: one text at a time."""
        return 0 if self._decoding.device == "cpu" else token_budget(self._decoding, self._checkpoint.shape)

    def _in_full_precision(self, texts: int) -> MarianTorch:
        """Return the same model in float32, loaded at the first need."""
        if self._precise is None:
            decoding = in_full_precision(self._checkpoint, self._decoding)
            self._precise = self._stack.enter_context(MarianTorch(replace(self._checkpoint, languages=()), decoding))
        name, cure = self._checkpoint.name, "decoded again in float32"
        emit(log, "not_finite", logging.WARNING, model=name, texts=texts, cure=cure)
        return self._precise

    def _opened(self) -> Tokenizer:
        if self._tokenizer is None:
            raise RuntimeError("the translator is not open: enter it first")
        return self._tokenizer

    def _decode(self, batch: Sequence[Encoded], search: Search) -> list[Translation]:
        """Decode inputs of one length; when the GPU has no room for them, leave it as it was and say so."""
        import torch

        try:
            return list(self._decoded(batch, search))
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            raise

    def _decoded(self, batch: Sequence[Encoded], search: Search) -> Iterator[Translation]:
        """Decode inputs of one length, then read them once more to learn probabilities and attention."""
        import torch

        tokenizer, shape = self._opened(), self._checkpoint.shape
        inputs = torch.tensor([tokenizer.framed_ids(one.tokens) for one in batch], device=self._decoding.device)
        longest = most_target_tokens(len(batch[0].tokens), self._checkpoint.max_target_tokens)
        with torch.inference_mode():
            sequences = self._model.generate(
                input_ids=inputs,
                attention_mask=torch.ones_like(inputs),
                generation_config=self._generation(search, longest),
            )
            labels = sequences[:, 1:]
            output = self._model(
                input_ids=inputs,
                attention_mask=torch.ones_like(inputs),
                decoder_input_ids=sequences[:, :-1],
                output_attentions=True,
            )
            output.logits[:, :, [shape.pad_token_id, tokenizer.target_ids[UNKNOWN]]] = -torch.inf
            output.logits[:, 0, shape.eos_token_id] = -torch.inf
            chances = output.logits.float().log_softmax(-1).gather(-1, labels[:, :, None])[:, :, 0]
        weights = output.cross_attentions[self._checkpoint.alignment.layer].float()
        head = self._checkpoint.alignment.head
        weights = weights.mean(1) if head is None else weights[:, head]
        for source, target, chance, rows in zip(batch, labels, chances, weights, strict=True):
            yield self._read(source, target.tolist(), chance, rows)

    def _generation(self, search: Search, longest: int) -> Any:  # noqa: ANN401 # transformers carries no types
        from transformers import GenerationConfig

        shape = self._checkpoint.shape
        unwanted = [[shape.pad_token_id], [self._opened().target_ids[UNKNOWN]]]
        return GenerationConfig(
            num_beams=search.beam_size,
            no_repeat_ngram_size=search.no_repeat_ngram_size,
            repetition_penalty=search.repetition_penalty,
            do_sample=False,
            early_stopping=search.beam_size > 1,  # as CTranslate2 stops: a beam of ends is enough
            min_new_tokens=1,  # as CTranslate2 does: no input of words has an empty translation
            max_new_tokens=longest,
            bad_words_ids=unwanted,
            pad_token_id=shape.pad_token_id,
            eos_token_id=shape.eos_token_id,
            decoder_start_token_id=shape.decoder_start_token_id,
        )

    def _read(self, source: Encoded, target: list[int], chance: Any, rows: Any) -> Translation:  # noqa: ANN401 # tensors
        tokenizer, end = self._opened(), self._checkpoint.shape.eos_token_id
        finished = end in target
        length = target.index(end) + 1 if finished else len(target)
        decoded = tokenizer.decode([[tokenizer.target_tokens[number] for number in target[: length - finished]]])[0]
        log_prob = float(chance[:length].mean())
        first = len(tokenizer.prefix)
        columns = slice(first, first + len(source.spans))
        return Translation(
            text=decoded.text,
            model=self._checkpoint.name,
            log_prob=round(log_prob, LOG_PROB_DECIMALS),
            attention=(
                Attention(
                    source=source.spans,
                    target=decoded.spans,
                    weights=in_steps(rows[: len(decoded.spans), columns].cpu().numpy()),
                ),
            ),
            finished=finished,
        )
