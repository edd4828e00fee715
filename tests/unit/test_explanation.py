"""What was decided of each block, a line each."""

from __future__ import annotations

from pipeline import strip
from pipeline.explanation import explain, explain_as_rows

PAGE = "Bridge opens after repairs\n\nThe old \x1b[31mbridge opened again on Monday.\n\nShare on Facebook\n"


def columns(text: str, **options: int | bool) -> list[str]:
    return list(explain(text, strip(text), **options))  # type: ignore[arg-type]


def test_each_block_has_a_line_with_its_number_fate_label_rule_and_confidence() -> None:
    text = "Bridge opens after repairs\n\nThe bridge opened on Monday.\n"
    sure = [f"{block.confidence:.2f}" for block in strip(text).blocks]
    lines = [line.split(maxsplit=5) for line in columns(text)]

    assert lines == [
        ["1", "kept", "title", "headline", sure[0], "Bridge opens after repairs"],
        ["3", "kept", "body", "text", sure[1], "The bridge opened on Monday."],
    ]


def test_the_texts_begin_in_one_column() -> None:
    lines = columns(PAGE)

    assert len({line.index(text) for line, text in zip(lines, ("Bridge", "The old", "Share"), strict=True)}) == 1


def test_no_character_that_a_terminal_would_obey_comes_through() -> None:
    assert "\x1b" not in "".join(columns(PAGE))


def test_lines_are_cut_to_the_width() -> None:
    assert max(map(len, columns(PAGE, width=80))) <= 80
    assert columns(PAGE, width=80)[1].endswith("…")


def test_east_asian_characters_take_two_columns() -> None:
    line = columns("大" * 100 + "。", width=90)[0]

    assert line.count("大") <= (90 - line.index("大")) // 2


def test_colour_is_added_only_where_it_is_asked_for() -> None:
    assert "\x1b[2m" in "".join(columns(PAGE, colour=True))


def test_rows_hold_the_number_of_the_line_and_the_whole_text() -> None:
    rows = list(explain_as_rows(PAGE, strip(PAGE)))

    assert [row["line"] for row in rows] == [1, 3, 5]
    assert [row["text"] for row in rows] == [block.text for block in strip(PAGE).blocks]
