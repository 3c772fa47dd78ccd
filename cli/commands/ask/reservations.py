"""What does each reservation do between every two States?"""

import typer

from cli.clocks import When
from cli.output.answer import Name, answered, write


def reservations(
    context: typer.Context,
    name: Name,
    *,
    when: When,
) -> None:
    """Say what each reservation does towards each other State, and from which day.

    Silence accepts twelve months after that State was notified, or when it consents if that is
    later (VCLT 20(5)). Where the day of notice is not recorded, nobody can tell.

    \b
    Examples:
      depositary agreement reservations pk-sv-bitcoin-2025
      depositary agreement reservations pk-sv-bitcoin-2025 --as-of 2026-07-16 --csv
    """
    from cli.commands.ask import reservations_page as laid
    from projections.queries.reservations import agreement_reservations

    found = answered(context, "agreement", name, when, agreement_reservations)
    write(context, found, laid.page, laid.COLUMNS, laid.rows(found))
