from __future__ import annotations

import time

import pytest

from pipeline.boilerplate.blocks import read_blocks
from pipeline.boilerplate.judging import judge
from pipeline.boilerplate.lexicon import load_lexicon
from pipeline.records import Label
from tests.labelled import article

TEXT = (
    "The council agreed on Monday to pay for a late-night ferry across the harbour after a long campaign.",
    "Restaurant workers said that the last boat left before their shifts ended, and that they slept at the pier.",
    "The service will be tried for six months before the councillors look at the numbers again in autumn.",
)
TITLE = "Council agrees to pay for late-night ferry across harbour"


def labels(*lines: str) -> list[str]:
    verdicts = judge(read_blocks(article("\n\n".join(lines))), load_lexicon(), method="rules")
    return [verdict.label.value for verdict in verdicts]


def around(line: str) -> str:
    """Return the label of a line that stands between two paragraphs."""
    return labels(TITLE, *TEXT[:2], line, TEXT[2])[3]


def below(line: str) -> str:
    """Return the label of a line that stands below the text and above a comment form."""
    return labels(TITLE, *TEXT, line, "Leave a reply")[4]


def test_a_clean_article_is_a_title_and_a_body() -> None:
    assert labels(TITLE, *TEXT) == ["title", "body", "body", "body"]


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("* * *", "separator"),
        ("_______________", "separator"),
        ("06.01.2022 09:03", "timestamp"),
        ("January 6, 2022", "timestamp"),
        ("Опубликовано: 6 января 2022 г., 09:03", "timestamp"),
        ("2022年1月6日 09:03", "timestamp"),
        ("https://example.org/a/b-c-d?e=f", "source_link"),
        ("Photo: Jane Roe / AFP", "photo_credit"),
        ("ФОТО: «Казинформ»", "photo_credit"),
        ("Advertisement", "advertisement"),
        ("Читайте также: Мост закрыли на ремонт", "related_news"),
        ("window.adsbygoogle = window.adsbygoogle || []", "advertisement"),
    ],
)
def test_a_line_between_paragraphs_is_known_by_its_characters_or_phrases(line: str, label: str) -> None:
    assert around(line) == label


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("Share", "share_prompt"),
        ("© 2023 Harbour Gazette", "legal_footer"),
        ("Tags: ferry, harbour, council", "tags"),
        ("Subscribe to our newsletter", "newsletter_appeal"),
        ("Please consider donating to keep our journalism free.", "donation_appeal"),
        ("This content is for subscribers only.", "subscription_wall"),
        ("We use cookies to improve our website.", "cookie_notice"),
        ("You must be logged in to post a comment.", "comment_form"),
        ("Comments (12)", "comments"),
    ],
)
def test_a_line_below_the_text_is_known_by_its_phrases(line: str, label: str) -> None:
    assert below(line) == label


@pytest.mark.parametrize(
    "line",
    [
        "What happens next",
        "“It is a small thing”",
        "Why now?",
        "He said: “Follow us on this path, and you will read more about it in the comments of history.”",
        "By Monday the last of the tents had gone and the square was quiet again.",
        "Share prices of the three largest lenders fell by a tenth on Tuesday, as traders feared a run.",
    ],
)
def test_a_line_of_the_article_is_kept(line: str) -> None:
    assert around(line) == "body"


def test_a_heading_governs_the_list_under_it_until_a_paragraph() -> None:
    list_of_news = ("Related news", "Bus drivers accept pay offer", "Museum opens its cellar")

    found = labels(TITLE, TEXT[0], TEXT[1], *list_of_news, TEXT[2])

    assert found == ["title", "body", "body", *["related_news"] * 3, "body"]


def test_headlines_under_a_heading_in_an_unknown_language_are_related_news() -> None:
    list_of_news = (
        "Maailma uutiset",
        "Bussinkuljettajat hyväksyivät uuden palkkatarjouksen pitkän kiistan jälkeen",
        "Museo avaa kellarinsa yleisölle ensimmäistä kertaa vuosiin",
        "Pyöräilijät iloitsevat uudesta sillasta kanavan yli kaupungissa",
        "Kunnallisvero nousee neljä prosenttia ensi vuonna koko maassa",
    )

    found = labels(TITLE, *TEXT, "06.01.2022 09:03", *list_of_news)

    assert set(found[5:]) <= {"related_news", "navigation"}


def test_a_list_that_the_text_announces_is_kept() -> None:
    items = ("operate only within designated areas", "help to maintain order", "avoid restricted spaces")

    found = labels(TITLE, *TEXT[:2], "Traders are expected to:", *items, TEXT[2])

    assert found == ["title", *["body"] * 7]


def test_the_headline_said_again_is_a_repeated_title() -> None:
    assert labels(TITLE, TITLE, *TEXT)[:2] == ["title", "repeated_title"]
    assert labels(TITLE, *TEXT, TITLE + "2")[-1] == "repeated_title"


def test_a_post_is_its_text_and_its_attribution() -> None:
    post = (
        "Trees down across the lane, please avoid the area #storm pic.twitter.com/Ab3dEfGh1j",
        "— Coast Police (@coast_police) October 29, 2021",
    )

    assert labels(TITLE, *TEXT[:2], *post, TEXT[2])[3:5] == ["embedded_post", "embedded_post"]


def test_a_label_that_stands_before_every_paragraph_is_not_text() -> None:
    found = labels(TITLE, *(line for paragraph in TEXT for line in ("Article content", paragraph)))

    assert found[1::2] == ["advertisement"] * 3
    assert found[2::2] == ["body"] * 3


def test_an_article_of_nothing_but_boilerplate_is_not_emptied() -> None:
    verdicts = judge(read_blocks(article("Share\nFacebook\nTwitter")), load_lexicon())

    assert {(verdict.label, verdict.rule) for verdict in verdicts} == {(Label.BODY, "nothing_else_left")}


def test_separators_alone_are_not_rescued_from_an_article_with_words() -> None:
    assert labels("***", "Share") == ["separator", "body"]


def test_a_given_headline_is_found_among_others() -> None:
    lines = ("Bus drivers accept a new pay offer", TITLE, *TEXT)

    verdicts = judge(read_blocks(article("\n".join(lines))), load_lexicon(), title=TITLE)

    assert verdicts[1].label == Label.TITLE


def test_no_blocks_make_no_verdicts() -> None:
    assert judge((), load_lexicon()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "word " * 1_000_000,
        "a" * 5_000_000,
        "Short line\n" * 100_000,
        "\n".join(f"Headline number {number} of the day" for number in range(100_000)),
        " " * 2_000_000,
        "@" * 1_000_000,
        "— " * 500_000,
        "(" * 200_000 + "\n" + "." * 1_000_000,
        "Follow us\n— A (@b) 2020\n" * 20_000,
    ],
    ids=["words", "letters", "same lines", "lines", "blanks", "at", "dashes", "marks", "posts"],
)
def test_a_huge_article_takes_seconds(text: str) -> None:
    start = time.process_time()

    judge(read_blocks(article(text)), load_lexicon())

    assert time.process_time() - start < 20
