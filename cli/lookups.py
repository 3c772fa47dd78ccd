"""Find the subjects that words name, and the sources at an address."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from cli.clocks import AskedAt, ClockOptions, read_clocks
from cli.context import AppContext
from cli.subjects import known_things
from domain.facts import cite_addresses
from domain.importers.slugs import SlugError, title_slug
from domain.ledger import Command
from events.identifiers import slug_of
from projections.queries.find import source_at, things_titled
from projections.read_model.database import ReadModel

LEAST_TYPED = 2  # letters of the beginning of a name


def fitting_things(
    answers: ReadModel, words: str, question: AskedAt, kind: str | None = None
) -> list[str]:
    """Return the things that words fit best: a name, its beginning, a title, a holder's name."""
    try:
        slug = title_slug(words)
    except SlugError:
        return []
    known = known_things(answers, question, kind)
    if exact := [thing for thing in known if slug_of(thing) == slug]:
        return exact
    if len(slug) < LEAST_TYPED:
        return []
    begun = [thing for thing in known if slug_of(thing).startswith(slug)]
    of_its_own = [thing for thing in begun if slug_of(thing).startswith(f"{slug}-")]
    titled = things_titled(answers, slug, question.clocks, question.policy, kind)
    return titled or of_its_own or begun


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
