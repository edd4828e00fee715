"""What is wrong with a configuration, in words: pydantic's errors made readable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

KeyPath = tuple[str | int, ...]
"""The keys and indices that lead to a place in the configuration."""

LONGEST = 60
"""Characters of a wrong value or key that a message shows."""

_REWORDED = {
    "dict_type": "expected a mapping",
    "list_type": "expected a list",
    "model_attributes_type": "expected a mapping",
    "model_type": "expected a mapping",
    "tuple_type": "expected a list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing to mend; `on_key` when the key itself is wrong, not its value."""

    path: KeyPath
    message: str
    on_key: bool = False


def find_mistakes(error: ValidationError, model: type[BaseModel], data: object) -> list[Mistake]:
    """Return what `error` says of `data`, one mistake a place in the configuration."""
    schema = model.model_json_schema()
    found: dict[tuple[KeyPath, bool], list[str]] = {}
    for details in error.errors(include_url=False):
        mistake = _explain(details, schema, data)
        found.setdefault((mistake.path, mistake.on_key), []).append(mistake.message)
    return [
        Mistake(path=path, message=" or ".join(dict.fromkeys(messages)), on_key=on_key)
        for (path, on_key), messages in found.items()
    ]


def dotted(path: KeyPath) -> str:
    """Return the path as it is written in messages, such as `stages[1].backend`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_cut(part)}" for part in path)
    return text.removeprefix(".")


def suggest(word: object, known: Iterable[object]) -> str:
    """Return `; did you mean …?` with the known word nearest to `word`, or nothing."""
    near = get_close_matches(str(word), [str(one) for one in known], n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def got(value: object) -> str:
    """Return ` (got …)` in the words of YAML, cut to a readable length."""
    match value:
        case None:
            shown = "nothing"
        case bool():
            shown = str(value).lower()
        case dict():
            shown = "a mapping"
        case list():
            shown = "a list"
        case _:
            shown = repr(value)
    return f" (got {_cut(shown)})"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _explain(details: ErrorDetails, schema: dict[str, Any], data: object) -> Mistake:
    path = _real_path(details, data)
    value, context = details["input"], details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            known = _known_keys(schema, data, path[:-1])
            hint = suggest(path[-1], known) or f"; known here: {', '.join(known)}"
            return Mistake(path=path, message=f"no such setting{hint}", on_key=True)
        case "missing":
            message = "expected a value, for it has no default (got nothing)"
            return Mistake(path=path, message=message)
        case "union_tag_invalid" | "union_tag_not_found":
            key = context["discriminator"].strip("'")
            tags = re.findall(r"'([^']*)'", str(context.get("expected_tags", ""))) or _tags(schema, data, path)
            tag = context.get("tag")
            message = f"expected {_alternatives(tags)}{got(tag)}{suggest(tag, tags)}"
            return Mistake(path=(*path, key), message=message)
    message = _REWORDED.get(details["type"], details["msg"].removeprefix("Value error, "))
    if details["type"] == "too_short":
        message = f"expected at least {context['min_length']} of them"
    expected = re.findall(r"'([^']*)'", str(context.get("expected", "")))
    hint = suggest(value, expected)
    tags = _tags(schema, data, path)
    if isinstance(value, str) and tags:
        hint = f"; write {{stage: {value}}}" if value in tags else suggest(value, tags)
    return Mistake(path=path, message=f"{message}{got(value)}{hint}")


def _real_path(details: ErrorDetails, data: object) -> KeyPath:
    """Return the location without the names of union members that pydantic puts in between."""
    path: list[str | int] = []
    *_, last = details["loc"] or (None,)
    missing = details["type"] == "missing"
    for part in details["loc"]:
        match data:
            case dict() if part in data:
                path.append(part)
                data = data[part]
            case dict() if missing and part == last:
                path.append(part)
            case list() if isinstance(part, int):
                path.append(part)
                data = data[part]
    return tuple(path)


def _alternatives(words: list[str]) -> str:
    quoted = [repr(word) for word in words]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]


def _known_keys(schema: dict[str, Any], data: object, path: KeyPath) -> list[str]:
    node = _descend(schema, data, path)
    return [key for variant in _variants(schema, *node) for key in variant.get("properties", {})]


def _tags(schema: dict[str, Any], data: object, path: KeyPath) -> list[str]:
    """Return the names that choose between the members of the union at `path`, if it is one."""
    node, _ = _descend(schema, data, path)
    return list(node.get("discriminator", {}).get("mapping", {}))


def _descend(schema: dict[str, Any], data: object, path: KeyPath) -> tuple[dict[str, Any], object]:
    """Return the JSON Schema of the place at `path`, and the data there."""
    node = schema
    for part in path:
        children = [
            variant.get("items", {}) if isinstance(part, int) else variant.get("properties", {}).get(part, {})
            for variant in _variants(schema, node, data)
        ]
        node = next(filter(None, children), {})
        match data:
            case dict():
                data = data.get(part)
            case list() if isinstance(part, int) and part < len(data):
                data = data[part]
            case _:
                data = None
    return node, data


def _variants(schema: dict[str, Any], node: dict[str, Any], data: object) -> Iterator[dict[str, Any]]:
    """Yield what `node` may be, references and unions resolved as far as `data` decides."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        yield from _variants(schema, schema["$defs"][name], data)
    elif "discriminator" in node:
        choice = node["discriminator"]
        tag = data.get(choice["propertyName"]) if isinstance(data, dict) else None
        if reference := choice["mapping"].get(tag):
            yield from _variants(schema, {"$ref": reference}, data)
    elif alternatives := node.get("anyOf") or node.get("oneOf") or node.get("allOf"):
        for alternative in alternatives:
            yield from _variants(schema, alternative, data)
    else:
        yield node
