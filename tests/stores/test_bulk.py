"""Are facts in bulk durable, whole batch by batch, and decided as others are?"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.decisions import bulk
from domain.decisions.bulk import Bulk, Fact
from domain.ledger import Draft, Ledger
from events import validation
from events.catalogue import topic
from events.envelope import MAX_EVENT_BYTES, envelope, stored_data, with_time
from events.store.errors import CannotWriteError, VersionConflictError
from events.store.factory import open_reader
from events.store.location import Location

RECORDER = {"asserted_by": "party/recorder", "basis": "recorder"}
THING = "agreement/x"


def party(slug: str) -> Fact:
    return Fact(f"party/{slug}", "party.established", {**RECORDER, "name": slug, "type": "state"})


def consent(slug: str, day: str, mode: str = "accession", **more: Any) -> Fact:
    data = {**RECORDER, "party": f"party/{slug}", "effective": day, "mode": mode, **more}
    return Fact(THING, "agreement.consent-expressed", data)


def signed(slug: str, day: str, **more: Any) -> Fact:
    data = {**RECORDER, "party": f"party/{slug}", "effective": day, "mode": "simple", **more}
    return Fact(THING, "agreement.signed", data)


def rows(where: Location) -> list[Any]:
    with open_reader(where) as reader:
        return list(reader.rows())


def taken(into: Bulk, *facts: Fact) -> list[tuple[str, str | None]]:
    return [(one.what, one.why and one.why[0]) for batch in into.record(facts) for one in batch]


def test_bulk_writes_the_bytes_that_append_writes(
    where: Location, ledger: Ledger, tmp_path: Path
) -> None:
    facts = [party("a"), signed("a", "1980-01-01"), consent("a", "1981-01-01", key="row 2")]
    with Bulk(ledger) as into:
        assert taken(into, *facts) == [("recorded", None)] * 3
    with Ledger.create(tmp_path / "other", clock=ledger.clock) as other:
        other.append(
            [
                Draft(f.thing, f.type, lambda _, f=f: validation.read(f.type, dict(f.data)))
                for f in facts
            ]
        )
    mine, theirs = rows(where), rows(tmp_path / "other")
    assert [r[:4] for r in mine] == [r[:4] for r in theirs]
    data = [[stored_data(r.state) for r in of] for of in (mine[1:], theirs[1:])]
    assert data[0] == data[1]


def test_again_is_recorded_already_and_a_contradiction_is_refused(
    where: Location, ledger: Ledger
) -> None:
    with Bulk(ledger, as_reported=True) as into:
        taken(into, party("a"), signed("a", "1980-01-01"))
    with Bulk(ledger, as_reported=True) as into:
        found = taken(
            into,
            signed("a", "1980-01-01"),
            signed("a", "1980-01-02"),
            consent("b", "1980-01-02"),
            consent("a", "1980"),
            Fact("ledger/self", "ledger.opened", RECORDER),
            Fact("party/a", "agreement.signed", dict(signed("a", "1980").data)),
            Fact(THING, "agreement.signed", {"mode": "simple"}),
            consent("a", "1980", note="x" * 2_001),
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


def test_as_reported_records_what_a_rule_forbids_and_finds_it_in_the_end(ledger: Ledger) -> None:
    facts = [party("a"), consent("a", "1980-01-01"), consent("a", "1981-01-01")]
    with Bulk(ledger, as_reported=True) as into:
        assert taken(into, *facts) == [("recorded", None)] * 3
        assert [(one.id, one.name) for one in into.findings()] == [
            (f"{THING}/2", "consents-twice"),
        ]


def test_without_it_the_rule_refuses_that_fact_alone(ledger: Ledger) -> None:
    facts = [party("a"), consent("a", "1980-01-01"), consent("a", "1981-01-01")]
    with Bulk(ledger) as into:
        found = taken(into, *facts, consent("a", "1980-01-01"))
    assert found[2:] == [("refused", "consents-twice"), ("already recorded", None)]


def test_the_order_of_arrival_does_not_matter_to_the_findings(ledger: Ledger) -> None:
    facts = [consent("a", "1981-01-01", "ratification"), signed("a", "1980-01-01")]
    with Bulk(ledger, as_reported=True) as into:
        taken(into, party("a"), *facts)
        assert list(into.findings()) == []


def test_a_rehearsal_decides_and_writes_nothing(where: Location, ledger: Ledger) -> None:
    with Bulk(ledger, rehearse=True) as into:
        assert taken(into, party("a"), signed("a", "1980"))[1] == ("recorded", None)
    assert len(rows(where)) == 1


def test_what_introduces_a_thing_is_left_out_where_it_is_known(ledger: Ledger) -> None:
    other = party("a")._replace(data={**RECORDER, "name": "B", "type": "state"}, introduces=True)
    with Bulk(ledger) as into:
        assert taken(into, party("a"), other)[1] == ("already recorded", None)


def test_a_thing_with_claims_about_claims_is_decided_in_full(ledger: Ledger) -> None:
    retraction = Fact(
        THING,
        "claim.retracted",
        lambda labels: {**RECORDER, "target": labels["a"], "reason": "duplicate"},
    )
    said = signed("a", "1980-01-01")
    with Bulk(ledger, as_reported=True) as into:
        found = taken(
            into, party("a"), said._replace(label="a"), retraction, signed("a", "1981-01-01"), said
        )
    assert [what for what, _ in found] == ["recorded"] * 4 + ["already recorded"]


def test_what_speaks_of_no_claim_is_refused(ledger: Ledger) -> None:
    with Bulk(ledger) as into:
        lost = Fact(THING, "claim.retracted", lambda labels: {"target": labels["nowhere"]})
        assert taken(into, lost) == [("refused", "no-such-target")]


def test_memory_is_let_go_and_read_again(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_KEPT", 2)
    monkeypatch.setattr(bulk, "BATCH", 2)
    with Bulk(ledger, as_reported=True) as into:
        taken(into, party("a"), *(consent("a", f"19{n}-01-01") for n in range(50, 60)))
        found = taken(into, *(consent("a", f"19{n}-01-01") for n in range(55, 65)))
        assert [what for what, _ in found] == ["already recorded"] * 5 + ["recorded"] * 5
        assert len(list(into.findings())) == 14
    assert [row.version for row in rows(where) if row.thing == THING] == list(range(1, 16))


@pytest.mark.parametrize("faster", [1, 2, 3])
def test_another_writer_who_is_faster_is_met_by_deciding_again(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, faster: int
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 1)
    insert, writes = ledger.recorder.insert_events, iter(range(100))

    def overtaken(events: Any) -> Any:
        if 1 <= (n := next(writes)) <= faster:  # from the second batch on
            declared = {**RECORDER, "party": "party/a", "gist": f"number {n}"}
            body = validation.read("agreement.declaration-made", declared)
            other.append([Draft(THING, "agreement.declaration-made", lambda _: body)])
        return insert(events)

    monkeypatch.setattr(ledger.recorder, "insert_events", overtaken)
    facts = [party("a"), signed("a", "1980-01-01"), consent("a", "1981-01-01")]
    with Bulk(ledger, as_reported=True) as into, Ledger(where) as other:
        found = [one for batch in into.record(facts) for one in batch]
        assert into.recorded == 3
    assert [one.id for one in found] == [
        "party/a/1",
        f"{THING}/{faster + 1}",
        f"{THING}/{faster + 2}",
    ]
    written = {row.position: f"{row.thing}/{row.version}" for row in rows(where)}
    assert list(written) == list(range(1, 5 + faster))
    assert [written[one.position or 0] for one in found] == [one.id for one in found]


def test_nothing_is_said_of_a_batch_before_it_is_durable(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    facts = [party("a"), *(consent("a", f"19{n}-01-01") for n in range(50, 59))]
    with Bulk(ledger, as_reported=True) as into:
        for batch in into.record(facts):
            assert {one.position for one in batch} <= {row.position for row in rows(where)}


def test_a_batch_that_cannot_be_written_stops_the_run_and_leaves_those_before(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    insert, writes = ledger.recorder.insert_events, iter(range(100))

    def full(events: Any) -> Any:
        if next(writes) == 2:
            raise CannotWriteError("there is no room left")
        return insert(events)

    monkeypatch.setattr(ledger.recorder, "insert_events", full)
    said: list[Any] = []
    with Bulk(ledger, as_reported=True) as into:
        with pytest.raises(CannotWriteError):
            said.extend(into.record(party(f"p{n}") for n in range(20)))
        assert (len(said), into.recorded, len(rows(where))) == (2, 4, 5)
    assert [one.name for one in threading.enumerate() if one.name.startswith("writing")] == []


def test_a_label_of_a_decision_that_fell_is_forgotten(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 1)
    insert, writes = ledger.recorder.insert_events, iter(range(100))
    said = signed("a", "1980-01-01", key="k")._replace(label="a")

    def overtaken(events: Any) -> Any:
        if next(writes) == 1:
            body = validation.read(said.type, {**said.data, "effective": "1981"})  # type: ignore[arg-type]
            other.append([Draft(THING, said.type, lambda _: body)])
        return insert(events)

    monkeypatch.setattr(ledger.recorder, "insert_events", overtaken)
    retraction = Fact(
        THING,
        "claim.retracted",
        lambda labels: {**RECORDER, "target": labels["a"], "reason": "duplicate"},
    )
    with Bulk(ledger, as_reported=True) as into, Ledger(where) as other:
        found = taken(into, party("a"), said, retraction)
    assert found[1:] == [("refused", "key-taken"), ("refused", "no-such-target")]


def test_who_is_always_slower_gives_up(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def conflict(*_: Any) -> None:
        raise VersionConflictError("written already")

    monkeypatch.setattr(ledger.recorder, "insert_events", conflict)
    with Bulk(ledger) as into, pytest.raises(VersionConflictError):
        taken(into, party("a"))


def test_an_interrupt_leaves_whole_batches(
    where: Location, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 10)

    def stopped() -> Iterator[Fact]:
        for n in range(25):
            yield party(f"p{n}")
        raise KeyboardInterrupt

    with Bulk(ledger) as into, pytest.raises(KeyboardInterrupt):
        list(into.record(stopped()))
    assert len(rows(where)) == 21


def large(note: str) -> Fact:
    """Return a fact with so many sources that it comes near to what an event may have."""
    data = {**RECORDER, "party": "party/a", "gist": "much", "note": note}
    sources = [{"source": fact.thing} for fact in CITED]
    return Fact(THING, "agreement.declaration-made", {**data, "sources": sources})


CITED = [
    Fact(f"source/s{n:03}-{'x' * 100}", "source.cited", {**RECORDER, "title": "A list"})
    for n in range(510)
]


def test_what_an_event_cannot_hold_is_refused_alone(where: Location, ledger: Ledger) -> None:
    def size_bytes(fact: Fact) -> int:
        written = validation.write(validation.read(fact.type, dict(fact.data)))
        state = envelope(fact.thing, 1, topic(fact.type), ledger.ledger_id, written)
        return len(with_time(state, topic(fact.type), "2025-07-16T09:30:00.000000Z"))

    most = "x" * (1 + MAX_EVENT_BYTES - size_bytes(large("x")))
    with Bulk(ledger, as_reported=True) as into:
        taken(into, party("a"), *CITED)
        found = taken(into, large("small"), large(most + "x"), large(most), party("b"))
    assert found == [
        ("recorded", None),
        ("refused", "too-large"),
        ("recorded", None),
        ("recorded", None),
    ]
    assert [len(row.state) for row in rows(where)][-2] == MAX_EVENT_BYTES
