"""Offer the values by which a shell completes what is typed; what stands where, Typer knows."""

from collections.abc import Callable, Iterable

import typer

from cli.context import AppContext
from cli.ledger_location import named
from events.catalogue import all_types
from events.identifiers import KINDS, slug_of

Offer = Callable[[typer.Context, str], list[str]]


def words(*known: str) -> Callable[[str], list[str]]:
    """Return how one of some words is completed."""

    def offer(incomplete: str) -> list[str]:
        return _begun(known, incomplete)

    return offer


def types(incomplete: str) -> list[str]:
    """Offer the types of facts."""
    return _begun(all_types(), incomplete)


def things(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the things of the ledger; below the command of a kind its own, without their kind."""
    parent = context.parent.info_name if context.parent else None
    return _things(context, incomplete, parent if parent in KINDS else None)


def of_kind(kind: str) -> Offer:
    """Return how a thing of a kind is completed, without its kind."""

    def offer(context: typer.Context, incomplete: str) -> list[str]:
        return _things(context, incomplete, kind)

    return offer


def _things(context: typer.Context, incomplete: str, kind: str | None) -> list[str]:
    given = context.find_root().params.get("ledger")
    app = AppContext(ledger_option=named(given, "--ledger") if given else None)
    with app.answers() as answers:
        found = [one for each in KINDS[1:] if kind in (None, each) for one in answers.things(each)]
    short = kind is not None and "/" not in incomplete
    return _begun((slug_of(one) if short else one for one in found), incomplete)


def _begun(known: Iterable[str], incomplete: str) -> list[str]:
    return [word for word in known if word.startswith(incomplete)]


parties, prices, sources = of_kind("party"), of_kind("price"), of_kind("source")
policies = words("primary-first", "latest", "strict", "prefer:party/")
kinds = words(*KINDS[1:])
