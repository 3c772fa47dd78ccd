"""Add up what holders of a type hold together, and tell the series of one reserve.

The definitions are docs/spec/answers.md, 21.2 and 21.3. Only what is reported of the whole is
added; a holder under another that is counted is not added twice.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from domain.claims.claim import Claim, Clocks, began_at
from domain.claims.occurrences import measurement_series
from domain.claims.publication import NONE_EXCLUDED, Excluded
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, fold, ranking_context
from domain.claims.series import ResolvedSeries, figure_of, measure_series, recency_key
from domain.kinds.balance import NOTHING, Balance
from domain.kinds.possible_events import FLOWS
from domain.kinds.registry import thing_states
from projections.export.panel import Every, period_ends
from projections.kinds.registry import summary
from projections.kinds.reserve import balance_document
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


class TotalHeld(NamedTuple):
    """The answer and how many claims the day of publication excluded."""

    answer: Document
    excluded: Excluded


def total_held(answers: ReadModel, clocks: Clocks, chosen: Policy, type_: str) -> TotalHeld:
    """Return what holders of a type hold together at the clocks; amounts in satoshis.

    `reserves` has a row for each reserve of such a holder, `holders` one for each that is counted.
    """
    views = [
        (thing, view or answers.view(thing, clocks, chosen))  # raises, and names the event
        for thing, view in answers.folded(
            answers.things("reserve", clocks.known_at), clocks, chosen
        )
    ]
    excluded = NONE_EXCLUDED
    for _, view in views:
        excluded = excluded.plus(view.standing.excluded)
    parties = _Parties(answers, clocks, chosen, perhaps=False)
    answer = _added([_holding(t, v, parties) for t, v in views if _has_begun(v)], parties, type_)
    if clocks.public_at is not None:
        parties = _Parties(answers, clocks, chosen, perhaps=True)
        seconds = [(thing, view.perhaps or view) for thing, view in views]
        held = [_holding(t, v, parties) for t, v in seconds if _has_begun(v)]
        second = _added(held, parties, type_)["total"]
        answer["total_perhaps"] = second if second != answer["total"] else None
    return TotalHeld(add_names(answers, answer, clocks), excluded)


class _Holding(NamedTuple):
    """A reserve: its holder, the figure of the whole, and what the ledger says of it."""

    thing: str
    holder: str | None
    presumed: bool
    series: ResolvedSeries | None
    certain: bool
    custody: Balance
    owned: Balance

    @property
    def figure(self) -> Claim | None:
        return self.series.pick if self.series else None


class _Parties:
    """Who is who at the clocks; each party is folded once."""

    def __init__(
        self, answers: ReadModel, clocks: Clocks, chosen: Policy, *, perhaps: bool
    ) -> None:
        self._answers, self._clocks, self._chosen = answers, clocks, chosen
        self._perhaps = perhaps
        self._known: dict[str, Any] = {}

    def party(self, party: str) -> Any:
        """Return the state of a party; None of one of which nothing stands."""
        if party not in self._known:
            view = self._answers.view(party, self._clocks, self._chosen)
            if self._perhaps and view.perhaps is not None:
                view = view.perhaps
            stands = bool(view.standing.claims)
            self._known[party] = thing_states(party, view).without if stands else None
        return self._known[party]

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


def _has_begun(view: Resolution) -> bool:
    """Say whether anything of a reserve has happened, or may have, or was measured by D."""
    return bool(view.series) or any(one.holds != "no" for one in view.occurrences)


def _holding(thing: str, view: Resolution, parties: _Parties) -> _Holding:
    found = thing_states(thing, view)
    state, series = found.without, whole_holding(view)
    named = state.holder or found.including.holder
    namesake = f"party/{thing.partition('/')[2]}"
    presumed = named is None and parties.party(namesake) is not None
    holder = namesake if presumed else named
    certain = series is not None and bool(series.certain)
    return _Holding(thing, holder, presumed, series, certain, state.custody, state.owned)


def _added(held: list[_Holding], parties: _Parties, type_: str) -> Document:
    with_: dict[str, str] = {}
    unknown: list[str] = []
    for one in held:
        if one.holder is None or getattr(parties.party(one.holder), "type", None) is None:
            unknown.append(one.thing)
        elif party := parties.counts_with(one.holder, type_):
            with_[one.thing] = party
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
    custody = [one.custody for one in ours if within[one.thing] is None and one.custody.flows]
    days = sorted(filter(None, (row["as_of"] for row in rows if row["counted"])))
    return {
        "type": type_,
        "total": balance_document(_sum(counted)),
        "total_perhaps": None,
        "custody": balance_document(_custody(custody)),
        "counted": len(counted),
        "contested": sum(row["counted"] and row["support"] == "contested" for row in rows),
        "cannot_tell": sum(not one.certain for one in counted),
        "oldest": days[0] if days else None,
        "newest": days[-1] if days else None,
        "reserves": rows,
        "holders": list(_by_holder(counted, with_)),
        "missing": [row["subject"] for row in rows if not row["counted"] and not row["within"]],
        "unknown_holders": unknown,
    }


def _missing(one: _Holding, parties: _Parties) -> str | None:
    """Return why a reserve has no figure that can be counted; None where it has."""
    if one.holder and parties.party(one.holder).dissolved:
        return "dissolved"
    if one.figure is not None:
        return None
    contested = one.series is not None and one.series.support == "contested"
    return "contested" if contested else "nothing reported"


def _within(one: _Holding, figured: set[str], parties: _Parties) -> str | None:
    """Return the holder above a reserve's own whose figure is counted; None for none."""
    assert one.holder
    above = parties.all_above(one.holder) & figured - {one.holder}
    return min((p for p in above if one.holder not in parties.all_above(p)), default=None)


def _row(one: _Holding, with_: str) -> Document:
    figure = one.figure
    amount = json_value(figure_of(figure)) if figure else None
    return {
        "subject": one.thing,
        "holder": one.holder,
        "holder_presumed": one.presumed,
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
        "ledger_balance": (balance_document(one.owned) or {}).get("text"),
    }


def _by_holder(counted: list[_Holding], with_: dict[str, str]) -> Iterator[Document]:
    for party in sorted({with_[one.thing] for one in counted}):
        ours = [one for one in counted if with_[one.thing] == party]
        total = balance_document(_sum(ours)) or {}
        days = sorted(one.figure.dates.written or "" for one in ours if one.figure)
        yield {
            "holder": party,
            "held": total["text"],
            "held_lower_sat": total["lower_sat"],
            "held_upper_sat": total["upper_sat"],
            "oldest": days[0] or None,
            "newest": days[-1] or None,
            "contested": any(one.series and one.series.support == "contested" for one in ours),
            "reserves": [one.thing for one in ours],
        }


def _sum(counted: Iterable[_Holding]) -> Balance:
    total = NOTHING
    for one in counted:
        assert one.figure
        total = total.plus(figure_of(one.figure))
    return total


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
    """Yield each figure that began by D, the oldest first; `selected` on its own last day."""
    certainly = {claim.id for claim in view.standing.claims}
    found: list[tuple[Claim, Document]] = []
    second = view.perhaps or view
    context = ranking_context(second.standing)
    for key, claims in measurement_series(second.standing).items():
        if key[0] not in _MEASURED:
            continue
        on: dict[Clocks, ResolvedSeries | None] = {}
        for claim in claims:
            if began_at(claim, view.clocks) == "no":
                continue
            clocks = _at_its_day(claim, view.clocks)
            if clocks not in on:
                on[clocks] = measure_series(
                    key,
                    claims,
                    clocks,
                    view.policy,
                    context=context,
                    denials=second.standing.denials,
                )
            one = on[clocks]
            near = one is not None and claim.id in one.alike
            found.append(
                (
                    claim,
                    {
                        **claim_document(claim),
                        "scope": key[1] if len(key) > 1 and key[1] else None,
                        "support": one.support if one and near else None,
                        "selected": bool(one and one.pick and one.pick.id == claim.id),
                        "perhaps": claim.id not in certainly,
                    },
                )
            )
    found.sort(key=lambda pair: recency_key(pair[0]), reverse=True)
    yield from (document for _, document in found)


def _at_its_day(claim: Claim, clocks: Clocks) -> Clocks:
    last = claim.dates.last
    if last is None or last >= clocks.as_of:
        return clocks
    return clocks._replace(as_of=last, moment=None)


def _at_ends(answers: ReadModel, view: Resolution, thing: str, every: Every) -> Iterator[Document]:
    clocks = view.clocks
    counted = (*_MEASURED, *FLOWS)
    days = [c.dates.first for c in view.standing.claims if c.type in counted and c.dates.first]
    if not days:
        return
    claims = answers.claims(thing, clocks.known_at)
    first = max(min(days), NO_BITCOIN_BEFORE)
    ends = [day for day in period_ends(every, first, clocks.as_of) if day != clocks.as_of]
    for at in (*(clocks._replace(as_of=day, moment=None) for day in ends), clocks):
        row = summary(thing, fold(claims, at, view.policy))
        held = {n: v for n, v in row.items() if n not in ("holder", "label", "status")}
        yield {"on": at.as_of_text, **held}
