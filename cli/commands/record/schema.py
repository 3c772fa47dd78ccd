"""List the types of fact, and what each takes."""

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument, flag, offer_types, option
from cli.context import app_context
from cli.errors.exit_codes import usage_failure
from cli.event_options import type_summary
from cli.output.formats import Column, write_json, write_page, write_rows
from cli.output.streams import TableLine
from cli.subjects import type_named
from events.catalogue import all_types

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
        from events.json_schema import type_schema

        write_json(type_schema(type_named(str(type_), "depositary template")), how)
    elif how.format == "json":
        write_json(named, how)
    else:
        write_rows(_COLUMNS, [{"type": one, "means": type_summary(one)} for one in named], how)


def template(
    context: typer.Context,
    type_: Annotated[
        str | None, argument("[TYPE]", "A type: depositary schema lists them.", offer_types)
    ] = None,
    map_: Annotated[
        Path | None, option("--map", "FILE", "A table: draft a map of its columns.")
    ] = None,
    policy: Annotated[bool, flag("--policy", "A policy: whom to trust, in what order.")] = False,
) -> None:
    """Print a fact of a type to fill in: every field, its meaning, unit and allowed values.

    With --map it is a draft map of a table, made from its header and first rows, to be corrected:
    see depositary help map. With --policy it is a policy for the option --policy of a question:
    every key, with its default. See depositary help policies.

    \b
    Examples:
      depositary template reserve.acquired > new.toml
      depositary template --map purchases.csv > purchases.toml
      depositary template --policy > trust.toml
    """
    how = app_context(context).look
    if (type_ is not None) + (map_ is not None) + policy != 1:
        why = "name a type, a table with --map, or --policy"
        usage_failure("no template is named", why, "depositary template --help")
    if policy:
        from domain.claims.policy_file import policy_template

        name, text = "policy", policy_template()
    elif map_ is not None:
        from domain.importers.map_template import map_template

        name, text = map_.name, map_template(map_)
    else:
        from events.intake.template import fact_template as template_of

        name = type_named(str(type_), "depositary template")
        text = template_of(name)
    lines = list(map(TableLine, text.splitlines()))  # a broken line is no TOML any more
    write_page(lines, {"type": name, "template": text}, how)
