"""Segments that break translators, through the model that comes along: none crashes, none loses anything unseen."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from pipeline.corpus import document_id
from pipeline.normalized import NormalizedText
from pipeline.records import Document, Flag, Label, Segment, Span
from pipeline.stages.align_words import AlignWordsConfig
from pipeline.stages.translate import TranslateConfig
from pipeline.translators.protected import find_protected

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.models

WORDS = (
    "президент",
    "страны",
    "министр",
    "суд",
    "города",
    "врач",
    "подписал",
    "закон",
    "сказал",
    "вчера",
    "что",
    "цены",
)

FAULTS = frozenset(
    {
        Flag.EMPTY,
        Flag.REPETITIVE,
        Flag.COPIED,
        Flag.LENGTH_MISMATCH,
        Flag.UNFINISHED,
        Flag.SPECIAL_TOKEN,
        Flag.NUMBER_MISMATCH,
        Flag.PROTECTED_CHANGED,
        Flag.WRONG_LANGUAGE,
    }
)


def long_line(words: int) -> str:
    generator = random.Random(1)  # noqa: S311 # no secret
    return " ".join(generator.choice(WORDS) + ("," if generator.random() < 0.1 else "") for _ in range(words))


HOSTILE = {
    "capitals": ("ru", "ПРЕЗИДЕНТ СТРАНЫ ПОДПИСАЛ ЗАКОН О БЮДЖЕТЕ"),
    "French capitals": ("fr", "LE PRÉSIDENT A SIGNÉ LA LOI SUR LE BUDGET À PARIS"),
    "title case": ("ru", "Президент Страны Подписал Закон О Бюджете Вчера"),
    "a menu": ("ru", "ГЛАВНАЯ НОВОСТИ СПОРТ КУЛЬТУРА ПОГОДА КОНТАКТЫ РЕКЛАМА"),
    "names": ("ru", "Владимир Путин, Дмитрий Медведев, Сергей Лавров"),
    "one word": ("ru", "нет нет нет нет нет нет нет нет"),
    "one syllable": ("ru", "ха" * 40 + " сказал он"),
    "one phrase": ("ru", "привет всем " * 200),
    "3,000 words": ("ru", long_line(3000)),
    "a word of 100,000 characters": ("ru", "Он сказал " + "щ" * 100_000 + " и ушёл"),
    "only such a word": ("ru", "щ" * 100_000),
    "no spaces": ("ar", "كتبالولدالدرس" * 60),
    "another script": ("ru", "สวัสดี" * 100),
    "scripts": ("ru", "Президент Macron visited القاهرة вчера и сказал 你好 всем"),
    "emoji": ("ru", "Мы выиграли 🎉🎉 ура 👨‍👩‍👧 и 🇫🇷 спасибо ❤️"),
    "only emoji": ("ru", "🎉🎉🎉 👨‍👩‍👧"),
    "prices": ("ru", "Билет стоит €18.10, или 18,10 € либо $1,200 и 1 500 ₽"),
    "French prices": ("fr", "Le billet coûte €18.10 ou 18,10 € au lieu de 1 200 $"),
    "empty quotes": ("ru", 'Он сказал «» и "" ушёл домой'),
    "marks": ("ru", "Он сказал ..... !!! и ушёл домой"),
    "only marks": ("ru", "..... !!! ??? «» — …"),
    "addresses": ("ru", "Смотрите https://t.co/ab?x=1 и @kanal, пишите на a@b.org #новости."),
    "French addresses": ("fr", "Voir http://www.lemonde.fr/a/b.html, selon @lemondefr: l'A380 est là."),
    "Arabic addresses": ("ar", "شاهد https://t.co/ab?x=1 وقال @user إن الأسعار ارتفعت #اخبار"),
    "an address of 5,000 characters": ("ru", "Читайте на https://example.org/" + "a1/" * 1700 + " сегодня"),
    "pieces of the model": ("ru", "Он сказал <pad> <unk> </s> >>eng<< и ушёл"),
    "programs": ("ru", "&apos;Он&apos; сказал {name} %s &amp; ушёл <b>домой</b>"),
    "codes": ("ru", "Самолёт F-16 и Boeing B737, а также COVID-19"),
    "numbers": ("ru", "Всего 1 2 3 4 5 6 7 8 9 10 11 12 человек"),
    "digits": ("ar", "ارتفعت الأسعار بنسبة ١٢٫٥ في المائة في عام ٢٠٢٢"),
    "a space before marks": ("fr", "Est-ce vrai ? Oui , il est venu ! Bien sûr ."),
    "control characters": ("ru", "Он\x00 ушёл \u200b\u202e домой\ufeff"),
    "half a character": ("ru", "Он ушёл \ud800 домой"),
    "one letter": ("ru", "Я"),
    "accents": ("ru", "З" + "\u0301" * 500 + "а"),
    "a table": ("ru", "Итого | 1 200 | 3,5 % | +12 | " * 30),
}


def document_of(name: str, language: str, text: str) -> Document:
    segment = Segment(
        span=Span(start=0, end=len(text)),
        text=text,
        normalized_start=0,
        paragraph=0,
        role=Label.BODY,
        language=language,
    )
    return Document(
        id=document_id(name, text), uri=name, text=text, normalized=NormalizedText.identity(text), segments=(segment,)
    )


def translated(documents: Sequence[Document]) -> list[Document]:
    config = TranslateConfig(no_repeat_ngram_size=5)
    with config.build() as translate, AlignWordsConfig().build() as align:
        return list(align(translate(documents)))


@pytest.fixture(scope="module")
def results() -> dict[str, Segment]:
    """Return every hostile segment, translated and aligned."""
    documents = [document_of(name, language, text) for name, (language, text) in HOSTILE.items()]
    return {document.uri: document.segments[0] for document in translated(documents)}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_is_lost_unseen(results: dict[str, Segment], name: str) -> None:
    segment = results[name]
    assert segment.translation is not None
    target = segment.translation.text

    assert target
    if Flag.PASSTHROUGH in segment.flags:
        assert target == segment.text
    elif not FAULTS & set(segment.flags):
        assert all(one.text in target for one in find_protected(segment.text) if one.fixed)
        assert 0.3 * len(segment.text) < len(target) < 3.5 * len(segment.text) + 20


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_protected_comes_out_and_is_aligned_to_its_source(results: dict[str, Segment], name: str) -> None:
    segment = results[name]
    assert segment.translation is not None
    links = segment.translation.words
    for one in find_protected(segment.text):
        if not one.fixed or not any(character.isalnum() for character in one.text):
            continue
        targets = [
            segment.translation.text[link.target.start : link.target.end]
            for link in links
            if link.source.start < one.span.end and link.source.end > one.span.start
        ]

        assert targets, one.text
        assert all(target in one.text or one.text in target for target in targets)
