"""Facts appended in batches are durable batch by batch, and decided as others are."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from domain import ledger as ledger_module
from domain.importers.run import Named, run_import
from domain.ledger import BulkAppend, Command, Ledger
from domain.recorded_imports import recorded_imports
from events import validation
from events.catalogue import topic
from events.envelope import MAX_EVENT_BYTES, envelope, with_time
from events.errors import StoppedError
from events.store.errors import CannotWriteError, VersionConflictError
from events.store.factory import open_reader
from events.store.location import Location

RECORDER = {"asserted_by": "party/recorder", "basis": "recorder"}
THING = "agreement/x"


def party(slug: str) -> Command:
    return Command(
        f"party/{slug}", "party.established", {**RECORDER, "name": slug, "type": "state"}
    )


def consent(slug: str, day: str, mode: str = "accession", **more: Any) -> Command:
    data = {**RECORDER, "party": f"party/{slug}", "effective": day, "mode": mode, **more}
    return Command(THING, "agreement.consent-expressed", data)


def signed(slug: str, day: str, **more: Any) -> Command:
    data = {**RECORDER, "party": f"party/{slug}", "effective": day, "mode": "simple", **more}
    return Command(THING, "agreement.signed", data)


def rows(where: Location) -> list[Any]:
    with open_reader(where) as reader:
        return list(reader.rows())


def outcomes(ledger: Ledger, *facts: Command, **how: Any) -> list[tuple[str, str | None]]:
    return said(ledger.append_in_batches(facts, **how))


def said(bulk: BulkAppend) -> list[tuple[str, str | None]]:
    found = [one for results in bulk for one in results]
    return [(one.outcome, one.reason and one.reason[0]) for one in found]


def test_bulk_writes_the_bytes_that_append_writes(
    where: Location, ledger: Ledger, tmp_path: Path
) -> None:
    facts = [party("a"), signed("a", "1980-01-01"), consent("a", "1981-01-01", key="row 2")]
    assert outcomes(ledger, *facts) == [("recorded", None)] * 3
    with Ledger.create(tmp_path / "other", clock=ledger.clock) as other:
        other.append(facts)
    mine, theirs = rows(where), rows(tmp_path / "other")
    assert [r[:4] for r in mine] == [r[:4] for r in theirs]
    untimed = [
        [r.state.replace(by.ledger_id.encode(), b"ID").replace(r.time.encode(), b"") for r in of]
        for by, of in ((ledger, mine[1:]), (other, theirs[1:]))
    ]
    assert untimed[0] == untimed[1]


def test_again_is_recorded_already_and_a_contradiction_is_refused(
    where: Location, ledger: Ledger
) -> None:
    outcomes(ledger, party("a"), signed("a", "1980-01-01"), as_reported=True)
    found = outcomes(
        ledger,
        signed("a", "1980-01-01"),
        signed("a", "1980-01-02"),
        consent("b", "1980-01-02"),
        consent("a", "1980"),
        Command("ledger/self", "ledger.opened", RECORDER),
        Command("party/a", "agreement.signed", signed("a", "1980").data),
        Command(THING, "agreement.signed", {"mode": "simple"}),
        consent("a", "1980", note="x" * 2_001),
        as_reported=True,
    )
    assert found == [
        ("already recorded", None),
        ("refused", "contradicts-itself"),
        ("refused", "unknown-reference"),
        ("recorded", None),
        ("refused", "type-of-another-kind"),
        ("refused", "type-of-another-kind"),
        ("refused", "not-well-formed"),
        ("refused", "not-well-formed"),
    ]
    assert len(rows(where)) == 4


def ended(day: str) -> Command:
    return Command(
        THING, "agreement.terminated", {**RECORDER, "effective": day, "ground": "expiry"}
    )


def test_as_reported_records_what_a_rule_forbids_and_finds_it_in_the_end(ledger: Ledger) -> None:
    facts = [party("a"), ended("1980-01-01"), consent("a", "1981-01-01")]
    bulk = ledger.append_in_batches(facts, as_reported=True)
    assert said(bulk) == [("recorded", None)] * 3
    assert [(one.id, one.name) for one in bulk.findings()] == [(f"{THING}/2", "after-the-end")]


def test_without_it_the_rule_refuses_that_fact_alone(ledger: Ledger) -> None:
    facts = [party("a"), ended("1980-01-01"), consent("a", "1981-01-01")]
    found = outcomes(ledger, *facts, consent("a", "1979-01-01"), ended("1980-01-01"))
    wanted = [("refused", "after-the-end"), ("recorded", None), ("already recorded", None)]
    assert found[2:] == wanted


def test_a_notice_after_its_own_effect_is_found(ledger: Ledger) -> None:
    told = {**RECORDER, "party": "party/a", "acted": "1985-06-01", "effective": "1985-01-01"}
    facts = [
        party("a"),
        consent("a", "1980"),
        Command(THING, "agreement.withdrawal-notified", told),
    ]
    assert outcomes(ledger, *facts)[2:] == [("refused", "effect-before-notice")]
    bulk = ledger.append_in_batches(facts, as_reported=True)
    said(bulk)
    assert (f"{THING}/2", "effect-before-notice") in {(one.id, one.name) for one in bulk.findings()}


@pytest.mark.parametrize("as_reported", [True, False])
def test_the_order_of_arrival_does_not_matter_to_the_findings(
    ledger: Ledger, as_reported: bool
) -> None:
    facts = [consent("a", "1981-01-01", "ratification"), signed("a", "1980-01-01")]
    late = consent("b", "1981-01-01", "ratification")
    bulk = ledger.append_in_batches(
        [party("a"), party("b"), *facts, late], as_reported=as_reported, batch_size=1
    )
    said(bulk)
    assert [(one.id, one.name) for one in bulk.findings()] == [(f"{THING}/3", "ratifies-unsigned")]


def test_of_what_was_recorded_before_only_as_reported_tells_the_findings(ledger: Ledger) -> None:
    facts = [party("b"), signed("b", "1980"), party("a"), consent("a", "1981", "ratification")]
    said(ledger.append_in_batches(facts))
    for as_reported, count in ((False, 0), (True, 1)):
        bulk = ledger.append_in_batches(facts, as_reported=as_reported)
        said(bulk)
        assert len(list(bulk.findings())) == count


def test_a_dry_run_decides_and_writes_nothing(where: Location, ledger: Ledger) -> None:
    bulk = ledger.append_in_batches([party("a"), signed("a", "1980")], dry_run=True, batch_size=1)
    assert said(bulk) == [("recorded", None)] * 2
    assert bulk.recorded == 0
    assert len(rows(where)) == 1


def test_what_introduces_a_thing_is_left_out_where_it_is_known(ledger: Ledger) -> None:
    other = party("a")._replace(data={**RECORDER, "name": "B", "type": "state"}, introduces=True)
    assert outcomes(ledger, party("a"), other)[1] == ("already recorded", None)


def test_a_fact_that_was_retracted_is_not_revived_by_a_second_run(ledger: Ledger) -> None:
    retraction = Command(
        THING,
        "claim.retracted",
        lambda labels: {**RECORDER, "target": labels["a"], "reason": "duplicate"},
    )
    fact = signed("a", "1980-01-01")
    facts = [party("a"), fact._replace(label="a"), retraction, signed("a", "1981-01-01"), fact]
    found = outcomes(ledger, *facts, as_reported=True)
    assert [what for what, _ in found] == ["recorded"] * 4 + ["already recorded"]


def test_what_speaks_of_no_claim_is_refused(ledger: Ledger) -> None:
    lost = Command(THING, "claim.retracted", lambda labels: {"target": labels["nowhere"]})
    assert outcomes(ledger, lost) == [("refused", "no-such-target")]


def test_memory_is_let_go_and_read_again(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "MAX_HELD", 2)
    slugs = [f"p{n}" for n in range(15)]
    first = signed("p0", "1980-01-01")
    acts = [consent(slug, "1981-01-01", "ratification") for slug in slugs]
    other = [one._replace(thing="agreement/other") for one in acts]
    signatures = [first, first._replace(thing="agreement/other")]
    facts = [*map(party, slugs), *signatures, *acts[:10], *other[:3], *acts[5:], *other]
    bulk = ledger.append_in_batches(facts, as_reported=True, batch_size=2)
    found = [what for what, _ in said(bulk)[30:]]
    again = ["already recorded"]
    assert found == again * 5 + ["recorded"] * 5 + again * 3 + ["recorded"] * 12
    assert [row.version for row in rows(where) if row.thing == THING] == list(range(1, 17))
    told = {(one.id, one.name) for one in bulk.findings()}
    things = (THING, "agreement/other")
    assert told == {(f"{t}/{n}", "ratifies-unsigned") for t in things for n in range(3, 17)}


@pytest.mark.parametrize("faster", [1, 2, 3])
def test_another_writer_who_is_faster_is_met_by_deciding_again(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, faster: int
) -> None:
    insert, writes = ledger.recorder.insert_rows, iter(range(100))  # type: ignore[attr-defined]

    def overtaken(*new: Any, **how: Any) -> Any:
        if 1 <= (n := next(writes)) <= faster:  # from the second batch on
            declared = {**RECORDER, "party": "party/a", "gist": f"number {n}"}
            other.append([Command(THING, "agreement.declaration-made", declared)])
        return insert(*new, **how)

    monkeypatch.setattr(ledger.recorder, "insert_rows", overtaken)
    facts = [party("a"), signed("a", "1980-01-01"), consent("a", "1981-01-01")]
    bulk = ledger.append_in_batches(facts, as_reported=True, batch_size=1)
    with Ledger(where) as other:
        found = [one for batch in bulk for one in batch]
    assert bulk.recorded == 3
    assert [one.id for one in found] == [
        "party/a/1",
        f"{THING}/{faster + 1}",
        f"{THING}/{faster + 2}",
    ]
    written = {row.position: f"{row.thing}/{row.version}" for row in rows(where)}
    assert list(written) == list(range(1, 5 + faster))
    assert [written[one.position or 0] for one in found] == [one.id for one in found]


def test_nothing_is_said_of_a_batch_before_it_is_durable(where: Location, ledger: Ledger) -> None:
    slugs = [f"p{n}" for n in range(4)]
    facts = [*map(party, slugs), *(consent(slug, "1950-01-01") for slug in slugs)]
    for batch in ledger.append_in_batches(facts, as_reported=True, batch_size=2):
        assert {one.position for one in batch} <= {row.position for row in rows(where)}


def test_a_batch_that_cannot_be_written_stops_the_run_and_leaves_those_before(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, writes = ledger.recorder.insert_rows, iter(range(100))  # type: ignore[attr-defined]

    def full(*new: Any, **how: Any) -> Any:
        if next(writes) == 2:
            raise CannotWriteError("there is no room left")
        return insert(*new, **how)

    monkeypatch.setattr(ledger.recorder, "insert_rows", full)
    told: list[Any] = []
    bulk = ledger.append_in_batches((party(f"p{n}") for n in range(20)), batch_size=2)
    with pytest.raises(CannotWriteError):
        told.extend(bulk)
    assert (len(told), bulk.recorded, len(rows(where))) == (2, 4, 5)


def test_a_label_of_a_decision_that_fell_is_forgotten(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, writes = ledger.recorder.insert_rows, iter(range(100))  # type: ignore[attr-defined]
    fact = signed("a", "1980-01-01", key="k")._replace(label="a")

    def overtaken(*new: Any, **how: Any) -> Any:
        if next(writes) == 1:
            other.append([signed("a", "1981", key="k")])
        return insert(*new, **how)

    monkeypatch.setattr(ledger.recorder, "insert_rows", overtaken)
    retraction = Command(
        THING,
        "claim.retracted",
        lambda labels: {**RECORDER, "target": labels["a"], "reason": "duplicate"},
    )
    with Ledger(where) as other:
        found = outcomes(ledger, party("a"), fact, retraction, as_reported=True, batch_size=1)
    assert found[1:] == [("refused", "key-taken"), ("refused", "no-such-target")]


def test_who_is_always_slower_gives_up(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def conflict(*_: Any, **__: Any) -> None:
        raise VersionConflictError("written already")

    monkeypatch.setattr(ledger.recorder, "insert_rows", conflict)
    with pytest.raises(VersionConflictError):
        outcomes(ledger, party("a"))


def test_an_interrupt_leaves_whole_batches_and_their_number(
    where: Location, ledger: Ledger
) -> None:
    def stopped() -> Iterator[Command]:
        yield from (party(f"p{n}") for n in range(25))
        raise KeyboardInterrupt

    bulk = ledger.append_in_batches(stopped(), batch_size=10)
    with pytest.raises(KeyboardInterrupt):
        list(bulk)
    assert bulk.recorded == 20
    assert len(rows(where)) == 21


@pytest.mark.parametrize("before", [True, False])
def test_ctrl_c_while_a_batch_is_written_counts_it(
    before: bool, where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, writes = ledger.recorder.insert_rows, iter(range(100))  # type: ignore[attr-defined]

    def pressed(*new: Any, **how: Any) -> Any:
        now = next(writes) == 1
        if now and before:
            os.kill(os.getpid(), signal.SIGINT)
        found = insert(*new, **how)
        if now and not before:
            os.kill(os.getpid(), signal.SIGINT)
        return found

    monkeypatch.setattr(ledger.recorder, "insert_rows", pressed)
    bulk = ledger.append_in_batches((party(f"p{n}") for n in range(30)), batch_size=10)
    with pytest.raises(KeyboardInterrupt):
        list(bulk)
    assert bulk.recorded == 20
    assert len(rows(where)) == 21


@pytest.mark.parametrize("writing", [True, False])
def test_an_interrupted_import_says_its_number_and_has_all_it_wrote(
    writing: bool, where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, writes = ledger.recorder.insert_rows, iter(range(100))  # type: ignore[attr-defined]

    def pressed(*new: Any, **how: Any) -> Any:
        found = insert(*new, **how)
        if writing and next(writes) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return found

    def given() -> Iterator[Command]:
        yield from (party(f"p{n}") for n in range(2_100))
        raise KeyboardInterrupt

    monkeypatch.setattr(ledger.recorder, "insert_rows", pressed)
    named = Named("csv", [Path("t.csv")])
    with pytest.raises(StoppedError) as stopped:
        run_import(
            lambda: nullcontext(ledger), given(), 0, "again",
            name=named, as_reported=False, dry_run=False,
        )  # fmt: skip
    assert stopped.value.why.startswith("2,000 facts are recorded")
    assert stopped.value.why.endswith("they are import 1")
    assert "depositary retract --import 1 --reason recording-error" in stopped.value.then
    ((first, last),) = recorded_imports(where)[0].spans
    assert last - first + 1 == 2_000


def large(note: str) -> Command:
    """Return a fact with so many sources that it comes near to what an event may have."""
    data = {**RECORDER, "party": "party/a", "gist": "much", "note": note}
    sources = [{"source": fact.thing} for fact in CITED]
    return Command(THING, "agreement.declaration-made", {**data, "sources": sources})


CITED = [
    Command(f"source/s{n:03}-{'x' * 100}", "source.cited", {**RECORDER, "title": "A list"})
    for n in range(510)
]


def test_what_an_event_cannot_hold_is_refused_alone(where: Location, ledger: Ledger) -> None:
    def data_of(fact: Command) -> dict[str, Any]:
        assert isinstance(fact.data, Mapping)
        return dict(fact.data)

    def size_bytes(fact: Command) -> int:
        written = validation.write_body(validation.read_body(fact.type, data_of(fact)))
        state = envelope(fact.thing, 1, topic(fact.type), ledger.ledger_id, written)
        return len(with_time(state, topic(fact.type), "2025-07-16T09:30:00.000000Z"))

    most = "x" * (1 + MAX_EVENT_BYTES - size_bytes(large("x")))
    outcomes(ledger, party("a"), *CITED)
    facts = [large("small"), large(most + "x"), large(most), party("b")]
    found = outcomes(ledger, *facts, as_reported=True)
    assert found == [
        ("recorded", None),
        ("refused", "too-large"),
        ("recorded", None),
        ("recorded", None),
    ]
    assert [len(row.state) for row in rows(where)][-2] == MAX_EVENT_BYTES
