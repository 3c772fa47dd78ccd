"""Describe the bodies of a type as JSON Schema (draft 2020-12)."""

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from events.field_texts import field_text
from events.value import Value, fields, hints, is_value

_TYPES = {str: "string", int: "integer"}


def body_schema(cls: type[Value], type_: str) -> dict[str, Any]:
    """Return the schema of a class; those of the values in it stand once each in `$defs`."""
    parts: dict[str, Any] = {}
    own = _object(cls, parts, f"{type_}:")
    defined = {"$defs": dict(sorted(parts.items()))} if parts else {}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **defined, **own}


def _object(cls: Any, parts: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the schema of an object; `path` leads to it: its type, a colon, the fields."""
    properties, required = {}, []
    for field in fields(cls):
        inner = f"{path}{'' if path.endswith(':') else '.'}{field.encode_name}"
        described = _described(hints(cls)[field.name], parts, inner)
        type_, _, name = inner.partition(":")
        if said := field_text(type_, name):
            takes = described.get("description")
            described["description"] = f"{said}; {takes}" if takes else said
            described = dict(sorted(described.items()))
        if "$ref" not in described:
            title = {"title": field.encode_name.replace("_", " ").title()}
            described = {**described, **title}
            if field.required:
                described = dict(sorted(described.items()))
        properties[field.encode_name] = described
        if field.required:
            required.append(field.encode_name)
    return {
        "additionalProperties": False,
        "description": cls.__doc__ and _docstring(cls),
        "properties": properties,
        **({"required": required} if required else {}),
        "title": cls.__name__,
        "type": "object",
    }


def _docstring(cls: Any) -> str:
    from inspect import getdoc

    return getdoc(cls) or ""


def _described(hint: Any, parts: dict[str, Any], path: str) -> dict[str, Any]:
    return dict(sorted(_unsorted(hint, parts, path).items()))


def _unsorted(hint: Any, parts: dict[str, Any], path: str) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        (marker,) = inner[1:]
        described = {**marker.json_schema, "description": marker.words}
        return _unsorted(inner[0], parts, path) | described
    if origin in (Union, UnionType):
        (only,) = (part for part in inner if part is not type(None))
        return _unsorted(only, parts, path)
    if origin is Literal:
        return {"type": "boolean"} if inner == (True,) else {"enum": [*inner], "type": "string"}
    if origin is tuple:
        return {"items": _described(inner[0], parts, path), "type": "array"}
    if origin is dict:
        return {"additionalProperties": True, "type": "object"}
    if is_value(hint):
        if hint.__name__ not in parts:
            parts[hint.__name__] = {}  # it may hold values of its own kind
            parts[hint.__name__] = _object(hint, parts, path)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    return {"type": _TYPES[hint]}
