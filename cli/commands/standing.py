"""How does each party stand to an agreement?"""

import typer

from cli.asking import Name, answered, write
from cli.clocks import When


def standing(
    context: typer.Context,
    name: Name,
    *,
    when: When,
) -> None:
    """Say where each party stands, how many they are, and whether the agreement is in force.

    The day computed by its rule stands beside the claimed one; where they differ, that is a
    finding.

    \b
    Examples:
      depositary agreement standing pk-sv-bitcoin-2025
      depositary agreement standing pk-sv-bitcoin-2025 --as-of 2025-07-16 --json
    """
    from cli.pages import standing as laid
    from projections.standing import standing as ask

    found = answered(context, "agreement", name, when, ask)
    write(context, found, laid.page, laid.COLUMNS, laid.rows(found))
