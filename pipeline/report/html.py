"""Elements of HTML and SVG: what is not `Html` already is escaped."""

from __future__ import annotations

import re
import unicodedata
from html import escape

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Characters that would act on the page, or that nobody sees. The script of the page has the same."""

_ACRONYMS = {
    "\u2028": "LSEP",
    "\u2029": "PSEP",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
}

_VOID = frozenset({"rect", "line"})
"""Elements of SVG that hold nothing."""

REPLACEMENT = "\ufffd"
"""Stands for a control character where no element can: in an attribute."""


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str | float | None) -> Html:
    """Return an element; `class_` and `aria_label` stand for `class` and `aria-label`, None for none."""
    head = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_CONTROL.sub(REPLACEMENT, escape(str(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{head}/>" if name in _VOID else f"<{name}{head}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    """Return the children one after the other."""
    return Html("".join(child if isinstance(child, Html) else _written(child) for child in children))


def quoted(text: str, language: str | None = None) -> Html:
    """Return words of an article: isolated, in their own direction and language."""
    return element("bdi", text, dir="auto", lang=language)


def _written(text: str) -> Html:
    """Return text with its markup escaped and its control characters made visible."""
    return Html(_CONTROL.sub(lambda match: _visible(match.group()), escape(text)))


def _visible(character: str) -> Html:
    """Return a box that names a control character; the character itself is left out."""
    name = _ACRONYMS.get(character, f"{ord(character):02X}")
    title = f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"
    return element("span", name, class_="control", title=title)
