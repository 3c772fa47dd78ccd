"""Return the lines of the list of a kind: the cached ones as they are, the others folded."""

from domain.claims.claim import Clocks
from domain.claims.publication import NONE_EXCLUDED
from domain.claims.ranking import DEFAULT, Policy, policy
from events.identifiers import kind_of
from projections.kinds.registry import summary
from projections.queries.document import AnswerRows, Document, canonical_text, claim_document
from projections.read_model.database import ReadModel


def list_kind(answers: ReadModel, kind: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return a line for each thing of a kind of which something is known and public."""
    return list_lines(answers, kind, clocks, chosen).rows


def list_lines(answers: ReadModel, kind: str, clocks: Clocks, chosen: Policy) -> AnswerRows:
    """Return the list of a kind, and what its clocks left out."""
    ready = answers.ready(kind, clocks) if str(chosen) == DEFAULT else {}
    things = answers.things(kind, clocks.known_at)
    found = {thing: {"subject": thing, **line} for thing, line in ready.items() if line is not None}
    excluded = NONE_EXCLUDED
    rest = (thing for thing in things if thing not in ready)
    for thing, view in answers.folded(rest, clocks, chosen):
        if view is None:
            found[thing] = {"subject": thing}  # listed, and its own page says why no more
            continue
        excluded = excluded.plus(view.standing.excluded)
        if view.standing.claims:
            found[thing] = {"subject": thing, **summary(thing, view)}
    return AnswerRows([found[thing] for thing in things if thing in found], excluded)


def things_titled(
    answers: ReadModel, slug: str, clocks: Clocks, chosen: Policy, kind: str | None = None
) -> list[str]:
    """Return the things whose name or title, or whose holder's, makes the name of an id.

    Those of which the whole does, else those of which the beginning does.
    """
    likely = answers.holding(slug.split("-"), clocks.known_at)
    told: dict[str, list[str]] = {}
    for thing, view in answers.folded(likely, clocks, chosen):
        if view is not None and view.standing.claims:
            line = summary(thing, view)
            told[thing] = [str(line[name]) for name in _NAMING if line.get(name)]
    for fits in (str.__eq__, str.startswith):
        named = [t for t, texts in told.items() if any(fits(_slug(text), slug) for text in texts)]
        found = [thing for thing in named if kind in (None, kind_of(thing))]
        parties = {thing for thing in named if kind_of(thing) == "party"}
        if kind == "reserve" and parties:
            held = list_kind(answers, kind, clocks, chosen)
            found += [one["subject"] for one in held if one["holder"] in parties]
        if found:
            return sorted(set(found))
    return []


def source_at(answers: ReadModel, address: str) -> str | None:
    """Return the source that is cited with an address, None if none is."""
    for thing in answers.holding([address]):
        for claim in answers.claims(thing) if kind_of(thing) == "source" else ():
            if getattr(claim.body, "locator", None) == address:
                return thing
    return None


def _slug(text: str) -> str:
    from domain.importers.slugs import SlugError, title_slug  # most questions name an id

    try:
        return title_slug(text)
    except SlugError:
        return ""


_NAMING = ("name", "title", "label")
LIMIT = 200


def find_claims(
    answers: ReadModel, text: str, clocks: Clocks, chosen: Policy | None = None
) -> AnswerRows:
    """Return at most 200 claims that hold every word, in any case of ASCII, oldest first."""
    found: list[Document] = []
    excluded = NONE_EXCLUDED
    for thing in answers.holding(text.split(), clocks.known_at):
        view = answers.view(thing, clocks, chosen or policy(DEFAULT))
        excluded = excluded.plus(view.standing.excluded)
        for claim in view.standing.claims:
            document = claim_document(claim)
            said = f"{thing} {canonical_text(document)}".lower()
            if all(word.lower() in said for word in text.split()):
                found.append(document)
    return AnswerRows(sorted(found, key=lambda claim: int(claim["position"]))[:LIMIT], excluded)
