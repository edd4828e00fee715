"""One article without its boilerplate, by one call."""

from __future__ import annotations

import doctest
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline import Stripped, stripping
from pipeline.languages import is_blank
from pipeline.records import Label

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """Мост открыли после ремонта

Поделиться
Старый мост в центре города открыли в понедельник после двух лет ремонта.

По нему снова поехали трамваи, сообщили в мэрии.
Читайте также:
Трамваи вернулись на левый берег города
"""


def test_the_example_in_the_documentation_is_true() -> None:
    result = doctest.testmod(stripping)

    assert result.attempted
    assert not result.failed


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'strop'"):
        pipeline.strop  # noqa: B018


def test_the_text_is_what_is_kept_with_the_line_breaks_between() -> None:
    lines = PAGE.splitlines()

    assert pipeline.strip(PAGE).text == f"{lines[0]}\n\n{lines[3]}\n\n{lines[5]}"


def test_lines_that_follow_each_other_stay_so() -> None:
    text = "Первый абзац этой статьи о мосте, который открыли.\nВторой абзац этой статьи о мосте и трамваях."

    assert pipeline.strip(text).text == text


@pytest.mark.parametrize("mark", ["\r\n", "\r", "\u2028"])
def test_line_breaks_of_other_systems_become_plain_ones(mark: str) -> None:
    assert pipeline.strip(PAGE.replace("\n", mark)).text == pipeline.strip(PAGE).text


def test_labels_can_be_kept() -> None:
    kept = pipeline.strip(PAGE, keep=["body", "share_prompt"])

    assert {block.label for block in kept.blocks if block.kept} == {Label.BODY, Label.SHARE_PROMPT}
    assert kept.text.startswith("Поделиться\nСтарый мост")


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="'bdy' is not a valid Label"):
        pipeline.strip(PAGE, keep=["bdy"])


def test_the_language_is_guessed_unless_it_is_given() -> None:
    assert pipeline.strip(PAGE).language == "ru"
    assert pipeline.strip(PAGE, language="bul").language == "bg"


def test_a_word_that_is_no_language_is_refused() -> None:
    with pytest.raises(ValueError, match="BCP 47"):
        pipeline.strip(PAGE, language="not a language")


def test_a_title_that_is_given_stands_among_the_facts() -> None:
    facts = [(fact.name, fact.value) for fact in pipeline.strip(PAGE, title="Мост открыли").meta]

    assert ("title", "Мост открыли") in facts
    assert [name for name, _ in facts].count("title") == 1


@given(st.lists(st.sampled_from([*PAGE.splitlines(), "* * *", "\u200f", "a\r\nb"])).map("\n".join) | st.text())
def test_blocks_are_slices_that_cover_the_article_and_make_up_the_text(text: str) -> None:
    stripped: Stripped = pipeline.strip(text)
    visible = [index for index, character in enumerate(text) if not is_blank(character)]
    covered = {index for block in stripped.blocks for index in range(block.start, block.end)}
    kept = [block.text for block in stripped.blocks if block.kept]

    assert all(block.text == text[block.start : block.end] for block in stripped.blocks)
    assert covered.issuperset(visible)
    assert "".join(stripped.text.split()) == "".join("".join(kept).split())


def test_a_seed_comes_out_as_the_run_strips_it(seeds: Path) -> None:
    text = (seeds / "004_3336c18a44a6bb92.txt").read_text(encoding="utf-8")

    assert any(not block.kept for block in pipeline.strip(text).blocks)
    assert pipeline.strip(text).text
