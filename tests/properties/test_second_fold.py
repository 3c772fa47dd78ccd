"""The served answers are those of a second fold, written from docs/spec alone.

What it found when it was written, places that could be read in two ways; the page says them now:

- 7: a beginning on or after the last day of an ending begins the next period ("on, or certainly
  after"); the second fold had asked for the very day. The page was right.
- 7: a revocation on the day of a notice, before every notice or undated: it takes back the last
  notice on or before its day, else the first. The page did not say.
- 13: a denial by type and span strikes by `effective`; the second fold had taken `acted` too.
- 14: figures that may be of the day asked or before are compared as well. The page did not say.
- 15: a transfer without a fee is no flow, so that a reserve that only moved coins has no balance.
- treaties 3: a signature that changes nothing does not count for what a withdrawn consent leaves,
  and acts after the end of a text move no side: neither stood on the page.
- 20: `fields.type` of an occurrence of several types hides the field `type` of a party (ADR 0027).
- 7: an undated notice counts as the earliest; notices of two periods of a membership are two.
- 12: of days of publication that day ranks by which a claim certainly was public.
- treaties 3, 4, 6: a notice comes on the day on which it is given; the day claimed for the entry
  into force is known of what was done before it; what was not bound by the end does not become so.
- 7: revocations on two sides of a new consent are two; an undated beginning is of the first period,
  an undated revocation takes back the first notice: the second fold had it otherwise.
- 9, 14: figures dated by their acts alone are not compared; the second fold compared them.
- 2 and 8: of one day what ends comes first; the page said position, and periods the contrary.
- 15: flows that only perhaps are public may count one by one, as those of which D cannot tell: the
  page said it of the latter alone, and where both came together the folds differed.
- 12: an act without a day gives way to the best that agrees and has one: new on the page, for a
  real notice, and in both folds.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from msgspec import convert

from domain.claims.claim import Clocks
from domain.claims.ranking import policy
from events.catalogue import body_class
from events.store.sqlite.reader import RecordReader
from projections.queries.show import NotKnownError, show_subject
from projections.queries.standing import agreement_standing
from projections.read_model.database import ReadModel
from tests.properties import second_flows, second_sides, second_status
from tests.properties.second_claims import Event
from tests.properties.second_fold import Occurrence, Question, SecondFold
from tests.properties.second_histories import Fact, make_history
from tests.readings.served import Fact as Recorded
from tests.readings.served import Record, a_record

KINDS = ("reserve", "party", "law", "agreement")
POLICIES = ("primary-first", "latest", "prefer:party/a", "strict")
# What is asked of a reserve: where the answer has it, and whether with what cannot tell.
ACCOUNTS = {
    "owned": ("ledger_balance", False),
    "owned perhaps": ("ledger_balance", True),
    "custody": ("custody", False),
    "custody perhaps": ("custody", True),
}
DAY = date(2025, 7, 18)
A_RECORD = 100  # histories in one record: making one takes longer than asking it


def questions(seed: int, positions: list[int]) -> Iterator[Question]:
    """Yield what is asked about a history."""
    random = Random(seed)  # noqa: S311 - the same questions every time
    for name in POLICIES:
        as_of = date(2025, 7, 9) + timedelta(days=random.randrange(14))
        public_at = date(2025, 7, 9) + timedelta(days=random.randrange(14))
        known_at = random.choice(positions) if random.random() < 0.3 else positions[-1]
        yield Question(as_of, public_at if random.random() < 0.5 else None, known_at, name)


def served(document: dict[str, Any]) -> dict[str, Any]:
    """Return what is compared of a served answer."""
    answer = document["answer"]
    contested = {one["field"]: one["outcomes"] for one in answer.get("contested", ())}
    return {
        "occurrences": {
            one["id"]: {
                "holds": one["holds"],
                "support": one["support"],
                "fields": one["fields"],
                "selected": sorted(c["id"] for c in one["selected"]),
                "claims": sorted(c["id"] for c in (*one["selected"], *one["others"])),
                "denied_by": sorted(c["id"] for c in one["denied_by"]),
            }
            for one in document["occurrences"]
            if one["support"] is not None  # else it is shown for what only perhaps is public
        },
        "series": {
            (one["type"], *one["key"]): {
                "support": one["support"],
                "selected": one["selected"] and one["selected"]["id"],
                "certain": sorted(c["id"] for c in one["certain"]),
                "cannot_tell": sorted(c["id"] for c in one["cannot_tell"]),
            }
            for one in document["series"]
            if one["support"] is not None
        },
        "perhaps": {
            name: told
            for name, one in (
                *((one["id"], one) for one in document["occurrences"]),
                *((str((one["type"], *one["key"])), one) for one in document["series"]),
            )
            if any(told := _beside(one))
        },
        "lapsed": sorted(document["lapsed_resolutions"]),
        "accounts": {
            name: _outcomes(contested, shown, answer)
            if not perhaps
            else [second_flows.shown(answer.get(f"{shown}_perhaps") or answer.get(shown))]
            for name, (shown, perhaps) in ACCOUNTS.items()
        },
    }


def _beside(one: dict[str, Any]) -> tuple[Any, list[str], bool]:
    """Return what a document says of what perhaps is public: support, claims, or not any more."""
    told = sorted(c["id"] for c in one.get("perhaps", ()) if _is_said(one, c))
    return one.get("support_perhaps"), told, bool(one.get("perhaps_retracted"))


def _is_said(one: dict[str, Any], claim: dict[str, Any]) -> bool:
    """Say whether a claim is compared: of a series its measurements alone."""
    return "key" not in one or not claim["type"].startswith("claim.")


def _outcomes(contested: dict[str, Any], name: str, answer: dict[str, Any]) -> list[Any]:
    found = map(second_flows.shown, contested.get(name, [answer.get(name)]))
    return sorted(set(found), key=repr)


def second(found: SecondFold, more: SecondFold) -> dict[str, Any]:
    """Return the same of the second fold, and of that with all that perhaps is public."""
    return {
        "occurrences": {
            one.id: {
                "holds": one.holds,
                "support": one.support,
                "fields": found.field_support(one),
                "selected": sorted(c.id for c in one.selected),
                "claims": sorted(c.id for c in one.claims),
                "denied_by": sorted(d.id for d in one.denials),
            }
            for one in found.occurrences
            if one.may_hold
        },
        "series": {
            (one.type, *one.key): {
                "support": one.support,
                "selected": one.selected and one.selected.id,
                "certain": sorted(c.id for c in one.certain),
                "cannot_tell": sorted(c.id for c in one.maybe),
            }
            for one in found.series
        },
        "perhaps": {name: told for name, told in second_perhaps(found, more) if any(told)},
        "lapsed": sorted(found.lapsed),
        "accounts": {
            name: [second_flows.beside(found, more, name.partition(" ")[0])]
            if perhaps
            else sorted(second_flows.outcomes(found, name), key=repr)
            for name, (_, perhaps) in ACCOUNTS.items()
        },
    }


def second_perhaps(
    found: SecondFold, more: SecondFold
) -> Iterator[tuple[str, tuple[Any, list[str], bool]]]:
    """Yield what stands beside each occurrence and series: support, claims, or retracted (10)."""
    known = {one.id for one in found.claims}
    known |= {one.id for one in (*found.denials, *found.resolutions)}
    of_claim = {claim.name: one for one in more.occurrences for claim in one.claims}
    for one in found.occurrences:
        if not one.may_hold:
            continue
        names = [c.name for c in sorted(one.claims, key=lambda claim: claim.event.position)]
        others = [of_claim[name] for name in names if name in of_claim]
        if not others:
            yield one.id, (None, [], True)
            continue
        support = others[0].support if others[0].support != one.support else None
        said = _ids(others[0]) - known
        yield one.id, (support, sorted(said), False)
    for other in more.occurrences:
        if other.may_hold and not any(claim.id in known for claim in other.claims):
            yield other.id, (other.support, sorted(_ids(other)), False)
    series = {(one.type, one.key): one for one in found.series}
    for each in more.series:
        certain = series.get((each.type, each.key))
        said = {c.id for c in (*each.certain, *each.maybe)} - (known if certain else set())
        differs = certain is None or certain.support != each.support
        name = str((each.type, *each.key))
        yield name, (each.support if differs else None, sorted(said), False)


def _ids(one: Occurrence) -> set[str]:
    return {claim.id for claim in one.claims} | {denial.id for denial in one.denials}


def has_outcomes(fold: SecondFold) -> bool:
    """Say whether a sum has several outcomes: under strict what is contested has no value."""
    strict = fold.question.policy == "strict"
    return strict and any(one.support == "contested" for one in fold.occurrences)


def recorded(
    record: Record, seeds: range, made: Callable[[int], list[Fact]] | None = None
) -> dict[int, list[Event]]:
    """Record the histories of these seeds, texts if `made` makes them; return their events."""
    events: dict[int, list[Event]] = {}
    position = 1
    for seed in seeds:
        kind = KINDS[seed % len(KINDS)]
        facts = made(seed) if made else make_history(seed, kind, f"{kind}/s{seed}")
        subject = f"{facts[0][0].partition('.')[0] if made else kind}/s{seed}"
        record.add(
            Recorded(subject, type_, convert(data, body_class(type_))) for type_, data in facts
        )
        events[seed] = [
            Event(position + n, n, subject, type_, data) for n, (type_, data) in enumerate(facts, 1)
        ]
        position += len(facts)
    return events


def both(answers: ReadModel, known: list[Event], asked: Question) -> tuple[Any, Any] | None:
    """Return the served answer and the second one; None where nothing is even perhaps public."""
    fold, more = SecondFold(known, asked), SecondFold(known, asked, perhaps=True)
    clocks = Clocks(asked.as_of, asked.public_at, asked.known_at)
    if not fold.claims and not more.claims:
        with pytest.raises(NotKnownError):
            show_subject(answers, known[0].subject, clocks, policy(asked.policy))
        return None
    document = show_subject(answers, known[0].subject, clocks, policy(asked.policy))
    told, found = served(document), second(fold, more)
    if has_outcomes(fold) or has_outcomes(more):  # what stands beside has outcomes of its own
        for name, (_, perhaps) in ACCOUNTS.items():
            if perhaps:
                del told["accounts"][name], found["accounts"][name]
    return told, found


def another_kind(seed: int) -> list[Fact]:
    """Return a history of another kind, or of what a side does beside its consent."""
    kind = ("text", "programme", "proposal", "price")[seed % 4]
    return make_history(seed, kind, f"{'agreement' if kind == 'text' else kind}/s{seed}")


def differences(
    seeds: range, made: Callable[[int], list[Fact]] | None = None
) -> Iterator[tuple[int, Question, list[Fact], Any, Any]]:
    """Yield each history of which the served answer is not that of the second fold, and both."""
    with a_record(DAY) as record:
        events = recorded(record, seeds, made)
        with RecordReader(record.path) as reader, ReadModel.open(reader, record.answers) as answers:
            for seed, known in events.items():
                facts = [(event.type, event.data) for event in known]
                for asked in questions(seed, [event.position for event in known]):
                    found = both(answers, known, asked)
                    if found and found[0] != found[1]:
                        yield seed, asked, facts, *found


Acts = tuple[tuple[str, dict[str, str]], ...]
COMMON: dict[str, Any] = {
    "asserted_by": "party/un",
    "basis": "official-record",
    "sources": [{"source": "source/un", "published": "2020-01-01"}],
}


def acts_of_text(seed: int, described: dict[str, Any], acts: Acts, mode: str) -> list[Fact]:
    """Return the acts of two sides of a text, told by one register on plain days."""
    random = Random(seed)  # noqa: S311 - the same histories every time
    days = random.sample(range(10, 25), 15)

    def a_day() -> str:
        """Return a day; of two sides each act has its own, for an end counts from its morning."""
        day = days.pop() if "parties" in described else random.randrange(10, 25)
        return f"2025-07-{day:02}"

    told: dict[str, Any] = {**described, "effective": "2025-07-01"}
    found: list[Fact] = [("agreement.described", {**COMMON, **told})]
    if random.random() < 0.6:
        general = {"mode": mode, "effective": a_day()}
        found.append(("agreement.entered-into-force", {**COMMON, **general}))
    noticed: dict[str, str] = {}
    for _ in range(random.randrange(1, 6)):
        name, own = random.choice(acts)
        side = own.get("party") or random.choice(("party/a", "party/d"))
        told = {**own, "party": side, "effective": a_day()}
        without = noticed.get(side, "9") > told["effective"]
        if name == "withdrawal-revoked" and without:
            continue  # of what a revocation without a notice takes back the table says nothing
        if name == "withdrawal-notified":
            told["acted"], told["effective"] = sorted((told["effective"], a_day()))
            noticed[side] = min(told["acted"], noticed.get(side, "9"))
        found.append((f"agreement.{name}", {**COMMON, **told}))
    if random.random() < 0.15:
        ended = {"ground": "By consent.", "effective": a_day()}
        found.append(("agreement.terminated", {**COMMON, **ended}))
    if "parties" in described and random.random() < 0.3:  # in force again, or on another day
        found.append(
            ("agreement.entered-into-force", {**COMMON, "mode": mode, "effective": a_day()})
        )
    return found


def treaty(seed: int) -> list[Fact]:
    """Return a text that binds, of which no description names the parties."""
    described = {"kind": "treaty", "binding": "binding"}
    return acts_of_text(seed, described, ACTS_OF_SIDES, "definitive")


def two_sided(seed: int) -> list[Fact]:
    """Return a text that binds, of two sides; now and then a third acts."""
    described = {"kind": "treaty", "binding": "binding", "parties": ["party/a", "party/d"]}
    return acts_of_text(seed, described, ACTS_OF_TWO, "definitive")


def paper(seed: int) -> list[Fact]:
    """Return a paper of two sides that is not shown to bind: by its name, or as it is said."""
    kind = {"kind": "memorandum"} if seed % 2 else {"kind": "treaty", "binding": "non-binding"}
    described = {**kind, "parties": ["party/a", "party/d"]}
    return acts_of_text(seed, described, ACTS_OF_PAPERS, "operation")


ACTS_OF_SIDES: Acts = (
    ("signed", {"mode": "simple"}),
    *[("consent-expressed", {"mode": "accession"})] * 2,
    ("entered-into-force-for", {}),
    *[("withdrawal-notified", {})] * 2,
    ("withdrawal-revoked", {}),
    ("consent-withdrawn", {}),
)
ACTS_OF_TWO: Acts = (
    ("signed", {"mode": "simple"}),
    ("signed", {"mode": "definitive"}),
    *[("consent-expressed", {"mode": "exchange"})] * 2,
    ("consent-expressed", {"mode": "ratification"}),
    ("consent-expressed", {"mode": "ratification", "established_by": "exchange"}),
    ("consent-expressed", {"mode": "accession", "party": "party/c"}),
    *[("withdrawal-notified", {})] * 2,
    ("withdrawal-revoked", {}),
)
ACTS_OF_PAPERS: Acts = (
    *[("signed", {"mode": "unstated"})] * 3,
    ("signed", {"mode": "definitive"}),
    ("withdrawal-notified", {}),
    ("intention-not-to-become-party", {}),
    ("provisionally-applied", {}),
)


def statuses_of(fold: SecondFold, made: Callable[[int], list[Fact]]) -> dict[str, str]:
    """Return the statuses as the table of a text says."""
    if made is treaty:
        return second_status.statuses(fold)
    return second_sides.Text(fold, paper=made is paper).statuses()


def differing_statuses(
    seeds: range, made: Callable[[int], list[Fact]]
) -> Iterator[tuple[int, date, Any, Any]]:
    """Yield each text and day of which the served statuses are not those of the table."""
    with a_record(DAY) as record:
        events = recorded(record, seeds, made)
        with RecordReader(record.path) as reader, ReadModel.open(reader, record.answers) as answers:
            for seed, known in events.items():
                for day in (date(2025, 7, number) for number in range(9, 27, 2)):
                    asked = Question(day, None, known[-1].position, "primary-first")
                    clocks = Clocks(day, None, asked.known_at)
                    document = agreement_standing(
                        answers, known[0].subject, clocks, policy(asked.policy)
                    )
                    told = {one["party"]: one["status"] for one in document["answer"]["statuses"]}
                    found = statuses_of(SecondFold(known, asked), made)
                    if told != found:
                        yield seed, day, told, found


TEXTS = (treaty, two_sided, paper)


@pytest.mark.parametrize("made", TEXTS)
def test_the_served_statuses_are_those_of_the_table(made: Callable[[int], list[Fact]]) -> None:
    found = next(differing_statuses(range(A_RECORD // 2), made), None)
    assert found is None, found


def test_a_signature_on_the_day_of_a_notice_and_its_effect_follows_both() -> None:
    seed = 3578  # of which the two folds once said different things: signatory, and former
    notice, signed = treaty(seed)[2:4]
    assert notice[1]["acted"] == notice[1]["effective"] == signed[1]["effective"]
    assert next(differing_statuses(range(seed, seed + 1), treaty), None) is None


@pytest.mark.long
@pytest.mark.parametrize("made", TEXTS)
@pytest.mark.parametrize("start", range(1_000, 6_000, A_RECORD))
def test_so_are_those_of_many_texts(start: int, made: Callable[[int], list[Fact]]) -> None:
    found = next(differing_statuses(range(start, start + A_RECORD), made), None)
    assert found is None, found


def act(
    verb: str, effective: str | None = None, by: str = "un", of: str = "party/d", **own: str
) -> Fact:
    """Return what one of two registers says that a party did, or what became of the text."""
    type_ = verb if "." in verb else f"agreement.{verb}"
    told: dict[str, Any] = {**COMMON, "asserted_by": f"party/{by}", **own}
    if effective:
        told["effective"] = effective
    if type_.partition(".")[2] in ("withdrawal-notified", "withdrawal-revoked"):
        told["party"] = of
    elif type_ == "agreement.consent-expressed":
        told |= {"party": of, "mode": "accession"}
    elif type_ == "agreement.terminated":
        told["ground"] = "By consent."
    return type_, told


def distinct(one: int, other: int) -> Fact:
    """Return the link that two facts of a law are two happenings."""
    who = {"asserted_by": "party/recorder", "basis": "recorder"}
    ids = {"target": f"law/s2/{one}", "with": f"law/s2/{other}"}
    return "claim.distinct-occurrence", {**who, **ids}


REVOCATIONS = (
    act("withdrawal-revoked", "2025-07-13"),
    act("withdrawal-revoked", "2025-07-16", "x"),
)
IN_FORCE = "law.in-force"
# Histories of which the two folds once said different things: which facts speak of one happening.
HAPPENINGS: dict[str, tuple[list[Fact], list[list[int]]]] = {
    "one revocation on two days": ([*REVOCATIONS], [[1, 2]]),
    "a revocation on each side of a consent": (
        [*REVOCATIONS, act("consent-expressed", "2025-07-14"), act("terminated", "2025-07-10")],
        [[1], [2], [3], [4]],
    ),
    "the same, the second from a day on": (
        [
            REVOCATIONS[0],
            act("withdrawal-revoked", "[2025-07-15..]", "x"),
            act("consent-expressed", "2025-07-14"),
            act("terminated", "2025-07-10"),
        ],
        [[1], [2], [3], [4]],
    ),
    "both behind the consent": (
        [*REVOCATIONS, act("consent-expressed", "2025-07-12"), act("terminated", "2025-07-10")],
        [[1, 2], [3], [4]],
    ),
    "a consent between, and nothing that ended": (
        [*REVOCATIONS, act("consent-expressed", "2025-07-14")],
        [[1, 2], [3]],
    ),
    "an undated revocation takes back the first of two notices": (
        [
            act("withdrawal-revoked"),
            act("withdrawal-notified", "2025-07-15", "x", acted="2025-07-12"),
            act("withdrawal-notified", "2025-07-11", acted="2025-07-10"),
        ],
        [[1], [2], [3]],
    ),
    "two notices without a revocation": (
        [
            act("withdrawal-notified", "2025-07-15", "x", acted="2025-07-12"),
            act("withdrawal-notified", "2025-07-11", acted="2025-07-10"),
        ],
        [[1, 2]],
    ),
    "two notices of one side, both taking effect between two consents of the other": (
        [
            ("agreement.described", {**COMMON, "parties": ["party/a", "party/d"]}),
            act("withdrawal-notified", "2025-07-23", acted="2025-07-11"),
            act("withdrawal-notified", "2025-07-17", acted="2025-07-10"),
            act("consent-expressed", "2025-07-16", of="party/a"),
            act("consent-expressed", "2025-07-24", of="party/a"),
        ],
        [[1], [2, 3], [4], [5]],
    ),
    "the same, where the text has a third party": (
        [
            ("agreement.described", {**COMMON, "parties": ["party/a", "party/c", "party/d"]}),
            act("withdrawal-notified", "2025-07-17", acted="2025-07-10"),
            act("consent-expressed", "2025-07-16", of="party/a"),
            act("consent-expressed", "2025-07-24", of="party/a"),
        ],
        [[1], [2], [3, 4]],
    ),
    "a notice that was taken back ends nothing for the other side": (
        [
            ("agreement.described", {**COMMON, "parties": ["party/a", "party/d"]}),
            act("withdrawal-notified", "2025-07-17", acted="2025-07-10"),
            act("withdrawal-revoked", "2025-07-12"),
            act("consent-expressed", "2025-07-16", of="party/a"),
            act("consent-expressed", "2025-07-24", of="party/a"),
        ],
        [[1], [2], [3], [4, 5]],
    ),
    "an undated beginning is of the first period": (
        [
            act(IN_FORCE, "2025-07-12"),
            act(IN_FORCE, None, "x"),
            act(IN_FORCE, "2025-07-14", "y"),
            distinct(3, 2),
        ],
        [[1, 2], [3]],
    ),
    "of two dated ones that are distinct the later is another": (
        [
            act(IN_FORCE, "2025-07-12"),
            act(IN_FORCE, "2025-07-13", "x"),
            act(IN_FORCE, "2025-07-14", "y"),
            distinct(3, 2),
        ],
        [[1, 2], [3]],
    ),
}


@pytest.mark.parametrize("name", HAPPENINGS)
def test_both_folds_find_the_same_happenings(name: str) -> None:
    facts, expected = HAPPENINGS[name]
    seed = KINDS.index("law" if facts[0][0].startswith("law") else "agreement")
    with a_record(DAY) as record:
        known = recorded(record, range(seed, seed + 1), lambda _: facts)[seed]
        asked = Question(date(2025, 7, 26), None, known[-1].position, "primary-first")
        with RecordReader(record.path) as reader, ReadModel.open(reader, record.answers) as answers:
            found = both(answers, known, asked)
    assert found is not None
    assert found[0] == found[1]
    claims = (one["claims"] for one in found[0]["occurrences"].values())
    assert sorted([int(id_.rpartition("/")[2]) for id_ in ids] for ids in claims) == expected


@pytest.mark.parametrize(
    ("dated", "support"), [("effective", "contested"), ("acted", "single source")]
)
def test_a_figure_dated_by_its_act_alone_contradicts_none(dated: str, support: str) -> None:
    figure = {"amount": {"unit": "sat", "lower": 7, "upper": 7}}
    other = {"amount": {"unit": "sat", "lower": 6, "upper": 6}}
    facts = [
        ("reserve.holding-reported", {**COMMON, **figure, "effective": "2025-07-12"}),
        (
            "reserve.holding-reported",
            {**COMMON, **other, "asserted_by": "party/x", dated: "2025-07-12"},
        ),
    ]
    with a_record(DAY) as record:
        known = recorded(record, range(1), lambda _: facts)[0]
        asked = Question(date(2025, 7, 26), None, known[-1].position, "primary-first")
        with RecordReader(record.path) as reader, ReadModel.open(reader, record.answers) as answers:
            found = both(answers, known, asked)
    assert found is not None
    assert found[0] == found[1]
    (series,) = found[0]["series"].values()
    assert series["support"] == support


@pytest.mark.parametrize("start", [0, 100, 200])
def test_the_served_answers_are_those_of_the_second_fold(start: int) -> None:
    found = next(differences(range(start, start + A_RECORD)), None)
    assert found is None, found


def test_so_are_those_of_other_kinds() -> None:
    found = next(differences(range(A_RECORD // 2), another_kind), None)
    assert found is None, found


@pytest.mark.long
@pytest.mark.parametrize("start", range(1_000, 6_000, A_RECORD))
def test_so_are_those_of_many_of_other_kinds(start: int) -> None:
    found = next(differences(range(start, start + A_RECORD), another_kind), None)
    assert found is None, found


@pytest.mark.long
@pytest.mark.parametrize("start", range(1_000, 21_000, A_RECORD))
def test_so_are_those_of_very_many_histories(start: int) -> None:
    found = next(differences(range(start, start + A_RECORD)), None)
    assert found is None, found
