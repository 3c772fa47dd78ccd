"""How do what is booked, reported and observed of a reserve compare?"""

import typer

from cli.clocks import When
from cli.output.answer import Name, answered, write


def reconcile(
    context: typer.Context,
    name: Name,
    *,
    when: When,
) -> None:
    """Hold what is booked against what is reported and observed, and say what explains it.

    Booked is the sum of flows, reported what somebody says, observed what addresses hold. None of
    them is ever corrected by another. Moving bitcoin changes no total but by its fee.

    \b
    Examples:
      depositary reserve reconcile sv --as-of 2025-08-30
      depositary reserve reconcile sv --as-of 2024-03-15 --json
    """
    from cli.commands.ask import reconcile_page as laid
    from projections.queries.reconcile import reconcile_reserve

    found = answered(context, "reserve", name, when, reconcile_reserve)
    write(context, found, laid.page, laid.COLUMNS, laid.rows(found))
