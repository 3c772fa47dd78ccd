"""How does each party stand to an agreement?"""

import typer

from cli.clocks import When
from cli.output.answer import Name, answered, write


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
    from cli.commands.ask import standing_page as laid
    from projections.queries.standing import agreement_standing

    found = answered(context, "agreement", name, when, agreement_standing)
    write(context, found, laid.page, laid.COLUMNS, laid.rows(found))
