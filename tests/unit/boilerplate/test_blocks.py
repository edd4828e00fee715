from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.boilerplate.blocks import main_script, read_blocks
from pipeline.normalized import NormalizedText
from tests.labelled import article

if TYPE_CHECKING:
    from pipeline.boilerplate.blocks import Candidate


def only(text: str) -> Candidate:
    (block,) = read_blocks(article(text))
    return block


def test_blocks_are_lines_trimmed_of_blanks() -> None:
    document = article("\ufeff  One \r\n\r\n\u200e Two\u00a0\n")

    spans = [block.span for block in read_blocks(document)]

    assert [document.text[span.start : span.end] for span in spans] == ["One", "Two"]


def test_blank_lines_before_are_counted() -> None:
    assert [block.blank_lines_before for block in read_blocks(article("a\nb\n\n\nc"))] == [0, 0, 2]


def test_the_text_is_the_normalised_one_and_the_span_is_raw() -> None:
    document = article("“Yes”, he said\nNo")
    normalized = NormalizedText.identity(document.text).edited([(0, 1, '"'), (4, 5, '"')])
    changed = article(document.text)

    block = read_blocks(type(changed)(id="x", uri="x", text=document.text, normalized=normalized))[0]

    assert block.text == '"Yes", he said'
    assert document.text[block.span.start : block.span.end] == "“Yes”, he said"


@pytest.mark.parametrize(
    "text",
    ["End.", "End.”", "End?)", "Конец…»", "انتهى؟", "结束。", "Fin. »", "Out soon. [Daily Mail]", 'Yes!"'],
)
def test_a_sentence_is_closed_by_its_final_mark(text: str) -> None:
    assert only(text).closed


@pytest.mark.parametrize("text", ["Headline", "List:", "one, two,", "Dr. Smith speaks", "3.5 percent"])
def test_a_headline_is_not_closed(text: str) -> None:
    assert not only(text).closed


def test_shares_are_of_all_characters_or_of_cased_letters() -> None:
    block = only("AB cd 12")

    assert block.digit_share == 0.25
    assert block.uppercase_share == 0.5
    assert only("https://a.bc").link_share == 1.0


def test_marks_count_handles_hashtags_and_links() -> None:
    assert only("@who #what https://t.co/x but not me@example.org").marks == 3


@pytest.mark.parametrize("text", ["- item", "• item", "1. item", "12) item", "a) item"])
def test_an_item_of_a_list_is_bulleted(text: str) -> None:
    assert only(text).bulleted


def test_repeats_count_the_blocks_before_with_the_same_words() -> None:
    assert [block.repeats for block in read_blocks(article("Share\nOther\nSHARE!\nshare"))] == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("text", "script"),
    [("Обычный текст и Word", "Cyrillic"), ("نص عربي", "Arabic"), ("texte", "Latin"), ("12 34", None)],
)
def test_the_script_of_an_article_is_that_of_most_letters(text: str, script: str | None) -> None:
    assert main_script(read_blocks(article(text))) == script


def test_the_share_of_a_script_is_of_the_letters() -> None:
    assert only("аб cd").script_share("Cyrillic") == 0.5
    assert only("2022").script_share("Cyrillic") == 1.0
