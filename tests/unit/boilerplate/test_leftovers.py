from __future__ import annotations

import pytest

from pipeline.boilerplate.leftover_rules import find_stretches, find_suspects, title_tail
from pipeline.boilerplate.phrasebook import load_phrasebook
from pipeline.records import Label
from tests.labelled import strip

BEFORE = "The council has voted to keep the old tram line open until the spring of next year."
AFTER = "The decision was welcomed by the shopkeepers along the route, who had feared the worst."

CUT = [
    ("Read also: Tram drivers announce a strike", Label.RELATED_NEWS),
    ("READ MORE: Tram drivers announce a strike", Label.RELATED_NEWS),
    ("Читайте также: Водители трамваев объявили забастовку", Label.RELATED_NEWS),
    ("Читайте також: Водії трамваїв оголосили страйк", Label.RELATED_NEWS),
    ("Lire aussi : Les conducteurs annoncent une grève", Label.RELATED_NEWS),
    ("Lesen Sie auch: Fahrer kündigen Streik an", Label.RELATED_NEWS),
    ("Lea también: Los conductores anuncian una huelga", Label.RELATED_NEWS),
    ("Leggi anche: I conducenti annunciano uno sciopero", Label.RELATED_NEWS),
    ("Leia também: Motoristas anunciam greve", Label.RELATED_NEWS),
    ("İlgili haber: Sürücüler grev kararı aldı", Label.RELATED_NEWS),
    ("اقرأ أيضا: سائقو الترام يعلنون الإضراب", Label.RELATED_NEWS),
    ("بیشتر بخوانید: رانندگان اعتصاب کردند", Label.RELATED_NEWS),
    ("Тағы оқыңыз: Жүргізушілер ереуіл жариялады", Label.RELATED_NEWS),
    ("相关阅读：司机宣布罢工", Label.RELATED_NEWS),
    ("Read more »", Label.RELATED_NEWS),
    ("Lire la suite", Label.RELATED_NEWS),
    ("Follow us on Facebook and Twitter", Label.SHARE_PROMPT),
    ("Click here to subscribe to our newsletter.", Label.SHARE_PROMPT),
    ("Подписывайтесь на наш канал в Telegram!", Label.SHARE_PROMPT),
    ("Share this:", Label.SHARE_PROMPT),
    ("(Photo: AFP)", Label.PHOTO_CREDIT),
    ("(Фото: пресс-служба)", Label.PHOTO_CREDIT),
    ("(Foto: Anna Berg, dpa)", Label.PHOTO_CREDIT),
    ("[Read also: Tram drivers announce a strike]", Label.RELATED_NEWS),
    ("(adsbygoogle = window.adsbygoogle || []).push({});", Label.ADVERTISEMENT),
    ("googletag.cmd.push(function() { googletag.display('top'); });", Label.ADVERTISEMENT),
    ("<script>var a = 1;</script>", Label.ADVERTISEMENT),
    (".ad-box { width: 300px; height: 250px; }", Label.ADVERTISEMENT),
    ('{"@context": "https://schema.org", "@type": "NewsArticle"}', Label.ADVERTISEMENT),
    ("<div class='banner'>", Label.SEPARATOR),
    ("<!-- banner -->", Label.SEPARATOR),
    ('[caption id="1" align="left"]The tram in 1950[/caption]', Label.CAPTION),
    ("[vc_row el_class='wide']", Label.SEPARATOR),
]

KEPT = [
    "Read also wrote three novels about the war, none of which was printed. They are lost.",
    "He wants to read more. She wants to travel more than he does.",
    "See also the work of his teacher, which hangs in the town hall. It is worth a visit.",
    "The verdict came late. More: he was told to pay the costs, which nobody in the room had expected of the court "
    "that day, after a hearing in which the judge had three times said that both sides were to blame for it all.",
    "The result was 3:1. Related costs rose as well, the treasurer said.",
    "He spoke of the band (Photo, 1974) and of its songs. It was late.",
    "The minister said (and repeated) that {x} is a set.",
    "Use the formula a < b and c > d. It holds.",
    "«Подробнее я расскажу завтра», — сказал он. Подробнее о плане он говорить не стал.",
    "L'enquête continue. Lire la suite de ses romans est un plaisir, dit-elle.",
    "Advertisement revenue fell. Advertisement spending, too, was lower.",
    "They walked on. Publicité et journalisme ne font pas bon ménage, dit-il.",
    "He added that [sic] was wrong. The editor agreed [with him].",
    "The law is new. Share on the market fell by a tenth; so said the bank, whose analysts had long warned that the "
    "rise could not go on, that savers would lose faith, and that somebody would have to explain what had been done.",
]


@pytest.mark.parametrize(("leftover", "label"), CUT)
def test_a_leftover_at_the_end_of_a_paragraph_is_cut(leftover: str, label: Label) -> None:
    text = f"{BEFORE} {leftover}\n{AFTER}"

    blocks = [block for block in strip(text).blocks if block.span.end <= text.index("\n")]

    assert [(text[block.span.start : block.span.end], block.kept) for block in blocks] == [
        (BEFORE, True),
        (leftover, False),
    ]
    assert blocks[1].label == label


@pytest.mark.parametrize("text", KEPT)
def test_what_belongs_to_a_sentence_stays(text: str) -> None:
    assert find_stretches(text, load_phrasebook()) == []


def test_a_link_to_other_news_ends_with_its_sentence() -> None:
    text = f"{BEFORE} Read also: Will the tram ever return? {AFTER}"

    (stretch,) = find_stretches(text, load_phrasebook())

    assert text[stretch.start : stretch.end] == "Read also: Will the tram ever return?"


@pytest.mark.parametrize("address", ["pic.twitter.com/a1B2c3D4e5", "https://t.co/a1B2c3D4e5"])
def test_the_address_of_a_picture_is_cut_from_a_paragraph_too_long_for_a_post(address: str) -> None:
    text = f"{BEFORE} {AFTER} {BEFORE} {AFTER} {address}\n{AFTER}"

    blocks = strip(text).blocks

    assert [(text[block.span.start : block.span.end], block.label) for block in blocks if not block.kept] == [
        (address, Label.EMBEDDED_POST)
    ]


def test_the_word_above_an_advertisement_is_cut_only_in_capitals() -> None:
    text = f"{BEFORE} ADVERTISEMENT {AFTER}"

    (stretch,) = find_stretches(text, load_phrasebook())

    assert (text[stretch.start : stretch.end], stretch.label) == ("ADVERTISEMENT", Label.ADVERTISEMENT)


def test_a_line_that_is_nothing_but_a_leftover_is_left_to_the_rules_for_lines() -> None:
    text = f"{BEFORE}\nvar tram = new Tram();\n{AFTER}"

    assert not any(block.rule == "script_variable" for block in strip(text).blocks)


def test_code_in_the_midst_of_a_paragraph_leaves_both_sides() -> None:
    code = "(adsbygoogle = window.adsbygoogle || []).push({});"
    text = f"{BEFORE} {code} {AFTER}"

    blocks = strip(text).blocks

    assert [text[block.span.start : block.span.end] for block in blocks] == [BEFORE, code, AFTER]
    assert [block.kept for block in blocks] == [True, False, True]


def test_a_mark_that_is_left_alone_goes_with_the_leftover() -> None:
    text = f"{BEFORE} (Photo: AFP).\n{AFTER}"

    assert text[strip(text).blocks[1].span.start : strip(text).blocks[1].span.end] == "(Photo: AFP)."


def test_the_name_behind_a_bar_after_a_headline_is_cut() -> None:
    (stretch,) = title_tail("Council keeps the old tram line | Ellis Courier", frozenset())

    assert (stretch.rule, stretch.label) == ("name_after_bar", Label.SITE_HEADER)


def test_the_name_behind_a_dash_is_cut_only_when_the_page_shows_it_elsewhere() -> None:
    title = "Council keeps the old tram line - Ellis Courier"

    assert title_tail(title, frozenset()) == []
    assert [stretch.rule for stretch in title_tail(title, frozenset({"Ellis Courier"}))] == ["site_after_headline"]


def test_the_title_of_the_article_is_without_the_site() -> None:
    text = f"Council keeps the old tram line open | Ellis Courier\n\n{BEFORE}\n\n{AFTER}"

    title = next(fact for fact in strip(text).meta if fact.name == "title")

    assert title.value == "Council keeps the old tram line open"


@pytest.mark.parametrize(("leftover", "_"), CUT)
def test_every_text_with_a_leftover_is_searched(leftover: str, _: Label) -> None:
    assert find_suspects([AFTER, f"{BEFORE} {leftover}", AFTER], load_phrasebook()) >= {1}
