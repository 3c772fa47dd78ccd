"""What would a patient reader answer, who follows "The naive fold" step by step with a pencil?

A second opinion on `domain.claims.resolution`: written from the definition alone, now in
docs/spec/answers.md, slow and plain, sharing with the program only how a date and an amount are
read. Steps are numbered as there (section 8).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date
from functools import reduce
from itertools import combinations, product
from typing import Any

from domain.claims.claim import Claim
from events.amounts import Quantity, QuantityError, add_bounds, compatible, widened
from events.body import Body
from events.dates import Edtf, days_at_place, happened_by, lasted_on, overlap, parse_date
from events.value import fields, replace
from tests.properties.naive_claims import (
    SERIES,
    Alternative,
    Said,
    as_recorded,
    day_of,
    groups,
    publicity,
    revised,
)

NOT_COMPARED = ("asserted_by", "basis", "ground", "key", "note", "place", "relayed", "sources")
MOVES = ("acquired", "disposed", "transferred", "seized", "forfeited", "lost")
RULE = "agreement.entry-into-force-rule-set"
TIMELESS = (
    *("agreement.described", RULE, "party.established", "party.renamed"),
    *("source.archived", "source.cited"),
)
ACTS = (
    "official-record",
    "audit",
    "signed-statement",
    "own-publication",
    "own-publication of the other side",
    "own-publication of somebody else",
    "other-public-body",
    "tracker",
    "press",
    "recorder",
    "on-chain",
)
HOLDINGS = (
    "audit",
    "official-record",
    "signed-statement",
    "on-chain at addresses that were disclosed",
    "own-publication",
    "other-public-body",
    "tracker",
    "press",
    "on-chain",
    "recorder",
)
MOVED = (
    "official-record",
    "audit",
    "signed-statement",
    "own-publication",
    "other-public-body",
    "tracker",
    "press",
    "recorder",
    "on-chain",
)
HELD = ("reserve.holding-reported", "reserve.holding-observed")
DAYS = ("effective", "acted", "published", "until", "notified", "due")
LATER = date.max.toordinal() + 1


MakeReader = Callable[[list[Said], list[Said]], "Reader"]


def naive_view(
    claims: Iterable[Claim],
    day: date,
    public_at: date | None,
    known_at: int | None,
    policy: str | MakeReader,
) -> dict[str, Any]:
    """Return the answers about one thing: occurrences, series, lapsed, unknown, live.

    The policy is a name, or makes the reader of one that is spelled.
    """
    found = _view(*naive_live(claims, public_at, known_at), day, policy)
    if found["excluded"][1]:  # perhaps public: folded twice (section 10)
        again = naive_live(claims, public_at, known_at, perhaps=True)
        return {**found, "perhaps": {**_view(*again, day, policy), "perhaps": None}}
    return {**found, "perhaps": None}


def _view(
    live: list[Said],
    about: list[Said],
    excluded: tuple[int, int],
    day: date,
    policy: str | MakeReader,
) -> dict[str, Any]:
    reader = Reader(live, about, policy) if isinstance(policy, str) else policy(live, about)
    occurrences = [_occurrence(reader, group, day) for group in groups(live, about)]
    return {
        "live": {s.id: (s.type, s.body) for s in live},
        "excluded": excluded,
        "occurrences": {occurrence.pop("id"): occurrence for occurrence in occurrences},
        "series": {key: _series(reader, found, day) for key, found in _all_series(live, day)},
        "lapsed": {
            r.id
            for r in about
            if r.type == "claim.resolved" and r.body.winner not in {s.id for s in live}
        },
    }


def naive_live(
    claims: Iterable[Claim], public_at: date | None, known_at: int | None, *, perhaps: bool = False
) -> tuple[list[Said], list[Said], tuple[int, int]]:
    """Return what stands (facts, claims about claims), and how many may have been public."""
    counts = ("public", "perhaps") if perhaps else ("public",)
    events = [as_recorded(c) for c in claims if known_at is None or c.position <= known_at]  # 1
    said, dropped = revised(events, public_at, counts)  # 2, 3
    told = said
    excluded = (0, 0)
    if public_at is not None:  # 4
        told = [s for s in said if publicity(s, public_at) in counts]
        rest = [publicity(s, public_at) for s in [*said, *dropped]]
        rest = [answer for answer in rest if answer not in counts]
        excluded = rest.count("unknown"), rest.count("perhaps")
    live = [s for s in told if not s.type.startswith("claim.")]
    return live, [s for s in told if s.type.startswith("claim.")], excluded


def in_order(said: Said) -> tuple[int, ...]:
    """Return the key of step 8: earliest day, latest day, then the day of the act, position.

    A notice is folded on the day on which it was given.
    """
    notice = said.type in ("agreement.withdrawal-notified", "agreement.withdrawal-postponed")
    if notice and said.body.acted:
        return by_effect(said._replace(body=replace(said.body, effective=said.body.acted)))
    return by_effect(said)


def by_effect(said: Said) -> tuple[int, ...]:
    """Return the same key by the day that answers, of a notice too."""
    if day_of(said) is None:
        return (
            (1, 1, 1, said.position) if said.type == RULE else (LATER, LATER, LATER, said.position)
        )
    first, last = newness(said)
    acted = said.body.acted
    done = days_at_place(parse_date(acted), said.body.zone)[0] if acted else None
    return (first, last, ordinal(done) if acted else first, said.position)


# Step 6: what is settled, and what is contested?


ADDED = ("amount", "spent", "proceeds")


def _stated(alternative: Alternative, name: str) -> list[tuple[Any, str | None]]:
    """Return what an alternative says in a field, each with its zone; the amounts of parts add."""
    values = [
        (getattr(said.body, name), said.body.zone)
        for said in alternative
        if name in _compared(said) and getattr(said.body, name) not in (None, "unstated", "unknown")
    ]
    short = alternative[0].short if name in ADDED and alternative else False
    if name not in ADDED or (len(alternative) == 1 and not short):
        return values
    if len(values) < len(alternative):
        return []
    try:
        total = reduce(add_bounds, [amount for amount, _ in values])
        if short:
            lower = widened(total)[0] or 0
            total = Quantity(unit=total.unit, lower=lower, lower_open=total.lower_open)
        return [(total, None)]
    except QuantityError:  # two currencies have no sum
        return []


def _compared(said: Said) -> list[str]:
    if said.field:
        return ["effective", "acted", said.field]
    names = [f.name for f in fields(said.body)]
    return [name for name in names if name not in NOT_COMPARED and name != "zone"]


def _agree(name: str, a: tuple[Any, str | None], b: tuple[Any, str | None]) -> bool:
    if name in DAYS:
        return overlap(parse_date(a[0]), a[1], parse_date(b[0]), b[1])
    if isinstance(a[0], Quantity) and isinstance(b[0], Quantity):
        return _measure(a[0]) != _measure(b[0]) or compatible(a[0], b[0])
    if isinstance(a[0], tuple) and isinstance(b[0], tuple):
        return set(a[0]) <= set(b[0]) or set(b[0]) <= set(a[0])
    return bool(a[0] == b[0])


def _measure(amount: Quantity) -> str:
    """Return the currency of money, of another amount its unit."""
    found = re.fullmatch(r"([a-z]{3})-(minor|e\d+)", amount.unit)
    return found[1] if found else amount.unit


def agree_in(name: str, a: Alternative, b: Alternative) -> bool:
    return all(_agree(name, x, y) for x, y in product(_stated(a, name), _stated(b, name)))


def agree_wholly(a: Alternative, b: Alternative, but: tuple[str, ...] = ()) -> bool:
    names = {name for said in a + b for name in _compared(said)} - set(but)
    one_type = len({said.type for said in a + b}) == 1
    return one_type and all(agree_in(name, a, b) for name in names)


def origins(alternatives: Iterable[Alternative]) -> set[str]:
    found = set()
    for said in (said for alternative in alternatives for said in alternative):
        sources = said.body.sources or ()
        found |= {s.origin or said.body.asserted_by for s in sources} or {said.body.asserted_by}
    return found


def _status(contested: bool, witnesses: Alternative, names: Iterable[str] | None = None) -> str:
    """Return the support; two who give a figure in two units are no witnesses for each other."""
    if contested:
        return "contested"
    for a, b in product(witnesses, witnesses):
        shared = set(_compared(a)) & set(_compared(b))
        amounts = [
            (getattr(a.body, name), getattr(b.body, name))
            for name in (shared if names is None else shared & set(names))
        ]
        units = [
            (_measure(x), _measure(y))
            for x, y in amounts
            if isinstance(x, Quantity) and isinstance(y, Quantity)
        ]
        if len(origins([[a, b]])) >= 2 and all(x == y for x, y in units):
            return "corroborated"
    return "single source"


def _statuses(group: list[Alternative]) -> dict[str, str]:
    names = {name for alternative in group for said in alternative for name in _compared(said)}
    found = {}
    for name in names:
        stating = [alternative for alternative in group if _stated(alternative, name)]
        if stating:
            clash = any(not agree_in(name, a, b) for a, b in combinations(stating, 2))
            speakers = [
                said
                for one in stating
                for said in one
                if _stated([said], name) and _says_one(said, one, name)
            ]
            found[name.rstrip("_")] = _status(clash, speakers, [name])
    if len({said.type for alternative in group for said in alternative}) > 1:
        found["type"] = "contested"
    return found


def _says_one(said: Said, alternative: Alternative, name: str) -> bool:
    """Say whether a claim gives one figure or one day in a field, or nothing of the sort."""
    whole = alternative if name in ADDED else [said]
    for value, _ in _stated(whole, name):
        if isinstance(value, Quantity):
            opened = value.lower_open or value.upper_open
            if value.lower is None or value.lower != value.upper or opened:
                return False
        elif name in DAYS:
            edtf = parse_date(value)
            if edtf.earliest is None or edtf.earliest != edtf.latest:
                return False
    return True


def _witnesses(group: list[Alternative]) -> list[Said]:
    return [
        said
        for one in group
        for said in one
        if all(_says_one(said, one, name) for name in _compared(said))
    ]


def _decided(
    reader: "Reader", group: list[Alternative], picked: list[Alternative], denials: list[Said]
) -> bool:
    """Say whether a resolution decides what is contested: the four conditions of section 13."""
    ids = {said.id for one in group for said in one}
    about = [r for r in reader.resolutions if r.body.winner in ids]
    winners = {r.body.winner for r in about}
    selected = {said.id for one in picked for said in one}
    if len(winners) != 1 or not winners <= selected:
        return False
    clashes = [pair for pair in combinations(group, 2) if not agree_wholly(*pair)]
    if not clashes:
        return False
    against = set()
    for a, b in clashes:
        for mine, other in ((a, b), (b, a)):
            if winners & {said.id for said in mine}:
                against |= {said.id for said in other}
    return any(
        against <= set(r.body.among) and all(d.position < r.position for d in denials)
        for r in about
    )


def _denies(denial: Said, said: Said) -> bool:
    if denial.body.target is not None:
        return bool(denial.body.target == said.id)
    if denial.body.type != said.type or said.body.effective is None:
        return False
    span = parse_date(denial.body.span)
    return overlap(span, denial.body.zone, parse_date(said.body.effective), said.body.zone)


def _occurrence(reader: "Reader", group: list[Alternative], day: date) -> dict[str, Any]:
    """Say of one occurrence what is picked, how sure it is, and whether it held on the day."""
    members = [said for alternative in group for said in alternative]
    statuses = _statuses(group)
    denials = [d for d in reader.denials if any(_denies(d, said) for said in members)]
    status = _status("contested" in statuses.values() or bool(denials), _witnesses(group))
    ranked = sorted(reader.ranked(group), key=lambda one: one[0].short)
    picked = [one for one in ranked if not any(never_picked(said) for said in one)][:1]
    if status == "contested" and _decided(reader, group, picked, denials):
        status = "resolved"
        statuses = {n: "resolved" if s == "contested" else s for n, s in statuses.items()}
    holds = all_hold((picked or ranked)[0], day)
    every = {all_hold(one, day) for one in ranked}
    instead = []
    if reader.policy == "strict" and status == "contested":
        instead, picked = picked, []
        holds = holds if len(every) == 1 else "cannot tell"
    first = min(members, key=lambda said: said.version)
    return {
        "id": f"{first.id}#{first.field}" if first.field else first.id,
        "claims": {said.id for said in members},
        "ranked": [[said.id for said in one] for one in ranked],
        "pick": [said.id for one in picked for said in one],
        "instead": [said.id for one in instead for said in one],
        "support": status,
        "fields": statuses,
        "denials": {d.id for d in denials},
        "holds": holds,
        "shown": every != {"no"},
    }


# Which claim is taken first?


class Reader:
    """One policy, and what it must know of the whole thing."""

    def __init__(self, live: list[Said], about: list[Said], policy: str) -> None:
        self.policy, _, self.preferred = policy.partition(":")
        self.denials = [s for s in about if s.type == "claim.denied"]
        self.resolutions = [s for s in about if s.type == "claim.resolved"]
        self.sides = {
            party
            for said in live
            for name in ("party", "for_", "holder", "parties")
            for party in _several(getattr(said.body, name, None))
        }
        self.disclosed = {
            address
            for said in live
            if said.type == "reserve.address-disclosed"
            for address in said.body.addresses or ()
        }

    def ranked(self, group: list[Alternative]) -> list[Alternative]:
        """Return the alternatives of an occurrence, the best first."""
        order = sorted(group, key=lambda one: self.act_order(one, group))
        if self.policy == "latest":
            return order
        rest = [one for one in order if self._tier(one) != self._tier(order[0])]
        return [*self.dated_first(order[: len(order) - len(rest)]), *rest]

    def _tier(self, one: Alternative) -> bool:
        return not any(self._is_preferred(said) for said in one)

    def dated_first(self, order: list[Alternative]) -> list[Alternative]:
        """Let the best give way to the next that agrees, where it alone has no day (section 12)."""
        best, *others = order
        if not is_undated(best) or {r.body.winner for r in self.resolutions} & {s.id for s in best}:
            return order
        dated = [one for one in others if not is_undated(one) and agree_wholly(one, best)]
        return [*dated[:1], best, *(one for one in others if one not in dated[:1])]

    def act_order(self, one: Alternative, group: list[Alternative]) -> tuple[Any, ...]:
        """Return the key that sorts the alternatives of an occurrence, the best first."""
        shown = max(ordinal(said.published) for said in one)
        if self.policy == "latest":
            return (-shown, -max(said.position for said in one))
        return (
            self._tier(one),
            max(self._basis(said, _list_for(said)) for said in one),
            any(said.body.relayed is True for said in one),
            -len(origins(other for other in group if agree_wholly(one, other) or other is one)),
            -shown,
            min(said.position for said in one),
        )

    def selected(self, rivals: list[Said]) -> Said:
        """Return the measurement that the policy selects."""
        if self.policy == "latest":
            return max(rivals, key=age)
        if mine := [said for said in rivals if self._is_preferred(said)]:
            return max(mine, key=age)
        if rivals[0].type not in HELD:
            return min(rivals, key=lambda said: (older(said), *self._strength(said, rivals)))

        def best_first(said: Said) -> tuple[Any, ...]:
            basis, *ties = self._strength(said, rivals)
            return (basis, older(said), *ties)

        day = newness(max(rivals, key=age))[0]
        newest = min((said for said in rivals if newness(said)[0] == day), key=best_first)
        candidates = [said for said in rivals if _is_candidate(said, newest, day)]
        best = min(candidates, key=best_first)
        closed = [c for c in candidates if not is_open(c) and same_figure(c, best)]
        return min(closed, key=best_first) if is_open(best) and closed else best

    def _strength(self, said: Said, rivals: list[Said]) -> tuple[Any, ...]:
        alike = [[x] for x in rivals if x is said or agree_wholly([x], [said])]
        held = said.type in (*HELD, "reserve.valued")
        return (
            self._basis(said, HOLDINGS if held else ACTS),
            said.body.relayed is True,
            -len(origins(alike)),
            -ordinal(said.published),
            said.position,
        )

    def _is_preferred(self, said: Said) -> bool:
        speakers = [said, *(r for r in self.resolutions if r.body.winner == said.id)]
        return any(speaker.body.asserted_by == self.preferred for speaker in speakers)

    def _basis(self, said: Said, ranks: tuple[str, ...]) -> int:
        """Return the better rank of the claim and of the resolutions that it won."""
        speakers = [said, *(r for r in self.resolutions if r.body.winner == said.id)]
        return min(ranks.index(self._name(speaker.body, ranks)) for speaker in speakers)

    def _name(self, speaker: Body, ranks: tuple[str, ...]) -> str:
        addresses = set(getattr(speaker, "addresses", None) or ())
        if speaker.basis == "on-chain" and ranks is HOLDINGS:
            disclosed = addresses and addresses <= self.disclosed
            return f"on-chain{' at addresses that were disclosed' if disclosed else ''}"
        if speaker.basis != "own-publication" or ranks is not ACTS:
            return speaker.basis
        named = {getattr(speaker, name, None) for name in ("party", "for_", "by")} - {None}
        if speaker.asserted_by in (named or self.sides):
            return "own-publication"
        whose = "the other side" if speaker.asserted_by in self.sides else "somebody else"
        return f"own-publication of {whose}"


def _several(value: Any) -> Iterable[str]:
    return () if value is None else (value,) if isinstance(value, str) else value


def _list_for(said: Said) -> tuple[str, ...]:
    return MOVED if said.type in [f"reserve.{verb}" for verb in MOVES[:3]] else ACTS


def never_picked(said: Said) -> bool:
    on_chain = said.body.basis == "on-chain"
    return on_chain and said.type in [f"reserve.{verb}" for verb in MOVES]


def ordinal(day: date | None) -> int:
    return day.toordinal() if day else date.min.toordinal() - 1


# Step 7: had it come by the day?


def all_hold(one: Alternative, day: date) -> str:
    answers = {_holds(said, day) for said in one}
    return answers.pop() if len(answers) == 1 else "cannot tell"


def is_undated(one: Alternative) -> bool:
    """Say whether a part of it has no day and asks for one."""
    return any(day_of(said) is None and said.type not in TIMELESS for said in one)


def _holds(said: Said, day: date) -> str:
    written = day_of(said)
    if said.type in ("agreement.withdrawal-notified", "agreement.withdrawal-postponed"):
        written = said.body.acted or written
    if written is None:
        return "yes" if said.type in TIMELESS else "cannot tell"
    asked: Callable[..., str] = lasted_on if parse_date(written).is_span else happened_by
    return asked(parse_date(written), day, said.body.zone)


# Measurements


def _all_series(live: list[Said], day: date) -> Iterator[tuple[tuple[str, ...], list[Said]]]:
    """Give the measurements of each series that were or may have been so by the day."""
    found: dict[tuple[str, ...], list[Said]] = {}
    for said in live:
        if said.type in SERIES and begun(said, day) != "no":
            found.setdefault((said.type, *_series_key(said)), []).append(said)
    yield from found.items()


def _series_key(said: Said) -> tuple[str, ...]:
    if said.type == "reserve.holding-reported":
        return ("" if said.body.scope in (None, "unstated", "total") else said.body.scope,)
    if said.type == "programme.condition-assessed":
        return (said.body.ref,)
    return (said.body.pair, said.body.kind) if said.type == "price.observed" else ()


def begun(said: Said, day: date) -> str:
    """Say whether what a claim tells had begun by the day."""
    written = day_of(said)
    if written is None:
        return "cannot tell"
    edtf: Edtf | None = parse_date(written)
    if edtf is not None and edtf.is_span:
        edtf = edtf.begins
    return happened_by(edtf, day, said.body.zone) if edtf is not None else "yes"


def newness(said: Said) -> tuple[int, int]:
    """Return first and last day, to find the newest by; an unknown day is open on both sides."""
    written = day_of(said)
    first, last = days_at_place(parse_date(written), said.body.zone) if written else (None, None)
    return (
        first.toordinal() if first else date.min.toordinal() - 1,
        last.toordinal() if last else date.max.toordinal() + 1,
    )


def same_days(a: Said, b: Said) -> bool:
    """Say whether both may have been on one day; of an unknown day that is not said."""
    if a.body.effective is None or b.body.effective is None:
        return False
    return overlap(
        parse_date(a.body.effective), a.body.zone, parse_date(b.body.effective), b.body.zone
    )


def age(said: Said) -> tuple[int, ...]:
    """Return the key of the newest: its moment, then the latest published, then the position."""
    return (*(-part for part in older(said)), ordinal(said.published), said.position)


def older(said: Said) -> tuple[int, int, int]:
    """Return the key that puts the newest first; the day of an instant is that in UTC."""
    written = day_of(said)
    instant = parse_date(written).instant if written else None
    if instant is None:
        first, last = newness(said)
        return (-first, -last, 0)
    utc = instant.astimezone(UTC)
    midnight = utc.replace(hour=0, minute=0, second=0)
    return (-utc.toordinal(), -utc.toordinal(), -1 - int((utc - midnight).total_seconds()))


def _is_candidate(said: Said, newest: Said, day: int) -> bool:
    """Say whether a figure is of the 31 days before the newest and agrees, or of the 7 days."""
    last = newness(said)[1]
    if day < date.min.toordinal() or last >= day - 7:
        return True
    return last >= day - 31 and same_figure(said, newest)


def is_open(said: Said) -> bool:
    return said.body.amount.lower is None or said.body.amount.upper is None


def same_figure(a: Said, b: Said) -> bool:
    return all(
        agree_in(name, [a], [b]) for name in ("amount", "value", "verdict") if name in _compared(a)
    )


def _days_meet(a: Said, b: Said) -> bool:
    """Say whether the days of two measurements overlap, or are one day apart."""
    if a.body.effective is None or b.body.effective is None:
        return False
    (first_a, last_a), (first_b, last_b) = newness(a), newness(b)
    return same_days(a, b) or (first_a - last_b <= 1 and first_b - last_a <= 1)


def _series(reader: Reader, found: list[Said], day: date) -> dict[str, Any]:
    maybe = [said for said in found if begun(said, day) == "cannot tell"]
    newest: dict[str, Said] = {}
    for said in sorted(found, key=age):
        if said not in maybe:
            newest[said.body.asserted_by] = said
    certain = list(newest.values())
    best = reader.selected(certain or maybe)
    near = [said for said in certain + maybe if said is best or _days_meet(said, best)]
    clash = any(_days_meet(a, b) and not same_figure(a, b) for a, b in combinations(near, 2))
    denials = {d.id for d in reader.denials if any(_denies(d, said) for said in near)}
    measured = ("amount", "value", "verdict")
    exact = [s for s in near if all(_says_one(s, [s], n) for n in _compared(s) if n in measured)]
    status = _status(clash or bool(denials), exact, measured)
    return {
        "certain": {said.id for said in certain},
        "maybe": {said.id for said in maybe},
        "pick": None if reader.policy == "strict" and status == "contested" else best.id,
        "support": status,
        "near": {said.id for said in near},
        "denials": denials,
    }
