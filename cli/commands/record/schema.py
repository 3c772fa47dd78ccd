"""List the types of fact, and print the JSON Schema of one."""

from typing import Annotated

import typer

from cli.arguments import argument, offer_types
from cli.context import app_context
from cli.event_options import type_summary
from cli.named_event import type_named
from cli.output.formats import write_json, write_rows
from cli.output.look import Column
from events.catalogue import all_types
from events.json_schema import type_schema

_COLUMNS = (Column("type", "type", fixed=True), Column("means", "means"))


def schema(
    context: typer.Context,
    type_: Annotated[
        str | None, argument("[TYPE]", "A type; without one, all are listed.", offer_types)
    ] = None,
) -> None:
    """List all types of fact and what each means, or print the JSON Schema (2020-12) of one.

    The schema describes a stored fact, with amounts as whole numbers of their unit. For the form
    that people write, see depositary template.

    \b
    Examples:
      depositary schema reserve
      depositary schema reserve.acquired
    """
    how = app_context(context).look
    named = [name for name in all_types() if type_ is None or name.startswith(f"{type_}.")]
    if not named:
        write_json(type_schema(type_named(str(type_), "depositary template")), how)
    elif how.format == "json":
        write_json(named, how)
    else:
        write_rows(_COLUMNS, [{"type": one, "means": type_summary(one)} for one in named], how)
