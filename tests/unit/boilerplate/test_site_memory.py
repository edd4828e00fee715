"""What many articles of a site repeat is boilerplate; what its articles say is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.boilerplate import site_learning
from pipeline.boilerplate.blocks import read_blocks
from pipeline.boilerplate.judging import judge
from pipeline.boilerplate.lexicon import load_lexicon
from pipeline.boilerplate.page import KEPT, Verdict
from pipeline.boilerplate.site_learning import MOST_BLOCKS, Sample, SiteLearner, Thresholds
from pipeline.boilerplate.site_memory import RULE, RememberedSite, Side, SiteMemory, line_key, parse_memory, recall
from pipeline.boilerplate.site_names import ONE_SITE, SiteFrom, is_told_by_name, name_site
from pipeline.records import Label, Meta
from tests.labelled import article

if TYPE_CHECKING:
    import random

THRESHOLDS = Thresholds(articles=5, share=0.1, prose_share=0.5)
LINE, LINE_FOLDED = "De brugwachter groet u.", "de brugwachter groet u"
FOOTER = "Veldhoven Vandaag, Kerkstraat 12, waar het nieuws van de stad elke dag begint met koffie."


def news(number: int, *, above: str = "", inside: str = "", below: str = "") -> str:
    """Return an article of its own words, with lines above, inside and below its two paragraphs."""
    return (
        f"{above}\n\nGemeente bouwt brug nummer {'x' * number}\n\n"
        f"De gemeente bouwt volgend jaar een brug over kanaal {'q' * number}, zegt de wethouder.\n\n{inside}\n\n"
        f"De kosten van brug {'z' * number} zijn hoger dan verwacht, maar het geld is er al.\n\n{below}\n"
    )


def learn(texts: list[str], thresholds: Thresholds = THRESHOLDS) -> RememberedSite:
    learner = SiteLearner()
    for text in texts:
        blocks = read_blocks(article(text))
        learner.add(blocks, judge(blocks, load_lexicon()))
    return learner.learn(thresholds, len(texts))


def remembered(site: RememberedSite) -> dict[str, tuple[Side, ...]]:
    return {one.line: one.sides for one in site.lines}


def recalled(text: str, site: RememberedSite) -> dict[str, Verdict]:
    """Return what is known of each line of an article, by its text."""
    blocks = read_blocks(article(text))
    verdicts = recall(blocks, judge(blocks, load_lexicon()), SiteMemory({ONE_SITE: site}).lines(article(text)))
    return {block.text: verdict for block, verdict in zip(blocks, verdicts, strict=True)}


def test_a_line_below_many_articles_is_remembered_and_recalled() -> None:
    site = learn([news(number, below=LINE) for number in range(1, 9)])
    verdict = recalled(news(50, below=LINE), site)[LINE]

    assert remembered(site) == {LINE_FOLDED: (Side.BELOW,)}
    assert (verdict.rule, verdict.label in KEPT) == (RULE, False)


def test_a_line_on_few_articles_is_not_remembered() -> None:
    texts = [news(number, below=LINE if number < 5 else "") for number in range(1, 30)]

    assert remembered(learn(texts)) == {}


def test_a_subhead_among_paragraphs_is_text_however_often_it_stands() -> None:
    site = learn([news(number, inside="Wat er aan vooraf ging") for number in range(1, 9)])

    assert remembered(site) == {}


def test_a_sentence_below_a_few_articles_is_text_and_below_most_it_is_not() -> None:
    few = [news(number, below=FOOTER if number % 3 == 0 else "") for number in range(1, 31)]
    most = [news(number, below=FOOTER if number % 3 else "") for number in range(1, 31)]

    assert remembered(learn(few)) == {}
    assert set(remembered(learn(most)).values()) == {(Side.BELOW,)}


def test_an_appeal_among_the_paragraphs_of_most_articles_is_boilerplate() -> None:
    site = learn([news(number, inside=FOOTER) for number in range(1, 9)])

    assert recalled(news(50, inside=FOOTER), site)[FOOTER].rule == RULE


def test_copies_of_one_article_teach_nothing() -> None:
    site = learn([news(1, above=f"Editie {'y' * number}") for number in range(1, 9)])

    assert remembered(site) == {}


def test_a_headline_that_others_link_to_stays_the_headline_of_its_article() -> None:
    title = "Gemeente bouwt brug nummer x"
    site = learn([news(number, below=title) for number in range(2, 12)])
    verdicts = recalled(news(1), site)

    assert remembered(site) == {title.lower(): (Side.BELOW,)}
    assert verdicts[title].rule != RULE


def test_a_line_known_from_below_is_not_stripped_among_paragraphs() -> None:
    site = learn([news(number, below=LINE) for number in range(1, 9)])

    assert recalled(news(50, inside=LINE), site)[LINE].rule != RULE


def test_an_article_without_a_paragraph_of_its_own_is_left_alone() -> None:
    site = learn([news(number, inside=FOOTER) for number in range(1, 9)])

    assert recalled(FOOTER, site)[FOOTER].rule != RULE


def test_numbers_make_no_difference() -> None:
    site = learn([news(number, below=f"Bekeken door {number * 17} bruggen.") for number in range(1, 9)])

    assert recalled(news(50, below="Bekeken door 3 bruggen."), site)["Bekeken door 3 bruggen."].rule == RULE


def test_the_label_is_what_rules_say_of_the_lines_beside() -> None:
    site = learn([news(number, below=f"Read also\n\n{LINE}") for number in range(1, 9)])

    assert {one.label for one in site.lines} <= {Label.RELATED_NEWS}


def test_the_first_line_above_is_the_name_of_the_site() -> None:
    line, *_ = learn([news(number, above="Veldhoven\n\nBrug en weg") for number in range(1, 9)]).lines

    assert line.label in {Label.SITE_HEADER, Label.NAVIGATION}
    assert line.sides == (Side.ABOVE,)


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_memory_does_not_depend_on_the_order_of_the_articles(chance: random.Random) -> None:
    texts = [news(number, above="Veldhoven", below=FOOTER) for number in range(1, 9)]
    shuffled = list(texts)
    chance.shuffle(shuffled)

    assert learn(shuffled) == learn(texts)


def test_a_memory_is_read_back_as_it_was() -> None:
    memory = SiteMemory({"b": learn([news(number, below=FOOTER) for number in range(1, 9)]), "a": learn([])})

    assert parse_memory(memory.to_json()) == memory
    assert parse_memory(memory.to_json()).digest == memory.digest
    assert replace(memory, sites={}).digest != memory.digest


def test_a_very_long_line_is_never_remembered_and_a_long_one_as_a_whole() -> None:
    (long, very_long) = read_blocks(article("woord " * 100 + "einde\n" + "woord " * 500))

    assert line_key(very_long) is None
    assert line_key(long) == "woord " * 100 + "einde"


def test_of_an_endless_article_the_beginning_and_the_end_are_looked_at() -> None:
    learner = SiteLearner()
    blocks = read_blocks(article("\n\n".join(f"regel {'a' * number}" for number in range(1, 3 * MOST_BLOCKS))))
    learner.add(blocks, judge(blocks, load_lexicon()))

    assert len(learner.articles[0].codes) == MOST_BLOCKS


def test_the_sample_is_the_same_in_any_order_and_no_larger_than_asked() -> None:
    names = [f"{number}.txt" for number in range(100)]
    chosen = []
    for order in (names, names[::-1]):
        sample = Sample(20)
        for name in order:
            sample.add("site", name, int(name.partition(".")[0]))
        chosen.append(sample.chosen(5))

    assert chosen[0] == chosen[1]
    assert len(chosen[0]) == 20
    assert list(chosen[0]) == sorted(chosen[0])


def test_a_site_of_few_articles_is_not_looked_at() -> None:
    sample = Sample(20)
    for number in range(4):
        sample.add("site", f"{number}.txt", number)

    assert sample.chosen(5) == {}


def test_where_sites_are_many_each_has_fewer_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_learning, "MOST_ARTICLES", 40)
    sample = Sample(20)
    for number in range(100):
        sample.add(f"site{number % 10}", f"{number}.txt", number)

    assert len(sample.chosen(5)) == 40


@pytest.mark.parametrize(
    ("uri", "facts", "source", "site"),
    [
        ("https://www.Site.example/a/b.html", {}, "auto", "site.example"),
        ("rows.jsonl#1", {"url": "http://news.example:80/x"}, "auto", "news.example"),
        ("rows.jsonl#1", {"domain": "news.example"}, "url", "news.example"),
        ("ru/news.example/2021/01-15/a.txt", {}, "auto", "ru/news.example"),
        ("2021/a.txt", {}, "folder", ONE_SITE),
        ("a.txt", {}, "auto", ONE_SITE),
        ("news.example/a.txt", {}, "url", ONE_SITE),
        ("https://site.example/a/b.html", {}, "folder", "https://site.example/a"),
        ("x/a.txt", {"url": "http://news.example/"}, "all", ONE_SITE),
    ],
)
def test_the_site_is_told_by_the_address_else_the_folder(
    uri: str, facts: dict[str, str], source: SiteFrom, site: str
) -> None:
    meta = [Meta(name=name, value=value) for name, value in facts.items()]

    assert name_site(uri, meta, source, None) == site


def test_a_pattern_goes_first() -> None:
    assert name_site("ru/tass_001.txt", (), "folder", r"([a-z]+)_\d+") == "tass"
    assert name_site("ru/tass.txt", (), "folder", r"([a-z]+)_\d+") == "ru"
    assert name_site("ru/tass.txt", (), "folder", "[a-z]+") == "ru"


def test_an_article_is_read_for_its_site_only_where_its_name_does_not_tell() -> None:
    assert is_told_by_name("a/b.txt", "folder", None)
    assert is_told_by_name("tass_001", "auto", r"([a-z]+)_\d+")
    assert not is_told_by_name("rows.jsonl#1", "auto", None)
