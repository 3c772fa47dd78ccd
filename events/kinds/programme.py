"""Define the events of a programme: an arrangement with the International Monetary Fund.

Not a treaty. Access in SDR is exact, in dollars approximate; made available is not disbursed.
"""

from typing import Annotated, Literal

from events.amounts import Quantity, Units
from events.body import Body
from events.fields import Act, Count, Line, PartyId, Prose, Slug, Sorted, ThingId, Whole

Sdr = Annotated[Quantity, Units("xdr-minor")]
Money = Annotated[Quantity, Units("money")]
Months = Annotated[int, Whole(1, 240)]


class StaffLevelAgreementReached(Body):
    """Staff and authorities agreed, on the request or on the `review`-th review."""

    review: Count | None = None


class Approved(Body):
    """The Executive Board approved the arrangement; `available` is what may be drawn at once."""

    facility: Line | None = None
    months: Months | None = None
    access: Sdr | None = None
    access_usd: Money | None = None
    available: Sdr | None = None


class ConditionSet(Body):
    """A condition was set; `ref` names it, `about` what it touches, `due` when it falls due."""

    ref: Slug
    kind: Literal[
        "commitment",
        "indicative-target",
        "performance-criterion",
        "prior-action",
        "structural-benchmark",
    ]
    about: Annotated[tuple[ThingId, ...], Sorted()] | None = None
    words: Prose
    due: Act | None = None


class ConditionAssessed(Body):
    """A party says whether a condition was met."""

    ref: Slug
    verdict: Literal["delayed", "met", "not-met", "waived"]


class ReviewCompleted(Body):
    """The Executive Board completed the n-th review; `available` is what it released."""

    n: Count
    available: Sdr | None = None


class Disbursed(Body):
    """An amount was drawn, and received by `received_by`; `review` is what it followed."""

    amount: Sdr
    received_by: PartyId | None = None
    review: Count | None = None


class Modified(Body):
    """Access or length was changed (augmentation, extension)."""

    access: Sdr | None = None
    months: Months | None = None


class Cancelled(Body):
    """The arrangement was cancelled before its time."""


class Expired(Body):
    """The arrangement ran out."""
