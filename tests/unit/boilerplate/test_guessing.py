from __future__ import annotations

from pipeline.boilerplate.blocks import read_blocks
from pipeline.boilerplate.guessing import governors, guess
from pipeline.boilerplate.lexicon import load_lexicon
from pipeline.boilerplate.page import Page
from pipeline.records import Label
from tests.labelled import article

TEXT = "The council agreed on Monday to pay for a late-night ferry across the harbour."


def guessed(*lines: str, at: int = -1, heading: Label | None = None) -> Label:
    """Return the guess for a line where all are stripped but sentences; `heading` is that of the first line."""
    page = Page(blocks=read_blocks(article("\n".join(lines))), lexicon=load_lexicon())
    if heading:
        page.headings.add(0)
        page.decide(0, heading, "phrase_line", 0.97)
    place = at % len(lines)
    return guess(page, place, governors(page, [not block.prose for block in page.blocks])[place])


def test_a_block_has_the_label_of_the_heading_that_governs_it() -> None:
    assert guessed("Read also", "One", "Two", heading=Label.COMMENTS) == Label.COMMENTS


def test_text_ends_what_a_heading_governs() -> None:
    lines = ("Read also", TEXT, TEXT, TEXT, "Ferries to the islands are late")

    assert guessed(*lines, heading=Label.COMMENT_FORM) == Label.RELATED_NEWS


def test_a_heading_that_governs_nothing_gives_its_label_to_none() -> None:
    assert guessed("Advertisement", "Ferries to the islands are late", heading=Label.ADVERTISEMENT) == (
        Label.RELATED_NEWS
    )


def test_a_block_in_a_row_of_others_is_one_of_them() -> None:
    page = Page(blocks=read_blocks(article("Sport\nA longer line of a menu here\nCulture")), lexicon=load_lexicon())
    page.decide(0, Label.NAVIGATION, "short_line_above_text", 0.7)

    assert guess(page, 1, None) == Label.NAVIGATION


def test_without_company_the_form_decides() -> None:
    assert guessed("World") == Label.NAVIGATION
    assert guessed("Ferries to the islands are late") == Label.RELATED_NEWS
    assert guessed("Pictures of the ferry by @harbour") == Label.EMBEDDED_POST
