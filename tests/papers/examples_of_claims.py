"""What is an example of everything that can be said about an earlier claim?"""

from events.kinds import claim_events as c
from tests.papers.examples_told import Example, barely, by_recorder, fully

SV, PAPER = "reserve/sv", "agreement/pk-sv-bitcoin-2025"
# A whole body, as the claim had stood had it been right from the start.
HOLDING = {
    "amount": {"lower": 624_200_000_000, "unit": "sat", "upper": 624_200_000_000},
    "asserted_by": "party/the-block",
    "basis": "press",
    "effective": "2025-07-19",
    "scope": "unstated",
    "sources": [{"published": "2025-07-19", "source": "source/the-block"}],
}
NAMED = {"asserted_by": "party/recorder", "basis": "recorder", "holder": "party/sv"}
SPAN = "2025-02-26/2025-07-15"

EXAMPLES: tuple[Example, ...] = (
    fully(
        SV,
        c.Corrected,
        target=f"{SV}/3",
        reason="source-corrected",
        data_type="reserve.holding-reported.v1",
        data=HOLDING,
    ),
    by_recorder(
        SV,
        c.Corrected,
        target=f"{SV}/1",
        reason="recording-error",
        data_type="reserve.established.v1",
        data=NAMED,
    ),
    fully(SV, c.Retracted, target=f"{SV}/4", reason="other"),
    by_recorder(SV, c.Retracted, target=f"{SV}/4", reason="duplicate"),
    fully(
        SV,
        c.Denied,
        "all-of-a-claim",
        target=f"{SV}/2",
        ground="The stock held by the State is said not to have changed.",
    ),
    fully(
        SV,
        c.Denied,
        "all-of-a-type",
        type="reserve.acquired",
        span=SPAN,
        ground="The stock held by the State is said not to have changed.",
    ),
    barely(SV, c.Denied, target=f"{SV}/2", ground="It was moved and not bought."),
    fully(
        PAPER,
        c.Resolved,
        winner=f"{PAPER}/6",
        among=(f"{PAPER}/2", f"{PAPER}/6", f"{PAPER}/8"),
        ground="Who signed it says when.",
    ),
    barely(
        PAPER,
        c.Resolved,
        winner=f"{PAPER}/6",
        among=(f"{PAPER}/2", f"{PAPER}/6"),
        ground="Who signed it says when.",
    ),
    fully(SV, c.SameOccurrence, target=f"{SV}/2", with_=f"{SV}/5", part_of=f"{SV}/5"),
    by_recorder(SV, c.SameOccurrence, target=f"{SV}/2", with_=f"{SV}/5"),
    fully(SV, c.DistinctOccurrence, target=f"{SV}/2", with_=f"{SV}/6"),
    by_recorder(SV, c.DistinctOccurrence, target=f"{SV}/2", with_=f"{SV}/6"),
)
