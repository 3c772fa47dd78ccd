"""What becomes of facts that are handed in together, one after the other?"""

from typing import Any

import pytest

from domain.decisions.batch import Batch, Command
from domain.decisions.decide import Rules
from domain.decisions.stream_index import StreamIndex
from events import validation
from tests.decisions.batches import (
    CITED,
    RESERVE,
    Told,
    about,
    batch,
    bought,
    btc,
    everything_but,
    recorded,
    take,
    told,
)

HELD = told("reserve.holding-reported", amount=btc(6_000))


@pytest.mark.parametrize("rules", ["refuse", "report"])
def test_an_amount_of_nothing_is_odd(rules: Rules) -> None:
    (result,) = take(batch(rules=rules), [bought(0)])
    assert result.findings == (("zero-amount", "an amount of 0"),)


@pytest.mark.parametrize("rules", ["leave", "judge later"])
def test_an_import_tells_so_later(rules: Rules) -> None:
    (result,) = take(batch(rules=rules), [bought(0)])
    assert (result.outcome, result.findings) == ("recorded", ())


NOT_NOTHING = [
    bought(1),
    told("reserve.acquired", mode="purchase"),
    told("reserve.acquired", mode="purchase", amount={"unit": "sat", "lower": 0, "upper": 1}),
    told("reserve.acquired", mode="purchase", amount={"unit": "sat", "lower": 0}),
    told("reserve.holding-reported", amount=btc(0)),
]


@pytest.mark.parametrize("fact", NOT_NOTHING)
def test_an_amount_that_may_be_some_is_not_odd_nor_is_an_empty_holding(fact: Told) -> None:
    (result,) = take(batch(), [fact])
    assert (result.outcome, result.findings) == ("recorded", ())


def test_what_can_happen_again_is_said_once_in_a_file() -> None:
    first, second = take(batch(), [bought(1), bought(1)])
    assert first.outcome == "recorded"
    sentence = "an earlier fact of the file says the same of reserve/sv"
    assert second.reason == ("said-twice", sentence)
    keyed = take(batch(), [bought(1, key="a"), bought(1, key="b")])
    assert [result.outcome for result in keyed] == ["recorded", "recorded"]


@pytest.mark.parametrize(
    ("into", "facts"),
    [
        (batch(), [HELD, HELD]),  # a measurement is the same measurement
        (batch(rerun=True), [bought(1), bought(1)]),
        (recorded(bought(1)), [bought(2), bought(1)]),
    ],
)
def test_what_is_no_second_act_is_recorded_already(into: Batch, facts: list[Told]) -> None:
    result = take(into, facts)[-1]
    assert (result.outcome, result.id) == ("already recorded", "reserve/sv/1")


def test_what_is_decided_has_a_place_once_it_is_written() -> None:
    into = batch()
    first, second = take(into, [bought(1), bought(2)])
    assert (first.position, second.position) == (None, None)
    assert [(thing, version) for thing, version, *_ in into.rows] == [(RESERVE, 1), (RESERVE, 2)]
    into.settle([5, 7])
    assert (first.position, second.position) == (5, 7)
    assert (into.claims, into.rows) == ([], [])
    (third,) = take(into, [bought(3)])
    assert third.id == "reserve/sv/3"


def test_a_thing_met_longest_ago_is_let_go_of_first() -> None:
    into = batch()
    for n, name in enumerate(("a", "b", "c"), 1):
        take(into, [bought(1), bought(2)][: 1 + n % 2], f"reserve/{name}")
    into.settle(range(1, 6))
    assert into.held == 5
    take(into, [], "reserve/a")
    into.prepare([Command("reserve/a", *bought(9))])  # is met again
    gone = [index.thing for index in into.forget_oldest(4)]
    assert (gone, into.held) == (["reserve/b"], 4)
    assert [into.holds(f"reserve/{name}") for name in "abc"] == [True, False, True]
    gone = [index.thing for index in into.forget_oldest(0)]
    assert (gone, into.held) == (["reserve/c"], 2)  # but never of the one met last


# --- Days of publication ---

SOURCE = "source/onbtc"
PUBLISHED = told(
    "source.cited", title="A purchase", publisher="party/sv-onbtc", published="2025-07-15"
)
BARE: dict[str, Any] = {"sources": [{"source": SOURCE}]}


def with_source(*more: Told) -> Batch:
    """Return a batch that knows when the source was published, by its own record."""
    return recorded(PUBLISHED, *more, thing=SOURCE)


def cited_days(result: Any) -> list[str | None]:
    return [ref.published for ref in result.claim.body.sources]


def test_a_citation_without_a_day_takes_the_one_of_the_source() -> None:
    (result,) = take(with_source(), [bought(1, **BARE)])
    assert cited_days(result) == ["2025-07-15"]
    assert result.notes == (
        "source/onbtc is cited without a day: its own, 2025-07-15, is recorded with it",
    )
    mixed = [{"source": SOURCE}, {"source": "source/x", "published": "2025-07-18"}]
    (result,) = take(with_source(), [bought(1, sources=mixed)])
    assert cited_days(result) == ["2025-07-15", "2025-07-18"]


def test_it_takes_none_where_none_is_recorded_or_it_is_carried_over() -> None:
    (result,) = take(batch(), [bought(1, **BARE)])
    assert (cited_days(result), result.notes) == ([None], ())
    into = with_source()
    carried = into.take(Command(RESERVE, *bought(1, **BARE), carried=True))
    assert (cited_days(carried), carried.notes) == ([None], ())


def test_it_takes_the_day_that_stands_when_it_is_cited() -> None:
    into = with_source()
    (before,) = take(into, [bought(1, **BARE)])
    corrected = {**PUBLISHED[1], "published": "2025-07-16"}
    fix = about(
        "corrected",
        target=f"{SOURCE}/1",
        reason="recording-error",
        data_type="source.cited.v1",
        data=corrected,
    )
    assert take(into, [fix], SOURCE)[0].outcome == "recorded"
    (after,) = take(into, [bought(2, **BARE)])
    assert (cited_days(before), cited_days(after)) == (["2025-07-15"], ["2025-07-16"])


def cite(**days: str) -> dict[str, Any]:
    return {"sources": [{"source": SOURCE, **days}]}


@pytest.mark.parametrize(
    ("first", "again", "note"),
    [
        (
            cite(published="2025-07-15"),
            cite(published="2025-07-16"),
            (
                "@1 is the same fact, with other days of publication (source/onbtc 2025-07-15); to "
                "change them: depositary correct @1 --source source/onbtc,published=2025-07-16"
            ),
        ),
        (
            cite(),
            cite(published="2025-07-16"),
            (
                "@1 is the same fact, with other days of publication (no day); to change them: "
                "depositary correct @1 --source source/onbtc,published=2025-07-16"
            ),
        ),
        (
            cite(published="2025-07-15"),
            cite(),
            (
                "@1 is the same fact, with other days of publication (source/onbtc 2025-07-15); to "
                "change them: depositary correct @1 --help"
            ),
        ),
        (
            {"sources": [CITED, {"source": "source/x", "published": "2025-07-18"}]},
            {
                "sources": [
                    {"source": SOURCE, "published": "2025"},
                    {"source": "source/x", "published": "2025-07"},
                ]
            },
            (
                "@1 is the same fact, with other days of publication (source/onbtc 2025-07-15, "
                "source/x 2025-07-18); to change them: depositary correct @1 "
                "--source source/onbtc,published=2025 --source source/x,published=2025-07"
            ),
        ),
    ],
)
def test_the_same_fact_of_other_days_says_how_they_are_changed(
    first: dict[str, Any], again: dict[str, Any], note: str
) -> None:
    (result,) = take(recorded(bought(1, **first)), [bought(1, **again)])
    assert (result.outcome, result.id, result.notes) == (
        "already recorded",
        "reserve/sv/1",
        (note,),
    )


def test_before_it_is_written_the_note_names_it_by_its_id() -> None:
    other = {**HELD[1], **cite(published="2025-07-16")}
    _, result = take(batch(), [HELD, (HELD[0], other)])
    assert result.notes[0].startswith("reserve/sv/1 is the same fact, with other days")
    assert "depositary correct reserve/sv/1 --source" in result.notes[0]


def test_that_it_was_read_on_another_day_is_no_other_day_of_publication() -> None:
    read = cite(published="2025-07-15", retrieved="2025-08-01")
    (result,) = take(recorded(bought(1)), [bought(1, **read)])
    assert (result.outcome, result.notes) == ("already recorded", ())


# --- What is refused ---


def unknowing(*unknown: str) -> Batch:
    return Batch(StreamIndex, everything_but(*unknown), "an-id")


@pytest.mark.parametrize(
    "fact",
    [
        bought(1, counterparty="party/xx"),
        bought(1, asserted_by="party/xx"),
        about(
            "corrected",
            target="reserve/sv/1",
            reason="recording-error",
            data_type="reserve.acquired.v1",
            data=bought(1, counterparty="party/xx")[1],
        ),
    ],
)
def test_who_is_named_is_known(fact: Told) -> None:
    into = unknowing("party/xx")
    take(into, [bought(2)])
    (result,) = take(into, [fact])
    assert result.reason == ("unknown-reference", "party/xx is not in this ledger")
    assert result.error is not None
    assert vars(result.error) == {"missing": "party/xx"}


def test_who_is_established_in_the_batch_is_known_from_then_on() -> None:
    into = unknowing("party/xx")
    named = bought(1, counterparty="party/xx")
    assert take(into, [named])[0].outcome == "refused"
    established = told("party.established", name="X", type="company")
    assert take(into, [established], "party/xx")[0].outcome == "recorded"
    assert take(into, [named])[0].outcome == "recorded"


def test_a_thing_may_name_itself() -> None:
    into = unknowing("party/xx")
    fact = told("party.established", name="X", type="company", asserted_by="party/xx")
    assert take(into, [fact], "party/xx")[0].outcome == "recorded"


@pytest.mark.parametrize(
    ("thing", "fact", "rule"),
    [
        ("reserve/sv", told("agreement.signed"), "type-of-another-kind"),
        ("reserve/sv", told("reserve.acquired", mode="theft"), "not-well-formed"),
        ("reserve/sv", bought(1, note="x" * 70_000), "not-well-formed"),
        ("reserve/SV", bought(1), "not-well-formed"),
    ],
)
def test_a_refusal_has_the_name_of_its_rule(thing: str, fact: Told, rule: str) -> None:
    (result,) = take(batch(), [fact], thing)
    assert result.outcome == "refused"
    assert result.reason is not None
    assert (result.reason[0], result.id, result.claim) == (rule, "", None)


def test_a_label_stands_for_the_event_that_bears_it() -> None:
    def link(labels: Any) -> Any:
        return about("retracted", target=labels["first"], reason="duplicate")[1]

    into, retract = batch(), Command(RESERVE, "claim.retracted", link)
    assert into.take(retract).reason == ("no-such-target", "'first'")
    first = Command(RESERVE, *bought(1), label="first")
    assert into.take(first).outcome == "recorded"
    assert into.take(retract).outcome == "recorded"
    into.forget_label(first)
    assert into.take(retract).outcome == "refused"


def test_what_introduces_a_thing_is_of_no_use_where_anything_is_known_of_it() -> None:
    established = told("reserve.established")
    new, known = batch(), recorded(bought(1), bought(2, "2025-07-02"))
    introduced = Command(RESERVE, *established, introduces=True)
    assert new.take(introduced).outcome == "recorded"
    result = known.take(introduced)
    assert (result.outcome, result.id, result.command) == (
        "already recorded",
        "reserve/sv/1",
        introduced,
    )


# --- What an asserter said otherwise before ---

HELD_LATER = told("reserve.holding-reported", amount=btc(6_001))


@pytest.mark.parametrize(
    ("thing", "first", "second", "hint"),
    [
        (
            RESERVE,
            HELD,
            HELD_LATER,
            "depositary correct reserve/sv/1 --amount '6,001 BTC' --reason recording-error",
        ),
        (
            RESERVE,
            HELD,
            told("reserve.holding-reported", amount={**btc(6_001), "words": "6001 BTC"}),
            "depositary correct reserve/sv/1 --amount '6001 BTC' --reason recording-error",
        ),
        (
            "agreement/x",
            told("agreement.signed", party="party/sv", mode="simple"),
            told("agreement.signed", party="party/sv", mode="simple", effective="2025-07-09"),
            "depositary correct agreement/x/1 --effective 2025-07-09 --reason recording-error",
        ),
        (
            RESERVE,
            told("reserve.established", legal_basis="decree 1"),
            told("reserve.established", legal_basis="decree 2"),
            "depositary correct reserve/sv/1 --legal-basis 'decree 2' --reason recording-error",
        ),
        (
            "agreement/x",
            told("agreement.described", title="A treaty"),
            told("agreement.described", title="Another treaty"),
            "depositary correct agreement/x/1 --title 'Another treaty' --reason recording-error",
        ),
        (
            "agreement/x",
            told("agreement.described", parties=["party/sv", "party/us"]),
            told("agreement.described", parties=["party/sv", "party/uk"]),
            "depositary correct agreement/x/1 FILE --reason recording-error",
        ),
    ],
)
def test_who_says_otherwise_is_told_how_to_correct_it(
    thing: str, first: Told, second: Told, hint: str
) -> None:
    (result,) = take(recorded(first, thing=thing), [second], thing)
    assert result.reason is not None
    assert result.reason[0] == "contradicts-itself"
    assert getattr(result.error, "hint", None) == hint


def test_the_last_correction_is_the_one_to_be_corrected() -> None:
    fixed = about(
        "corrected",
        target="reserve/sv/1",
        reason="recording-error",
        data_type="reserve.holding-reported.v1",
        data=told("reserve.holding-reported", amount=btc(6_002))[1],
    )
    (result,) = take(recorded(HELD, fixed), [HELD_LATER])
    assert getattr(result.error, "hint", "").startswith("depositary correct reserve/sv/2 ")


NOTICE = told("agreement.withdrawal-notified", party="party/us", acted="2019-11-04")
SECOND = told(
    "agreement.withdrawal-notified", party="party/us", acted="2025-01-27", effective="2026-01-27"
)


@pytest.mark.parametrize(
    ("thing", "facts", "hint"),
    [
        (
            RESERVE,
            [HELD, HELD_LATER],
            "leave one of the two out of the file, or give one of them a key",
        ),
        (
            "agreement/x",
            [NOTICE, SECOND],
            "leave one of the two out of the file, or record what ended between them",
        ),
        (
            "agreement/x",
            [told("agreement.announced"), told("agreement.announced", effective="2025-07-09")],
            "leave one of the two out of the file",
        ),
    ],
)
def test_of_two_of_one_file_one_is_left_out(thing: str, facts: list[Told], hint: str) -> None:
    first, second = take(batch(), facts, thing)
    assert first.outcome == "recorded"
    assert getattr(second.error, "hint", None) == hint


NOTICES = [
    told(
        "agreement.withdrawal-notified",
        party="party/us",
        acted="2019-11-04",
        effective="2020-11-04",
    ),
    SECOND,
]
CONSENT = told(
    "agreement.consent-expressed", party="party/us", mode="acceptance", effective="2021-01-20"
)


@pytest.mark.parametrize("between", [[CONSENT], [told("agreement.signed", mode=1), CONSENT]])
def test_what_lies_between_two_notices_may_follow_them_in_the_file(between: list[Told]) -> None:
    """The United States left the Paris Agreement twice, and came back between."""
    results = take(batch(), [*NOTICES, *between], "agreement/paris")
    outcomes = [result.outcome for result in results if result.reason is None]
    assert outcomes == ["recorded"] * 3


def test_what_follows_may_bear_a_label_or_name_one() -> None:
    def consent(labels: Any) -> Any:
        assert labels == {"first": "agreement/paris/1"}
        return CONSENT[1]

    into = batch()
    first, second = (Command("agreement/paris", *fact) for fact in NOTICES)
    commands = [first._replace(label="first"), second, Command(second.thing, CONSENT[0], consent)]
    into.prepare(commands)
    assert [into.take(command).outcome for command in commands] == ["recorded"] * 3


def test_a_fact_that_was_not_prepared_has_nothing_that_follows_it() -> None:
    into = batch()
    outcomes = [into.take(Command("agreement/paris", *fact)).outcome for fact in NOTICES]
    assert outcomes == ["recorded", "refused"]


def test_who_recorded_it_elsewhere_is_kept_by_its_place() -> None:
    into = batch()
    for n, who in enumerate((None, "Ana", None)):
        into.take(Command(RESERVE, *bought(n + 1), recordedby=who))
    assert into.recorders == {1: "Ana"}


def test_as_reported_what_it_said_of_the_whole_is_a_finding() -> None:
    into = recorded(ENDED, thing="agreement/x", rules="report")
    signed = told("agreement.signed", party="party/sv", mode="simple")
    (result,) = take(into, [signed], "agreement/x")
    assert (result.outcome, [name for name, _ in result.findings]) == (
        "recorded",
        ["after-the-end"],
    )


def test_the_day_of_a_source_that_is_not_in_memory_is_looked_up() -> None:
    known = with_source().index(SOURCE)

    def load(thing: str) -> StreamIndex:
        return known if thing == SOURCE else StreamIndex(thing)

    (result,) = take(Batch(load, everything_but(), "an-id"), [bought(1, **BARE)])
    assert cited_days(result) == ["2025-07-15"]
    unknown = Batch(load, everything_but(SOURCE), "an-id")
    unknown.prepare([Command(SOURCE, *PUBLISHED)])  # of which nothing is recorded
    refused = unknown.take(Command(RESERVE, *bought(1, **BARE)))
    assert refused.reason == ("unknown-reference", f"{SOURCE} is not in this ledger")


def test_without_it_the_second_notice_contradicts_the_first() -> None:
    into = batch()
    results = [take(into, [fact], "agreement/paris")[0] for fact in NOTICES]
    assert [result.outcome for result in results] == ["recorded", "refused"]


def test_a_body_is_taken_as_it_is() -> None:
    name, data = bought(1)
    body = validation.read_body(name, data)
    result = batch().take(Command(RESERVE, name, body))
    assert result.claim is not None
    assert result.claim.body == body


# --- What its asserter said of the whole ---

ENDED = told("agreement.terminated", ground="by consent", effective="2024-01-01")
AFTER_THE_END = (
    "after-the-end",
    "agreement/x has ended: no act takes effect after its end but registration and description",
)
OWN_WORDS: dict[str, tuple[list[Told], Told, tuple[str, str], str]] = {
    "after its end": (
        [ENDED],
        told("agreement.signed", party="party/sv", mode="simple"),
        AFTER_THE_END,
        "date the act before the end, or correct the termination",
    ),
    "an adoption after its end, which names no party": (
        [ENDED],
        told("agreement.text-adopted"),
        AFTER_THE_END,
        "date the act before the end, or correct the termination",
    ),
    "an effect before its notice": (
        [],
        told(
            "agreement.withdrawal-notified",
            party="party/us",
            acted="2025-07-01",
            effective="2025-06-01",
        ),
        (
            "effect-before-notice",
            (
                "the withdrawal of party/us takes effect before its notice was received "
                "(VCLT 65, 67, 78(b))"
            ),
        ),
        "give in acted the day of the notice, in effective the day on which it takes effect",
    ),
    "a consent to what does not bind": (
        [told("agreement.described", title="A paper", binding="non-binding")],
        told("agreement.consent-expressed", party="party/us", mode="acceptance"),
        ("not-binding", "agreement/x is not shown to bind: this act belongs to treaties"),
        "first record a claim that it binds: record agreement.described ID --binding binding ...",
    ),
}


@pytest.mark.parametrize("case", OWN_WORDS)
def test_who_contradicts_what_it_said_of_the_whole_is_told_why_and_how(case: str) -> None:
    before, fact, reason, hint = OWN_WORDS[case]
    (result,) = take(recorded(*before, thing="agreement/x"), [fact], "agreement/x")
    assert (result.reason, getattr(result.error, "hint", None)) == (reason, hint)


OTHERS_WORDS = [
    ([ENDED], told("agreement.signed", party="party/sv", mode="simple", asserted_by="party/sv")),
    ([ENDED], told("agreement.signed", party="party/sv", mode="simple", effective="2024-01-01")),
    ([ENDED], told("agreement.described", title="A treaty")),
    ([ENDED], told("agreement.registered", number="1", **{"with": "party/un"})),
    (
        [told("agreement.described", title="A paper", binding="non-binding")],
        told(
            "agreement.consent-expressed",
            party="party/us",
            mode="acceptance",
            asserted_by="party/us",
        ),
    ),
    (
        [told("agreement.described", title="A treaty", binding="binding")],
        told("agreement.consent-expressed", party="party/us", mode="acceptance"),
    ),
]


@pytest.mark.parametrize(("before", "fact"), OTHERS_WORDS)
def test_what_others_said_or_what_may_follow_is_recorded(before: list[Told], fact: Told) -> None:
    (result,) = take(recorded(*before, thing="agreement/x"), [fact], "agreement/x")
    assert result.outcome == "recorded", result.reason


def test_a_file_that_says_the_same_n_times_means_n_acts() -> None:
    into = batch()
    said = [Command(RESERVE, *bought(1), repetition=time) for time in (1, 2, 2, 1)]
    results = []
    for command in said:
        results.append(into.take(command))
        into.settle(range(1, len(into.claims) + 1))
    assert [(result.outcome, result.id) for result in results] == [
        ("recorded", "reserve/sv/1"),
        ("recorded", "reserve/sv/2"),
        ("already recorded", "reserve/sv/2"),
        ("already recorded", "reserve/sv/1"),
    ]
