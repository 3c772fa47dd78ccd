"""Print a fact, a map of a table or a policy to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument, flag, offer_types, option
from cli.context import app_context
from cli.errors.exit_codes import usage_failure
from cli.named_event import type_named
from cli.output.formats import write_page
from cli.output.streams import TableLine
from events.intake.template import fact_template as template_of


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
        name = type_named(str(type_), "depositary template")
        text = template_of(name)
    lines = list(map(TableLine, text.splitlines()))  # a broken line is no TOML any more
    write_page(lines, {"type": name, "template": text}, how)
