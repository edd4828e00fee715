"""What becomes of the text before a model sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.formats.parquet import read_documents
from pipeline.records import Flag, Label
from tests.complaints.making import ARABIC, FRENCH, RUSSIAN, english

if TYPE_CHECKING:
    from tests.complaints.making import Maker


def test_07_a_blank_line_is_never_sent_to_a_model(make: Maker, sent: list[str]) -> None:
    blanks = ("", "   ", "\t", "\u00a0", "\u200b\u200e", "\u00ad", "...", "— * —", "2022", "\u0640\u0640")
    paragraphs = [RUSSIAN, "Министр финансов уехал из столицы в другой город.", "Цены на газ выросли в начале месяца."]
    lines = [line for paragraph in paragraphs for line in (paragraph, *blanks)]
    make("\n".join(lines), settings=[f"stages.strip_boilerplate.keep=[{', '.join(Label)}]"])

    assert sent == paragraphs


@pytest.mark.parametrize("mark", [".....", "!!!", "?!?", "…"])
def test_10_what_follows_a_run_of_marks_is_translated_by_itself(make: Maker, sent: list[str], mark: str) -> None:
    first, second = RUSSIAN.rstrip("."), "Вечером он уехал из столицы в другой город."
    units = make(f"{first}{mark} {second}\n")

    assert len(sent) == 2
    assert sent[0].startswith(first)
    assert sent[1] == second
    assert [unit.target.strip(".!?…") for unit in units] == [english(text).strip(".!?…") for text in sent]


@pytest.mark.parametrize(
    "sentences",
    [
        (RUSSIAN, "Затем он ушёл.", "Никто не задал вопросов.", "«Всё ясно», — сказал министр."),
        (FRENCH, "Il est ensuite parti.", "Personne n'a posé de question.", "« C'est clair », a dit le ministre."),
        (ARABIC, "ثم غادر القاعة.", "لم يطرح أحد أي سؤال.", "هل كل شيء واضح؟"),
    ],
    ids=["ru", "fr", "ar"],
)
def test_11_each_of_several_sentences_in_a_line_has_a_translation_of_its_own(
    make: Maker, sent: list[str], sentences: tuple[str, ...]
) -> None:
    units = make(" ".join(sentences) + "\n")

    assert [unit.source_raw for unit in units] == list(sentences)
    assert len(sent) == len(sentences)
    assert all(unit.target for unit in units)


@pytest.mark.parametrize("space", ["", " ", "\u00a0", "\u202f"])
def test_12_a_space_before_a_mark_does_not_decide_whether_the_next_sentence_survives(
    make: Maker, sent: list[str], space: str
) -> None:
    make(f"{FRENCH} Que faire{space}? Personne ne le sait{space}! Le ministre est parti hier soir.\n")

    assert sent[1:] == ["Que faire?", "Personne ne le sait!", "Le ministre est parti hier soir."]


def test_13_hard_wrapped_text_is_translated_by_sentences_not_by_lines(make: Maker, sent: list[str]) -> None:
    sentences = (
        "Le président du pays a annoncé hier soir devant les députés que les prix du gaz et du pain avaient augmenté.",
        "Il a ajouté que le gouvernement préparait une nouvelle loi pour aider les familles les plus pauvres du pays.",
        "Les députés de l'opposition ont quitté la salle avant la fin de son discours, sans répondre aux journalistes.",
    )
    make("\n".join(wrapped(" ".join(sentences), 60)) + "\n")

    assert sent == list(sentences)


def wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def test_20_punctuation_is_normalised_before_any_model_sees_it(make: Maker, sent: list[str]) -> None:
    make(
        "Le ministre a dit\u00a0: «\u00a0C’est clair\u00a0» – et il est parti… sans attendre la réponse des députés.\n"
    )

    assert sent == ['Le ministre a dit: "C\'est clair" - et il est parti... sans attendre la réponse des députés.']


def test_26_english_inside_a_french_article_is_left_as_it_is(make: Maker, sent: list[str]) -> None:
    english = "The finance minister said yesterday that the new law would help the poorest families."
    units = make(f"{FRENCH}\n\n{english}\n\n{FRENCH.replace('hier', 'lundi')}\n")

    assert [(unit.target, unit.flags) for unit in units if unit.source == english] == [(english, (Flag.PASSTHROUGH,))]
    assert english not in sent


@pytest.mark.parametrize(
    "text",
    [
        "Он приехал в Россию, т.е. домой, в 1999 г. вместе с А. С. Ивановым и др. гостями из соседней страны.",
        "Selon M. Dupont et Mme. Durand, le prix du gaz, etc. a augmenté dans tout le pays depuis hier.",
        "قال د. أحمد محمد إن الأسعار ارتفعت في البلاد منذ بداية الشهر الماضي بشكل كبير.",
    ],
    ids=["ru", "fr", "ar"],
)
def test_30_an_abbreviation_does_not_end_a_sentence(make: Maker, sent: list[str], text: str) -> None:
    make(f"{text}\n")

    assert sent == [text]


def test_31_invisible_marks_soft_hyphens_and_tatweel_never_reach_a_model(make: Maker, sent: list[str]) -> None:
    marked = ARABIC.replace("رئيس", "\u200fرئـــيس\u200e").replace("حالة", "\u061cحا\u00adلة\u202b\u202c")
    units = make(f"{marked}\n")

    assert sent == [ARABIC]
    assert [unit.source_raw for unit in units] == [marked]


def test_33_a_headline_said_twice_and_share_prompts_are_set_aside(make: Maker, sent: list[str]) -> None:
    title = "Le président annonce une hausse des prix du gaz"
    body = [FRENCH, FRENCH.replace("hier", "lundi"), FRENCH.replace("hier", "mardi")]
    prompts = ["Partager sur Facebook", "Partagez cet article", "Tweeter"]
    make("\n\n".join([title, *prompts[:1], *body, *prompts[1:], title]) + "\n")
    (path,) = (make.corpus / "documents").rglob("*.parquet")
    (document,) = read_documents(path)
    labels = {document.text[block.start : block.end]: block.label for block in document.blocks if not block.kept}

    assert sent == [title, *body]
    assert labels == {title: Label.REPEATED_TITLE, **dict.fromkeys(prompts, Label.SHARE_PROMPT)}
