"""The timeline has the rows that a reader of docs/spec/answers.md would write, in order."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.ranking import policy
from events.body import SourceRef
from projections.queries.timeline import TimelineFilter, build_timeline
from tests.effort import examples
from tests.properties.histories import plain
from tests.properties.ledgers import Holding, Ledger, parties, said, timed, told
from tests.properties.naive_timeline import Asked, naive_timeline

EXAMPLES = examples(50)
EXAMPLES_LONG = 5_000
COMPARED = (
    *("id", "subject", "position", "recorded", "type", "asserted_by", "effective", "acted"),
    *("published", "support", "selected", "begun", "late_days"),
)

# All rows, or those of one filter, or of several.
asked_rows = (
    st.just(Asked())
    | st.builds(Asked, late_days=st.integers(-3, 6))
    | st.builds(Asked, party=parties())
    | st.builds(Asked, st.none() | st.integers(-3, 6), st.booleans(), st.booleans(), parties())
)


def read(ledger: Ledger, asked: Asked) -> dict[str, Any]:
    answers: Any = Holding(ledger.claims)
    found = build_timeline(
        answers,
        ledger.claims,
        ledger.clocks,
        policy(ledger.question.policy),
        TimelineFilter(asked.late_days, asked.future, asked.contested),
        party=asked.party,
    )
    rows = [
        {**{name: row[name] for name in COMPARED}, "perhaps": "perhaps" in row}
        for row in found.rows
    ]
    return {"rows": rows, "excluded": found.excluded}


@settings(max_examples=EXAMPLES)
@given(timed(), asked_rows)
def test_the_timeline_answers_as_the_second_opinion(ledger: Ledger, asked: Asked) -> None:
    assert read(ledger, asked) == naive_timeline(ledger.claims, *ledger.question, asked=asked)


@pytest.mark.long
@settings(max_examples=EXAMPLES_LONG)
@given(timed(), asked_rows)
def test_the_timeline_answers_as_the_second_opinion_at_length(ledger: Ledger, asked: Asked) -> None:
    assert read(ledger, asked) == naive_timeline(ledger.claims, *ledger.question, asked=asked)


# What the two opinions once disagreed about.


def rows(*bodies: Any) -> list[dict[str, Any]]:
    """Return the rows of agreement/x, on which both opinions must agree."""
    ledger = told("agreement/x", *bodies)
    found = read(ledger, Asked())
    assert found == naive_timeline(ledger.claims, *ledger.question, asked=Asked())
    whole: list[dict[str, Any]] = found["rows"]
    return whole


def described(by: str, effective: str = "2025-07-16", **own: Any) -> Any:
    return said("agreement.described", by=by, effective=effective, **own)


def test_a_row_has_the_worst_status_of_what_its_claim_speaks_of() -> None:
    both = described("party/pcc", title="A paper", kind="memorandum")

    def beside(**own: Any) -> dict[str, str]:
        official = described("party/onbtc", basis="official-record", **own)
        return {row["id"]: row["support"] for row in rows(both, official)}

    # The occurrence of the kind comes last, and is not the worst.
    assert beside(kind="memorandum") == {
        "agreement/x/1": "single source",
        "agreement/x/2": "corroborated",
    }
    assert set(beside(title="Another paper").values()) == {"contested"}
    assert set(beside(kind="letter-of-intent").values()) == {"contested"}


def corrected(basis: str, published: str, new: Any) -> Any:
    """Return a correction of agreement/x/1, as its source said otherwise."""
    sources = (SourceRef(source="source/post", published=published),)
    by = "party/recorder" if basis == "recorder" else "party/pcc"
    data = {"data_type": f"{new[0]}.v1", "data": plain(new[1])}
    own = {"target": "agreement/x/1", "reason": "source-corrected", **data}
    return said("claim.corrected", by=by, basis=basis, sources=sources, **own)


def test_a_claim_that_the_recorder_corrected_is_public_by_the_sources_of_the_correction() -> None:
    first, second = (described("party/pcc", title=title) for title in ("A paper", "The paper"))
    assert rows(first)[0]["published"] == "2025-07-17"
    (row,) = rows(first, corrected("recorder", "2025-07-18", second))
    assert row["published"] == "2025-07-18"


def test_the_words_of_the_recorder_are_public_with_the_correction_that_brought_them() -> None:
    mine = described("party/recorder", title="A paper", basis="recorder", sources=None)
    assert rows(mine)[0]["published"] is None
    (row,) = rows(mine, corrected("press", "2025-07-18", mine))
    assert row["published"] == "2025-07-18"
