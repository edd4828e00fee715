from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.errors import ModelError
from pipeline.translators.checkpoint import open_checkpoint
from pipeline.translators.tokenizer import END, UNKNOWN, Tokenizer
from tests.checkpoints import build_checkpoint, foreign_sentences, sentences

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.translators.checkpoint import Checkpoint

ODD = ("a", "  two  spaces ", "e\u0301 \U0001f600 𐍈!", "ﬁne ½", "\u200fعربي\u200f", "1,000.50 €", "\ttab\nline")


@pytest.mark.parametrize("separate", [False, True])
def test_ids_are_those_of_the_tokenizer_of_transformers(tmp_path: Path, *, separate: bool) -> None:
    from transformers import MarianTokenizer

    folder = build_checkpoint(tmp_path / "model", separate=separate)
    theirs = MarianTokenizer.from_pretrained(folder)
    ours = Tokenizer(open_checkpoint("m", folder))
    texts = [*foreign_sentences(), *ODD]

    for text, encoded in zip(texts, ours.encode(texts), strict=True):
        assert ours.framed_ids(encoded.tokens) == theirs(text)["input_ids"], text


@pytest.mark.parametrize("separate", [False, True])
def test_target_text_is_that_of_the_tokenizer_of_transformers(tmp_path: Path, *, separate: bool) -> None:
    from transformers import MarianTokenizer

    folder = build_checkpoint(tmp_path / "model", separate=separate)
    theirs = MarianTokenizer.from_pretrained(folder)
    ours = Tokenizer(open_checkpoint("m", folder))

    for text in sentences("en"):
        ids = theirs(text_target=text)["input_ids"]
        pieces = [ours.target_tokens[number] for number in ids[:-1]]
        assert ours.decode([pieces])[0].text == theirs.decode(ids, skip_special_tokens=True)


def test_source_spans_cover_the_text_that_each_piece_stands_for(tiny: Checkpoint) -> None:
    tokenizer = Tokenizer(tiny)
    text = "Президент  страны — l'école 12,5"
    (encoded,) = tokenizer.encode([text])

    for token, span in zip(encoded.tokens, encoded.spans, strict=True):
        slice_ = text[span.start : span.end]
        if not token.startswith("<0x") and token != UNKNOWN:
            assert slice_.strip() == token.strip("▁")


def test_target_spans_cover_the_stripped_text(tiny: Checkpoint) -> None:
    tokenizer = Tokenizer(tiny)
    (encoded,) = tokenizer.encode(["The president said \U0001f600 yesterday"])
    (decoded,) = tokenizer.decode([encoded.tokens])

    assert decoded.text == "The president said \U0001f600 yesterday"
    assert decoded.spans[0].start == 0
    assert decoded.spans[-1].end == len(decoded.text)
    assert all(a.end == b.start for a, b in zip(decoded.spans, decoded.spans[1:], strict=False))


@pytest.mark.parametrize("text", ["<pad>", "</s> he said", "<unk>", ">>deu<< hallo"])
def test_what_looks_like_a_special_token_is_text(tiny: Checkpoint, text: str) -> None:
    (encoded,) = Tokenizer(tiny).encode([text])

    assert not {"<pad>", END, ">>deu<<"} & set(encoded.tokens)
    assert encoded.spans[-1].end == len(text)


def test_a_lone_surrogate_is_one_unknown_character(tiny: Checkpoint) -> None:
    text = "before \ud800 after"
    (encoded,) = Tokenizer(tiny).encode([text])

    assert encoded.spans[-1].end == len(text)


def test_counts_are_those_of_the_pieces(tiny: Checkpoint) -> None:
    tokenizer = Tokenizer(tiny)
    texts = foreign_sentences()

    assert tokenizer.count(texts) == [len(encoded.tokens) for encoded in tokenizer.encode(texts)]


def test_the_prefix_starts_every_input(tmp_path: Path) -> None:
    folder = build_checkpoint(tmp_path / "model", prefix=">>eng<<")
    tokenizer = Tokenizer(open_checkpoint("m", folder, prefix=">>eng<<"))

    assert tokenizer.framed(("▁a",)) == [">>eng<<", "▁a", END]


def test_a_prefix_that_the_model_does_not_know_is_an_error(tiny_folder: Path) -> None:
    with pytest.raises(ModelError, match="the prefix >>xxx<< is no token of this model"):
        Tokenizer(open_checkpoint("m", tiny_folder, prefix=">>xxx<<"))
