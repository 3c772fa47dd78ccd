"""Describe the bodies of a type as JSON Schema (draft 2020-12)."""

from inspect import getdoc
from typing import Any, get_origin

from events.catalogue import body_class
from events.field_texts import field_text
from events.fields import Field, fields_of
from events.value import is_value

_TYPES = {str: "string", int: "integer"}


def type_schema(name: str) -> dict[str, Any]:
    """Return the schema of a type's body; those of the values in it stand once each in `$defs`."""
    parts: dict[str, Any] = {}
    own = _object(body_class(name), parts, f"{name}:")
    defined = {"$defs": dict(sorted(parts.items()))} if parts else {}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **defined, **own}


def _object(cls: Any, parts: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the schema of an object; `path` leads to it: its type, a colon, the fields."""
    properties, required = {}, []
    for name, field in fields_of(cls).items():
        inner = f"{path}{'' if path.endswith(':') else '.'}{name}"
        described = _described(field, parts, inner)
        if said := field_text(*inner.split(":")):
            takes = described.get("description")
            described["description"] = f"{said}; {takes}" if takes else said
            described = dict(sorted(described.items()))
        if "$ref" not in described:
            described = {**described, "title": name.replace("_", " ").title()}
            if field.required:
                described = dict(sorted(described.items()))
        properties[name] = described
        if field.required:
            required.append(name)
    return {
        "additionalProperties": False,
        "description": cls.__doc__ and getdoc(cls),
        "properties": properties,
        **({"required": required} if required else {}),
        "title": cls.__name__,
        "type": "object",
    }


def _described(field: Field, parts: dict[str, Any], path: str) -> dict[str, Any]:
    found = _plain(field, parts, path)
    for marker in field.markers:
        found |= {**marker.json_schema, "description": marker.words}
    return dict(sorted(found.items()))


def _plain(field: Field, parts: dict[str, Any], path: str) -> dict[str, Any]:
    """Return what is said of a field without its rules."""
    if field.is_mark:
        return {"type": "boolean"}
    if field.choices:
        return {"enum": [*field.choices], "type": "string"}
    if field.member is not None:
        return {"items": _described(field.member, parts, path), "type": "array"}
    if get_origin(field.inner) is dict:
        return {"additionalProperties": True, "type": "object"}
    if is_value(field.inner):
        name = field.inner.__name__
        if name not in parts:
            parts[name] = {}  # it may hold values of its own kind
            parts[name] = _object(field.inner, parts, path)
        return {"$ref": f"#/$defs/{name}"}
    return {"type": _TYPES[field.inner]}
