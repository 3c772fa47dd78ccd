"""How is a source cited, which copies are kept, and does it still stand?"""

from typing import Any

from events.kinds import source as s
from tests.decisions.kind_facts import after, findings, told

POST = "source/onbtc-post"
CITED = told(
    s.Cited,
    None,
    publisher="party/onbtc",
    title="Letter of intent",
    locator="https://example.org/1",
    published="2025-07-16",
    via=("source/arab-news",),
)


def archived(digit: str, on: str = "2025-08-01") -> Any:
    return told(s.Archived, on, sha256=digit * 64, media_type="text/html", bytes=10)


def rechecked(outcome: str, on: str = "2025-09-01") -> Any:
    return told(s.Rechecked, on, outcome=outcome)


def test_a_source_is_cited_with_all_that_was_said_of_it() -> None:
    state = after(POST, CITED)
    assert (state.publisher, state.title) == ("party/onbtc", "Letter of intent")
    assert (state.locator, state.published) == ("https://example.org/1", "2025-07-16")
    assert state.via == ("source/arab-news",)


def test_a_second_citation_replaces_what_it_says_and_keeps_the_rest() -> None:
    state = after(POST, CITED, told(s.Cited, None, title="Letter of intent, signed"))
    assert (state.title, state.publisher) == ("Letter of intent, signed", "party/onbtc")
    assert (state.locator, state.published) == ("https://example.org/1", "2025-07-16")
    assert state.via == ("source/arab-news",)


def test_all_copies_are_kept() -> None:
    assert after(POST, archived("a"), archived("b")).copies == ("a" * 64, "b" * 64)


def test_it_was_found_as_it_was_found_last() -> None:
    state = after(POST, CITED, rechecked("gone", "2025-10-01"), rechecked("alive"))
    assert state.outcome == "gone"


def test_a_copy_of_what_was_gone_before_is_a_finding() -> None:
    gone = after(POST, CITED, rechecked("gone"))
    assert findings(gone, archived("a", "2025-10-01")) == {
        "archived-after-gone": f"{POST} was found gone before"
    }
    assert findings(after(POST, CITED, rechecked("changed")), archived("a", "2025-10-01")) == {}


def test_nothing_else_is_odd() -> None:
    gone = after(POST, rechecked("gone"))
    assert [findings(gone, body) for body in (CITED, rechecked("alive"))] == [{}, {}]
