"""Number the periods of what can come again after it ended (docs/spec/answers.md, 7, Periods)."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from msgspec import Struct

from domain.claims.claim import Claim, Clocks, in_effect_at
from domain.claims.interval import NEVER, UNKNOWN, Interval, interval_of
from events.value import replace

Values = tuple[str, ...]
Parted = AbstractSet[frozenset[int]]


class Cycle(Struct, frozen=True):
    """What begins and what ends something that can come again, told apart by a key.

    The key are the first `key` values of a claim's own, None: all of them. `others` belong to its
    periods and change none. An ending of `ends_all` ends it for every key.
    """

    begins: frozenset[str]
    ends: frozenset[str]
    others: frozenset[str] = frozenset()
    ends_all: frozenset[str] = frozenset()
    key: int | None = None


def _types(kind: str, *verbs: str) -> frozenset[str]:
    return frozenset(f"{kind}.{verb}" for verb in verbs)


NOTICE = "agreement.withdrawal-notified"
REVOCATION = "agreement.withdrawal-revoked"
POSTPONEMENT = "agreement.withdrawal-postponed"
_RANKS = {NOTICE: 0, REVOCATION: 1}
_MEMBERSHIP = Cycle(
    begins=_types("agreement", "consent-expressed", "signed", "entered-into-force-for"),
    ends=_types("agreement", "consent-withdrawn"),  # and notices that no revocation took back
    others=_types("agreement", "signature-confirmed", "intention-not-to-become-party"),
    ends_all=_types("agreement", "terminated"),
    key=1,
)
_PROVISIONAL = Cycle(
    begins=_types("agreement", "provisionally-applied"),
    ends=_types("agreement", "intention-not-to-become-party", "withdrawal-notified"),
    ends_all=_types("agreement", "terminated"),
    key=1,
)
# Between two sides a text may enter into force again after the notice of one has ended it.
_ENTRY = Cycle(begins=_types("agreement", "entered-into-force"), ends=frozenset())
_SUSPENSION = Cycle(_types("agreement", "suspended"), _types("agreement", "resumed"))
_CYCLES = (
    _SUSPENSION,
    Cycle(
        _types("agreement", "reservation-formulated"), _types("agreement", "reservation-withdrawn")
    ),
    Cycle(_types("agreement", "reservation-objected"), _types("agreement", "objection-withdrawn")),
    Cycle(_types("agreement", "territory-included"), _types("agreement", "territory-excluded")),
    Cycle(_types("party", "appointed"), _types("party", "office-ended")),
    Cycle(_types("law", "in-force"), _types("law", "ceased")),
    Cycle(_types("proposal", "taken-up"), _types("proposal", "returned")),
)
_EVERY = (_MEMBERSHIP, _PROVISIONAL, _ENTRY, *_CYCLES)

# Where none of these stands, and no beginning that tells its own end, there is one period alone.
ENDINGS = frozenset((NOTICE,)).union(*(cycle.ends | cycle.ends_all for cycle in _EVERY))
LASTING = _types("agreement", "provisionally-applied", "suspended") | _types("party", "appointed")
LASTING |= _types("law", "in-force")


# What belongs to a period: the types of which an asserter may say another thing in another period.
REPEATED = _types("agreement", "withdrawal-notified", "withdrawal-revoked").union(
    *(cycle.begins | cycle.ends | cycle.others for cycle in _EVERY)
)


class _Step(NamedTuple):
    """A claim at its place in time: its first and last day, 0 for an ending, else 1 or 2."""

    first: date
    rank: int
    version: int
    last: date
    claim: Claim


def number_periods(
    claims: Sequence[Claim], keys: Mapping[int, Values], parted: Parted
) -> dict[int, int]:
    """Return the number of the period of each claim that is not of the first, by its version.

    `keys` maps the version of a claim to the values by which it joins, `parted` holds the pairs of
    versions that a link declares distinct.
    """
    found: dict[int, int] = {}
    if claims and claims[0].type.startswith("agreement."):
        _number_memberships(claims, keys, parted, found)
        _number(_PROVISIONAL, claims, keys, parted, found)
    types = {claim.type for claim in claims}
    for cycle in _CYCLES:
        if not types.isdisjoint(cycle.begins):
            _number(cycle, claims, keys, parted, found)
    return {version: number for version, number in found.items() if number}


def _number(
    cycle: Cycle,
    claims: Sequence[Claim],
    keys: Mapping[int, Values],
    parted: Parted,
    found: dict[int, int],
    *,
    inert: AbstractSet[int] = frozenset(),
    others: Mapping[Values, Sequence[_Step]] = MappingProxyType({}),
) -> None:
    """Number the claims of one cycle, key by key; those that are `inert` end nothing.

    `others` has by a key what ends the periods of every other key.
    """
    of_key: dict[Values, list[_Step]] = {}
    of_all: list[_Step] = []
    for claim in claims:
        type_ = claim.type
        if type_ in cycle.begins:
            steps = of_key.setdefault(keys[claim.version][: cycle.key], [])
            steps.append(_step(claim, 1))
            if end := _own_end(claim):
                steps.append(end)
        elif type_ in cycle.ends and claim.version not in inert:
            key = keys[claim.version][: cycle.key]
            every = cycle is _SUSPENSION and not any(key)  # without a key it resumes all
            (of_all if every else of_key.setdefault(key, [])).append(_step(claim, 0))
        elif type_ in cycle.ends_all:
            of_all.append(_step(claim, 0))
        elif type_ in cycle.others or claim.version in inert:
            of_key.setdefault(keys[claim.version][: cycle.key], []).append(_step(claim, 2))
    own = cycle.begins | cycle.others | (cycle.ends if cycle is not _PROVISIONAL else frozenset())
    for key, steps in of_key.items():
        ends = [end for who, some in others.items() if who != key for end in some]
        _walk([*steps, *of_all, *ends], parted, found, own, {end.claim.version for end in ends})
    if of_all and cycle is _SUSPENSION:  # of what resumes all, any suspension begins the next
        steps = [step for steps in of_key.values() for step in steps if step.rank]
        _walk([*steps, *of_all], parted, found, cycle.ends)


def _walk(
    steps: Iterable[_Step],
    parted: Parted,
    found: dict[int, int],
    own: AbstractSet[str],
    foreign: AbstractSet[int] = frozenset(),
) -> None:
    """Number the claims of the types `own` along the steps of one key, but those of another key."""
    number, ended = 0, NEVER
    begun: list[int] = []
    for step in sorted(steps):
        claim = step.claim
        if step.rank == 0:
            ended = min(ended, step.last)
        elif step.rank == 1:
            apart = parted and any(frozenset((claim.version, one)) in parted for one in begun)
            if apart or (ended <= step.first and ended != NEVER):
                number, ended, begun = number + 1, NEVER, []
            begun.append(claim.version)
        if (
            claim.type in own
            and claim.version not in foreign
            and (step.rank or claim.type in ENDINGS)
        ):
            found[claim.version] = number


def _number_memberships(
    claims: Sequence[Claim], keys: Mapping[int, Values], parted: Parted, found: dict[int, int]
) -> None:
    """Number the periods in which each party takes part, and its notices of withdrawal."""
    left = [claim for claim in claims if claim.type in _RANKS]
    leaving = {keys[claim.version][:1] for claim in left}
    of_party: dict[Values, list[_Step]] = {}
    for claim in claims if left else ():
        rank = 2 if claim.type in _MEMBERSHIP.begins else _RANKS.get(claim.type)
        if rank is not None and (party := keys[claim.version][:1]) in leaving:
            of_party.setdefault(party, []).append(_step(claim, rank))
    revoked: dict[int, Claim] = {}
    for steps in of_party.values():
        revoked |= _number_notices(steps, found)
    ends = _ends_for_both(claims, revoked.keys(), keys) if left else {}
    cycle = replace(
        _MEMBERSHIP, ends=_MEMBERSHIP.ends | {NOTICE}, others=_MEMBERSHIP.others | {REVOCATION}
    )
    numbered: dict[int, int] = {}
    _number(cycle, claims, keys, parted, numbered, inert=revoked.keys(), others=ends)
    if ends:
        _number(_ENTRY, claims, keys, parted, numbered, others=ends)
    # A notice in another period of the membership is another notice, and so is its revocation.
    pairs: dict[Values, set[tuple[int, int]]] = {}
    for claim in left:
        pair = numbered.get(claim.version, 0), found[claim.version]
        pairs.setdefault(keys[claim.version][:1], set()).add(pair)
    for claim in left:
        pair = numbered.pop(claim.version, 0), found[claim.version]
        found[claim.version] = sorted(pairs[keys[claim.version][:1]]).index(pair)
    found.update(numbered)


def _ends_for_both(
    claims: Iterable[Claim], revoked: AbstractSet[int], keys: Mapping[int, Values]
) -> Mapping[Values, list[_Step]]:
    """Return the effects of the notices that end a text of two sides, by who gave them."""
    ends: dict[Values, list[_Step]] = {}
    sides = described_sides(claims)
    counting = [c for c in claims if c.type == NOTICE and c.version not in revoked]
    for claim in counting if len(sides) == 2 else ():
        key = keys[claim.version][:1]
        if set(key) <= sides:
            when = claim.dates.from_ if claim.dates.effective else UNKNOWN
            ends.setdefault(key, []).append(_Step(when.first, 0, claim.version, when.last, claim))
    return ends


def described_sides(claims: Iterable[Claim]) -> AbstractSet[str]:
    """Return the parties that the claims describe an agreement to have."""
    told: Iterable[Any] = (c.body for c in claims if c.type == "agreement.described")
    return {party for body in told for party in body.parties or ()}


def unmet_notices(claims: Iterable[Claim], clocks: Clocks) -> dict[str, Claim]:
    """Return what took back, or moved, notices of withdrawal and postponements by D, by their ids.

    The day of effect that such a claim states did not come, or will not: a revocation took it back
    (VCLT 68), or the agreement made last gave another day (docs/spec/treaties.md, 3).
    """
    of_party: dict[str, list[_Step]] = {}
    moved: dict[str, list[Claim]] = {}
    for claim in claims:
        body: Any = claim.body
        if claim.type == POSTPONEMENT:
            moved.setdefault(body.party, []).append(claim)
        elif claim.type in _RANKS or claim.type in _MEMBERSHIP.begins:
            who = getattr(body, "for_", None) or body.party
            of_party.setdefault(who, []).append(_step(claim, _RANKS.get(claim.type, 2)))
    found: dict[str, Claim] = {}
    for party, steps in of_party.items():
        notices = [step for step in steps if step.rank == 0]
        come = [s for s in steps if s.rank != 1 or in_effect_at(s.claim, clocks) == "yes"]
        number: dict[int, int] = {}
        revoked = _number_notices(come, number) if notices else {}
        for nth in {number[step.version] for step in notices}:
            group = [step for step in notices if number[step.version] == nth]
            later = [step.first for step in notices if number[step.version] > nth]
            given, until = min(step.first for step in group), min(later, default=NEVER)
            again = [
                claim
                for claim in moved.get(party, ())
                if given <= _step(claim, 0).first < until and in_effect_at(claim, clocks) == "yes"
            ]
            again.sort(key=lambda claim: (_step(claim, 0).first, claim.position))
            chain = [*(step.claim for step in group), *again]
            if by := revoked.get(group[0].version):
                found.update((claim.id, by) for claim in chain)
            elif again:
                found.update((claim.id, again[-1]) for claim in chain if claim is not again[-1])
    return found


def _number_notices(steps: Iterable[_Step], found: dict[int, int]) -> dict[int, Claim]:
    """Number one party's notices and revocations; return what revoked which, by the version.

    The steps are of rank 0 for notices, 1 for revocations and 2 for what begins a period. A
    revocation before every notice takes back the first.
    """
    steps = list(steps)
    begun = min((step.first for step in steps if step.rank == 0), default=date.min)
    moved = (
        step._replace(first=begun) if step.rank == 1 and step.first < begun else step
        for step in steps
    )
    number, given, open_ = -1, NEVER, False
    group: list[int] = []  # the notices of the last number
    revoked: dict[int, Claim] = {}
    for step in sorted(moved):
        version = step.claim.version
        if step.rank == 0:
            if not open_:
                number, given, open_, group = number + 1, NEVER, True, []
            group.append(version)
            given = min(given, step.last)
            found[version] = number
        elif step.rank == 1:
            found[version] = max(number, 0)
            revoked.update(dict.fromkeys(group, step.claim))
            open_ = False
        elif given <= step.first:
            open_ = False
    return revoked


def _step(claim: Claim, rank: int) -> _Step:
    dates = claim.dates
    when = dates.from_
    if rank == 0 or claim.type in (NOTICE, REVOCATION):
        when = dates.acted_on or when
    return _Step(when.first, rank, claim.version, when.last, claim)


def _own_end(claim: Claim) -> _Step | None:
    """Return the end that a claim of a lasting state tells itself (`a/b`)."""
    edtf = claim.dates.effective
    if edtf is None or edtf.ends is None or claim.type not in LASTING:
        return None
    end: Interval = interval_of(edtf.ends, claim.body.zone)
    return _Step(end.first, 0, claim.version, end.last, claim)
