"""Claims as docs/spec/answers.md has them, for the second naive fold: keys, periods, figures.

The marks (n) are sections of the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.properties.second_values import When, amounts_agree, meet, read_when, span_of, widened

Data = dict[str, Any]

NOT_COMPARED = frozenset(
    ("asserted_by", "basis", "ground", "key", "note", "place", "relayed", "sources", "zone")
)
SPLIT = {
    "agreement.described": ("title", "kind", "binding", "parties", "topics"),
    "source.cited": ("publisher", "title", "locator", "published", "via"),
}
# (6) what is once, by its key; a type that is not here is repeatable.
ONCE: dict[str, tuple[str, ...]] = {
    "party.established": (),
    "party.dissolved": (),
    "party.appointed": ("office", "body"),
    "party.office-ended": ("office", "body"),
    "source.archived": ("sha256",),
    "reserve.announced": (),
    "reserve.established": (),
    "law.adopted": (),
    "law.published": (),
    "law.in-force": (),
    "law.ceased": (),
    "allocation.allocated": (),
    "allocation.energised": ("phase",),
    "allocation.withdrawn": (),
    "meeting.held": (),
    "agreement.announced": (),
    "agreement.text-adopted": (),
    "agreement.consent-expressed": ("party",),
    "agreement.consent-withdrawn": ("party",),
    "agreement.entered-into-force": ("mode",),
    "agreement.entered-into-force-for": ("party",),
    "agreement.withdrawal-notified": ("party",),
    "agreement.withdrawal-revoked": ("party",),
    "agreement.intention-not-to-become-party": ("party",),
    "agreement.terminated": (),
    "agreement.provisionally-applied": ("party",),
    "agreement.reservation-formulated": ("ref",),
    "agreement.reservation-withdrawn": ("ref",),
    "agreement.reservation-objected": ("ref", "by"),
    "agreement.objection-withdrawn": ("ref", "by"),
    "agreement.territory-included": ("party", "territory"),
    "agreement.territory-excluded": ("party", "territory"),
    "agreement.registered": ("with",),
    "programme.staff-level-agreement-reached": ("review",),
    "programme.approved": (),
    "programme.condition-set": ("ref",),
    "programme.review-completed": ("n",),
    "programme.disbursed": ("review",),
    "programme.cancelled": (),
    "proposal.submitted": (),
    "proposal.taken-up": ("by",),
    "proposal.returned": ("by",),
    "proposal.rejected": ("by",),
    "proposal.endorsed": ("by",),
    "proposal.withdrawn": (),
    "proposal.enacted": (),
}
# (7.2) types whose keys are read together, those of which an absent field says something, and those
# that are repeatable without the name.
TOGETHER = (("party.appointed", "party.office-ended"), ("proposal.taken-up", "proposal.returned"))
ABSENT_IS_A_VALUE = ("programme.staff-level-agreement-reached",)
WHERE_NAMED = ("programme.disbursed",)
NO_ACT_DAY = frozenset(
    ("agreement.withdrawal-notified", "agreement.withdrawal-postponed", "agreement.terminated")
)

NOTICE, REVOCATION = "agreement.withdrawal-notified", "agreement.withdrawal-revoked"
BOND_BEGINS = (
    "agreement.consent-expressed",
    "agreement.signed",
    "agreement.entered-into-force-for",
)
BOND_ENDS = (NOTICE, "agreement.consent-withdrawn", "agreement.terminated")
PROVISIONAL = "agreement.provisionally-applied"
PROVISIONAL_ENDS = (NOTICE, "agreement.intention-not-to-become-party", "agreement.terminated")
# What has periods of its own beside those of the bond, or none.
APART = frozenset(
    f"agreement.{name}"
    for name in (
        *("provisionally-applied", "reservation-formulated", "territory-included"),
        *("territory-excluded", "registered"),
    )
)
ENDS, BEGINS, OTHER = range(3)  # in the order in which they count on one day


@dataclass
class Event:
    """An event as stored: its place in the log and about its subject, its type and its body."""

    position: int
    version: int
    subject: str
    type: str
    data: Data

    @property
    def id(self) -> str:
        return f"{self.subject}/{self.version}"


@dataclass
class Claim:
    """A live claim: an event with the text that stands, one field of it where it is split."""

    event: Event
    type: str
    data: Data
    published: date | None
    field: str | None = None
    short: bool = False

    @property
    def id(self) -> str:
        return self.event.id

    @property
    def name(self) -> str:
        return f"{self.id}#{self.field}" if self.field else self.id

    @property
    def asserter(self) -> str:
        return str(self.data["asserted_by"])

    @property
    def when(self) -> When | None:
        """Return the day that answers (9)."""
        written = self.data.get("effective")
        if written is None and self.type not in NO_ACT_DAY:
            written = self.data.get("acted")
            succession = self.data.get("mode") == "succession"
            if written and self.type == "agreement.consent-expressed" and succession:
                written = f"[..{written}]"
        return read_when(written)

    @property
    def origins(self) -> set[str]:
        sources = self.data.get("sources", ())
        return {one.get("origin", self.asserter) for one in sources} or {self.asserter}


Alternative = tuple[Claim, ...]


def published(data: Data) -> date | None:
    """Return the day by which a body's sources had certainly made it public (10, 12)."""
    found = []
    for source in data.get("sources", ()):
        when = read_when(source.get("published"))
        last = when.widened()[1] if when else None
        if last is None and "retrieved" in source:
            retrieved = read_when(source["retrieved"])
            last = retrieved.last if retrieved else None
        if last is not None:
            found.append(last)
    return min(found, default=None)


def publicity(data: Data, day: date) -> str:
    """Return whether a body's sources had made it public by a day (10), the best answer of them."""
    answers = {_publicity_of(source, day) for source in data.get("sources", ())}
    order = ("public", "perhaps", "unknown", "not public")
    return next((answer for answer in order if answer in answers), "unknown")


def _publicity_of(source: Data, day: date) -> str:
    when = read_when(source.get("published"))
    first, last = when.widened() if when else (None, None)
    if last is None and "retrieved" in source:
        retrieved = read_when(source["retrieved"])
        last = retrieved.last if retrieved else None
    if last is not None and last <= day:
        return "public"
    if first is None:
        return "unknown"
    return "not public" if first > day else "perhaps"


def split(claim: Claim) -> list[Claim]:
    """Return a claim, or one for each field of a description or a citation (7.1)."""
    if claim.type not in SPLIT:
        return [claim]
    own = SPLIT[claim.type]
    return [
        Claim(
            claim.event,
            claim.type,
            {k: v for k, v in claim.data.items() if k not in own or k == name},
            claim.published,
            name,
        )
        for name in own
        if name in claim.data
    ]


def key_values(claim: Claim, acts: list[Claim]) -> tuple[Any, ...] | None:
    """Return the values of the key of a type that is once; None for a repeatable one (7.1, 7.2)."""
    if claim.field:
        return (claim.field,)
    if claim.type == "agreement.signed":
        mode = claim.data["mode"]
        apart = mode if mode in ("initialling", "succession") else ""
        return (apart, claim.data.get("for", claim.data["party"]))
    if claim.type not in ONCE:
        return None
    values = []
    if claim.type in WHERE_NAMED and not any(name in claim.data for name in ONCE[claim.type]):
        return None
    together = next((types for types in TOGETHER if claim.type in types), (claim.type,))
    for name in ONCE[claim.type]:
        value = claim.data.get(name)
        if value is None and claim.type not in ABSENT_IS_A_VALUE:
            stated = {
                c.data[name]
                for c in acts
                if c.type in together and name in c.data and _matches(claim, c, name)
            }
            value = stated.pop() if len(stated) == 1 else None
        values.append(value)
    return tuple(values)


def _matches(claim: Claim, other: Claim, name: str) -> bool:
    """Say whether two claims agree in the other fields of their key that both state."""
    names = [n for n in ONCE[claim.type] if n != name]
    return all(
        claim.data.get(n) is None or other.data.get(n) is None or claim.data[n] == other.data[n]
        for n in names
    )


def periods(  # noqa: C901, PLR0912 - the paragraph of the page, step by step
    group: list[Claim],
    begins: tuple[str, ...],
    ends: tuple[str, ...],
    links: dict[frozenset[str], Event],
    inert: frozenset[str] = frozenset(),
    *,
    other_side: tuple[Claim, ...] = (),
) -> dict[str, int]:
    """Return the number of the period of each claim of one key (7, Periods).

    A claim that is `inert`, such as a notice that was revoked, begins nothing and ends nothing. Of
    notices a new beginning of the bond ends a period too, on or certainly after one of them. The
    notices of the `other_side` of two end it from their effect on.
    """

    steps: list[tuple[date, int, int, int, Claim, When]] = []
    for claim in group:
        for turn, when in turns(claim, begins, () if claim.name in inert else ends):
            first = when.widened()[0] or date.min
            late = turn == ENDS and claim.type == REVOCATION  # it takes back a notice of its day
            order = BEGINS + 1 if late else turn
            steps.append((first, order, turn, claim.event.position, claim, when))
    for claim in other_side:
        if (effect := read_when(claim.data.get("effective"))) is not None:
            first = effect.widened()[0] or date.min
            steps.append((first, ENDS, ENDS, claim.event.position, claim, effect))
    if NOTICE in begins:  # a revocation before every notice takes back the first
        begun = min((step[0] for step in steps if step[2] == BEGINS), default=date.min)
        steps = [
            (max(step[0], begun) if step[4].type == REVOCATION else step[0], *step[1:])
            for step in steps
        ]
    steps.sort(key=lambda step: (step[0], step[1], step[3]))
    number = 0
    open_ends: list[When] = []
    beginnings: list[Claim] = []
    begun_on: list[When] = []
    found: dict[str, int] = {}
    for _, _, turn, _, claim, when in steps:
        if turn == OTHER:
            found[claim.name] = number
            if claim.type in BOND_BEGINS and any(_on_or_after(when, one) for one in begun_on):
                open_ends.append(when)
            continue
        if turn == ENDS:
            if claim.type in ends and claim not in other_side:
                found[claim.name] = number
            open_ends.append(when)
            continue
        after_end = any(_on_or_after(when, end) for end in open_ends)
        after_end = after_end or (claim.type == NOTICE and bool(open_ends))
        apart = any(_is_apart(links, claim, other) for other in beginnings)
        if after_end or apart:
            number, open_ends, beginnings, begun_on = number + 1, [], [], []
        beginnings.append(claim)
        begun_on.append(when)
        found[claim.name] = number
    earliest = min(found.values(), default=0)
    for claim in group:
        if claim.name not in found:
            found[claim.name] = earliest
    return found


def turns(
    claim: Claim, begins: tuple[str, ...], ends: tuple[str, ...]
) -> Iterator[tuple[int, When]]:
    """Yield when a claim begins a period and when it ends one, from its notice on."""
    notice = read_when(claim.data.get("acted") or claim.data.get("effective"))
    when = notice if claim.type == NOTICE else claim.when
    if claim.type in begins:  # without a day it stands before all others
        yield BEGINS, when or When(None, None)
        if when is not None and when.ended is not None:
            yield ENDS, when.ended
    elif claim.type in ends and (notice is not None or claim.type == REVOCATION):
        yield ENDS, notice or When(None, None)  # of an undated one the first notice is meant
    elif claim.type not in (*begins, *ends) and when is not None:
        yield OTHER, when


def periods_of_side(
    acts: list[Claim], links: dict[frozenset[str], Event]
) -> dict[str, tuple[int, ...]]:
    """Return the periods of what the sides of an agreement do (7): of bonds and of notices."""
    found: dict[str, tuple[int, ...]] = {}
    sides = {side_of(claim) for claim in acts} - {None}
    described = {side for claim in acts for side in claim.data.get("parties", ())}
    notices = {side: _notices(acts, side, links) for side in sides}
    for side in sides:
        own = [claim for claim in acts if side_of(claim) == side]
        of_notice, inert = notices[side]
        ended = [claim for claim in acts if claim.type == "agreement.terminated"]
        others = tuple(
            claim
            for claim in acts
            if claim.type == NOTICE
            and len(described) == 2
            and (who := side_of(claim)) in described - {side}
            and claim.name not in notices[who][1]
        )
        bond = [claim for claim in own if claim.type not in APART]
        of_bond = periods([*bond, *ended], BOND_BEGINS, BOND_ENDS, links, inert, other_side=others)
        applied = [c for c in own if c.type in (PROVISIONAL, *PROVISIONAL_ENDS)]
        numbers = periods([*applied, *ended], (PROVISIONAL,), PROVISIONAL_ENDS, links)
        found |= {c.name: (numbers[c.name],) for c in applied if c.type == PROVISIONAL}
        for claim in bond:
            number = of_notice[claim.name] if claim.type in (NOTICE, REVOCATION) else 0
            found[claim.name] = (of_bond[claim.name], number)
    found |= _entries_again(acts, described, frozenset().union(*(n[1] for n in notices.values())))
    return found


def _entries_again(
    acts: list[Claim], described: set[str], inert: frozenset[str]
) -> dict[str, tuple[int, ...]]:
    """Return the periods of entries into force of a text of two sides: notices end them (7)."""
    ends = tuple(
        c for c in acts if c.type == NOTICE and side_of(c) in described and c.name not in inert
    )
    entries = [c for c in acts if c.type == "agreement.entered-into-force"]
    if len(described) != 2 or not ends:
        return {}
    found: dict[str, tuple[int, ...]] = {}
    for mode in {claim.data["mode"] for claim in entries}:
        group = [claim for claim in entries if claim.data["mode"] == mode]
        numbers = periods(group, (group[0].type,), (), {}, other_side=ends)
        found |= {name: (number,) for name, number in numbers.items()}
    return found


def _notices(
    acts: list[Claim], side: str | None, links: dict[frozenset[str], Event]
) -> tuple[dict[str, int], frozenset[str]]:
    """Return the numbers of a side's notices and revocations, and which notices are taken back."""
    own = [c for c in acts if side_of(c) == side]
    told = [c for c in own if c.type in (NOTICE, REVOCATION, *BOND_BEGINS)]
    numbers = periods(told, (NOTICE,), (REVOCATION,), links)
    revoked = {numbers[claim.name] for claim in told if claim.type == REVOCATION}
    inert = {c.name for c in told if c.type == NOTICE and numbers[c.name] in revoked}
    return numbers, frozenset(inert)


def side_of(claim: Claim) -> str | None:
    """Return the party whose act a claim tells; None of what is of the agreement alone."""
    if claim.type == "agreement.signed":
        return str(claim.data.get("for", claim.data["party"]))
    party = claim.data.get("party")
    return str(party) if party else None


def _on_or_after(when: When, end: When) -> bool:
    first, end_last = when.widened()[0], end.widened()[1]
    return first is not None and end_last is not None and first >= end_last


def _is_apart(links: dict[frozenset[str], Event], a: Claim, b: Claim) -> bool:
    link = links.get(frozenset((a.id, b.id)))
    return link is not None and link.type == "claim.distinct-occurrence"


# What of claims is compared: sections 13 and 14.


def compared(claim: Claim) -> set[str]:
    """Return the names of the fields of a claim that are compared."""
    return set(claim.data) - NOT_COMPARED


def value_of(claim: Claim, name: str, whole: Alternative) -> Any:
    """Return the value of a field: of parts, an amount of all of them."""
    value = claim.data.get(name)
    if name not in ("amount", "spent", "proceeds") or (len(whole) == 1 and not whole[0].short):
        return value
    amounts = [part.data[name] for part in whole if name in part.data]
    if len(amounts) < len(whole) or len({one["unit"] for one in amounts}) > 1:
        return None
    if whole[0].short:
        return at_least(total_of(amounts))
    return total_of(amounts)


def total_of(amounts: list[Data]) -> Data:
    """Return the sum of the amounts of parts."""
    found: Data = {"unit": amounts[0]["unit"]}
    for end in ("lower", "upper"):
        if all(end in one for one in amounts):
            found[end] = sum(one[end] for one in amounts)
        if any(one.get(f"{end}_open") for one in amounts):
            found[f"{end}_open"] = True
    if any(one.get("approximate") for one in amounts):
        found["approximate"] = True
    return found


def at_least(amount: Data) -> Data:
    """Return the lower bound of an amount, as one without an upper."""
    lower = {"lower": max(0, widened(amount)[0])}
    return {"unit": amount["unit"], **lower, "lower_open": bool(amount.get("lower_open"))}


def is_short(parts: Alternative, wholes: list[Data]) -> bool:
    """Say whether parts come to none of the wholes, and to less than one of them (7.6)."""
    amounts = [part.data["amount"] for part in parts if "amount" in part.data]
    if len(amounts) < len(parts):
        return True
    total = total_of(amounts)
    if "upper" in total and any(amounts_agree(total, whole) for whole in wholes):
        return False
    return any(amounts_agree(at_least(total), whole) for whole in wholes)


def figure(claim: Claim) -> Any:
    """Return what a measurement measured."""
    return next((claim.data[n] for n in ("amount", "value", "verdict") if n in claim.data), None)


def figures_agree(one: Claim, other: Claim) -> bool:
    """Say whether two measurements give compatible figures (14.6)."""
    a, b = figure(one), figure(other)
    return amounts_agree(a, b) if isinstance(a, dict) else bool(a == b)


def is_open(claim: Claim) -> bool:
    """Say whether a figure is over, under, at least or at most."""
    value = figure(claim)
    ends = isinstance(value, dict) and "lower" in value and "upper" in value
    return isinstance(value, dict) and (
        not ends or bool(value.get("lower_open") or value.get("upper_open"))
    )


def newness(claim: Claim) -> tuple[int, int, float, int, int]:
    """Return the order of measurements, newest last (14.3)."""
    when = claim.when
    first, last = span_of(when) if when else (None, None)
    seconds = 0.0
    if when and when.instant:
        moment = when.instant.astimezone(UTC)
        first = last = moment.date()
        seconds = (moment - datetime.combine(first, time(), UTC)).total_seconds() + 1
    published = claim.published.toordinal() if claim.published else 0
    return (
        first.toordinal() if first else 0,
        last.toordinal() if last else date.max.toordinal(),
        seconds,
        published,
        claim.event.position,
    )


def days_meet(one: Claim, other: Claim) -> bool:
    """Say whether the days of two measurements overlap or are one apart (14.6).

    The day of the act stands in for an absent one in answers, and is never compared (9).
    """
    if "effective" not in one.data or "effective" not in other.data:
        return False
    assert one.when
    assert other.when
    (a, b), (c, d) = span_of(one.when), span_of(other.when)
    more = timedelta(days=1)
    return meet((a and a - more, b and b + more), (c, d))


def is_candidate(claim: Claim, newest: Claim, n: date | None) -> bool:
    """Say whether a figure may be selected beside the newest (14.4)."""
    last = span_of(claim.when)[1] if claim.when else None
    if claim is newest or n is None or last is None:
        return True
    behind = (n - last).days
    return behind <= 7 or (behind <= 31 and figures_agree(claim, newest))
