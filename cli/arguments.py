"""Declare arguments and options, and name what offers the values by which a shell completes them.

A command names what offers its values and does not run it.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from events.identifiers import KINDS

Offer = Callable[[typer.Context, str], list[str]]


def argument(metavar: str, help_: str, offer: Callable[..., Any] | None = None) -> Any:
    """Return what stands behind a parameter's type: an argument, and what a shell offers for it."""
    # A file that may not be read is told by the command that reads it, with the exit code of that.
    return typer.Argument(metavar=metavar, help=help_, autocompletion=offer, readable=False)


def option(
    names: str, metavar: str, help_: str, offer: Callable[..., Any] | None = None, **more: Any
) -> Any:
    """Return an option that takes a value; its names stand in one text: `--output -o`."""
    words, more = names.split(), {"readable": False, **more}
    return typer.Option(*words, metavar=metavar, help=help_, autocompletion=offer, **more)


def choice(
    name: str, metavar: str, help_: str, words: Iterable[str], noun: str = "", first: int = 0
) -> Any:
    """Return an option that takes one of some words, or several; exit 2 for any other.

    A shell offers those from the `first` on.
    """
    known = tuple(words)

    def checked(context: typer.Context, given: Any) -> Any:
        from cli.errors.usage import check_choice, meant_by

        for one in [given] if isinstance(given, str) else given or ():
            meant = (*meant_by(one, known), known[first])[0]
            whole = all(each.param_type_name == "option" for each in context.command.params)
            then = f"{context.command_path} {name} {meant}" if whole else f"{name} {meant}"
            check_choice(noun or metavar.lower(), one, known, then)
        return given

    return option(name, metavar, help_, offer_words(*known[first:]), callback=checked)


def flag(name: str, help_: str) -> Any:
    """Return an option that is given or not."""
    return typer.Option(name, help=help_)


def offer_words(*known: str) -> Callable[[str], list[str]]:
    """Return how one of some words is completed."""

    def offer(incomplete: str) -> list[str]:
        return [word for word in known if word.startswith(incomplete)]

    return offer


def offer_from_ledger(what: str) -> Offer:
    """Return how a shell completes what it takes a ledger or a list to know: cli/completion.py."""

    def offer(context: typer.Context, incomplete: str) -> list[str]:
        from cli.completion import offered  # it needs what no command needs together

        return offered(what, context, incomplete)

    return offer


offer_types, offer_things, offer_policies, offer_checks, offer_values = map(
    offer_from_ledger, ("types", "subjects", "policies", "checks", "values")
)
offer_parties, offer_prices = map(offer_from_ledger, ("party", "price"))


def party_option(help_: str) -> Any:
    """Return an option that names a party."""
    return option("--party", "PARTY", help_, offer_parties)


def kind_option(help_: str) -> Any:
    """Return an option that names a kind of subjects."""
    return choice("--kind", "KIND", help_, KINDS, first=1)


def type_option(help_: str) -> Any:
    """Return an option that names a type of facts."""
    return option("--type", "TYPE", help_, offer_types)


Subject = Annotated[str, argument("SUBJECT", "The subject, as kind/name.", offer_things)]
Name = Annotated[str, argument("ID", "The subject: its name, or kind/name.", offer_things)]
DryRun = Annotated[bool, flag("--dry-run", "Check every fact; write nothing.")]
