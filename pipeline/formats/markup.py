"""Text to XML 1.0 that every parser accepts and gives back."""

from __future__ import annotations

import re

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, not even escaped: https://www.w3.org/TR/xml/#charsets."""

_SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x1f"
"""Those of them that are white space, and become a space."""

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})

_IN_ATTRIBUTES = str.maketrans({"\t": "&#9;", "\n": "&#10;"})
"""Parsers turn these into spaces in attributes, unless they are escaped."""


def content(text: str) -> str:
    """Return the text between two tags; characters that XML forbids are left out."""
    clean = _FORBIDDEN.sub(lambda match: " " if match.group() in _SEPARATORS else "", text)
    return clean.translate(_ESCAPES)


def element(name: str, text: str, **attributes: object) -> str:
    """Return an element; in names of attributes `_` stands for `-`, `xml_lang` for `xml:lang`."""
    return f"<{_tag(name, attributes)}>{content(text)}</{name}>"


def opening(name: str, **attributes: object) -> str:
    """Return a start tag."""
    return f"<{_tag(name, attributes)}>"


def empty(name: str, **attributes: object) -> str:
    """Return an element without content."""
    return f"<{_tag(name, attributes)}/>"


def _tag(name: str, attributes: dict[str, object]) -> str:
    return " ".join([name, *(f'{_name(key)}="{_value(value)}"' for key, value in attributes.items())])


def _name(key: str) -> str:
    return "xml:lang" if key == "xml_lang" else key.replace("_", "-")


def _value(value: object) -> str:
    return content(str(value)).translate(_IN_ATTRIBUTES)
