"""The reference of all settings, rendered from their JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.settings import json_schema
from pipeline.stages import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN = "<!-- settings: written by `make golden` -->\n"
END = "<!-- /settings -->\n"


def reference() -> str:
    """Return a table for each group of settings and each stage."""
    schema = json_schema()
    parts = [_section("Top level", schema, schema)]
    for name, node in schema["properties"].items():
        if reference := node.get("$ref"):
            parts.append(_section(f"`{name}`", _definition(schema, reference), schema))
    for config in CONFIGS:
        node = schema["$defs"][config.__name__]
        stage = node["properties"]["stage"]["const"]
        parts.append(_section(f"Stage `{stage}`", node, schema))
        parts += [_section(f"`{stage}.{name}`", inner, schema) for name, inner in _mappings(node, schema)]
    return "\n".join(parts)


def undescribed() -> list[str]:
    """Return the settings that no docstring describes."""
    schema = json_schema()
    groups = {"Settings": schema, **schema["$defs"]}
    return [
        f"{group}.{name}"
        for group, node in groups.items()
        for name, setting in node.get("properties", {}).items()
        if not setting.get("description") and name != "stage"
    ]


def _mappings(node: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the settings of a stage that have settings of their own."""
    for name, setting in node["properties"].items():
        for option in setting.get("anyOf", [setting]):
            inner = _definition(schema, option["$ref"]) if "$ref" in option else {}
            if "properties" in inner:
                yield name, inner


def _section(title: str, node: dict[str, Any], schema: dict[str, Any]) -> str:
    rows = [
        f"| `{name}` | {_type(setting, schema)} | {_default(name, setting, node)} | "
        f"{_cell(setting.get('description', ''))} |\n"
        for name, setting in node["properties"].items()
        if name != "stage"
    ]
    about = _cell(node.get("description", ""))
    table = "| setting | type | default | meaning |\n| --- | --- | --- | --- |\n" + "".join(rows)
    return f"### {title}\n\n{about}\n" + (f"\n{table}" if rows else "")


def _type(node: dict[str, Any], schema: dict[str, Any]) -> str:
    match node:
        case {"$ref": reference}:
            target = _definition(schema, reference)
            return "mapping" if "properties" in target else _type(target, schema)
        case {"enum": values}:
            kind = ", ".join(f"`{value}`" for value in values)
        case {"const": value}:
            kind = f"`{value}`"
        case {"anyOf": options} | {"oneOf": options}:
            kind = " or ".join(_type(option, schema) for option in options)
        case {"type": "array", "items": {"discriminator": _}}:
            kind = "list of stages"
        case {"type": "array", "items": items}:
            kind = f"list of {_type(items, schema)}"
        case {"type": "object"}:
            kind = f"mapping to {_type(node.get('additionalProperties', {}), schema)}"
        case _:
            name = str(node.get("type"))
            kind = {"string": "text", "boolean": "true, false"}.get(name, name) + _range(node)
    return kind


def _range(node: dict[str, Any]) -> str:
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    return "".join(f" {sign} {node[key]}" for key, sign in bounds.items() if key in node)


def _default(name: str, setting: dict[str, Any], node: dict[str, Any]) -> str:
    if name in node.get("required", []):
        return "required"
    match setting.get("default"):
        case None:
            return "null"
        case bool() as value:
            return f"`{str(value).lower()}`"
        case list() as values:
            return f"`[{', '.join(map(str, values))}]`"
        case dict():
            return "see below"
        case value:
            return f"`{value}`"


def _definition(schema: dict[str, Any], reference: str) -> dict[str, Any]:
    definition: dict[str, Any] = schema["$defs"][reference.rpartition("/")[2]]
    return definition


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
