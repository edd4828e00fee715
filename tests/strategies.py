"""Hypothesis strategies for text as scrapers deliver it: any Unicode, and articles made of it."""

from __future__ import annotations

from hypothesis import strategies as st

LINE_BREAKS = ("\n", "\r\n", "\r", "\n\n", "\x0c", "\x0b", "\x1e", "\u0085", "\u2028", "\u2029")

WORDS = (
    *("Президент", "заявил", "т.е.", "г.", "К.", "Ёж", "и\u0306од", "США", "РђРІС‚РѕСЂ"),
    *("الرئيس", "قال", "د.", "محـــمد", "ﻣﺮﺣﺒﺎ", "ق.م.", "وأضاف", "كِتَابٌ", "می\u200cروم"),
    *("Président", "l’été", "« mot »", "M.", "élu(e)s", "2\u00a0500", "Ã©tÃ©", "œuvre"),
    *("Mr.", "U.S.", "President", "won’t", "a.m.", "&apos;", "&amp;nbsp;", "&#10;", "&lt;b&gt;"),
    *("https://a.example/b_(c).html", "@user", "#tag", "€18.10", "06.01.2022", "12,5%", "1."),
    *(
        "日本語。",
        "中文，",
        "ไทย",
        "한국어",
        "हिन्दी।",
        "👩\u200d👧",
        "🏴\U000e0067\U000e007f",
        "🇰🇿",
    ),
    *(
        "\u00ad",
        "\u200b",
        "\u200f",
        "\u061c",
        "\ufeff",
        "\u202b",
        "\u2066",
        "\ue000",
        "\x00",
        "\x1b[0m",
    ),
    *(
        "\ufffd",
        "\ud800",
        "\U0001f600",
        "e\u0301\u0323",
        "\u0301",
        "\u0640",
        "ﷺ",
        "ﬁ",
        "..",
        "…",
        "?!",
    ),
)
"""What normalising, splitting and telling languages stumble over."""

SPACES = (" ", "  ", "\u00a0", "\u202f", "\t", "\u3000", "")
MARKS = (
    ".",
    "!",
    "?",
    "…",
    "؟",
    "؛",
    "،",
    ":",
    ";",
    ",",
    '"',
    "«",
    "»",
    "”",
    "(",
    ")",
    "—",
    "-",
    "'",
)


def texts(max_size: int = 80) -> st.SearchStrategy[str]:
    """Return any text, lone surrogates included."""
    return st.text(alphabet=st.characters(codec=None), max_size=max_size)


def lines() -> st.SearchStrategy[str]:
    """Return a line of troublesome words, spaces and marks, now and then of anything."""
    piece = st.one_of(st.sampled_from(WORDS), st.sampled_from(SPACES), st.sampled_from(MARKS), texts(max_size=6))
    return st.lists(piece, max_size=24).map("".join)


@st.composite
def articles(draw: st.DrawFn) -> str:
    """Return an article: lines and the breaks between them."""
    parts = draw(st.lists(st.tuples(lines(), st.sampled_from(LINE_BREAKS)), max_size=8))
    return "".join(line + line_break for line, line_break in parts) + draw(lines())
