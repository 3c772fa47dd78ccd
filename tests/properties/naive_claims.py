"""Which claims would a patient reader leave standing, and which put together?

Steps 2 to 5 of "The naive fold", followed with a pencil; naive.py goes on from here.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import reduce
from itertools import combinations
from typing import Any, NamedTuple

from msgspec import convert

from domain.claims.claim import Claim
from events.amounts import Quantity, add_bounds, compatible, widened
from events.body import Body
from events.catalogue import body_class, type_of
from events.dates import days_at_place, happened_by, parse_date
from tests.properties.naive_periods import joining

SLIPS = ("recording-error", "duplicate")
ONE_DAY = timedelta(1)
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
    """What an event says once it is revised; `field` where it is one field of a description.

    `shown` says when each of its sources was published.
    """

    id: str
    position: int
    version: int
    type: str
    body: Any
    shown: "Shown"
    field: str = ""
    short: bool = False

    @property
    def published(self) -> date | None:
        """Return the day from which it certainly was public."""
        return min((last for _, last in self.shown.days if last), default=None)


Alternative = list[Said]
Node = tuple[str, str]


ALWAYS = ((date.min, date.min),)


class Shown(NamedTuple):
    """The first and last day on which each source may have been published, None where unknown.

    ALWAYS where it is public at every day. `text` is what is told of it.
    """

    days: tuple[tuple[date | None, date | None], ...]
    text: str | None


class Text(NamedTuple):
    """What a correction puts in the place of a text; `shown` where it moves that too."""

    body: Body
    shown: Shown | None = None


def as_recorded(claim: Claim) -> Said:
    shown = _shown(claim.type, claim.body)
    return Said(claim.id, claim.position, claim.version, claim.type, claim.body, shown)


def _shown(type_: str, body: Body) -> Shown:
    """Return when each of the sources was published (section 10)."""
    days = tuple(_days(one.published, one.retrieved) for one in body.sources or ())
    told = sorted(
        (last or date.max, text)
        for one, (_, last) in zip(body.sources or (), days, strict=True)
        if (text := _told_day(one.published, one.retrieved))
    )
    text = told[0][1] if told else None
    link = type_.startswith("claim.") and type_.endswith("-occurrence")
    amends = type_ in ("claim.corrected", "claim.retracted")
    slip = amends and getattr(body, "reason", "") in SLIPS
    named = type_ in ("party.established", "source.cited") and body.basis == "recorder"
    return Shown(ALWAYS if link or slip or named else days, text)


def _told_day(published: str | None, retrieved: str | None) -> str | None:
    """Return the day as written; a day by which it was public stands behind two points."""
    edtf = parse_date(published) if published else None
    by = parse_date(retrieved).latest if retrieved else None
    if by is None or (edtf and edtf.latest):
        return published
    first = edtf.earliest if edtf else None
    return f"[{first if first and first < by else ''}..{by}]"


def _days(published: str | None, retrieved: str | None) -> tuple[date | None, date | None]:
    first, last = _ends(published) if published else (None, None)
    if last is None and retrieved:
        last = _ends(retrieved)[1]
    return first, last


def _ends(written: str) -> tuple[date | None, date | None]:
    """Return the first and last day, one written unit further where it is qualified."""
    edtf = parse_date(written)
    first, last = edtf.earliest, edtf.latest
    for _ in range(400 if edtf.margin_unit else 0):
        if first and happened_by(edtf, first - ONE_DAY) == "cannot tell":
            first -= ONE_DAY
        if last and happened_by(edtf, last) == "cannot tell":
            last += ONE_DAY
    return first, last


def publicity(said: Said, public_at: date) -> str:
    """Say whether a claim was public at a day: the source that says most counts."""
    found = []
    for first, last in said.shown.days:
        if last is not None and last <= public_at:
            found.append("public")
        elif first is not None and first > public_at:
            found.append("not public")
        else:
            found.append("unknown" if first is None else "perhaps")
    for answer in ("public", "perhaps", "unknown", "not public"):
        if answer in found:
            return answer
    return "unknown"


def is_link(said: Said) -> bool:
    return said.type in ("claim.same-occurrence", "claim.distinct-occurrence")


def revised(
    events: list[Said], public_at: date | None, counts: tuple[str, ...]
) -> tuple[list[Said], list[Said]]:
    """Return what is not retracted, as corrected, but for corrections and retractions.

    And the claims about claims that do not hold, for their publication is none of those that count.
    """
    about = [e for e in events if e.type.startswith("claim.")]
    dropped = []
    if public_at is not None:
        dropped = [e for e in about if publicity(e, public_at) not in counts]
        about = [e for e in about if e not in dropped]
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
    dropped = [e for e in dropped if e.id not in retracted]
    return [_as_corrected(fact, texts.get(fact.id)) for fact in facts] + rest, dropped


def _new_text(correction: Said, later: Text | None) -> Text:
    """Return what a correction says, or what a later one says in its place (E <- C1 <- C2)."""
    shown = None if correction.body.reason in SLIPS else correction.shown
    if later is not None:
        return Text(later.body, later.shown if later.shown is not None else shown)
    body = convert(correction.body.data, body_class(type_of(correction.body.data_type)))
    return Text(body, shown)


def _as_corrected(event: Said, text: Text | None) -> Said:
    if text is None or event.type == "claim.corrected":
        return event
    shown = _shown(event.type, text.body) if text.shown is None else text.shown
    return event._replace(body=text.body, shown=shown)


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
    wholes = [s.body.amount for s in group if s.id not in parts and _has_amount(s)]
    return [
        [said._replace(short=True) for said in one]
        if wholes and one[0].id in parts and _is_short(one, wholes)
        else one
        for one in together.values()
    ]


def _has_amount(said: Said) -> bool:
    return getattr(said.body, "amount", None) is not None


def _is_short(parts: list[Said], wholes: list[Quantity]) -> bool:
    """Say whether the parts that one asserter gives come to less than a whole, and to none."""
    if not all(map(_has_amount, parts)):
        return True
    total = reduce(add_bounds, [said.body.amount for said in parts])
    low, high = widened(total)
    if high is not None and any(compatible(total, whole) for whole in wholes):
        return False
    least = Quantity(unit=total.unit, lower=low or 0, lower_open=total.lower_open)
    return any(compatible(least, whole) for whole in wholes)


def day_of(said: Said) -> str | None:
    """Return the date that answers: when it took effect, else when it was done (section 9)."""
    effective, acted = said.body.effective, said.body.acted
    if effective is not None or acted is None:
        return str(effective) if effective else None
    if said.type.partition(".")[2] in ("withdrawal-notified", "withdrawal-postponed", "terminated"):
        return None
    if said.type == "agreement.consent-expressed" and said.body.mode == "succession":
        return f"[..{days_at_place(parse_date(acted), said.body.zone)[1]}]"
    return str(acted)
