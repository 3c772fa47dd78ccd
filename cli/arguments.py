"""Declare arguments and options, and offer the values by which a shell completes them.

A command names what offers its values and does not run it: what that needs is imported when a
shell asks.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from events.identifiers import KINDS, slug_of

if TYPE_CHECKING:
    from cli.context import AppContext

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
        return _begun(known, incomplete)

    return offer


def offer_types(incomplete: str) -> list[str]:
    """Offer the types of facts."""
    from events.catalogue import all_types

    return _begun(all_types(), incomplete)


def offer_things(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the things of the ledger; below the command of a kind its own, without their kind."""
    parent = context.parent.info_name if context.parent else None
    return _things(context, incomplete, parent if parent in KINDS else None)


def offer_things_of(kind: str) -> Offer:
    """Return how a thing of a kind is completed, without its kind."""

    def offer(context: typer.Context, incomplete: str) -> list[str]:
        return _things(context, incomplete, kind)

    return offer


def _things(context: typer.Context, incomplete: str, kind: str | None) -> list[str]:
    with _ledger_asked(context).answers() as answers:
        found = [one for each in KINDS[1:] if kind in (None, each) for one in answers.things(each)]
    short = kind is not None and "/" not in incomplete
    return _begun((slug_of(one) if short else one for one in found), incomplete)


def _ledger_asked(context: typer.Context) -> "AppContext":
    from cli.context import AppContext
    from cli.ledger_location import named_location

    given = context.find_root().params.get("ledger")
    return AppContext(ledger_option=named_location(given, "--ledger") if given else None)


def _begun(known: Iterable[str], incomplete: str) -> list[str]:
    # A shell reads a word a line, and writes them to the terminal.
    return [word for word in known if word.startswith(incomplete) and word.isprintable()]


offer_parties, offer_prices = offer_things_of("party"), offer_things_of("price")


def offer_policies(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the policies; behind `prefer:` the parties of the ledger, with their kind or without.

    Bash takes a colon for the end of a word, and then asks for what stands behind it.
    """
    prefix, colon, party = incomplete.rpartition(":")
    if colon:
        return [f"{prefix}:{one}" for one in _things(context, party, "party")]
    return _begun(("primary-first", "latest", "strict", "prefer:"), incomplete)


def offer_checks(incomplete: str) -> list[str]:
    """Offer the checks of findings."""
    from projections.queries.findings import CHECKS, WANTED

    return _begun((*CHECKS, *WANTED), incomplete)


def offer_values(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the values that are answered about the subject of a command."""
    from cli.clocks import ClockOptions, read_clocks
    from cli.subjects import known_thing
    from projections.queries.explain import explain_values

    with _ledger_asked(context).answers() as answers:
        question = read_clocks(answers.record, ClockOptions())
        thing = known_thing(answers, str(context.params["thing"]), question)
        found = explain_values(answers, thing, question.clocks, question.policy)
    return _begun((one["field"] for one in found["values"]), incomplete)


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
