"""Which claims would a patient reader leave standing, and which put together?

Steps 2 to 5 of "The naive fold", followed with a pencil; naive.py goes on from here.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

from domain.claims.claim import Claim
from events.body import Body
from events.build import build
from events.catalogue import body_class, type_of
from events.dates import parse_date
from tests.properties.naive_periods import joining

SLIPS = ("recording-error", "duplicate")
SPLIT = {
    "agreement.described": ("title", "kind", "binding", "parties", "topics"),
    "source.cited": ("publisher", "title", "locator", "published", "via"),
}
SERIES = (
    "reserve.holding-reported",
    "reserve.holding-observed",
    "reserve.valued",
    "price.observed",
    "programme.condition-assessed",
)


class Said(NamedTuple):
    """What an event says once it is revised; `field` where it is one field of a description."""

    id: str
    position: int
    version: int
    type: str
    body: Any
    published: date | None
    field: str = ""


Alternative = list[Said]
Node = tuple[str, str]


class Text(NamedTuple):
    """What a correction puts in the place of a text; `days` is (day,) where it moves that too."""

    body: Body
    days: tuple[date | None, ...] = ()


def as_recorded(claim: Claim) -> Said:
    published = _published(claim.body)
    return Said(claim.id, claim.position, claim.version, claim.type, claim.body, published)


def _published(body: Body) -> date | None:
    """Return the earliest day by which one of the sources was certainly public."""
    if body.basis == "recorder":
        return date.min
    days = []
    for source in body.sources or ():
        day = parse_date(source.published).latest if source.published else None
        if day is None and source.retrieved:
            day = parse_date(source.retrieved).latest
        if day is not None:
            days.append(day)
    return min(days) if days else None


def public(said: Said, public_at: date) -> bool:
    return said.published is not None and said.published <= public_at


def is_link(said: Said) -> bool:
    return said.type in ("claim.same-occurrence", "claim.distinct-occurrence")


def _at_every_p(said: Said) -> bool:
    if is_link(said):
        return True
    return said.type in ("claim.corrected", "claim.retracted") and said.body.reason in SLIPS


def revised(events: list[Said], public_at: date | None) -> list[Said]:
    """Return what is not retracted, as corrected, but for corrections and retractions."""
    about = [e for e in events if e.type.startswith("claim.")]
    if public_at is not None:
        about = [e for e in about if _at_every_p(e) or public(e, public_at)]
    retracted: set[str] = set()
    texts: dict[str, Text] = {}
    rest = []
    for event in sorted(about, key=lambda e: -e.position):
        if event.id in retracted:
            continue
        now = _as_corrected(event, texts.get(event.id))
        if now.type == "claim.retracted":
            retracted.add(now.body.target)
        elif now.type == "claim.corrected":
            texts.setdefault(event.body.target, _new_text(event, texts.get(event.id)))
        else:
            rest.append(now)
    facts = [e for e in events if not e.type.startswith("claim.") and e.id not in retracted]
    return [_as_corrected(fact, texts.get(fact.id)) for fact in facts] + rest


def _new_text(correction: Said, later: Text | None) -> Text:
    """Return what a correction says, or what a later one says in its place (E <- C1 <- C2)."""
    days = () if correction.body.reason in SLIPS else (correction.published,)
    if later is not None:
        return Text(later.body, later.days or days)
    body = build(body_class(type_of(correction.body.data_type)), correction.body.data)
    return Text(body, days)


def _as_corrected(event: Said, text: Text | None) -> Said:
    if text is None or event.type == "claim.corrected":
        return event
    published = text.days[0] if text.days else _published(text.body)
    return event._replace(body=text.body, published=published)


# Step 5: which claims speak of one happening?


def groups(live: list[Said], about: list[Said]) -> Iterator[list[Alternative]]:
    """Give the occurrences, each as its alternatives."""
    links = _links(about)
    nodes = [node for said in live if said.type not in SERIES for node in fields_apart(said)]
    distinct = {
        frozenset((a.id, b.id))
        for a, b in combinations(nodes, 2)
        if (link := links.get(frozenset((a.id, b.id)))) is not None
        and link.type == "claim.distinct-occurrence"
        and a.field == b.field
    }
    keys = joining(nodes, distinct)
    while nodes:
        group = [nodes.pop(0)]
        for member in group:  # grows while it is walked
            near = [node for node in nodes if _joined(member, node, links, keys)]
            group += near
            nodes = [node for node in nodes if node not in near]
        yield _alternatives(group, links)


def _links(about: list[Said]) -> dict[frozenset[str], Said]:
    """Return the latest recorded link of each pair."""
    links = [said for said in about if is_link(said)]
    return {
        frozenset((link.body.target, link.body.with_)): link
        for link in sorted(links, key=lambda link: link.position)
    }


def fields_apart(said: Said) -> list[Said]:
    """Return a description or citation once for each field it states, any other once."""
    names = SPLIT.get(said.type, ())
    stated = [said._replace(field=f) for f in names if getattr(said.body, f) is not None]
    return stated or [said]


def _joined(a: Said, b: Said, links: dict[frozenset[str], Said], keys: Mapping[Node, Any]) -> bool:
    link = links.get(frozenset((a.id, b.id)))
    if link is not None and a.field == b.field:
        return bool(link.type == "claim.same-occurrence")
    mine = keys.get((a.id, a.field))
    return mine is not None and mine == keys.get((b.id, b.field))


def _alternatives(group: list[Said], links: dict[frozenset[str], Said]) -> list[Alternative]:
    """Put the parts that one asserter names together; every other claim stands alone."""
    parts = set()
    for a, b in combinations(group, 2):
        link = links.get(frozenset((a.id, b.id)))
        if link is not None and link.type == "claim.same-occurrence" and link.body.part_of:
            parts.add(b.id if link.body.part_of == a.id else a.id)
    together: dict[str, Alternative] = {}
    for said in sorted(group, key=lambda s: s.position):
        together.setdefault(said.body.asserted_by if said.id in parts else said.id, []).append(said)
    return list(together.values())
