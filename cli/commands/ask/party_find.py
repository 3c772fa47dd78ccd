"""Find the id of a party by a name or a code, in the register that comes with the program."""

from typing import Annotated, Any

import typer

from cli.arguments import argument
from cli.context import app_context
from cli.errors.exit_codes import not_found
from cli.output.formats import Column, write_rows

_COLUMNS = (
    Column("id", "id", fixed=True),
    Column("name", "name"),
    Column("type", "type"),
    Column("by", "found by"),
)


def party_find(
    context: typer.Context, name: Annotated[str, argument("NAME", "A name, or a code of a State.")]
) -> None:
    """Tell the id that imports give to a name: States, organisations, former States, codes.

    Names are those of ISO 3166-1 and the UN and the others under which lists know a State; codes
    are of ISO 3166-1, of the Correlates of War (cow) and of Gleditsch and Ward (gw). What a ledger
    itself calls a party, depositary find tells.

    \b
    Examples:
      depositary party find "Korea, Republic of"
      depositary party find RUS
      depositary party find 260
    """
    from domain.importers.country_codes import schemes_with
    from domain.importers.register import Register

    register = Register()
    rows: list[dict[str, Any]] = []
    found = register.find(name)
    if found is not None:
        rows.append({**found._asdict(), "by": "name" if len(name) > 2 else "iso2"})
    for scheme, _ in schemes_with(name):
        party = register.find_code(name, scheme)
        if party is not None and not (scheme == "iso2" and party == found):
            rows.append({**party._asdict(), "by": f'codes = "{scheme}"'})
    if not rows:
        near = register.near(name)
        why = f"did you mean {' or '.join(near)}?" if near else "nothing in the register comes near"
        not_found(f"no register knows '{name:.60}'", why, f"depositary find '{name:.60}'")
    write_rows(_COLUMNS, rows, app_context(context).look)
