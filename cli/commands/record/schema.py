"""List the types of fact, and what each takes."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument, flag, offer_types, option
from cli.context import app_context
from cli.errors.exit_codes import not_found, usage_failure
from cli.output.formats import Column, Look, write_json, write_lines, write_page, write_rows
from cli.output.streams import TableLine
from events.catalogue import all_types

MOST_LISTED = 8  # types of a kind that are all named

_COLUMNS = (Column("type", "type", fixed=True),)


def schema(
    context: typer.Context,
    type_: Annotated[
        str | None, argument("[TYPE]", "A type; without one, all are listed.", offer_types)
    ] = None,
) -> None:
    """List all types of fact, or print the JSON Schema (draft 2020-12) of one.

    The schema describes a stored fact, with amounts as whole numbers of their unit. For the form
    that people write, see depositary template.

    \b
    Examples:
      depositary schema reserve
      depositary schema reserve.acquired
    """
    how = app_context(context).look
    if type_ is None:
        _write(all_types(), how)
    elif of_kind := [name for name in all_types() if name.startswith(f"{type_}.")]:
        _write(of_kind, how)
    else:
        from events import validation

        write_json(validation.type_schema(_known(type_)), how)


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

        name = _known(str(type_))
        text = template_of(name)
    lines = list(map(TableLine, text.splitlines()))  # a broken line is no TOML any more
    write_page(lines, {"type": name, "template": text}, how)


def _write(names: Iterable[str], how: Look) -> None:
    if how.for_people:
        write_lines(list(names), how)
    elif how.format in ("csv", "ndjson"):
        write_rows(_COLUMNS, [{"type": name} for name in names], how)
    else:
        write_json(list(names), how)


def _known(given: str) -> str:
    name = given.removesuffix(".v1")
    if name in all_types():
        return name
    kind, _, verb = name.rpartition(".")
    of_kind = [known for known in all_types() if known.startswith(f"{kind}.")]
    verbs = [known for known in all_types() if known.partition(".")[2] == verb]
    near = get_close_matches(verb, [known.partition(".")[2] for known in of_kind], n=3)
    few = of_kind if len(of_kind) <= MOST_LISTED else []
    meant = [f"{kind}.{one}" for one in near] or few or verbs
    meant = meant or get_close_matches(name, all_types(), n=3)
    return not_found(
        f"there is no type '{given}'",
        f"did you mean {' or '.join(meant)}?"
        if meant
        else f"none of the {len(all_types())} types is similar",
        f"depositary template {meant[0]}" if meant else "depositary schema",
    )
