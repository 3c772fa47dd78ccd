"""Answer about one subject as docs/spec/answers.md says, written from that page alone.

It shares no code with the program and none with the other naive fold: events are JSON as stored,
dates are read here, and every rule is the shortest form of its section. `tests/properties/
test_second_fold.py` holds the served answers against it. The marks (n) are sections of the page.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from typing import Any

from tests.properties.second_claims import (
    Alternative,
    Claim,
    Data,
    Event,
    compared,
    days_meet,
    figure,
    figures_agree,
    is_candidate,
    is_open,
    is_short,
    key_values,
    newness,
    periods,
    periods_of_side,
    publicity,
    published,
    split,
    value_of,
)
from tests.properties.second_values import (
    When,
    amounts_in,
    field_agrees,
    is_one_figure,
    meet,
    read_when,
    several_origins,
    span_of,
)

ENTRY_ERRORS = ("recording-error", "duplicate")
FLOWS = frozenset(
    f"reserve.{name}"
    for name in ("acquired", "disposed", "transferred", "seized", "forfeited", "lost")
)
SERIES: dict[str, tuple[str, ...]] = {
    "reserve.holding-reported": ("scope",),
    "reserve.holding-observed": (),
    "reserve.valued": (),
    "price.observed": ("pair", "kind"),
    "programme.condition-assessed": ("ref",),
}
# (7) what begins and what ends a period, by the types that share its key.
PERIODS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("party.appointed",), ("party.office-ended",)),
    (("law.in-force",), ("law.ceased",)),
    (("proposal.taken-up",), ("proposal.returned",)),
    (("agreement.reservation-formulated",), ("agreement.reservation-withdrawn",)),
    (("agreement.reservation-objected",), ("agreement.objection-withdrawn",)),
    (("agreement.territory-included",), ("agreement.territory-excluded",)),
)
TIMELESS = frozenset(
    ("party.established", "party.renamed", "source.cited", "source.archived", "agreement.described")
)
_PUBLIC = ("other-public-body", "tracker", "press")
_FIRST = ("official-record", "audit", "signed-statement")
BASES: dict[str, tuple[str, ...]] = {
    "holding": (
        *("audit", "official-record", "signed-statement", "on-chain-disclosed"),
        *("own-publication", *_PUBLIC, "on-chain", "recorder"),
    ),
    "flow": (*_FIRST, "own-publication", *_PUBLIC, "recorder", "on-chain"),
    "else": (
        *(*_FIRST, "own-of-actor", "own-of-side", "own-publication"),
        *(*_PUBLIC, "recorder", "on-chain"),
    ),
}


@dataclass
class Occurrence:
    """One happening: its claims, the alternatives best first, the denials, what was selected."""

    claims: list[Claim]
    ranked: list[Alternative] = field(default_factory=list)
    denials: list[Event] = field(default_factory=list)
    selected: Alternative = ()
    instead: Alternative = ()  # what primary-first selects where strict has no value
    support: str = ""
    holds: str = ""
    may_hold: bool = True

    @property
    def id(self) -> str:
        return min(self.claims, key=lambda claim: claim.event.position).name


@dataclass
class Series:
    """Measurements of one quantity: each asserter's newest, what may be, what was selected."""

    type: str
    key: tuple[str, ...]
    certain: list[Claim]
    maybe: list[Claim]
    selected: Claim | None = None
    support: str | None = None


@dataclass
class Question:
    """A day, a publication day or none, a position and a policy."""

    as_of: date
    public_at: date | None
    known_at: int
    policy: str


class SecondFold:
    """The answer about one subject at a question, section by section.

    With `perhaps` all counts that perhaps was public (10).
    """

    def __init__(
        self, events: Iterable[Event], question: Question, *, perhaps: bool = False
    ) -> None:
        self.question = question
        self._counts = ("public", "perhaps") if perhaps else ("public",)
        self.known = [event for event in events if event.position <= question.known_at]
        self.about = [e for e in self.known if e.type.startswith("claim.")]
        self.texts: dict[str, Event] = {}
        self.dead: set[str] = set()
        self._walk()
        self.claims = list(self._standing())
        live = {claim.id for claim in self.claims}
        self.live_about = [e for e in self._public_about() if e.id not in self.dead]
        self.denials = [e for e in self.live_about if e.type == "claim.denied"]
        resolutions = [e for e in self.live_about if e.type == "claim.resolved"]
        self.resolutions = [e for e in resolutions if self._text(e)["winner"] in live]
        self.lapsed = [e.id for e in resolutions if self._text(e)["winner"] not in live]
        self.sides = self._sides()
        self.disclosed = self._disclosed()
        self.occurrences = [self._answered(claims) for claims in self._groups()]
        self.series = [one for one in self._series() if one.certain or one.maybe]

    # What the claims about claims leave: sections 8.2 and 8.3.

    def _public_about(self) -> Iterator[Event]:
        for event in self.about:
            if self._holds_at_every_p(event) or self._is_public(event, event.data):
                yield event

    def _holds_at_every_p(self, event: Event) -> bool:
        if event.type in ("claim.same-occurrence", "claim.distinct-occurrence"):
            return True
        amends = event.type in ("claim.corrected", "claim.retracted")
        return amends and event.data["reason"] in ENTRY_ERRORS

    def _is_public(self, event: Event, told_by: Data) -> bool:
        if self.question.public_at is None:
            return True
        named = event.type in ("party.established", "source.cited")
        if event.data["basis"] == "recorder" and named:
            return True
        return publicity(told_by, self.question.public_at) in self._counts

    def _walk(self) -> None:
        for event in sorted(self._public_about(), key=lambda e: -e.position):
            if event.id in self.dead:
                continue
            text = self._text(event)
            if event.type == "claim.retracted":
                self.dead.add(text["target"])
            elif event.type == "claim.corrected":
                self.texts.setdefault(text["target"], event)

    def _text(self, event: Event) -> Data:
        by = self.texts.get(event.id)
        return event.data if by is None else dict(by.data["data"])

    def _standing(self) -> Iterator[Claim]:
        for event in self.known:
            if event.type.startswith("claim.") or event.id in self.dead:
                continue
            by, data = self.texts.get(event.id), self._text(event)
            own = by is None or by.data["reason"] in ENTRY_ERRORS
            told_by = data if own or by is None else by.data
            if self._is_public(event, told_by):
                yield Claim(event, event.type, data, published(told_by))

    # What is one happening: section 7.

    def _groups(self) -> list[list[Claim]]:
        acts = [part for claim in self.claims for part in split(claim)]
        acts = [claim for claim in acts if claim.type not in SERIES]
        joined = self._joined(acts)
        parent = list(range(len(acts)))

        def root(n: int) -> int:
            while parent[n] != n:
                n = parent[n]
            return n

        for (n, a), (m, b) in combinations(enumerate(acts), 2):
            if joined(a, b):
                parent[root(m)] = root(n)
        groups: dict[int, list[Claim]] = {}
        for n, claim in enumerate(acts):
            groups.setdefault(root(n), []).append(claim)
        return list(groups.values())

    def _joined(self, acts: list[Claim]) -> Callable[[Claim, Claim], bool]:
        links = self._links()
        keys = self._keys(acts, links)

        def joined(a: Claim, b: Claim) -> bool:
            link = links.get(frozenset((a.id, b.id)))
            if a.field != b.field or (a.field is None) != (b.field is None):
                return False
            by_key = keys[a.name] is not None and keys[a.name] == keys[b.name]
            return by_key if link is None else link.type == "claim.same-occurrence"

        return joined

    def _links(self) -> dict[frozenset[str], Event]:
        found: dict[frozenset[str], Event] = {}
        for event in self.live_about:  # the link recorded last decides
            if event.type in ("claim.same-occurrence", "claim.distinct-occurrence"):
                text = self._text(event)
                found[frozenset((text["target"], text["with"]))] = event
        return found

    def _keys(
        self, acts: list[Claim], links: dict[frozenset[str], Event]
    ) -> dict[str, tuple[Any, ...] | None]:
        """Return the key by which each claim joins others; None where it joins none by itself."""
        found: dict[str, tuple[Any, ...] | None] = {}
        for claim in acts:
            values = key_values(claim, acts)
            found[claim.name] = None if values is None else (claim.type, claim.field, *values)
        for begins, ends in PERIODS:
            of_pair = [c for c in acts if c.type in (*begins, *ends)]
            for values in {key_values(c, acts) for c in of_pair}:
                group = [c for c in of_pair if key_values(c, acts) == values]
                for name, period in periods(group, begins, ends, links).items():
                    found[name] = (*(found[name] or ()), period)
        of_agreement = [claim for claim in acts if claim.type.startswith("agreement.")]
        for name, numbers in periods_of_side(of_agreement, links).items():
            if found[name] is not None:
                found[name] = (*(found[name] or ()), *numbers)
        return found

    def is_linked(self, one: Occurrence, other: Occurrence) -> bool:
        """Say whether a live link speaks of a claim of one and a claim of the other."""
        pairs = ((a.id, b.id) for a in one.claims for b in other.claims)
        return any(frozenset(pair) in self._links() for pair in pairs)

    # What is selected and how far sources agree: sections 12 and 13.

    def _answered(self, claims: list[Claim]) -> Occurrence:
        one = Occurrence(claims)
        one.denials = [d for d in self.denials if any(self._strikes(d, c) for c in claims)]
        alternatives = self._alternatives(claims)
        one.ranked = sorted(alternatives, key=lambda a: self._rank(a, alternatives))
        self._let_dated_go_first(one.ranked)
        one.ranked.sort(key=lambda a: a[0].short)
        one.support = self._support(one, alternatives)
        may_be = [a for a in one.ranked if all(map(self._may_be_selected, a))]
        pick = may_be[0] if may_be else ()
        if one.support == "contested" and self._is_resolved(one, pick, alternatives):
            one.support = "resolved"
        strict = self.question.policy == "strict" and one.support == "contested"
        one.selected, one.instead = ((), pick) if strict else (pick, ())
        of_each = [self._common(a) for a in one.ranked]
        one.may_hold = any(answer != "no" for answer in of_each)
        if strict:
            one.holds = of_each[0] if len(set(of_each)) == 1 else "cannot tell"
        else:
            one.holds = self._common(one.selected or one.ranked[0])
        return one

    def _let_dated_go_first(self, ranked: list[Alternative]) -> None:
        """Move the best that has a day before the first, if that has none and agrees (12)."""

        def has_day(one: Alternative) -> bool:
            timeless = (*TIMELESS, "agreement.entry-into-force-rule-set")
            return all(c.when is not None or c.type in timeless for c in one)

        first = ranked[0]
        won = {self._text(e)["winner"] for e in self.resolutions}
        latest = self.question.policy == "latest"
        if latest or has_day(first) or any(c.id in won for c in first):
            return
        for other in ranked[1:]:
            alike = self._preferred(other) == self._preferred(first)
            if alike and has_day(other) and self._alike(first, other):
                ranked.remove(other)
                ranked.insert(0, other)
                return

    def _common(self, one: Alternative) -> str:
        answers = {self._holds(claim) for claim in one}
        return answers.pop() if len(answers) == 1 else "cannot tell"

    def in_turn(self) -> Iterator["SecondFold"]:
        """Yield the answer with each alternative of what is contested in turn (13, strict)."""
        contested = [one for one in self.occurrences if one.instead and one.may_hold]
        if not contested:
            yield self
        for one in contested:
            may_be = [a for a in one.ranked if all(map(self._may_be_selected, a))]
            others = [one.instead, *(a for a in may_be if a is not one.instead)]
            for other in [*others, *([()] if one.denials else [])]:
                view = copy(self)
                view.occurrences = [
                    self._as_if(each, other if each is one else each.instead)
                    if any(each is its for its in contested)
                    else each
                    for each in self.occurrences
                ]
                yield view

    def _as_if(self, one: Occurrence, selected: Alternative) -> Occurrence:
        holds = self._common(selected) if selected else "no"
        return replace(one, selected=selected, holds=holds)

    def _is_resolved(
        self, one: Occurrence, pick: Alternative, alternatives: list[Alternative]
    ) -> bool:
        ids = {claim.id for claim in one.claims}
        told = [e for e in self.resolutions if self._text(e)["winner"] in ids]
        winners = {self._text(e)["winner"] for e in told}
        if len(winners) != 1 or not winners <= {claim.id for claim in pick}:
            return False
        mine = next(a for a in alternatives if any(c.id in winners for c in a))
        against = {c.id for a in alternatives if not self._alike(a, mine) for c in a}
        differ = any(not self._alike(a, b) for a, b in combinations(alternatives, 2))
        return differ and any(
            against <= set(self._text(e)["among"])
            and all(d.position < e.position for d in one.denials)
            for e in told
        )

    def _alternatives(self, claims: list[Claim]) -> list[Alternative]:
        part_of: dict[str, str] = {}
        for event in self.live_about:
            text = self._text(event) if event.type == "claim.same-occurrence" else {}
            if (
                "part_of" in text
                and self._links()[frozenset((text["target"], text["with"]))] is event
            ):
                whole = text[text["part_of"]] if text["part_of"] in ("target", "with") else None
                whole = whole or text["part_of"]
                part = text["with"] if whole == text["target"] else text["target"]
                part_of[part] = whole
        ids = {claim.id for claim in claims}
        by_asserter: dict[str, list[Claim]] = {}
        alone: list[Alternative] = []
        for claim in claims:
            if part_of.get(claim.id) in ids:
                by_asserter.setdefault(claim.asserter, []).append(claim)
            else:
                alone.append((claim,))
        wholes = [one.data["amount"] for (one,) in alone if "amount" in one.data]
        together = [tuple(parts) for parts in by_asserter.values()]
        return [
            *alone,
            *(
                tuple(replace(part, short=True) for part in parts)
                if wholes and is_short(parts, wholes)
                else parts
                for parts in together
            ),
        ]

    def _may_be_selected(self, claim: Claim) -> bool:
        return not (claim.type in FLOWS and claim.data["basis"] == "on-chain")

    def _rank(self, one: Alternative, among: list[Alternative]) -> tuple[Any, ...]:
        days = [c.published for c in one]
        newest = max((d or date.min for d in days), default=date.min)
        lowest = min(c.event.position for c in one)
        if self.question.policy == "latest":
            return (-newest.toordinal(), -max(c.event.position for c in one))
        origins = set().union(*(c.origins for o in among if self._alike(o, one) for c in o))
        rank = (
            max(self._basis_rank(c) for c in one),
            any(c.data.get("relayed") for c in one),
            -len(origins),
            -newest.toordinal(),
            lowest,
        )
        return (not self._preferred(one), *rank)

    def _preferred(self, one: Alternative) -> bool:
        _, _, party = self.question.policy.partition("prefer:")
        if not party:
            return True
        winners = {
            self._text(e)["winner"] for e in self.resolutions if e.data["asserted_by"] == party
        }
        return all(c.asserter == party or c.id in winners for c in one)

    def _basis_rank(self, claim: Claim) -> int:
        own = self._rank_in_list(claim, claim.data["basis"], claim.asserter)
        won = [e for e in self.resolutions if self._text(e)["winner"] == claim.id]
        return min(
            [own, *(self._rank_in_list(claim, e.data["basis"], e.data["asserted_by"]) for e in won)]
        )

    def _rank_in_list(self, claim: Claim, basis: str, asserter: str) -> int:
        if claim.type in ("reserve.holding-reported", "reserve.holding-observed", "reserve.valued"):
            addresses = set(claim.data.get("addresses", ()))
            disclosed = basis == "on-chain" and addresses and addresses <= self.disclosed
            return BASES["holding"].index("on-chain-disclosed" if disclosed else basis)
        if claim.type in ("reserve.acquired", "reserve.disposed", "reserve.transferred"):
            return BASES["flow"].index(basis)
        if basis == "own-publication":
            named = {claim.data[n] for n in ("party", "for", "by") if n in claim.data}
            if asserter in (named or self.sides):
                return BASES["else"].index("own-of-actor")
            if asserter in self.sides:
                return BASES["else"].index("own-of-side")
        return BASES["else"].index(basis)

    def _sides(self) -> set[str]:
        found: set[str] = set()
        for claim in self.claims:
            found |= {claim.data[n] for n in ("party", "for", "holder") if n in claim.data}
            found |= set(claim.data.get("parties", ()))
        return found

    def _disclosed(self) -> set[str]:
        told = (c for c in self.claims if c.type == "reserve.address-disclosed")
        return {address for claim in told for address in claim.data.get("addresses", ())}

    def _strikes(self, denial: Event, claim: Claim) -> bool:
        text = self._text(denial)
        if "target" in text:
            return bool(text["target"] == claim.id)
        when, span = read_when(claim.data.get("effective")), read_when(text["span"])
        if when is None or span is None or claim.type != text["type"]:
            return False
        return meet(span_of(when), span_of(span))

    def _alike(self, one: Alternative, other: Alternative) -> bool:
        return one == other or all(self._agree(a, b, one, other) for a in one for b in other)

    def _agree(self, a: Claim, b: Claim, one: Alternative, other: Alternative) -> bool:
        names = compared(a) | compared(b)
        return a.type == b.type and all(
            field_agrees(n, value_of(a, n, one), value_of(b, n, other)) for n in names
        )

    def _support(self, one: Occurrence, alternatives: list[Alternative]) -> str:
        pairs = combinations(alternatives, 2)
        if one.denials or any(not self._alike(a, b) for a, b in pairs):
            return "contested"
        told = [
            (c.origins, amounts_in(c.data, compared(c)))
            for a in alternatives
            for c in a
            if self._is_witness(c, a)
        ]
        several = several_origins(told)
        return "corroborated" if several else "single source"

    def _is_witness(self, claim: Claim, whole: Alternative) -> bool:
        return all(is_one_figure(n, value_of(claim, n, whole)) for n in compared(claim))

    def field_support(self, one: Occurrence) -> dict[str, str]:
        """Return how far sources agree on each field that a claim of the occurrence states.

        `type` stands for the type of the claims, also where they state a field of that name.
        """
        alternatives = self._alternatives(one.claims)
        found: dict[str, str] = {}
        names = {n for claim in one.claims for n in compared(claim)}
        for name in names:
            told = [
                (value_of(c, name, a), (c.origins, amounts_in(c.data, {name})))
                for a in alternatives
                for c in a
                if value_of(c, name, a) not in (None, "unstated", "unknown")
            ]
            if not told:
                continue
            pairs = combinations([(c, a) for a in alternatives for c in a], 2)
            against = any(
                not field_agrees(name, value_of(c, name, a), value_of(d, name, b))
                for (c, a), (d, b) in pairs
                if a is not b
            )
            sure = several_origins([o for value, o in told if is_one_figure(name, value)])
            several = "corroborated" if sure else "single source"
            found[name] = "contested" if against else several
        if len({claim.type for claim in one.claims}) > 1:
            found["type"] = "contested"
        if one.support == "resolved":
            decided = {"contested": "resolved"}
            found = {name: decided.get(support, support) for name, support in found.items()}
        return found

    def _holds(self, claim: Claim) -> str:
        when = claim.when
        if claim.type == "agreement.withdrawal-notified":
            when = read_when(claim.data.get("acted") or claim.data.get("effective"))
        if when is None:
            return "yes" if claim.type in TIMELESS else "cannot tell"
        return when.by(self.question.as_of)

    # What is measured: section 14.

    def _series(self) -> Iterator[Series]:
        groups: dict[tuple[str, tuple[str, ...]], list[Claim]] = {}
        for claim in self.claims:
            if claim.type in SERIES:
                values = tuple(str(claim.data.get(n, "")) for n in SERIES[claim.type])
                if claim.type == "reserve.holding-reported" and values[0] in ("unstated", "total"):
                    values = ("",)
                groups.setdefault((claim.type, values), []).append(claim)
        for (type_, key), claims in groups.items():
            began = {c.id: self._began(c) for c in claims}
            sure = [c for c in claims if began[c.id] == "yes"]
            newest: dict[str, Claim] = {}
            for claim in sorted(sure, key=newness):
                newest[claim.asserter] = claim
            maybe = [c for c in claims if began[c.id] == "cannot tell"]
            one = Series(type_, key, list(newest.values()), maybe)
            self._measure(one)
            yield one

    def _began(self, claim: Claim) -> str:
        when = claim.when
        if when is None:
            return "cannot tell"
        return When(when.first, when.last, when.unit).by(self.question.as_of)

    def _measure(self, one: Series) -> None:
        among = one.certain or one.maybe
        if not among:
            return
        pick = self._pick(one, among)
        beside = (*one.certain, *one.maybe)
        around = [c for c in beside if c is not pick and days_meet(pick, c)]
        struck = any(self._strikes(d, c) for d in self.denials for c in (pick, *around))
        pairs = combinations((pick, *around), 2)
        against = any(days_meet(a, b) and not figures_agree(a, b) for a, b in pairs)
        if struck or against:
            one.support = "contested"
        else:
            told = [
                (c.origins, amounts_in({"": figure(c)}, {""}))
                for c in (pick, *around)
                if is_one_figure("", figure(c))
            ]
            several = several_origins(told)
            one.support = "corroborated" if several else "single source"
        strict = self.question.policy == "strict" and one.support == "contested"
        one.selected = None if strict else pick

    def _pick(self, one: Series, among: list[Claim]) -> Claim:
        top = max(among, key=newness)
        if self.question.policy == "latest":
            return top
        _, _, party = self.question.policy.partition("prefer:")
        if party:
            winners = {
                self._text(e)["winner"] for e in self.resolutions if e.data["asserted_by"] == party
            }
            own = [c for c in among if c.asserter == party or c.id in winners]
            if own:
                return max(own, key=newness)
        by_rank = self._by_rank(among)
        if one.type not in ("reserve.holding-reported", "reserve.holding-observed"):
            return min([c for c in among if newness(c)[:3] == newness(top)[:3]], key=by_rank)
        same_day = [c for c in among if newness(c)[0] == newness(top)[0]]
        n_claim = min(same_day, key=by_rank)
        n = n_claim.when.first if n_claim.when else None
        found = [c for c in among if is_candidate(c, n_claim, n)]
        best = min(found, key=by_rank)
        closed = [c for c in found if not is_open(c) and figures_agree(c, best)]
        return min(closed, key=by_rank) if is_open(best) and closed else best

    def _by_rank(self, among: list[Claim]) -> Callable[[Claim], tuple[Any, ...]]:
        def rank(claim: Claim) -> tuple[Any, ...]:
            newest = newness(claim)
            origins = set().union(*(c.origins for c in among if self._alike((c,), (claim,))))
            return (
                self._basis_rank(claim),
                tuple(-part for part in newest[:3]),
                bool(claim.data.get("relayed")),
                -len(origins),
                -newest[3],
                claim.event.position,
            )

        return rank
