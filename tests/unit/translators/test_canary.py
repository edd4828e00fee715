"""A model that writes gibberish is refused when it is loaded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipeline.errors import ModelError
from pipeline.records import Translation
from pipeline.translators import canary
from pipeline.translators.base import Decoding
from pipeline.translators.fake import Fake
from pipeline.translators.library import pull_model
from pipeline.translators.marian_ctranslate2 import MarianCTranslate2
from pipeline.translators.marian_torch import MarianTorch
from pipeline.translators.store import ModelStore
from tests import layouts
from tests.models.quality import checkpoint as embedded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import torch

    from pipeline.translators.base import Search
    from pipeline.translators.checkpoint import Checkpoint

GREEDY = Decoding(beam_size=1, compute_type="float32", threads=2)


class Parrot(Fake):
    """Answers whatever it was told to."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.answer = answer

    def translate(self, texts: Sequence[str], search: Search | None = None) -> list[Translation]:  # noqa: ARG002 # it has nothing to search
        """Return the answers."""
        return [Translation(text=self.answer(text)) for text in texts]


def scrambled(weights: dict[str, torch.Tensor]) -> None:
    """Give every piece the embedding of another."""
    import torch

    last = len(weights[layouts.SHARED]) - 1
    order = torch.cat([torch.randperm(last, generator=torch.Generator().manual_seed(1)), torch.tensor([last])])
    weights[layouts.SHARED] = weights[layouts.SHARED][order]


def wrongly_tied(weights: dict[str, torch.Tensor]) -> None:
    """Give the output layer weights of its own, as an initialisation makes them."""
    import torch

    size = weights[layouts.SHARED].shape
    weights["lm_head.weight"] = torch.empty(size).normal_(std=0.02, generator=torch.Generator().manual_seed(1))


def deaf(weights: dict[str, torch.Tensor]) -> None:
    """Make the decoder hear nothing of the source."""
    for name in list(weights):
        if "encoder_attn.v_proj" in name:
            weights[name] = weights[name] * 0


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., None]], ModelStore]:
    """Return what makes a table of the embedded model with changed weights, pinned."""
    monkeypatch.setenv("NEWSBITEXT_CACHE", str(tmp_path / "cache"))

    def made(change: Callable[[dict[str, torch.Tensor]], None], settings: str = "") -> ModelStore:
        folder = layouts.copied(embedded().folder, tmp_path / "broken")
        layouts.rewrite(folder, change)
        table = tmp_path / "models.yaml"
        languages = "".join(f"  {language}: broken\n" for language in embedded().languages)
        table.write_text(f"languages:\n{languages}models:\n  broken: {{path: broken, licence: MIT{settings}}}\n")
        pull_model(ModelStore(table), "broken")
        return ModelStore(table)

    return made


@pytest.mark.models
@pytest.mark.parametrize("change", [scrambled, wrongly_tied, deaf])
def test_weights_that_make_no_sense_are_refused(
    broken: Callable[[Callable[..., None]], ModelStore], change: Callable[..., None]
) -> None:
    translator = MarianCTranslate2(broken(change).open("broken"), GREEDY)
    with pytest.raises(ModelError, match="writes gibberish") as caught, translator:
        pass

    assert "canary: off" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.models
def test_the_other_backend_refuses_them_too(broken: Callable[[Callable[..., None]], ModelStore]) -> None:
    with (
        pytest.raises(ModelError, match="writes gibberish"),
        MarianTorch(broken(scrambled).open("broken"), replace(GREEDY, threads=0)),
    ):
        pass


@pytest.mark.models
def test_the_table_can_exempt_a_model(broken: Callable[..., ModelStore]) -> None:
    with MarianCTranslate2(broken(scrambled, ", canary: off").open("broken"), GREEDY) as translator:
        assert translator.translate(["Слово."])[0].text


@pytest.mark.models
@pytest.mark.parametrize("language", ["ar", "fr", "ru"])
def test_a_weak_model_passes_in_each_of_its_languages(language: str) -> None:
    with MarianCTranslate2(replace(embedded(), languages=(language,)), GREEDY):
        pass


def of(tiny: Checkpoint, *languages: str) -> Checkpoint:
    return replace(tiny, languages=languages)


@pytest.mark.parametrize("answer", ["", "<pad> <pad>", "President Paris Monday.", "правительство", "..."])
def test_one_answer_to_everything_is_refused(tiny: Checkpoint, answer: str) -> None:
    with pytest.raises(ModelError, match="writes gibberish"):
        canary.check(Parrot(lambda _: answer), of(tiny, "ru", "fr", "ar"))


def test_a_copy_of_the_source_is_no_translation(tiny: Checkpoint) -> None:
    with pytest.raises(ModelError, match="writes gibberish"):
        canary.check(Parrot(lambda text: text), of(tiny, "ru", "ar"))


def test_half_of_the_sense_is_enough(tiny: Checkpoint) -> None:
    answers = {"Президент": "The President went.", "Правительство": "Prices of gas.", "Дети": "What?"}

    canary.check(Parrot(lambda text: answers[text.split()[0]]), of(tiny, "ru"))


def test_a_language_of_which_nothing_is_known_is_not_tried(tiny: Checkpoint) -> None:
    canary.check(Parrot(lambda _: ""), of(tiny, "tlh"))


def test_few_sentences_are_tried_however_many_the_languages() -> None:
    languages = sorted(canary._canaries())
    found = canary.chosen(languages)

    assert len(found) == canary.MOST_SENTENCES
    assert len({one.words for one in found}) == 3
    assert canary.chosen(["fr-CA"]) == canary.chosen(["fr"])


def test_every_language_has_three_sentences() -> None:
    for language, own in canary._canaries().items():
        assert len({one.text for one in own}) == len({one.words for one in own}) == 3, language
