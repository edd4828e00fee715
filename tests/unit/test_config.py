from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from pipeline.config import MOST_BYTES, Loaded, _Reader, load
from pipeline.errors import ConfigError


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Normalize(Strict):
    stage: Literal["normalize"] = "normalize"
    quotes: bool = True


class Translate(Strict):
    stage: Literal["translate"] = "translate"
    beam_size: int = Field(4, ge=1)
    backend: Literal["ctranslate2", "torch"] = "torch"
    models: dict[str, str] = {}


class Input(Strict):
    path: Path
    limit: int | str | None = None
    ratio: float = 1.0


class News(Strict):
    input: Input = Input(path=Path("seeds"))
    stages: tuple[Annotated[Normalize | Translate, Field(discriminator="stage")], ...] = ()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("news.yaml")


def read(file: Path, text: str, *overrides: str) -> Loaded[News]:
    file.write_text(text, encoding="utf-8")
    return load(file, News, overrides)


def faults(file: Path, text: str | bytes, *overrides: str) -> list[str]:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load(file, News, overrides)
    return str(caught.value).split("\n")


def test_every_mistake_is_reported_at_once_with_its_place(file: Path) -> None:
    text = """\
input: {path: 3, y: 1}
stages:
  - normalize
  - {stage: tranlate}
  - {stage: translate, beem_size: 3, backend: ctranslate}
  - {stage: normalize, quotes: yes}
  - {stag: normalize}
  - {stage: translate, beam_size: 0}
sages: 3
"""

    assert faults(file, text) == [
        "news.yaml:1:15: input.path: Input should be a valid string (got 3)",
        "news.yaml:1:18: input.y: no such setting; known here: path, limit, ratio",
        "news.yaml:3:5: stages[0]: expected a mapping (got 'normalize'); write {stage: normalize}",
        "news.yaml:4:13: stages[1].stage: expected 'normalize' or 'translate' (got 'tranlate'); "
        "did you mean 'translate'?",
        "news.yaml:5:24: stages[2].beem_size: no such setting; did you mean 'beam_size'?",
        "news.yaml:5:47: stages[2].backend: Input should be 'ctranslate2' or 'torch' "
        "(got 'ctranslate'); did you mean 'ctranslate2'?",
        "news.yaml:6:32: stages[3].quotes: Input should be a valid boolean (got 'yes')",
        "news.yaml:7:5: stages[4].stage: expected 'normalize' or 'translate' (got nothing)",
        "news.yaml:8:35: stages[5].beam_size: Input should be greater than or equal to 1 (got 0)",
        "news.yaml:9:1: sages: no such setting; did you mean 'stages'?",
    ]


def test_a_union_of_types_is_one_mistake(file: Path) -> None:
    assert faults(file, "input: {path: a, limit: []}") == [
        "news.yaml:1:25: input.limit: Input should be a valid integer (got a list) "
        "or Input should be a valid string (got a list)"
    ]


def test_a_missing_setting_is_reported_at_the_mapping_that_lacks_it(file: Path) -> None:
    assert faults(file, "input:\n  limit: 3\n") == [
        "news.yaml:2:3: input.path: expected a value, for it has no default (got nothing)"
    ]


def test_a_long_wrong_value_is_cut_in_the_message(file: Path) -> None:
    (fault,) = faults(file, f"input: {{path: a, ratio: {'x' * 500}}}")

    assert fault.endswith("x…)")
    assert len(fault) < 200


def test_a_key_that_stands_twice_is_refused_with_both_places(file: Path) -> None:
    assert faults(file, "input: {path: a}\nstages: []\ninput: {path: b}\n") == [
        "news.yaml:3:1: input: this key stands here twice; the first is news.yaml:1:1; remove one"
    ]


def test_a_repeated_key_does_not_hide_other_mistakes(file: Path) -> None:
    assert len(faults(file, "stages: []\nstages: []\nstaged: 1\n")) == 2


@pytest.mark.parametrize("word", ["no", "NO", "yes", "on", "off", "y", "n", "Yes"])
def test_norwegian_and_its_like_stay_words(file: Path, word: str) -> None:
    loaded = read(file, f"input: {{path: {word}}}\nstages: [{{stage: translate, models: {{{word}: {word}}}}}]")

    assert loaded.settings.input.path == Path(word)
    assert loaded.settings.stages[0].model_dump()["models"] == {word: word}


@pytest.mark.parametrize("word", ["010", "1:30", "190:20:30", "0x1F", "0o17", "1_000", "1e", "."])
@pytest.mark.parametrize("field", ["limit", "path"])
def test_numbers_in_disguise_stay_words(file: Path, word: str, field: str) -> None:
    settings = read(file, f"input: {{path: a, {field}: {word}}}".replace("path: a, path", "path"))

    assert str(getattr(settings.settings.input, field)) == word


@pytest.mark.parametrize("word", ["2024-01-01", "=", "<<", ".inf", ".nan", "+", "9" * 5000])
def test_dates_and_other_types_of_yaml_stay_words(file: Path, word: str) -> None:
    assert read(file, f"input: {{path: a, limit: {word}}}").settings.input.limit == word


@pytest.mark.parametrize(
    ("word", "value"), [("1", 1), ("-2.5", -2.5), ("1e-3", 1e-3), (".5", 0.5), ("0", 0), ("+3", 3)]
)
def test_numbers_are_numbers(file: Path, word: str, value: float) -> None:
    assert read(file, f"input: {{path: a, ratio: {word}}}").settings.input.ratio == value


@pytest.mark.parametrize("word", ["true", "True", "TRUE"])
def test_true_is_the_boolean(file: Path, word: str) -> None:
    assert read(file, f"stages: [{{stage: normalize, quotes: {word}}}]").settings.stages[0] == (Normalize(quotes=True))


def test_a_quoted_number_is_no_number(file: Path) -> None:
    (fault,) = faults(file, "stages: [{stage: translate, beam_size: '4'}]")

    assert "Input should be a valid integer (got '4')" in fault


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "1:1", "expected a mapping of settings (got an empty file)"),
        ("# nothing\n", "1:1", "expected a mapping of settings (got an empty file)"),
        ("- 1\n", "1:1", "expected a mapping of settings (got a list)"),
        ("news\n", "1:1", "expected a mapping of settings (got 'news')"),
        ("input: &a 1\n", "1:8", "anchors and aliases (& and *) are not used here"),
        ("input: *a\n", "1:8", "anchors and aliases (& and *) are not used here"),
        ("input: !!python/object:os.system 1\n", "1:8", "tags such as tag:yaml.org,2002:python/"),
        ("input: !x 1\n", "1:8", "tags such as !x are not used here"),
        ("input:\n\tpath: a\n", "2:1", "indent with spaces, not with tabs"),
        ("input: a: b\n", "1:9", "not YAML: mapping values are not allowed here"),
        ("input: 'a\n", "2:1", "found unexpected end of stream"),
        ("input: {path: a\n", "2:1", "not YAML"),
        ("a: 1\n--- \nb: 1\n", "2:1", "but found another document"),
        ("? [a]\n: b\n", "1:3", "expected a word as key"),
        ("a: \x07\n", "1:4", "a control character, U+0007, is not YAML"),
        ("[" * 60, "1:51", "expected at most 50 levels of nesting"),
        (b"a: \xff\n", "1:4", "expected UTF-8 (got byte 0xFF); save the file as UTF-8"),
        ("input: {}\n".encode("utf-16"), "1:1", "expected UTF-8 (got byte 0xFF)"),
    ],
)
def test_a_broken_file_gives_one_clear_line(file: Path, text: str | bytes, place: str, message: str) -> None:
    (fault,) = faults(file, text)

    assert fault.startswith(f"news.yaml:{place}: ")
    assert message in fault


def test_a_byte_order_mark_is_no_part_of_the_first_key(file: Path) -> None:
    assert read(file, "\ufeffinput: {path: a}").settings.input.path == Path("a")


def test_a_missing_file_says_so(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"^news\.yaml: no such file; name a configuration"):
        load(file, News)


def test_a_folder_is_no_file(file: Path) -> None:
    file.mkdir()

    with pytest.raises(ConfigError, match=r"^news\.yaml: cannot be read: Is a directory$"):
        load(file, News)


def test_an_article_is_not_read_as_a_configuration(file: Path) -> None:
    (fault,) = faults(file, "x" * (MOST_BYTES + 1))

    assert fault == f"news.yaml: expected a configuration of at most {MOST_BYTES} bytes"


STAGES = "stages:\n- {stage: normalize}\n- {stage: translate, beam_size: 4}\n"


@pytest.mark.parametrize("address", ["stages.translate", "stages.1", "stages[1]"])
def test_an_override_finds_a_stage_by_name_and_by_index(file: Path, address: str) -> None:
    loaded = read(file, STAGES, f"{address}.beam_size=1", f"{address}.models.no=opus")

    assert loaded.settings.stages[1] == Translate(beam_size=1, models={"no": "opus"})


def test_an_override_makes_the_mappings_it_needs(file: Path) -> None:
    assert read(file, "stages: []", "input.path=no").settings.input.path == Path("no")


def test_the_last_override_wins(file: Path) -> None:
    loaded = read(file, STAGES, "stages.1.beam_size=1", "stages.1.beam_size=2")

    assert loaded.settings.stages[1] == Translate(beam_size=2)


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        (
            "stages.translate.beam_size=x",
            "--set stages.translate.beam_size: Input should be a valid integer (got 'x')",
        ),
        (
            "stages.translate.beem_size=1",
            "--set stages.translate.beem_size: no such setting; did you mean 'beam_size'?",
        ),
        (
            "stages.tranlate.beam_size=1",
            "--set stages.tranlate.beam_size: expected one of normalize, translate, or an index "
            "below 2 (got 'tranlate'); did you mean 'translate'?",
        ),
        ("inptu.path=a", "--set inptu.path: inptu: no such setting; did you mean 'input'?"),
        (
            "stages.1.beam_size.x=1",
            "--set stages.1.beam_size.x: stages[1].beam_size has no settings inside (got 4)",
        ),
        (
            "stages.translate",
            "--set stages.translate: expected key.path=value, such as stages.translate.beam_size=1",
        ),
        ("input={path: a, y: 1}", "--set input: input.y: no such setting; known here: path, "),
        ("input.path=[", "--set input.path:1:2: not YAML: "),
    ],
)
def test_a_wrong_override_is_named_as_it_was_typed(file: Path, override: str, fault: str) -> None:
    (got,) = faults(file, STAGES, override)

    assert got.startswith(fault)


def test_wrong_overrides_and_wrong_settings_are_reported_together(file: Path) -> None:
    got = faults(file, STAGES.replace("4", "0"), "x", "input.ratio=a")

    assert len(got) == 4  # the fourth: input.ratio made an input without its path


def test_a_setting_that_stands_nowhere_has_the_place_of_its_mapping(file: Path) -> None:
    source = read(file, STAGES).source

    assert source.where(("stages", 1, "models")) == "news.yaml:3:3: stages[1].models"


PRINTABLE = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**15), 10**15) | PRINTABLE,
        lambda inner: st.lists(inner) | st.dictionaries(PRINTABLE, inner),
        max_leaves=20,
    )
)
def test_json_is_read_as_the_yaml_that_it_is(tree: object) -> None:
    assert _Reader("news.yaml").read(json.dumps(tree, ensure_ascii=False)) == tree


@settings(deadline=None)
@given(st.text("[]{}:-,?&*!|>'\"%@` \n\tab01#~", max_size=40))
def test_whatever_stands_in_a_file_gives_settings_or_a_clear_error(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "news.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            load(path, News)
        except ConfigError as error:
            message = str(error)
        else:
            message = f"{path}: ok"

    assert message.startswith(f"{path}:")
