"""Whatever the article, its blocks cover it once, in order, and always in the same way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.languages import is_blank
from pipeline.records import Label
from tests.labelled import strip

LINES = st.sampled_from(
    [
        "Читайте также",
        "Share",
        "Comments (3)",
        "* * *",
        "06.01.2022 09:03",
        "https://t.co/abc",
        "— A (@b) May 1, 2020",
        "A sentence that is long enough to be taken for a paragraph of some article.",
        "Заголовок без точки в конце",
        "إقرأ أيضاً",
        "\u200f\u061c",
        "\ufeff",
        "①②",
        "ـــ",
        "©",
        "#tag",
        "a",
        "相关新闻",
        "It rained. Read also: The river rises.",
        "It rained. (adsbygoogle = window.adsbygoogle || []).push({}); It snowed.",
        "By Jane Roe, 5 May 2021",
        "PARIS (AFP) - It rained.",
        "© 2021 AFP",
        "Tags: rain, <br/>",
        "\U0001f680",
        "e\u0301\u0327",
    ]
)
BREAKS = st.sampled_from(["\n", "\n\n", "\r\n", "\r", "\f", "\u2028", "\u0085", " ", "\u00a0"])
ARTICLES = st.one_of(
    st.text(),
    st.lists(st.tuples(st.one_of(LINES, st.text(max_size=20)), BREAKS), max_size=30).map(
        lambda parts: "".join(line + end for line, end in parts)
    ),
)


@given(ARTICLES)
def test_blocks_cover_every_character_that_is_not_blank_once_and_in_order(text: str) -> None:
    spans = [block.span for block in strip(text).blocks]
    covered = [index for span in spans for index in range(span.start, span.end)]

    assert covered == sorted(set(covered))
    assert {index for index, character in enumerate(text) if not is_blank(character)} <= set(covered)
    assert not any(is_blank(text[edge]) for span in spans for edge in (span.start, span.end - 1))


@given(ARTICLES)
def test_the_same_article_has_the_same_blocks(text: str) -> None:
    assert strip(text) == strip(text)


@given(ARTICLES)
def test_an_article_with_words_keeps_some(text: str) -> None:
    blocks = strip(text).blocks

    assert not blocks or any(block.kept for block in blocks) or all(block.label == Label.SEPARATOR for block in blocks)
