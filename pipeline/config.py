"""YAML with positions: read into a frozen model, with every mistake reported at once."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.errors import ConfigError
from pipeline.mistakes import KeyPath, Mistake, dotted, find_mistakes, got, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import yaml

TRANSIENT = "transient"
"""Marks a setting that cannot change the output: `Annotated[int, TRANSIENT]`."""

MOST_BYTES = 1 << 20
"""A larger file is no configuration: most likely an article was named by mistake."""

MOST_LEVELS = 50
"""Lists and mappings inside one another; settings need six."""

MOST_VALUES = 10_000
"""Keys, words, lists and mappings of one file; a table of models for all languages of the world needs fewer."""

MOST_MISTAKES = 100
"""Mistakes that are told; the others are counted."""

LONGEST_NUMBER = 32
"""Characters of a number; what is longer stays a string."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_DIGIT_FIRST = re.compile(r"[-+]?\.?[0-9]")
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where settings come from: places in a file, and what the command line put over them."""

    file: str
    keys: dict[KeyPath, Place] = field(default_factory=dict)
    values: dict[KeyPath, Place] = field(default_factory=dict)
    overrides: dict[KeyPath, str] = field(default_factory=dict)

    def where(self, path: KeyPath, *, on_key: bool = False) -> str:
        """Return `FILE:LINE:COLUMN: key.path` or `--set key.path` of a setting, for a message.

        A setting that stands nowhere has the place of the nearest mapping around it.
        """
        for length in range(len(path), 0, -1):
            if name := self.overrides.get(path[:length]):
                return f"--set {name}" if length == len(path) else f"--set {name}: {dotted(path)}"
        place = self._place(path, on_key=on_key)
        if path not in self.values:
            for key, name in self.overrides.items():
                if key[: len(path)] == path:
                    return f"--set {name}: {dotted(path)}"
        text = f"{self.file}:{place.line}:{place.column}"
        return f"{text}: {dotted(path)}" if path else text

    def order(self, path: KeyPath) -> tuple[int, int]:
        """Return a key that sorts mistakes as they stand in the file."""
        place = self._place(path, on_key=True)
        return place.line, place.column

    def _place(self, path: KeyPath, *, on_key: bool) -> Place:
        if on_key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Model]):
    """Valid settings, and where each of them stands."""

    settings: Model
    source: Source


def load(path: Path, model: type[Model], overrides: Sequence[str] = ()) -> Loaded[Model]:
    """Read `path`, put `overrides` (such as `stages.translate.beam_size=1`) over it, validate.

    Raises `ConfigError` with every mistake, one a line:
    `FILE:LINE:COLUMN: key.path: what was expected (got …); did you mean …?`.
    """
    reader = _Reader(str(path))
    data = reader.read(_decode(path))
    if not isinstance(data, dict):
        shown = got(data) if data is not None else " (got an empty file)"
        raise ConfigError(f"{path}:1:1: expected a mapping of settings{shown}")
    source = Source(file=str(path), keys=reader.keys, values=reader.values)
    faults = [(source.order(key), line) for key, line in reader.faults]
    faults += [((0, 0), line) for line in map(_Override(data, source).put, overrides) if line]
    try:
        settings = model.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        for mistake in find_mistakes(error, model, data):
            faults.append((source.order(mistake.path), _line(source, mistake)))
        raise ConfigError(_joined(faults)) from error
    if faults:
        raise ConfigError(_joined(faults))
    return Loaded(settings, source)


def lasting(model: BaseModel) -> dict[str, Any]:
    """Return the settings that can change the output, as plain JSON values: no TRANSIENT ones."""
    fields = type(model).model_fields
    kept = {name: getattr(model, name) for name in fields if not _is_transient(fields[name])}
    dumped = model.model_dump(mode="json", include=set(kept))
    for name, value in kept.items():
        if isinstance(value, BaseModel):
            dumped[name] = lasting(value)
        elif isinstance(value, tuple) and any(isinstance(item, BaseModel) for item in value):
            dumped[name] = [lasting(item) for item in value]
    return dumped


def _line(source: Source, mistake: Mistake) -> str:
    return f"{source.where(mistake.path, on_key=mistake.on_key)}: {mistake.message}"


def _joined(faults: list[tuple[tuple[int, int], str]]) -> str:
    lines = [line for _, line in sorted(faults, key=lambda fault: fault[0])]
    more = len(lines) - MOST_MISTAKES
    return "\n".join([*lines[:MOST_MISTAKES], *([f"and {more} more mistakes"] if more > 0 else [])])


def _decode(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; name a configuration in YAML") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{path}: expected a configuration of at most {MOST_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        byte = content[error.start]
        message = f"expected UTF-8 (got byte 0x{byte:02X}); save the file as UTF-8"
        raise ConfigError(f"{path}:{line}:{column}: {message}") from error


class _Reader:
    """Turns YAML into plain data and remembers where each key and value stands.

    Of YAML's types only strings, integers, floats, booleans (`true`, `false`) and null are known,
    as in the core schema of YAML 1.2: `no`, `on`, `1:30`, `010` and dates stay strings.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.keys: dict[KeyPath, Place] = {}
        self.values: dict[KeyPath, Place] = {}
        self.faults: list[tuple[KeyPath, str]] = []

    def read(self, text: str) -> object:
        import yaml

        try:
            node = _loader()(text).get_single_node()
        except yaml.reader.ReaderError as error:
            before = text[: error.position]
            place = Place(before.count("\n") + 1, error.position - before.rfind("\n"))
            self._refuse(place, f"a control character, U+{error.character:04X}, is not YAML")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
            self._refuse(place, _syntax(error))
        return None if node is None else self._value(node, ())

    def _refuse(self, place: Place, message: str) -> NoReturn:
        raise ConfigError(f"{self.name}:{place.line}:{place.column}: {message}") from None

    def _value(self, node: yaml.Node, path: KeyPath) -> object:
        import yaml

        self.values[path] = _start(node)
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self._value(item, (*path, i)) for i, item in enumerate(node.value)]
            case yaml.ScalarNode(style=None):
                return _plain(node.value)
        return node.value

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            place, key = _start(key_node), key_node.value
            if not isinstance(key, str):
                self._refuse(place, "expected a word as key (got a list or a mapping)")
            inner = (*path, key)
            if key in result:
                first = self.keys[inner]
                there = f"{self.name}:{first.line}:{first.column}"
                here = f"{self.name}:{place.line}:{place.column}: {dotted(inner)}"
                message = f"this key stands here twice; the first is {there}; remove one"
                self.faults.append((inner, f"{here}: {message}"))
                continue
            self.keys[inner] = place
            result[key] = self._value(value_node, inner)
        return result


class _Override:
    """Puts `--set key.path=value` over what the file says."""

    def __init__(self, data: dict[str, object], source: Source) -> None:
        self.data, self.source = data, source

    def put(self, text: str) -> str | None:
        """Change the data in place; return what is wrong with `text`, if anything is."""
        name, equals, value_text = text.partition("=")
        if not equals or not name.strip():
            return f"--set {text}: expected key.path=value, such as stages.translate.beam_size=1"
        name = name.strip()
        parts = re.sub(r"\[(\d+)\]", r".\1", name).split(".")
        try:
            value = _Reader(f"--set {name}").read(value_text)
            if re.search("[\ud800-\udfff]", name + json.dumps(value, ensure_ascii=False)):
                return f"--set {ascii(name)[1:-1]}: expected UTF-8 (got other bytes); rename it, or set PYTHONUTF8=1"
            path = self._put(parts, value)
        except ConfigError as error:
            return str(error)
        self.source.overrides[path] = name
        return None

    def _put(self, parts: list[str], value: object) -> KeyPath:
        name = ".".join(parts)
        here: Any = self.data
        path: KeyPath = ()
        for i, part in enumerate(parts):
            if isinstance(here, list):
                key: str | int = _index(name, part, here)
            elif isinstance(here, dict):
                key = part
                here.setdefault(part, {})
            else:
                raise ConfigError(f"--set {name}: {dotted(path)} has no settings inside{got(here)}")
            path = (*path, key)
            if i == len(parts) - 1:
                here[key] = value
            elif here[key] is None:
                here[key] = {}
            here = here[key]
        return path


def _index(name: str, part: str, items: list[object]) -> int:
    """Return which item `part` means: an index, or the name of a stage."""
    if part.isdecimal() and int(part) < len(items):
        return int(part)
    names = [item.get("stage") if isinstance(item, dict) else item for item in items]
    if part in names:
        return names.index(part)
    known = ", ".join(map(str, names))
    raise ConfigError(
        f"--set {name}: expected one of {known}, or an index below {len(items)}{got(part)}{suggest(part, names)}"
    )


def _plain(text: str) -> object:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and _DIGIT_FIRST.match(text) and len(text) <= LONGEST_NUMBER:
        return float(text)
    return text


def _start(node: yaml.Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _syntax(error: yaml.MarkedYAMLError) -> str:
    parts = [error.context, error.problem] if error.context else [error.problem]
    text = ": ".join(part for part in parts if part)
    hint = "; indent with spaces, not with tabs" if "'\\t'" in text else ""
    return f"not YAML: {text}{hint}"


@cache
def _loader() -> type[yaml.SafeLoader]:
    """Return a loader that builds nodes only, and refuses what settings have no use for."""
    import yaml

    class Loader(yaml.SafeLoader):
        level = values = 0

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            event = self.peek_event()  # type: ignore[no-untyped-call] # as PyYAML's stubs have it
            refused = None
            if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
                refused = "anchors and aliases (& and *) are not used here; write the value out"
            elif event.tag is not None:
                refused = f"tags such as {event.tag} are not used here; write a plain value"
            elif self.level == MOST_LEVELS:
                refused = f"expected at most {MOST_LEVELS} levels of nesting"
            elif self.values == MOST_VALUES:
                refused = f"expected at most {MOST_VALUES:,} keys and values"
            if refused:
                raise yaml.composer.ComposerError(None, None, refused, event.start_mark)
            self.level += 1
            self.values += 1
            node = super().compose_node(parent, index)
            self.level -= 1
            return node

    return Loader


def _is_transient(field: Any) -> bool:  # noqa: ANN401 # pydantic's FieldInfo
    return TRANSIENT in field.metadata
