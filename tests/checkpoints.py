"""Builds small MarianMT checkpoints, of random weights, in the layouts that real ones have."""

from __future__ import annotations

import itertools
import json
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUBJECTS = {
    "ru": ("Президент страны", "Министр финансов", "Суд города", "Новый врач", "Житель села"),
    "ar": ("رئيس الدولة", "وزير المالية", "محكمة المدينة", "طبيب جديد", "سكان القرية"),
    "fr": ("Le président du pays", "La ministre des finances", "L'école", "Un médecin", "L'habitant"),
    "en": ("The president", "The finance minister", "A court of the city", "A doctor", "Villagers"),
}
VERBS = {
    "ru": ("сообщил вчера, что", "подписал закон:", "не видит,"),
    "ar": ("أعلن أمس أن", "وقع القانون،", "لا يرى"),
    "fr": ("a annoncé hier que", "signe la loi :", "ne voit pas"),
    "en": ("said yesterday that", "signed the law:", "does not see"),
}
OBJECTS = {
    "ru": ("цены выросли на 12,5 %.", "войска ушли из города!", "«новый порядок» — это хорошо?"),
    "ar": ("الأسعار ارتفعت بنسبة 12.5٪.", "القوات غادرت المدينة!", '"النظام الجديد" جيد؟'),
    "fr": ("les prix ont augmenté de 12,5 %.", "l'armée a quitté la ville !", "« l'ordre » est bon ?"),
    "en": ("prices rose by 12.5%.", "the troops left the city!", "the “new order” is good?"),
}
LANGUAGES = ("ru", "ar", "fr", "en")


def sentences(language: str) -> list[str]:
    """Return 45 sentences of a language."""
    parts = itertools.product(SUBJECTS[language], VERBS[language], OBJECTS[language])
    return [" ".join(one) for one in parts]


def foreign_sentences() -> list[str]:
    """Return the sentences of all languages but English, mixed, some joined to longer ones."""
    rows = list(zip(*(sentences(language) for language in ("ru", "ar", "fr")), strict=True))
    found = [text for row in rows for text in row]
    return found + [f"{one} {other}" for one, other in itertools.pairwise(found[:60])]


def build_checkpoint(  # noqa: PLR0913 # one keyword a layout
    folder: Path,
    *,
    activation: str = "swish",
    separate: bool = False,
    prefix: str | None = None,
    tokens: tuple[str, ...] = (),
    tied: bool = True,
    end_bias: float = 5.0,
    token_bias: Mapping[str, float] = MappingProxyType({}),
    positions: int = 128,
) -> Path:
    """Write a MarianMT checkpoint of 2 + 2 layers and some 500 pieces, as transformers saves them.

    `separate`: the two sides have vocabularies of their own. `prefix` and `tokens` are tokens for
    languages. `end_bias` makes random weights stop; `token_bias` makes them fond of other tokens.
    """
    import torch
    from transformers import MarianConfig, MarianMTModel, set_seed
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder.mkdir(parents=True, exist_ok=True)
    size = _write_vocabulary(folder, separate=separate, extra=[*([prefix] if prefix else []), *tokens])
    set_seed(7)
    config = MarianConfig(
        vocab_size=size,
        decoder_vocab_size=size,
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        activation_function=activation,
        scale_embedding=True,
        max_position_embeddings=positions,
        pad_token_id=size - 1,
        decoder_start_token_id=size - 1,
        eos_token_id=0,
        bos_token_id=0,
        forced_eos_token_id=0,
        share_encoder_decoder_embeddings=not separate,
        tie_word_embeddings=tied,
    )
    model = MarianMTModel(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1 and "embed_positions" not in name:
                parameter.mul_(12)
        model.final_logits_bias[0, 0] = end_bias
    names = json.loads((folder / ("target_vocab.json" if separate else "vocab.json")).read_text(encoding="utf-8"))
    for token, bias in token_bias.items():
        model.final_logits_bias[0, names[token]] = bias
    model.save_pretrained(folder)
    return folder


def _write_vocabulary(folder: Path, *, separate: bool, extra: list[str]) -> int:
    sources = [text for language in LANGUAGES for text in sentences(language)]
    source = _train(folder / "source.spm", sources)
    target = _train(folder / "target.spm", sentences("en") * 2 + sources) if separate else source
    if not separate:
        (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    size = max(len(source), len(target)) + len(extra) + 1
    for name, pieces in (("vocab.json", source), ("target_vocab.json", target)):
        if name == "vocab.json" or separate:
            own = [*pieces, *extra]
            own += [f"<unused{number}>" for number in range(size - 1 - len(own))]
            table = {piece: number for number, piece in enumerate([*own, "<pad>"])}
            (folder / name).write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")
    settings = {"tokenizer_class": "MarianTokenizer", "separate_vocabs": separate, "source_lang": "ru"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return size


def _train(path: Path, texts: list[str]) -> list[str]:
    import sentencepiece

    with path.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=file,
            vocab_size=520,
            byte_fallback=True,
            bos_id=-1,
            pad_id=-1,
            eos_id=0,
            unk_id=1,
            minloglevel=2,
            hard_vocab_limit=False,
            num_threads=1,
        )
    model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return [model.id_to_piece(number) for number in range(model.get_piece_size())]
