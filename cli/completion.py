"""Offer the values by which a shell completes arguments and options: imported when a shell asks."""

from collections.abc import Iterable

import typer

from cli.clocks import ClockOptions, read_clocks
from cli.context import AppContext
from cli.ledger_location import named_location
from cli.subjects import known_thing
from events.catalogue import all_types
from events.identifiers import KINDS, slug_of


def offered(what: str, context: typer.Context, incomplete: str) -> list[str]:
    """Return the values of a sort, or the subjects of a kind, that begin like a word."""
    match what:
        case "subjects":  # below the command of a kind its own
            parent = context.parent.info_name if context.parent else None
            found: Iterable[str] = _things(context, incomplete, parent if parent in KINDS else None)
        case "types":
            found = all_types()
        case "checks":
            from projections.queries.findings import CHECKS, WANTED  # as much again as the rest

            found = (*CHECKS, *WANTED)
        case "policies":
            found = _policies(context, incomplete)
        case "values":
            found = _values(context)
        case kind:
            found = _things(context, incomplete, kind)
    return begun(found, incomplete)


def begun(known: Iterable[str], incomplete: str) -> list[str]:
    """Return the words that begin like one; a shell reads a word a line, and writes them out."""
    return [word for word in known if word.startswith(incomplete) and word.isprintable()]


def _things(context: typer.Context, incomplete: str, kind: str | None) -> Iterable[str]:
    """Return the subjects of a ledger, those of one kind without their kind."""
    with _ledger_asked(context).answers() as answers:
        found = [one for each in KINDS[1:] if kind in (None, each) for one in answers.things(each)]
    short = kind is not None and "/" not in incomplete
    return (slug_of(one) if short else one for one in found)


def _ledger_asked(context: typer.Context) -> AppContext:
    given = context.find_root().params.get("ledger")
    return AppContext(ledger_option=named_location(given, "--ledger") if given else None)


def _policies(context: typer.Context, incomplete: str) -> Iterable[str]:
    """Return the policies; behind `prefer:` the parties of the ledger, with their kind or without.

    Bash takes a colon for the end of a word, and then asks for what stands behind it.
    """
    prefix, colon, party = incomplete.rpartition(":")
    if colon:
        return [f"{prefix}:{one}" for one in begun(_things(context, party, "party"), party)]
    return ("primary-first", "latest", "strict", "prefer:")


def _values(context: typer.Context) -> Iterable[str]:
    """Return the values that are answered about the subject of a command."""
    from projections.queries.explain import explain_values  # a subject is completed far more often

    with _ledger_asked(context).answers() as answers:
        question = read_clocks(answers.record, ClockOptions())
        thing = known_thing(answers, str(context.params["thing"]), question)
        found = explain_values(answers, thing, question.clocks, question.policy)
    return (one["field"] for one in found["values"])
