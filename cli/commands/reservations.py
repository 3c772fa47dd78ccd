"""What does each reservation do between every two States?"""

import typer

from cli.asking import Name, answered, write
from cli.clocks import AsOf, KnownAt, PolicyName, PublicAt
from domain.policy import DEFAULT


def reservations(
    context: typer.Context,
    name: Name,
    as_of: AsOf = None,
    public_at: PublicAt = None,
    known_at: KnownAt = None,
    policy: PolicyName = DEFAULT,
) -> None:
    """Say what each reservation does towards each other State, and from which day.

    Silence accepts twelve months after that State was notified, or when it consents if that is
    later (VCLT 20(5)). Where the day of notice is not recorded, nobody can tell.

    \b
    Examples:
      depositary agreement reservations pk-sv-bitcoin-2025
      depositary agreement reservations pk-sv-bitcoin-2025 --as-of 2026-07-16 --csv
    """
    from cli.pages import reservations as laid
    from projections.reservations import reservations as ask

    found = answered(context, "agreement", name, (as_of, public_at, known_at, policy), ask)
    write(context, found, laid.page, laid.COLUMNS, laid.rows(found))
