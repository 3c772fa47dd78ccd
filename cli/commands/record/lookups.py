"""Look up in the ledger the parties and sources that facts name in words or by an address."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from cli.clocks import ClockOptions, read_clocks
from cli.context import AppContext
from domain.facts import cite_addresses
from domain.importers.slugs import title_slug
from domain.ledger import Command
from projections.queries.find import source_at, things_titled


def parties_called(app: AppContext, names: Iterable[str]) -> dict[str, str]:
    """Return by its name the id of each party that alone bears it; what it is called may be short.

    A word that is the short id of a party, here or in the facts themselves, is none of these.
    """
    with app.answers() as answers:
        question = read_clocks(answers.record, ClockOptions())
        asked = question.clocks, question.policy, "party"
        fits = {name: things_titled(answers, title_slug(name), *asked) for name in names}
    return {name: found[0] for name, found in fits.items() if len(found) == 1}


def parties_alike(app: AppContext, named: Mapping[str, str]) -> dict[str, list[str]]:
    """Return by the id of each party, given with its name, the others that bear the name."""
    with app.answers() as answers:
        question = read_clocks(answers.record, ClockOptions())
        asked = question.clocks, question.policy, "party"
        found = {
            id_: things_titled(answers, title_slug(name), *asked) for id_, name in named.items()
        }
    others = {id_: [one for one in found[id_] if one != id_] for id_ in named}
    return {id_: several for id_, several in others.items() if several}


def cited_by_id(app: AppContext, drafts: Sequence[Command]) -> Sequence[Command]:
    """Return facts with the ids of the sources at their addresses, the new ones before them."""
    with app.answers() as answers:
        today = datetime.now(UTC).date()
        return cite_addresses(
            drafts,
            lambda address: source_at(answers, address),
            lambda id_: any(answers.claims(id_)),
            today,
        )
