"""Show the answer about one subject of a kind."""

from typing import Annotated

import typer

from cli.app import Command
from cli.arguments import Name, flag
from cli.clocks import ClockOptions
from cli.commands.ask.kinds import EXAMPLES
from cli.context import app_context
from cli.output.answer import answer_document
from cli.output.formats import write_page
from cli.output.page import page
from projections.queries.show import show_subject

Claims = Annotated[
    bool, flag("--claims", "All claims behind each value, not only where they differ.")
]


def _of_kind(kind: str) -> Command:
    def show(
        context: typer.Context, name: Name, claims: Claims = False, *, when: ClockOptions
    ) -> None:
        instead = f"depositary {kind} history {name} --csv"
        how = app_context(context, no_csv=True, instead=instead).look
        found = answer_document(context, kind, name, when, show_subject)
        write_page(page(found, how, claims=claims) if how.for_people else (), found, how)

    show.__doc__ = _SHOW.format(kind=kind, example=EXAMPLES[kind])
    return show


def __getattr__(kind: str) -> Command:
    """Return the command of a kind, built when it is asked for."""
    if kind not in EXAMPLES:
        raise AttributeError(kind)
    return _of_kind(kind)


_SHOW = """Show the answer about one {kind}, with asserting parties and support.

\b
Examples:
  depositary {kind} show {example}
  depositary {kind} show {example} --as-of 2025-07-19 --policy strict
"""
