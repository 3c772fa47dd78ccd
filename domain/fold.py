"""What is the answer about a thing at (D, P, K) under a policy?

The naive fold of domain.md, all eight steps in their order. It is the definition of every answer:
whatever serves answers faster must give the same.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from domain.agreeing import Status, agree, origins, said, status
from domain.claim import Claim, Clocks, began_by, begun, chronological, holds_on
from domain.occurrences import Alternative, Occurrence, compared, occurrences, series
from domain.policy import Company, Policy, eligible, newest, rank, rank_measurements
from domain.revisions import Standing, standing
from events.claims import Denied, Resolved
from events.dates import Answer, overlap, parse
from events.strict import json_name

_UNDATED = frozenset(
    ("party.established", "party.renamed", "source.cited", "source.archived", "agreement.described")
)


class Answered(NamedTuple):
    """An occurrence as answered.

    `ranked` holds the alternatives, best first; `pick` the claims chosen (one whole claim, or the
    parts of it), empty where the policy gives no value; `fields` the status of each field said,
    under its name in JSON, with `effective` for the date and `type` where types differ.
    """

    id: str
    claims: tuple[Claim, ...]
    ranked: tuple[Alternative, ...]
    pick: Alternative
    status: Status
    fields: dict[str, Status]
    denials: tuple[Claim, ...]
    holds: Answer


class Measurements(NamedTuple):
    """A series as answered at D: each asserter's newest, and those that may be of the day.

    `status` speaks of those whose own days overlap with the pick's; a series has no status for
    the date.
    """

    type: str
    key: tuple[str, ...]
    certain: tuple[Claim, ...]
    maybe: tuple[Claim, ...]
    pick: Claim | None
    status: Status | None
    alike: frozenset[str]


class View(NamedTuple):
    """The answer: occurrences in the order of their dates, series, and what was left out."""

    clocks: Clocks
    policy: Policy
    standing: Standing
    occurrences: tuple[Answered, ...]
    series: tuple[Measurements, ...]
    lapsed: tuple[Claim, ...]

    def holding(self, *, maybe: bool) -> tuple[Claim, ...]:
        """Return the picked claims that hold at D, with or without those that may, in order."""
        wanted = ("yes", "cannot tell") if maybe else ("yes",)
        picked = [c for found in self.occurrences if found.holds in wanted for c in found.pick]
        return tuple(sorted(picked, key=chronological))


def fold(claims: Iterable[Claim], clocks: Clocks, policy: Policy) -> View:
    """Return the answer about one thing, given all its events in the order of their positions."""
    known = [c for c in claims if clocks.known_at is None or c.position <= clocks.known_at]
    stands = standing(known, clocks.public_at)
    around = company(stands)
    found = (
        _find(occurrence, clocks, policy, around, stands.denials)
        for occurrence in occurrences(stands)
    )
    measured = (_measure(key, of, clocks, policy, around) for key, of in series(stands).items())
    live = {claim.id for claim in stands.claims}
    return View(
        clocks=clocks,
        policy=policy,
        standing=stands,
        occurrences=tuple(sorted(found, key=lambda f: chronological(f.ranked[0][0]))),
        series=tuple(m for m in measured if m.certain or m.maybe),
        lapsed=tuple(
            r
            for r in stands.resolutions
            if isinstance(r.body, Resolved) and r.body.winner not in live
        ),
    )


def company(stands: Standing) -> Company:
    """Return who is who about a thing: its sides, the addresses disclosed, the resolutions."""
    sides: set[str] = set()
    disclosed: set[str] = set()
    for claim in stands.claims:
        body = claim.body
        for name in ("party", "for_", "holder", "parties"):
            value = getattr(body, name, None) or ()
            sides.update((value,) if isinstance(value, str) else value)
        if claim.type == "reserve.address-disclosed":
            disclosed.update(getattr(body, "addresses", None) or ())
    return Company(frozenset(sides), frozenset(disclosed), stands.resolutions)


def _find(
    occurrence: Occurrence,
    clocks: Clocks,
    policy: Policy,
    company: Company,
    denials: Sequence[Claim],
) -> Answered:
    ranked = _ranked(occurrence, policy, company)
    wholes = [compared(alternative) for alternative in ranked]
    fields = _fields(wholes)
    denied = tuple(d for d in denials if _denies(d, occurrence.claims))
    said_so = _overall(occurrence.claims, fields, denied)
    pick = next((a for a in ranked if all(map(eligible, a))), ())
    if policy.name == "strict" and said_so == "contested":
        pick = ()
    return Answered(
        id=occurrence.id,
        claims=occurrence.claims,
        ranked=ranked,
        pick=pick,
        status=said_so,
        fields=fields,
        denials=denied,
        holds=_all_hold(pick or ranked[0], clocks.as_of),
    )


def _ranked(occurrence: Occurrence, policy: Policy, company: Company) -> tuple[Alternative, ...]:
    if len(occurrence.claims) == 1:
        return (occurrence.claims,)
    return rank(policy, occurrence.alternatives, company)


def _all_hold(claims: Alternative, day: date) -> Answer:
    answers = {_holds(claim, day) for claim in claims}
    return answers.pop() if len(answers) == 1 else "cannot tell"


def _holds(claim: Claim, day: date) -> Answer:
    if claim.day is None and claim.type in _UNDATED:
        return "yes"
    return holds_on(begun(claim), day)


def _fields(wholes: Sequence[Alternative]) -> dict[str, Status]:
    claims = [claim for whole in wholes for claim in whole]
    if len(claims) == 1:
        return dict.fromkeys(map(json_name, said(claims[0])), _witnessed(claims))
    names = dict.fromkeys(name for claim in claims for name in said(claim))
    found = {json_name(name): status(wholes, name) for name in names}
    if len({claim.type for claim in claims}) > 1:
        found["type"] = "contested"
    return found


def _witnessed(claims: Sequence[Claim]) -> Status:
    return "settled" if len(origins(claims)) > 1 else "single source"


def _overall(claims: Sequence[Claim], fields: dict[str, Status], denied: Sequence[Claim]) -> Status:
    if denied or "contested" in fields.values():
        return "contested"
    return _witnessed(claims)


def _denies(denial: Claim, claims: Sequence[Claim]) -> bool:
    body = denial.body
    assert isinstance(body, Denied)
    if body.target is not None:
        return any(claim.id == body.target for claim in claims)
    return any(claim.type == body.type and _within(claim, denial) for claim in claims)


def _within(claim: Claim, denial: Claim) -> bool:
    span = getattr(denial.body, "span", None)
    if claim.day is None or span is None:
        return False
    return overlap(claim.day, claim.body.zone, parse(span), denial.body.zone)


def _measure(
    key: tuple[str, ...],
    claims: Sequence[Claim],
    clocks: Clocks,
    policy: Policy,
    company: Company,
) -> Measurements:
    certain: dict[str, Claim] = {}
    for claim in sorted(claims, key=newest):
        if began_by(claim, clocks.as_of) == "yes":
            certain.setdefault(claim.body.asserted_by, claim)
    maybe = tuple(c for c in claims if began_by(c, clocks.as_of) == "cannot tell")
    ranked = rank_measurements(policy, tuple(certain.values()) or maybe, company)
    pick = ranked[0] if ranked else None
    alike = [c for c in (*certain.values(), *maybe) if pick and _same_days(pick, c)]
    said_so = _compared(alike)
    return Measurements(
        type=key[0],
        key=key[1:],
        certain=rank_measurements(policy, tuple(certain.values()), company),
        maybe=rank_measurements(policy, maybe, company),
        pick=None if policy.name == "strict" and said_so == "contested" else pick,
        status=said_so,
        alike=frozenset(c.id for c in alike),
    )


def _same_days(a: Claim, b: Claim) -> bool:
    if a.day is None or b.day is None:
        return a is b
    return overlap(a.day, a.body.zone, b.day, b.body.zone)


def _compared(claims: Sequence[Claim]) -> Status | None:
    if not claims:
        return None
    names = {name for claim in claims for name in said(claim)} - {"effective", "acted"}
    differ = any(
        not agree(a, b, name)
        for i, a in enumerate(claims)
        for b in claims[:i]
        if _same_days(a, b)
        for name in names
    )
    if differ:
        return "contested"
    return _witnessed(claims)
