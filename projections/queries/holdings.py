"""Add up what holders of a type hold together, and tell the series of one reserve.

The definitions are docs/spec/answers.md, 21.2 and 21.3. Only what is reported of the whole is
added; a holder under another that is counted is not added twice.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks, began_at
from domain.claims.comparison import figure_of
from domain.claims.occurrences import measurement_series
from domain.claims.publication import NONE_EXCLUDED, Excluded
from domain.claims.ranking import Policy, recency_key
from domain.claims.resolution import Resolution, fold, ranking_context
from domain.claims.series import ResolvedSeries, measure_series
from domain.kinds.balance import NOTHING, Balance, ends_of
from domain.kinds.possible_events import FLOWS
from domain.kinds.registry import public_states, thing_states
from events.amounts import Quantity
from projections.export.panel import Every, period_ends
from projections.kinds.registry import summary
from projections.kinds.reserve import balance_document, overdrawn_of
from projections.queries.alternative_answers import answer_strictly
from projections.queries.document import (
    REPORTED,
    Document,
    claim_document,
    json_value,
    whole_holding,
)
from projections.queries.show import add_names, answer_header, known_view
from projections.read_model.database import ReadModel

NO_BITCOIN_BEFORE = date(2009, 1, 1)
_MEASURED = (REPORTED, "reserve.holding-observed")
_SUMS = ("total", "custody")


class TotalHeld(NamedTuple):
    """The answer and how many claims the day of publication excluded."""

    answer: Document
    excluded: Excluded


def total_held(answers: ReadModel, clocks: Clocks, chosen: Policy, type_: str) -> TotalHeld:
    """Return what holders of a type hold together at the clocks; amounts in satoshis.

    `reserves` has a row for each reserve of such a holder, `holders` one for each that is counted.
    """
    things = answers.things("reserve", clocks.known_at)
    views = [(thing, answers.view(thing, clocks, chosen)) for thing in things]
    excluded = NONE_EXCLUDED
    for _, view in views:
        excluded = excluded.plus(view.standing.excluded)
    parties = _Parties(answers, clocks, chosen, perhaps=False)
    held = [_holding(t, v, parties) for t, v in views if _has_begun(v)]
    answer = _added(held, parties, type_)
    second = _added([one._replace(custody=one.custody_perhaps) for one in held], parties, type_)
    if clocks.public_at is not None:
        parties = _Parties(answers, clocks, chosen, perhaps=True)
        held = []
        for thing, view in views:
            if _has_begun(more := view.perhaps or view):
                one = _holding(thing, more, parties)
                beside = public_states(thing, view).other.custody
                held.append(one._replace(custody=one.custody and beside))
        second = _added(held, parties, type_)
    answer["perhaps"] = {n: second[n] for n in _SUMS if second[n] != answer[n]} or None
    return TotalHeld(add_names(answers, answer, clocks), excluded)


def totals_on(
    answers: ReadModel, clocks: Clocks, chosen: Policy, type_: str, days: Iterable[date]
) -> Iterator[tuple[date, Document | None]]:
    """Yield what holders of a type held together on each of some days, as total_held adds it up.

    Who holds what is folded again only where a claim that says it may hold otherwise than on the
    day before: between two such days the figures alone differ.
    """
    reserves = answers.things("reserve", clocks.known_at)
    deciding: list[Claim] = []
    before: date | None = None
    for day in sorted(days):
        at = clocks._replace(as_of=day, moment=None)
        if before is None or any(_turns(c, before, day) for c in deciding):
            views = {thing: answers.view(thing, at, chosen) for thing in reserves}
            parties = _Parties(answers, at, chosen, perhaps=False)
            held = [_holding(thing, view, parties) for thing, view in views.items()]
            near = {one.holder for one in held if one.holder}
            near |= set[str]().union(*map(parties.all_above, near))
            stands = [claim for view in views.values() for claim in view.standing.claims]
            deciding = [claim for claim in stands if getattr(claim.body, "holder", None)]
            deciding += [c for party in near for c in answers.claims(party, clocks.known_at)]
        now = [one.at(views[one.thing], at) for one in held]
        yield day, _added(now, parties, type_)["total"]
        before = day


def _turns(claim: Claim, before: date, day: date) -> bool:
    """Say whether a claim may hold on a day otherwise than on one before."""
    dates = claim.dates
    if dates.when is None and dates.acted is None:
        return False
    if (dates.when is not None and dates.when.is_span) or dates.acted_on is not None:
        return True  # it may end, or count from its act
    return any(one is not None and before < one <= day for one in (dates.first, dates.last))


class _Holding(NamedTuple):
    """A reserve: its holder, the figure of the whole, and what the ledger says of it."""

    thing: str
    holder: str | None
    presumed: bool
    contested: bool  # claims name several holders, or the one that names it is denied
    series: ResolvedSeries | None
    certain: bool
    custody: Balance | None  # None: contested, under strict
    custody_perhaps: Balance | None  # with what may be of D
    owned: Balance | None  # None: contested, under strict
    overdrawn: bool  # more had left custody on a day before than had come in

    @property
    def figure(self) -> Claim | None:
        return self.series.pick if self.series else None

    def at(self, view: Resolution, clocks: Clocks) -> "_Holding":
        """Return the same with the figure of another day, of a view of near that day."""
        key = (REPORTED, "")
        series = measure_series(
            key,
            measurement_series(view.standing).get(key, ()),
            clocks,
            view.policy,
            context=ranking_context(view.standing),
            denials=view.standing.denials,
        )
        return self._replace(series=series, certain=series is not None and bool(series.certain))


class _Party(NamedTuple):
    """What a party is; None, and named in `contested`, where strict gives no value."""

    type: str | None
    under: str | None
    state: str | None
    dissolved: Any
    contested: frozenset[str]


class _Parties:
    """Who is who at the clocks; each party is folded once."""

    def __init__(
        self, answers: ReadModel, clocks: Clocks, chosen: Policy, *, perhaps: bool
    ) -> None:
        self._answers, self._clocks, self._chosen = answers, clocks, chosen
        self._perhaps = perhaps
        self._known: dict[str, _Party | None] = {}

    def party(self, party: str) -> _Party | None:
        """Return the state of a party; None of one of which nothing stands."""
        if party not in self._known:
            view = self._answers.view(party, self._clocks, self._chosen)
            if self._perhaps and view.perhaps is not None:
                view = view.perhaps
            self._known[party] = _party(party, view) if view.standing.claims else None
        return self._known[party]

    def is_contested(self, party: str) -> bool:
        """Say whether what decides with whom a party counts is contested."""
        chain = map(self.party, (party, *self.all_above(party)))
        decides = {"type", "under", "state"}
        return any(one is not None and bool(one.contested & decides) for one in chain)

    def above(self, party: str) -> list[str]:
        """Return what a party is under, and then the State whose agency it is."""
        found = self.party(party)
        if found is None:
            return []
        home = found.state if found.type == "agency" else None
        return [one for one in (found.under, home) if one and one != party]

    def all_above(self, party: str) -> set[str]:
        """Return the parties above a party, and those above them."""
        met: set[str] = set()
        waiting = self.above(party)
        while waiting:
            one = waiting.pop()
            if one not in met:
                met.add(one)
                waiting += self.above(one)
        return met

    def counts_with(self, party: str, type_: str) -> str | None:
        """Return the nearest party of a type: itself, one that it is under, or its State."""
        waiting, met = [party], set[str]()
        while waiting:
            one = waiting.pop(0)
            found = self.party(one)
            if one in met or found is None:
                continue
            met.add(one)
            if found.type == type_:
                return one
            waiting = self.above(one) + waiting
        return None

    def home_of_type(self, party: str, type_: str) -> str | None:
        """Return whom the home State of a party, or of one above it, counts with; None for none."""
        for one in (party, *sorted(self.all_above(party))):
            found = self.party(one)
            if found and found.state and (home := self.counts_with(found.state, type_)):
                return home
        return None


def _party(party: str, view: Resolution) -> _Party:
    names = ("type", "under", "state", "dissolved")

    def told(one: Resolution) -> Document:
        state = thing_states(party, one).without
        return {name: getattr(state, name) for name in names}

    found = answer_strictly(view, told)
    contested = frozenset(one["field"] for one in found.get("contested", ()))
    return _Party(**{name: found[name] for name in names}, contested=contested)


def _has_begun(view: Resolution) -> bool:
    """Say whether anything of a reserve has happened, or may have, or was measured by D."""
    return bool(view.series) or any(one.holds != "no" for one in view.occurrences)


def _holding(thing: str, view: Resolution, parties: _Parties) -> _Holding:
    found, series = thing_states(thing, view), whole_holding(view)
    said = _said(thing, view)
    differing = {one["field"] for one in said.get("contested", ())}
    contested = "holder" in differing or _is_holder_contested(view)
    holder, presumed = said["holder"], False
    if holder is None and "holder" not in differing:
        namesake = f"party/{thing.partition('/')[2]}"
        presumed = parties.party(namesake) is not None
        holder = namesake if presumed else None
    return _Holding(
        thing=thing,
        holder=holder,
        presumed=presumed,
        contested=contested,
        series=series,
        certain=series is not None and bool(series.certain),
        custody=said["custody"],
        custody_perhaps=None if said["custody"] is None else found.including.custody,
        owned=said["owned"],
        overdrawn=bool(overdrawn_of(found.without, "custody")),
    )


def _said(thing: str, view: Resolution) -> Document:
    """Return a reserve's holder and what the ledger says of it; None where strict contests it."""

    def said(one: Resolution) -> Document:
        found = thing_states(thing, one)
        holder = found.without.holder or found.including.holder
        return {"holder": holder, "custody": found.without.custody, "owned": found.without.owned}

    return answer_strictly(view, said)


def _is_holder_contested(view: Resolution) -> bool:
    """Say whether claims in view differ in who holds a reserve, or one that says it is denied."""
    return any(
        one.shown
        and any(getattr(claim.body, "holder", None) for claim in one.claims)
        and one.support == "contested"
        and (one.denials or "contested" in map(one.fields.get, ("holder", "type")))
        for one in view.occurrences
    )


def _added(held: list[_Holding], parties: _Parties, type_: str) -> Document:
    with_: dict[str, str] = {}
    unknown: list[Document] = []
    beside: list[Document] = []
    for one in held:
        if reason := _unknown_holder(one, parties):
            unknown.append({"subject": one.thing, "reason": reason})
        elif one.holder and (party := parties.counts_with(one.holder, type_)):
            with_[one.thing] = party
        elif one.holder and parties.is_contested(one.holder):
            reason = f"contested what {one.holder} is or is under"
            unknown.append({"subject": one.thing, "reason": reason})
        elif one.holder and (home := parties.home_of_type(one.holder, type_)):
            beside.append({"subject": one.thing, "holder": one.holder, "home": home})
    ours = [one for one in held if one.thing in with_]
    reasons = {one.thing: _missing(one, parties) for one in ours}
    figured = {one.holder for one in ours if reasons[one.thing] is None and one.holder}
    within = {one.thing: _within(one, figured, parties) for one in ours}
    counted = [one for one in ours if reasons[one.thing] is None and within[one.thing] is None]
    rows = [
        {
            **_row(one, with_[one.thing]),
            "counted": one in counted,
            "within": within[one.thing],
            "reason": reasons[one.thing],
        }
        for one in ours
    ]
    kept = [one for one in ours if "dissolved" not in (reasons[one.thing] or "")]
    in_custody = [(one, one.custody) for one in kept if one.custody and one.custody.flows]
    guarded = {with_[one.thing] for one, custody in in_custody if custody.shown.upper != 0}
    missing = [one.thing for one in ours if reasons[one.thing] is not None]
    return {
        "type": type_,
        "total": balance_document(_sum(counted)),
        "custody": balance_document(_custody([custody for _, custody in in_custody])),
        "custody_and_reported": sorted(guarded & {with_[one.thing] for one in counted}),
        "custody_contested": [one.thing for one in kept if one.custody is None],
        "custody_overdrawn": [one.thing for one, _ in in_custody if one.overdrawn],
        "perhaps": None,
        "counted": len(counted),
        "contested": sum(row["counted"] and row["support"] == "contested" for row in rows),
        "holder_contested": sum(one.contested for one in counted),
        "cannot_tell": sum(not one.certain for one in counted),
        **_days(counted),
        "reserves": rows,
        "holders": list(_by_holder(counted, with_)),
        "missing": [{"subject": thing, "reason": reasons[thing]} for thing in missing],
        "unknown_holders": unknown,
        "not_counted": beside,
    }


def _unknown_holder(one: _Holding, parties: _Parties) -> str | None:
    """Return why it is not known with whom a reserve counts; None where it is."""
    if one.holder is None:
        return "holder contested" if one.contested else "holder unknown"
    party = parties.party(one.holder)
    if party is not None and "type" in party.contested:
        return f"type of {one.holder} contested"
    return None if party is not None and party.type else f"type of {one.holder} unknown"


def _days(counted: Iterable[_Holding]) -> Document:
    """Return the days of the oldest and of the newest figure, by the days and not as text."""
    dates = [one.figure.dates for one in counted if one.figure and one.figure.dates.written]
    dates.sort(key=lambda one: one.order)
    return {
        "oldest": dates[0].written if dates else None,
        "newest": dates[-1].written if dates else None,
    }


def _missing(one: _Holding, parties: _Parties) -> str | None:
    """Return why a reserve has no figure that can be counted; None where it has."""
    party = parties.party(one.holder) if one.holder else None
    if party is not None and "dissolved" in party.contested:
        return "contested whether its holder is dissolved"
    if party is not None and party.dissolved:
        return "dissolved"
    if one.figure is not None:
        return None
    contested = one.series is not None and one.series.support == "contested"
    return "contested" if contested else "nothing reported"


def _within(one: _Holding, figured: set[str], parties: _Parties) -> str | None:
    """Return the holder above a reserve's own whose figure is counted; None for none.

    Of several the one above the others: the figure of a holder between is within it too.
    """
    assert one.holder
    above = parties.all_above(one.holder) & figured - {one.holder}
    outer = [p for p in above if one.holder not in parties.all_above(p)]
    return min(outer, key=lambda p: (len(parties.all_above(p) & above), p), default=None)


def _row(one: _Holding, with_: str) -> Document:
    figure = one.figure
    amount = json_value(figure_of(figure)) if figure else None
    return {
        "subject": one.thing,
        "holder": one.holder,
        "holder_presumed": one.presumed,
        "holder_contested": one.contested,
        "counts_with": with_,
        "reported": amount["text"] if amount else None,
        "reported_lower_sat": amount["lower"] if amount else None,
        "reported_upper_sat": amount["upper"] if amount else None,
        "as_of": figure.dates.written if figure else None,
        "asserted_by": figure.body.asserted_by if figure else None,
        "basis": figure.body.basis if figure else None,
        "claim": figure.id if figure else None,
        "support": one.series.support if one.series else None,
        "certain": one.certain,
        "ledger_balance": (balance_document(one.owned or NOTHING) or {}).get("text"),
    }


def _by_holder(counted: list[_Holding], with_: dict[str, str]) -> Iterator[Document]:
    for party in sorted({with_[one.thing] for one in counted}):
        ours = [one for one in counted if with_[one.thing] == party]
        total = balance_document(_sum(ours)) or {}
        yield {
            "holder": party,
            "held": total["text"],
            "held_lower_sat": total["lower_sat"],
            "held_upper_sat": total["upper_sat"],
            **_days(ours),
            "contested": any(one.series and one.series.support == "contested" for one in ours),
            "reserves": [one.thing for one in ours],
        }


def _sum(counted: Iterable[_Holding]) -> Balance:
    """Return the sum of figures; one that may be of a later day adds nothing for certain."""
    total = NOTHING
    for one in counted:
        assert one.figure
        figure: Quantity = figure_of(one.figure)
        total = total.plus(figure if one.certain else _at_most(figure))
    return total


def _at_most(figure: Quantity) -> Quantity:
    ends = ends_of(figure)
    return Quantity(unit="sat", lower=0, upper=ends.upper, upper_open=ends.upper_open or None)


def _custody(balances: list[Balance]) -> Balance:
    """Return the sum of balances as each is shown: what is below 0 of one lessens no other."""
    shown = [one.shown for one in balances]
    uppers = [one.upper for one in shown]
    return Balance(
        sum(one.lower for one in shown),
        None if None in uppers else sum(upper or 0 for upper in uppers),
        any(one.lower_open for one in shown),
        None not in uppers and any(one.upper_open for one in shown),
        sum(one.unknown for one in balances),
        sum(one.flows for one in balances),
    )


def reserve_series(
    answers: ReadModel, thing: str, clocks: Clocks, chosen: Policy, every: Every | None = None
) -> Document:
    """Return the figures of a reserve up to D, or what it held at each period's end.

    Raises NotKnownError.
    """
    view = known_view(answers, thing, clocks, chosen)
    rows = _figures(view) if every is None else _at_ends(answers, view, thing, every)
    document = {**answer_header(answers, thing, view), "every": every, "rows": list(rows)}
    return add_names(answers, document, clocks)


def _figures(view: Resolution) -> Iterator[Document]:
    """Yield each figure that began by D, the oldest first; `selected` on its own last day.

    What is selected, and the support, are by what certainly was public; figures that perhaps were
    stand beside it with the support that they would have.
    """
    second = view.perhaps
    rows = [(claim, row, False) for claim, row in _measured_on_its_day(view)]
    if second is not None:
        certainly = {claim.id: row for claim, row, _ in rows}
        perhaps = list(_measured_on_its_day(second))
        others = {claim.id: row["support"] for claim, row in perhaps}
        for id_, row in certainly.items():
            other = others.get(id_, row["support"])
            row["support_perhaps"] = other if other != row["support"] else None
        rows += [
            (claim, _only_perhaps(row), True) for claim, row in perhaps if claim.id not in certainly
        ]
    rows.sort(key=lambda one: recency_key(one[0]), reverse=True)
    for claim, row, is_perhaps in rows:
        yield {**claim_document(claim), "support_perhaps": None, **row, "perhaps": is_perhaps}


def _only_perhaps(row: Document) -> Document:
    told = {"selected": False, "support": None, "support_perhaps": row["support"]}
    return {**row, **told, "no_support": "perhaps public"}


def _measured_on_its_day(view: Resolution) -> Iterator[tuple[Claim, Document]]:
    """Yield each figure of a view that began by D or may have, and what it was on its last day."""
    context = ranking_context(view.standing)
    for key, claims in measurement_series(view.standing).items():
        if key[0] not in _MEASURED:
            continue
        on: dict[Clocks, ResolvedSeries | None] = {}
        for claim in claims:
            began = began_at(claim, view.clocks)
            if began == "no":
                continue
            clocks = _at_its_day(claim, view.clocks)
            if clocks not in on:
                on[clocks] = measure_series(
                    key, claims, clocks, view.policy, context=context, denials=view.standing.denials
                )
            one = on[clocks]
            near = one is not None and claim.id in one.alike
            yield (
                claim,
                {
                    "scope": key[1] if len(key) > 1 and key[1] else None,
                    "support": one.support if one and near else None,
                    "no_support": None if near else _why_not_compared(claim, one),
                    "selected": bool(one and one.pick and one.pick.id == claim.id),
                    "holds": began,
                },
            )


def _why_not_compared(claim: Claim, one: ResolvedSeries | None) -> str:
    """Return why a figure has no support on its own last day."""
    if one is None or claim not in (*one.certain, *one.maybe):
        return "its asserter has a newer one"
    return "of another day than the selected"


def _at_its_day(claim: Claim, clocks: Clocks) -> Clocks:
    last = claim.dates.last
    if last is None or last >= clocks.as_of:
        return clocks
    return clocks._replace(as_of=last, moment=None)


def _at_ends(answers: ReadModel, view: Resolution, thing: str, every: Every) -> Iterator[Document]:
    clocks, counted = view.clocks, (*_MEASURED, *FLOWS)
    told = {c.id: c for one in (view.perhaps or view, view) for c in one.standing.claims}
    begun = [c for c in told.values() if c.type in counted and began_at(c, clocks) != "no"]
    if not begun:
        return
    claims = answers.claims(thing, clocks.known_at)
    # What is open at its start may have been on any day before: it counts from its last day on.
    days = [day for c in begun if (day := c.dates.first or c.dates.last) is not None]
    first = max(min(days, default=clocks.as_of), NO_BITCOIN_BEFORE)
    ends = [day for day in period_ends(every, first, clocks.as_of) if day != clocks.as_of]
    for at in (*(clocks._replace(as_of=day, moment=None) for day in ends), clocks):
        row = summary(thing, fold(claims, at, view.policy))
        held = {n: v for n, v in row.items() if n not in ("holder", "label", "status")}
        yield {"on": at.as_of_text, **held}
