"""Find the subjects that words fit: a name, its beginning, a title, a holder's name."""

from cli.clocks import AskedAt
from cli.subjects import known_things
from domain.importers.slugs import SlugError, title_slug
from events.identifiers import slug_of
from projections.queries.find import things_titled
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
