"""Write the reference of commands and types of event from the code.

`python tests/papers/reference.py` prints `docs/reference.md`; write it there when it changed.
"""

import inspect
import sys
from collections.abc import Iterator
from typing import Any

import typer.main

from cli.app import app
from domain.importers.map_keys import TABLES
from events.body import Body
from events.catalogue import all_types, body_class, family
from events.json_schema import type_schema
from events.value import fields, json_name

HEAD = """# Reference

Written from the code by `python tests/papers/reference.py`; a test compares the two.

Global options stand on either side of a command: `--ledger DIR`, `--format
table|json|ndjson|csv|md|html`, `--json`, `--csv`, `--columns A,B`, `--wide`, `--no-color`, `-v`. Of
the formats `md` and `html` are for an article: the answer with its sources below. Dates, amounts,
policies, clocks and exit codes are explained by `depositary help TOPIC`.
"""


def reference() -> str:
    """Return the whole reference."""
    return "\n".join(
        [
            HEAD,
            "## Commands",
            "",
            *_commands(),
            "## Maps",
            "",
            *_maps(),
            "## Types of event",
            "",
            *_types(),
        ]
    )


def _maps() -> Iterator[str]:
    yield "What the keys of a map mean, for `depositary import csv`: [imports.md](imports.md)."
    yield ""
    for title, keys in TABLES:
        yield from (f"{title}:", "", "| key | what |", "|---|---|")
        yield from (f"| `{name}` | {_escaped(told)} |" for name, told in keys.items())
        yield ""


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _commands() -> Iterator[str]:
    for words, command in _walk(typer.main.get_command(app), None, "depositary"):
        if hasattr(command, "list_commands"):
            continue
        context = command.context_class(command, info_name=words, **command.context_settings)
        yield from (f"### `{words}`", "", "```text", *_help(command, context), "```", "")


def _walk(command: Any, parent: Any, name: str) -> Iterator[tuple[str, Any]]:
    settings = command.context_settings
    context = command.context_class(command, info_name=name, parent=parent, **settings)
    yield context.command_path, command
    for below in command.list_commands(context) if hasattr(command, "list_commands") else ():
        yield from _walk(command.get_command(context, below), context, below)


def _help(command: Any, context: Any) -> list[str]:
    context.terminal_width, context.max_content_width = 80, 80
    return [line.rstrip() for line in command.get_help(context).splitlines()]


def _types() -> Iterator[str]:
    common = {field.name for field in fields(Body)}
    yield "Every fact has these fields; those of its type come beside them."
    yield from ("", *_table("party.dissolved", common), "")
    for name in all_types():
        cls = body_class(name)
        own = {field.name for field in fields(cls)} - common
        joins = family(name)
        key = f" by {', '.join(joins.key)}" if joins.key else ""
        yield from (f"### `{name}`", "", inspect.cleandoc(cls.__doc__ or ""), "")
        yield from (f"Joins: {joins.name}{key}.", "")
        if own:
            yield from (*_table(name, own), "")


def _table(name: str, wanted: set[str]) -> Iterator[str]:
    schema = type_schema(name)
    required = set(schema.get("required", ()))
    yield "| field | must | what |"
    yield "|---|---|---|"
    for field in fields(body_class(name)):
        if field.name in wanted:
            told = json_name(field.name)
            must = "yes" if told in required else ""
            yield f"| `{told}` | {must} | {_what(schema['properties'][told], schema)} |"


def _what(given: dict[str, Any], schema: dict[str, Any]) -> str:
    if "$ref" in given:
        found = schema["$defs"][given["$ref"].rpartition("/")[2]]
        return _what({**found, **{k: v for k, v in given.items() if k != "$ref"}}, schema)
    options = [one for one in given.get("anyOf", ()) if one.get("type") != "null"]
    if options:
        told = {"description": given["description"]} if "description" in given else {}
        return _what({**options[0], **told}, schema)
    text = " ".join(str(given.get("description", "")).split()).replace("|", "\\|")
    if "enum" in given:
        return "; ".join(filter(None, (text, ", ".join(f"`{one}`" for one in given["enum"]))))
    if text:
        return text
    return str(given.get("type", "object"))


if __name__ == "__main__":
    sys.stdout.write(reference())
