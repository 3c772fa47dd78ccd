"""What was public, and how far sources agree, by the cases of docs/spec/answers.md, 10 and 13."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.claims.alternatives import strict_views
from domain.claims.claim import Claim, Clocks
from domain.claims.publication import Excluded, publication_at, publication_text
from domain.claims.ranking import policy
from domain.claims.resolution import Resolution, fold
from domain.decisions.batch import AppendResult, Batch, Command
from domain.decisions.stream_index import StreamIndex
from events.body import SourceRef
from events.catalogue import body_class

PAPER = "agreement/x"
DAY = date(2025, 7, 31)


def claim(n: int, type_: str, by: str = "party/press", **own: Any) -> Claim:
    own.setdefault("basis", "press")
    own.setdefault("sources", (SourceRef(source="source/post", published="2025-07-01"),))
    return Claim(n, n, PAPER, type_, body_class(type_)(asserted_by=by, **own))


def signed(n: int, day: str, by: str, **own: Any) -> Claim:
    return claim(n, "agreement.signed", by, party="party/xa", mode="simple", effective=day, **own)


def asked(*claims: Claim, name: str = "primary-first", **clocks: Any) -> Resolution:
    return fold(claims, Clocks(DAY, **clocks), policy(name))


def source(published: str | None, retrieved: str | None = None) -> tuple[SourceRef, ...]:
    return (SourceRef(source="source/post", published=published, retrieved=retrieved),)


@pytest.mark.parametrize(
    ("published", "retrieved", "answer", "text"),
    [
        ("2025-07-31", None, "public", "2025-07-31"),
        ("2025-07", None, "public", "2025-07"),
        ("2025-08", None, "not public", "2025-08"),
        ("2025-07-31?", None, "perhaps", "2025-07-31?"),
        ("[2025-07-18..]", None, "perhaps", "[2025-07-18..]"),
        ("[2025-07-18..]", "2026-11-24", "perhaps", "[2025-07-18..2026-11-24]"),
        ("[2025-07-18..]", "2025-07-20", "public", "[2025-07-18..2025-07-20]"),
        ("[2025-08-01..]", "2026-11-24", "not public", "[2025-08-01..2026-11-24]"),
        ("[..2025-08-18]", None, "unknown", "[..2025-08-18]"),
        (None, "2026-11-24", "unknown", "[..2026-11-24]"),
        (None, "2025-07-31", "public", "[..2025-07-31]"),
        (None, None, "unknown", None),
    ],
)
def test_a_source_was_public_perhaps_not_or_it_is_unknown(
    published: str | None, retrieved: str | None, answer: str, text: str | None
) -> None:
    one = signed(1, "2025-07-16", "party/press", sources=source(published, retrieved))
    assert publication_at(one, Clocks(DAY, DAY)) == answer
    assert publication_text(one) == text


@pytest.mark.parametrize(
    ("published", "hour", "answer"),
    [
        ("2024-03-14T18:00:00Z", 12, "not public"),
        ("2024-03-14T18:00:00Z", 18, "public"),
        ("2024-03-14", 12, "perhaps"),
        ("2024-03-13", 12, "public"),
        ("2024-03-15", 12, "not public"),
    ],
)
def test_an_instant_is_compared_as_an_instant(published: str, hour: int, answer: str) -> None:
    moment = datetime(2024, 3, 14, hour, tzinfo=UTC)
    one = signed(1, "2024-03-14", "party/press", sources=source(published))
    clocks = Clocks(DAY, moment.date(), None, None, moment)
    assert publication_at(one, clocks) == answer


def test_what_perhaps_was_public_is_folded_beside_the_answer() -> None:
    first = signed(1, "2025-07-16", "party/xa", basis="own-publication")
    second = signed(2, "2025-07-18", "party/press", sources=source("[2025-07-18..]", "2026-11-24"))
    view = asked(first, second, public_at=DAY)
    assert [one.support for one in view.occurrences] == ["single source"]
    assert view.standing.excluded == Excluded(0, 1)
    assert view.perhaps is not None
    assert [one.support for one in view.perhaps.occurrences] == ["contested"]
    assert asked(first, second).perhaps is None


def test_a_correction_without_a_source_does_not_exist_at_a_day() -> None:
    first = signed(1, "2025-07-16", "party/xa", sources=source("2025-06-01"))
    data = {"asserted_by": "party/xa", "basis": "press", "party": "party/xb", "mode": "simple"}
    data["sources"] = [{"source": "source/post"}]  # type: ignore[assignment]
    again = claim(
        *(2, "claim.corrected", "party/recorder"),
        basis="recorder",
        sources=None,
        target=first.id,
        reason="source-corrected",
        data_type="agreement.signed.v1",
        data=data,
    )
    assert asked(first, again, public_at=date(2024, 6, 1)).standing.claims == ()
    (stands,) = asked(first, again, public_at=DAY).standing.claims
    assert stands.body == first.body


def resolved(n: int, winner: str, *among: str) -> Claim:
    own = {"winner": winner, "among": tuple(sorted(among)), "ground": "It was read."}
    return claim(n, "claim.resolved", "party/court", **own)


def test_a_resolution_ends_a_contest_under_four_conditions() -> None:
    first = signed(1, "2025-07-16", "party/xa", basis="official-record")
    others = [signed(n, f"2025-07-2{n}", f"party/p{n}") for n in (2, 3)]
    all_three = [c.id for c in (first, *others)]
    denied = claim(5, "claim.denied", "party/xb", target=first.id, ground="It did not happen.")

    def support(*more: Claim, name: str = "primary-first") -> str:
        return asked(first, *others, *more, name=name).occurrences[0].support

    decides = resolved(4, first.id, *all_three)
    assert support() == "contested"
    assert support(decides) == "resolved"
    assert support(resolved(4, first.id, *all_three[:2])) == "contested"  # one is not named
    assert support(decides, denied) == "contested"  # a denial after it
    assert support(decides, resolved(6, others[0].id, *all_three)) == "contested"
    assert support(decides, name="prefer:party/p2") == "contested"  # selects another
    strict = asked(first, *others, decides, name="strict").occurrences[0]
    assert [c.id for c in strict.pick] == [first.id]


def test_what_is_not_one_day_corroborates_nothing() -> None:
    first = signed(1, "2025-07-16", "party/xa")
    for other, support in (("2025-07-16", "corroborated"), ("2025-07", "single source")):
        (one,) = asked(first, signed(2, other, "party/press")).occurrences
        assert (one.support, one.fields["effective"]) == (support, support)
        assert one.fields["party"] == "corroborated"


def test_strict_takes_each_alternative_in_turn_and_a_denied_act_also_as_not_done() -> None:
    first = signed(1, "2025-07-16", "party/xa")
    second = signed(2, "2025-08-16", "party/press")
    denied = claim(3, "claim.denied", "party/xb", target=first.id, ground="It did not happen.")

    def picks(*claims: Claim) -> list[list[str]]:
        views = strict_views(asked(*claims, name="strict"))
        return [[c.id for c in view.occurrences[0].pick] for view in views]

    assert picks(first) == []
    assert picks(first, second) == [[first.id], [second.id]]
    assert picks(first, denied) == [[first.id], []]
    (one,) = asked(first, second, name="strict").occurrences
    assert (one.pick, one.holds, one.shown) == ((), "cannot tell", True)


def taken(batch: Batch, subject: str, type_: str, **own: Any) -> AppendResult:
    data = {"asserted_by": "party/recorder", "basis": "recorder", **own}
    result = batch.take(Command(subject, type_, data))
    assert result.error is None, result.error
    return result


def test_a_citation_without_a_day_takes_that_of_the_source_and_other_days_are_no_other_fact() -> (
    None
):
    batch = Batch(StreamIndex, set, "00000000-0000-0000-0000-000000000000")
    taken(batch, "party/xa", "party.established", name="Ada", type="state")
    taken(batch, "source/post", "source.cited", published="2025-07-15")

    def sign(**ref: str) -> AppendResult:
        own: dict[str, Any] = {"asserted_by": "party/xa", "basis": "own-publication"}
        own |= {"party": "party/xa"}
        return taken(
            *(batch, PAPER, "agreement.signed"),
            **{**own, "mode": "simple", "sources": [{"source": "source/post", **ref}]},
        )

    first = sign()
    assert first.claim is not None
    assert first.claim.body.sources == source("2025-07-15")
    assert "its own, 2025-07-15, is recorded with it" in first.notes[0]
    again = sign(published="2025-07-18")
    assert (again.already, again.id) == (True, first.id)
    assert "depositary correct" in again.notes[0]
    assert sign().already


ALIKE: dict[str, dict[str, Any]] = {
    "agreement.entry-into-force-rule-set": {"rule": {"when": {"on": "signature", "which": "last"}}},
    "agreement.registered": {"with": "party/xa", "number": 'I-1 "sources":[{"source":"x"}]'},
    "agreement.concluded": {"note": '"sources":[{"published": "2025"}]'},
}


@pytest.mark.parametrize("type_", ALIKE)
def test_a_fact_is_the_same_with_other_days_of_publication_but_not_from_another_source(
    type_: str,
) -> None:
    batch = Batch(StreamIndex, set, "00000000-0000-0000-0000-000000000000")
    taken(batch, "party/xa", "party.established", name="Ada", type="state")
    for name in ("a", "b"):
        taken(batch, f"source/{name}", "source.cited", title=name)
    own = ALIKE[type_]

    def said(*named: str, **ref: str) -> AppendResult:
        told = {"asserted_by": "party/xa", "basis": "own-publication", "key": " and ".join(named)}
        sources = [{"source": f"source/{name}", **ref} for name in named]
        return taken(batch, PAPER, type_, **told, **own, sources=sources)

    first = said("a", published="2025-07-15")
    for again in (
        said("a", published="2025-07-15"),
        said("a", published="2025-07-18"),
        said("a", retrieved="2025-07-18", published="2025-07-15"),
    ):
        assert (again.already, again.id) == (True, first.id)
    assert not said("a", "b", published="2025-07-15").already
