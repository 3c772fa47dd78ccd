"""What can be denied: a claim, or that anything of a type happened in a time?"""

from typing import Any

import pytest

from domain.decisions.decide import Fact, decide
from domain.decisions.errors import TargetError
from domain.decisions.stream_index import StreamIndex
from events import validation
from events.body import SourceRef
from events.kinds.claim_events import Denied

SAID: dict[str, Any] = {
    "asserted_by": "party/sv-bcr",
    "basis": "signed-statement",
    "sources": (SourceRef(source="source/imf-report-2025-07"),),
    "ground": "The stock is what it was.",
}


def denied(name: str, thing: str = "reserve/sv") -> Any:
    body = Denied(**SAID, type=name, span="2025-02-26/2025-07-15")
    return decide(StreamIndex(thing), Fact("claim.denied", body, validation.write_body(body)))


def test_it_is_denied_that_anything_of_a_type_happened() -> None:
    assert denied("reserve.acquired").claim.id == "reserve/sv/1"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("reserve.aquired", r"about reserve/sv: did you mean reserve\.acquired\?"),
        ("agreement.signed", "no fact of a type agreement.signed is recorded about reserve/sv"),
        ("claim.retracted", "no fact of a type claim.retracted is recorded about reserve/sv"),
    ],
)
def test_what_nobody_can_have_claimed_is_not_denied(name: str, sentence: str) -> None:
    with pytest.raises(TargetError, match=sentence):
        denied(name)
