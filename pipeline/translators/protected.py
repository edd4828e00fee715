"""Text that no translation may change: addresses, handles, hashtags, emoji, tags, prices, codes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from pipeline.records import Span
from pipeline.translators.figures import find_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import regex

_TRAILING = r"(?<![.,;:!?…'\"’”»)\]،؛؟])"
_DOMAINS = "com|org|net|info|gov|edu|int|io|me|tv|eu|us|uk|de|ch|be|fr|ru|su|ua|by|kz|eg|sa|ae|qa|ma|dz|tn|lb|sy|iq|ps"
_EMOJI = r"(?:(?![©®™])\p{Extended_Pictographic}|\p{RI}\p{RI})"
_FIXED = "|".join(
    (
        rf"(?i:https?|ftp)://\S+{_TRAILING}",  # addresses of the web
        rf"(?i:www)\.\S+{_TRAILING}",
        # A long word hangs the engine when both alternatives ignore case as one, and give back what they took.
        rf"(?<![\w@.-])(?:(?:[A-Za-z0-9-]++\.)+(?i:{_DOMAINS})|(?:[\w-]++\.)+(?i:рф))(?:/\S*{_TRAILING}|(?![\w.-]*\w))",
        r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.[\w.-]*\w",  # of e-mail
        r"(?<![\w@])@\w+",  # handles
        r"(?<![\w&#])#\w*\p{L}\w*",  # hashtags
        rf"[0-9#*]\ufe0f?\u20e3|{_EMOJI}[\p{{Emoji_Modifier}}\ufe0f\u200d\u20e3\p{{Extended_Pictographic}}]*",
        r"&(?:[a-z]{2,8}|\#\d{1,6});",  # entities
        r"\$?\{\{?[\w.]*\}?\}|%\(\w+\)[sd]|(?<![\w%])%[sd](?!\w)",  # placeholders of programs
        r"</?[A-Za-z]\w*/?>|>>\w{2,12}<<",  # tags
        r"(?:[!?]{3,}|[.…]{4,})(?:\s*[.!?…]+)*|«\s?»|“”|(?<!\S)\"\"(?!\S)",  # marks at which models lose the rest
        r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Arabic}\p{Hebrew}\p{Nd}_]{100,}",  # longer than any word
    )
)
_AMOUNT = r"\p{Nd}+(?:[ \u00a0\u202f.,٬٫]\p{Nd}+){0,6}"
_SIGN = r"(?:(?:US|A|C|HK)?\$|[€£¥₽₴₸₺₹₪]|(?<!\w)(?:USD|EUR|GBP|RUB|CHF|CNY|JPY)(?!\w))"
_PRICE = rf"(?<![\w.,]){_SIGN}[ \u00a0\u202f]?{_AMOUNT}|(?<![\w.,]){_AMOUNT}[ \u00a0\u202f]?{_SIGN}"
_CODE = r"(?<![\w-])[A-Z][A-Za-z]*[-‑./]?\d[\w]*(?:[-‑./][A-Z\d]+)*(?!\w)"

_CURRENCIES = {
    "$": ("$", "dollar", "usd"),
    "€": ("€", "euro", "eur"),
    "£": ("£", "pound", "gbp"),
    "¥": ("¥", "yen", "yuan", "cny", "jpy"),
    "₽": ("₽", "rouble", "ruble", "rub"),
    "₴": ("₴", "hryvnia", "uah"),
    "₸": ("₸", "tenge", "kzt"),
    "₺": ("₺", "lira", "try"),
    "₹": ("₹", "rupee", "inr"),
    "₪": ("₪", "shekel", "ils"),
}
"""How English writes a currency."""


_HINT = re.compile(
    r"[@#&%{}<>$€£¥₽₴₸₺₹₪\d\u203c\u2049\u2100-\u2bff\u3030-\u303d\u3297-\u3299\U0001f000-\U0001faff]"
    r"|[.…!?]{3}|\.[A-Za-zрР]|«\s?»|“”|\"\"|\w{100}|://|(?i:usd|eur|gbp|rub|chf|cny|jpy)"
)
"""Without any of these there is nothing to protect, which costs a tenth of looking for it."""

CACHED = 2048
"""Texts whose protected stretches are remembered: every step of the ladder asks again."""

LONGEST_CACHED = 2000
"""Characters of a text that is remembered: it bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A stretch that comes out as it is. What is `fixed` holds no words: it is never shown to the model."""

    span: Span
    text: str
    kind: Literal["fixed", "price", "code"]

    @property
    def fixed(self) -> bool:
        """Whether the model never sees it."""
        return self.kind == "fixed"


def find_protected(text: str) -> tuple[Protected, ...]:
    """Return what must not change, in order."""
    return _remembered(text) if len(text) <= LONGEST_CACHED else _search(text)


def _search(text: str) -> tuple[Protected, ...]:
    if not _HINT.search(text):
        return ()
    return tuple(
        Protected(span=Span(start=match.start(), end=match.end()), text=match.group(), kind=_kind(match))
        for match in _pattern().finditer(text)
    )


_remembered = lru_cache(maxsize=CACHED)(_search)


def without(text: str, spans: Iterable[Span]) -> str:
    """Return the text with these stretches, which are in order and apart, blanked."""
    pieces: list[str] = []
    position = 0
    for span in spans:
        pieces += text[position : span.start], " " * len(span)
        position = span.end
    return "".join([*pieces, text[position:]])


def bare(text: str) -> str:
    """Return the text with all that is fixed blanked: what a model may see of it."""
    return without(text, (one.span for one in find_protected(text) if one.fixed))


def missing(protected: Sequence[Protected], target: str) -> Iterator[Protected]:
    """Yield what a target does not hold, as often as its source does.

    A price may be written the English way, with the same amount and currency; of a code, hyphens and
    capitals may differ.
    """
    for text, count in Counter(one.text for one in protected).items():
        first = next(one for one in protected if one.text == text)
        found = target.count(text)
        is_there = first.kind == "price" and _is_equal_price(text, target)
        is_there |= first.kind == "code" and _plain(text) in _plain(target)
        if found < count and not is_there:
            yield first


def _kind(match: regex.Match[str]) -> Literal["fixed", "price", "code"]:
    return "fixed" if match["fixed"] is not None else "price" if match["price"] is not None else "code"


def _is_equal_price(price: str, target: str) -> bool:
    amounts = {(figure.digits, figure.fraction) for figure in find_figures(price)}
    sign = next((sign for sign in _CURRENCIES if sign in price), None)
    if not amounts or amounts - {(figure.digits, figure.fraction) for figure in find_figures(target)}:
        return False
    names = _CURRENCIES[sign] if sign else tuple(word for word in price.casefold().split() if word.isalpha())
    names += tuple(name for known in _CURRENCIES.values() if set(names) & set(known) for name in known)
    return any(re.search(rf"(?<![a-z]){re.escape(name)}", target.casefold()) for name in names)


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


@cache
def _pattern() -> regex.Pattern[str]:
    import regex

    return regex.compile(rf"(?P<fixed>{_FIXED})|(?P<price>{_PRICE})|(?P<code>{_CODE})", regex.VERSION1)
