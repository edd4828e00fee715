"""Texts that break programs: pieces of every nasty kind, and articles made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

NEWS = (
    "Президент страны подписал закон о бюджете, сообщает РИА Новости.",
    "МОСКВА, 5 мая - РИА Новости. Суд города принял решение по делу №125.",
    "وقال الوزير إن الأسعار ارتفعت بنسبة ١٢٫٥ في المائة في عام ٢٠٢٢.",
    "PARIS (AFP) - Le président a signé « la loi » à 18h10, selon l’agence.",
    "The minister said on Monday that prices rose by 12.5% in May.",
    "Читайте также: Мост закрыт на ремонт",
    "新华社北京1月5日电 总统签署了新法律。",
)

INJECTIONS = (
    *("]]>", "]]><x/>", "<!--", "-->", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>"),
    *('"><svg onload=alert(1)>', "' OR 1=1 --", "'; DROP TABLE units; --", "<?xml version='1.0'?>", "<!DOCTYPE x>"),
    *("<!ENTITY x SYSTEM 'file:///etc/passwd'>", "&x;", "&#0;", "&#xD800;", "&#1114112;", "&lt;script&gt;"),
    *("${jndi:ldap://a/b}", "{{7*7}}", "{% raw %}", "{0}", "%s%s%n", "%(a)s", "$(rm -rf /)", "`id`", "| cat"),
    *("=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(A1)", '","', "\t=1", "\\", "\\n", "\\u0000", "\\x00"),
    *("\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "\x1b]8;;http://a\x1b\\x", "\x07", "\x08\x08"),
    *("!!python/object/apply:os.system ['id']", "&a [*a]", "<<: *b", "---", "...", "key: value", "- item"),
    *('{"a": [1, 2', '{"text": "x"}', "[[[[", "}}}}", "null", "NaN", "Infinity", "-0", "1e999"),
    *("|||", "<seg>", "</seg>", "<tuv xml:lang='en'>", "</body></tmx>", "<link xtargets='1;1'/>", "0-0 1-1"),
    *("</s>", "<s>", "<pad>", "<unk>", ">>ar<<", ">>eng<< ", "▁", "▁the", "⁇", "<0x0A>", "@@", "@-@", "&apos;"),
    *("javascript:alert(1)", "data:text/html,<script>", "file:///etc/passwd", "http://" + "a" * 3000, "//evil"),
    *("../../etc/passwd", "C:\\con", "NUL", "\\\\host\\share", "~root", "$HOME", "%00", "-rf", "--help"),
)

CHARACTERS = (
    *"\x00\x01\x07\x08\x0b\x0c\x0e\x1a\x1b\x1c\x1d\x1e\x1f\x7f\x80\x85\x9b\xa0\xad",
    *"\u034f\u061c\u070f\u115f\u1160\u17b4\u180b\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029",
    *"\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2066\u2067\u2068\u2069\u206a\u3000\u3164\ufe0e\ufe0f\ufeff",
    *"\ufff9\ufffa\ufffb\ufffc\ufffd\ufffe\uffff\ufdd0\ufdef\U0001fffe\U0010ffff\ue000\uf8ff\U000f0000",
    *"\U000e0001\U000e0041\U000e007f\U000e0100\U0001f3fb\U0001f1f7\U0001f468\U0001f3f4\U0001d400\U0002f800",
    *"\u0300\u0301\u0316\u0323\u0338\u0345\u0489\u0640\u064b\u0670\u0e33\u0f77\u1abe\u20d0\u20e3\u302a\u3099",
    *"\u1e9e\ufb01\ufdfa\ufdfb\ufe70\u01c4\u0130\u0131\u017f\u212a\u2126\u00df\u0149\u1fb3\u03c2\u0390\u1f52",
    *"\u2070\u00b2\u2460\u2164\u0661\u06f1\u0967\u0e51\uff11\U0001d7d9\u3007\u4e00\u00bd\u2153\u0bf0",
)
"""Controls, joiners, directions, separators, noncharacters, tags, marks, letters that change their length, digits."""

Kind = "Callable[[Random], str]"


def soup(chance: Random) -> str:
    """Return any characters, most of them nasty."""
    return "".join(
        chance.choice(CHARACTERS) if chance.random() < 0.6 else chr(_any_code(chance))
        for _ in range(chance.randint(1, 400))
    )


def _any_code(chance: Random) -> int:
    code = chance.choice((chance.randrange(0x80), chance.randrange(0x3000), chance.randrange(0x110000)))
    return code if not 0xD800 <= code < 0xE000 else 0x20


def injected(chance: Random) -> str:
    """Return news with what is meant for other programs."""
    words = [word for _ in range(chance.randint(1, 8)) for word in chance.choice(NEWS).split()]
    for _ in range(chance.randint(1, 12)):
        words.insert(chance.randint(0, len(words)), chance.choice(INJECTIONS))
    return "".join(word + chance.choice((" ", " ", " ", "\n", "\t", "\n\n")) for word in words)


def sprinkled(chance: Random) -> str:
    """Return news with nasty characters anywhere, inside words too."""
    letters = list("\n".join(chance.choice(NEWS) for _ in range(chance.randint(1, 6))))
    for _ in range(chance.randint(1, 60)):
        letters.insert(chance.randint(0, len(letters)), chance.choice(CHARACTERS))
    return "".join(letters)


def pumped(chance: Random) -> str:
    """Return one short thing again and again, which makes searches that go back explode."""
    alphabet = "aЯا中1 .,-–—/\\:;\"'«»()[]{}<>&#@%$€|=+*_~`^…·•→\t\u00a0\n"
    thing = "".join(chance.choice(alphabet) for _ in range(chance.randint(1, 3)))
    thing = chance.choice((thing, chance.choice(INJECTIONS)[:40], chance.choice(CHARACTERS), chance.choice(NEWS)))
    ends = ("", "!", " конец.", "\n", "\x01")
    return (
        chance.choice(("", "Слово ", "(", "1"))
        + thing * (chance.randint(300, 6000) // len(thing))
        + chance.choice(ends)
    )


def zalgo(chance: Random) -> str:
    """Return letters under heaps of marks."""
    marks = "\u0300\u0301\u0316\u0323\u0338\u0489\u1abe\u20d0"
    heap = chance.choice((3, 50, 10_000))
    letters = chance.choice(("Мост", "a", "ا", "")) or chance.choice(marks)
    return "".join(letter + "".join(chance.choice(marks) for _ in range(heap)) for letter in letters)


def directions(chance: Random) -> str:
    """Return overrides and isolates that nobody closes."""
    marks = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069"
    return " ".join(chance.choice(marks) + word for word in (chance.choice(NEWS) * 3).split())


def nested(chance: Random) -> str:
    """Return brackets inside brackets."""
    opening, closing = chance.choice(("()", "[]", "{}", "<>", "«»", "“”", '""'))
    depth = chance.choice((10, 1000, 5000))
    return opening * depth + chance.choice(NEWS) + closing * chance.choice((0, depth, depth - 1))


def monotone(chance: Random) -> str:
    """Return an article of one kind of character only."""
    one = chance.choice(
        ("🎉", "👨\u200d👩\u200d👧", "🇫🇷", "0123456789", ".", "?!", '"', "«", "\u0301", "\u200b", "ﷺ", "中", "ก", "▁")
    )
    return one * chance.randint(1, 3000) + chance.choice(("", "\n", " "))


def lines(chance: Random) -> str:
    """Return many lines that say nothing."""
    breaks = ("\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029")
    same = chance.choice(breaks) if chance.random() < 0.5 else None
    content = chance.choice(("", "a", "Я", " ", "- ", "1.", "\t", "Фото: ", "* * *", "|"))
    return "".join(content + (same or chance.choice(breaks)) for _ in range(chance.randint(1, 1500)))


def long_sentence(chance: Random) -> str:
    """Return one sentence without an end."""
    words = " ".join(NEWS).replace(".", "").replace(",", "").split()
    return " ".join(chance.choice(words) for _ in range(chance.choice((500, 3000))))


def long_word(chance: Random) -> str:
    """Return one word without an end, or an address."""
    return chance.choice(("щ", "a", "中", "ab1", "https://example.org/a_b", "a.b-", "#тег", "@a")) * chance.randint(
        500, 4000
    )


def scripts(chance: Random) -> str:
    """Return another script at every letter, some of them upside down."""
    letters = "aЯاא中ก한हアαɐʎʍ⅄ǝɹ"
    return "".join(chance.choice(letters) + " " * (chance.random() < 0.15) for _ in range(chance.randint(20, 1500)))


def mojibake(chance: Random) -> str:
    """Return news that was decoded wrongly, once or twice."""
    text = "\n".join(chance.choice(NEWS) for _ in range(3))
    for _ in range(chance.randint(1, 2)):
        text = text.encode("utf-8").decode(chance.choice(("cp1251", "cp1252", "latin-1", "cp866")), "replace")
    return text


def posts(chance: Random) -> str:
    """Return what looks like the furniture of a page: links, prices, dates, handles, tags."""
    pieces = ("https://t.co/ab?x=1", "@kanal", "#новости", "€18.10", "1 500 ₽", "06.01.2022", "12:30", "F-16", "B737")
    marks = (" ", ", ", " | ", "\n", " — ", "", "…", "!!!!")
    return "".join(chance.choice(pieces) + chance.choice(marks) for _ in range(chance.randint(5, 400)))


TEXTS = {
    make.__name__: make
    for make in (
        *(soup, injected, sprinkled, pumped, zalgo, directions, nested, monotone, lines),
        *(long_sentence, long_word, scripts, mojibake, posts),
    )
}
