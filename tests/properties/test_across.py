"""Are the answers across subjects what their definitions say (docs/spec/answers.md, 21)?"""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from domain.claims.claim import Claim, Clocks
from domain.claims.comparison import is_struck
from domain.claims.ranking import policy
from domain.claims.resolution import Resolution, fold
from events.amounts import Quantity
from events.body import RECORDER, Body, SourceRef
from events.kinds.party import Dissolved, Established
from events.kinds.reserve import Established as ReserveEstablished
from events.kinds.reserve import HoldingReported
from projections.queries.disputes import count_claimants, disputes_of
from projections.queries.holdings import total_held, totals_on
from projections.queries.statements import statements_of
from projections.read_model.database import ReadModel
from tests.properties.histories import AGREEMENT, RESERVE, SOURCE, Question, histories, questions
from tests.readings.served import Fact, a_record

SCENES = (("reserve/x", RESERVE), ("agreement/x", AGREEMENT[:4]), ("source/x", SOURCE))


@st.composite
def views(draw: Callable[..., Any]) -> Resolution:
    """Draw the view of a thing whose claims no link joins."""
    claims = [c for c in draw(histories(12, SCENES)) if "occurrence" not in c.type]
    asked: Question = draw(questions(claims[-1].position if claims else 1))
    clocks = Clocks(asked.day, asked.public_at, asked.known_at)
    return fold(claims, clocks, policy(asked.policy))


def recorded(claim: Claim) -> int:
    return (claim.corrected_by or claim).position


def arose_naively(view: Resolution, row: Any) -> int:
    """Return the first position by which the claims of an occurrence alone are contested."""
    stands, claims = view.standing, {c.id for c in unit_of(view, row).claims}
    for last in sorted(recorded(c) for c in (*stands.claims, *stands.denials)):
        told = [c for c in (*stands.claims, *stands.denials) if recorded(c) <= last]
        told.sort(key=lambda claim: claim.position)
        again = fold(told, view.clocks._replace(known_at=None), view.policy)
        for one in again.occurrences:
            ids = {claim.id for claim in one.claims}
            same = one.field == row["occurrence"].partition("#")[2]
            if same and one.support == "contested" and ids <= claims:
                return last
    raise AssertionError(f"never contested: {row}")


def unit_of(view: Resolution, row: Any) -> Any:
    return next(one for one in view.occurrences if one.id == row["occurrence"])


@given(views())
def test_a_dispute_is_what_is_contested_and_arose_when_it_was(view: Resolution) -> None:
    rows = disputes_of(view)
    shown = [one.id for one in view.occurrences if one.shown and one.support == "contested"]
    assert [row["occurrence"] for row in rows if row["occurrence"]] == shown
    series = [(one.type, list(one.key)) for one in view.series if one.support == "contested"]
    assert [(row["type"], row["key"]) for row in rows if not row["occurrence"]] == series
    live = {claim.id: claim for claim in view.standing.claims}
    for row in rows:
        assert row["claims"], row
        assert {live[id_].body.asserted_by for id_ in row["claims"]} == set(row["claimants"])
        if row["occurrence"]:
            assert row["position"] == arose_naively(view, row)
        else:
            denied = {c.id for c in live.values() for d in view.standing.denials if is_struck(c, d)}
            alone = set(row["claims"]) - denied
            assert len(alone) != 1 or denied & set(row["claims"])


@given(st.lists(views(), max_size=4))
def test_a_claimant_is_counted_once_a_dispute(several: list[Resolution]) -> None:
    rows = [row for view in several for row in disputes_of(view)]
    counted = {one.party: (one.disputes, one.selected) for one in count_claimants(rows)}
    parties = {party for row in rows for party in row["claimants"]}
    assert counted == {
        party: (
            sum(party in row["claimants"] for row in rows),
            sum(party in row["claimants"] and party in row["selected_of"] for row in rows),
        )
        for party in parties
    }
    assert [c for c, _ in counted.values()] == sorted(
        (c for c, _ in counted.values()), reverse=True
    )


@given(views())
def test_a_statement_changed_where_its_figure_did(view: Resolution) -> None:
    told = list(statements_of(view, view.standing.claims, None))
    known = (*view.standing.claims, *view.standing.denials, *view.standing.resolutions)
    assert len({one.claim.id for one in told}) == len(told)
    assert {one.claim.id for one in told if not one.perhaps} <= {claim.id for claim in known}
    for one in told:
        if one.previous is not None and not one.claim.corrected_by:
            assert one.previous.body.asserted_by == one.claim.body.asserted_by
            amounts = [getattr(c.body, "amount", None) for c in (one.previous, one.claim)]
            if one.claim.type == "reserve.holding-reported" and not any(
                a.approximate or a.lower_open or a.upper_open for a in amounts if a
            ):
                a, b = (ends(amount) for amount in amounts)
                apart = a[0] > b[1] or b[0] > a[1]
                assert (one.changed == ("figure",)) == apart


def ends(amount: Quantity | None) -> tuple[int, float]:
    assert amount
    return amount.lower or 0, float("inf") if amount.upper is None else amount.upper


class World(NamedTuple):
    """Names, and who holds what: party → (type, state, under); reserve → (holder, figure)."""

    parties: dict[str, tuple[str, str | None, str | None]]
    reserves: dict[str, tuple[str | None, Quantity | None]]


NAMES = [f"party/{letter}" for letter in "abcdef"]
FIGURES = (
    Quantity(unit="sat", lower=200, upper=200),
    Quantity(unit="sat", lower=201, upper=201),
    Quantity(unit="sat", lower=100, lower_open=True),
    Quantity(unit="sat", upper=300),
    Quantity(unit="sat", lower=1000, upper=1000, approximate=True),
)


@st.composite
def worlds(draw: Callable[..., Any]) -> World:
    one = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    others = st.none() | st.sampled_from(NAMES)
    types = st.sampled_from(("state", "state", "agency", "agency", "company", "person"))
    parties = {
        name: (draw(types), *(p if p != name else None for p in (draw(others), draw(others))))
        for name in one
    }
    names = draw(st.lists(st.sampled_from("abcdefxyz"), min_size=1, max_size=6, unique=True))
    figure = st.none() | st.sampled_from(FIGURES)
    return World(parties, {f"reserve/{n}": (draw(others), draw(figure)) for n in names})


def facts_of(world: World) -> Iterable[Fact]:
    by: dict[str, Any] = {"asserted_by": RECORDER, "basis": "recorder"}
    source = (SourceRef(source="source/s", published="2025-01-01"),)
    for name, (type_, state, under) in world.parties.items():
        body: Body = Established(**by, name=name, type=type_, state=state, under=under)  # type: ignore[arg-type]
        yield Fact(name, "party.established", body)
    for reserve, (holder, figure) in world.reserves.items():
        body = ReserveEstablished(**by, holder=holder, effective="2025-01-01")
        yield Fact(reserve, "reserve.established", body)
        if figure:
            body = HoldingReported(
                asserted_by="party/a",
                basis="press",
                sources=source,
                amount=figure,
                effective="2025-02-01",
            )
            yield Fact(reserve, "reserve.holding-reported", body)


def above(world: World, party: str, met: frozenset[str] = frozenset()) -> frozenset[str]:
    type_, state, under = world.parties.get(party, ("", None, None))
    found = {p for p in (under, state if type_ == "agency" else None) if p} - met
    return frozenset(found).union(*(above(world, p, met | found) for p in found))


def counts_with(world: World, party: str, type_: str, met: tuple[str, ...] = ()) -> str | None:
    if party in met or party not in world.parties:
        return None
    own, state, under = world.parties[party]
    if own == type_:
        return party
    ways = [under, state if own == "agency" else None]
    found = (counts_with(world, p, type_, (*met, party)) for p in ways if p)
    return next((p for p in found if p), None)


def total_naively(world: World, type_: str) -> tuple[set[str], int, float]:
    """Return which reserves are counted, and the least and the most that they hold together."""
    held: dict[str, tuple[str, Quantity]] = {}
    for reserve, (told, figure) in world.reserves.items():
        namesake = f"party/{reserve[-1]}"
        holder = told or (namesake if namesake in world.parties else None)
        if holder and figure and counts_with(world, holder, type_):
            held[reserve] = holder, figure
    holders = {holder for holder, _ in held.values()}
    counted = {
        reserve
        for reserve, (holder, _) in held.items()
        if not any(
            p in above(world, holder) and holder not in above(world, p) for p in holders - {holder}
        )
    }
    figures = [held[reserve][1] for reserve in counted]
    margins = [500 if figure.approximate else 0 for figure in figures]
    low = sum((f.lower or 0) - margin for f, margin in zip(figures, margins, strict=True))
    high = sum(ends(f)[1] + margin for f, margin in zip(figures, margins, strict=True))
    return counted, low, high


@given(worlds(), st.sampled_from(("state", "state", "company")))
def test_what_states_hold_together_is_the_sum_of_what_is_not_within_another(
    world: World, type_: str
) -> None:
    counted, low, high = total_naively(world, type_)
    with a_record(date(2025, 6, 1)) as record:
        record.add(facts_of(world))
        with record.reader() as reader, ReadModel.open(reader, None) as answers:
            asked = Clocks(date(2025, 6, 1)), policy("primary-first")
            found = total_held(answers, *asked, type_).answer
    assert {row["subject"] for row in found["reserves"] if row["counted"]} == counted
    if not counted:
        assert found["total"] is None
        return
    total = found["total"]
    assert (total["lower_sat"], total["upper_sat"]) == (low, None if high == float("inf") else high)
    assert sum(one["held_lower_sat"] for one in found["holders"]) == low
    for one, other in combinations(found["reserves"], 2):
        assert one["subject"] != other["subject"]


WHEN = ("2025-01-20", "2025-02-15", "2025-03", "[..2025-03-10]", "[2025-02-01..2025-04-01]", None)
STEPS = [date(2025, month, day) for month in (1, 2, 3, 4) for day in (1, 10, 15, 31 - 3)]


@st.composite
def turns(draw: Callable[..., Any], world: World) -> list[Fact]:
    """Draw facts by which on some day others hold, are something else, or are no more."""
    by: dict[str, Any] = {"asserted_by": RECORDER, "basis": "recorder"}
    found = []
    for _ in range(draw(st.integers(1, 5))):
        when = {"effective": draw(st.sampled_from(WHEN))}
        party, reserve = draw(st.sampled_from(NAMES)), draw(st.sampled_from(list(world.reserves)))
        amount = draw(st.sampled_from(FIGURES))
        several: dict[str, tuple[str, type[Body], dict[str, Any]]] = {
            "reserve.established": (reserve, ReserveEstablished, {"holder": party}),
            "party.established": (party, Established, {"name": party, "type": "company"}),
            "party.dissolved": (party, Dissolved, {}),
            "reserve.holding-reported": (reserve, HoldingReported, {"amount": amount}),
        }
        type_ = draw(st.sampled_from(list(several)))
        thing, body, values = several[type_]
        found.append(Fact(thing, type_, body(**by, **when, **values)))
    return found


@given(st.data(), worlds(), st.sampled_from(("primary-first", "strict")))
def test_the_total_of_each_of_several_days_is_the_total_of_that_day(
    data: st.DataObject, world: World, name: str
) -> None:
    with a_record(date(2025, 6, 1)) as record:
        record.add([*facts_of(world), *data.draw(turns(world))])
        with record.reader() as reader, ReadModel.open(reader, None) as answers:
            clocks, chosen = Clocks(date(2025, 6, 1)), policy(name)
            found = list(totals_on(answers, clocks, chosen, "state", STEPS))
            for day, total in found:
                one = total_held(answers, clocks._replace(as_of=day), chosen, "state")
                assert total == one.answer["total"], day
    assert [day for day, _ in found] == STEPS
