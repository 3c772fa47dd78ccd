"""Look up in the ledger the parties and sources that facts name in words or by an address."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from cli.clocks import ClockOptions, read_clocks
from cli.context import AppContext
from domain.facts import cite_addresses
from domain.importers.slugs import title_slug
from domain.ledger import Command
from projections.queries.find import source_at, things_titled


def parties_called(app: AppContext, names: Iterable[str]) -> dict[str, str]:
    """Return by its name the id of each party that alone bears it."""
    with app.answers() as answers:
        question = read_clocks(answers.record, ClockOptions())
        asked = question.clocks, question.policy, "party"
        fits = {name: things_titled(answers, title_slug(name), *asked) for name in names}
    return {name: found[0] for name, found in fits.items() if len(found) == 1}


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
