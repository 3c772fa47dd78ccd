"""Say whether a claim was public: yes, perhaps, no or unknown (docs/spec/answers.md, 10)."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Literal, NamedTuple

from domain.claims.claim import Claim, Clocks
from domain.claims.interval import NEVER
from events.body import SourceRef
from events.catalogue import about_claims
from events.dates import Answer, Edtf, happened_by, held_at, parse_date
from events.kinds.claim_events import Corrected, DistinctOccurrence, Retracted, SameOccurrence

PublicAnswer = Literal["public", "perhaps", "not public", "unknown"]
Come = Callable[[Edtf], Answer]

DATA_ENTRY = ("recording-error", "duplicate")
ALWAYS = date.min  # the day of what holds whatever day of publication is asked about
_NAMING = frozenset(("party.established", "source.cited"))
# Of several sources the one that says most counts.
_ORDER: tuple[PublicAnswer, ...] = ("public", "perhaps", "unknown", "not public")


class Excluded(NamedTuple):
    """How many claims a day of publication left out: it is unknown whether, or perhaps public."""

    unknown: int = 0
    perhaps: int = 0

    def plus(self, other: "Excluded") -> "Excluded":
        """Return the sum of both."""
        return Excluded(self.unknown + other.unknown, self.perhaps + other.perhaps)


NONE_EXCLUDED = Excluded()


def corrects_data_entry(body: object) -> bool:
    """Say whether a correction or a retraction mends a mistake of whoever recorded the claim."""
    return isinstance(body, (Corrected, Retracted)) and body.reason in DATA_ENTRY


def holds_at_every_day(claim: Claim) -> bool:
    """Say whether a claim holds whatever day of publication is asked about."""
    body = claim.body
    if claim.family is about_claims:
        return corrects_data_entry(body) or isinstance(body, (SameOccurrence, DistinctOccurrence))
    return claim.type in _NAMING and body.basis == "recorder"


def publication_at(claim: Claim, clocks: Clocks) -> PublicAnswer:
    """Say whether a claim was public at the day, or the instant, of publication asked about."""
    day, moment = clocks.public_at, clocks.public_moment
    while claim.published_by is not None:
        claim = claim.published_by
    if day is None or holds_at_every_day(claim):
        return "public"
    come: Come = (
        partial(happened_by, day=day)
        if moment is None
        else partial(held_at, moment=moment, whole_days=False)
    )
    found = {_source_answer(ref, come) for ref in claim.body.sources or ()}
    return min(found, key=_ORDER.index, default="unknown")


def published_on(claim: Claim) -> date | None:
    """Return the first day of certain publication, ALWAYS for every day; None: unknown."""
    if claim.published_by is not None:
        return published_on(claim.published_by)
    if holds_at_every_day(claim):
        return ALWAYS
    if not claim.body.sources:
        return None
    return min(filter(None, map(source_public_on, claim.body.sources)), default=None)


def source_public_on(ref: SourceRef) -> date | None:
    """Return the first day on which a source, as cited, certainly was public; None: unknown."""
    for text in (ref.published, ref.retrieved):
        if text and (last := parse_date(text).not_after):
            return last
    return None


def publication_text(claim: Claim) -> str | None:
    """Return when a claim was published, as EDTF; None where nothing is known of it.

    A day by which it was certainly public is no day of publication, and stands behind `..`.
    """
    if claim.published_by is not None:
        return publication_text(claim.published_by)
    known = [
        (source_public_on(ref) or NEVER, text)
        for ref in claim.body.sources or ()
        if (text := _publication_text(ref))
    ]
    return min(known)[1] if known else None


def _source_answer(ref: SourceRef, come: Come) -> PublicAnswer:
    published = parse_date(ref.published) if ref.published else None
    if published is not None and (came := come(published)) != "cannot tell":
        return "public" if came == "yes" else "not public"
    opened = published is None or published.latest is None
    if opened and ref.retrieved and come(parse_date(ref.retrieved)) == "yes":
        return "public"
    return "perhaps" if published is not None and published.earliest else "unknown"


def _publication_text(ref: SourceRef) -> str | None:
    published = parse_date(ref.published) if ref.published else None
    by = parse_date(ref.retrieved).latest if ref.retrieved else None
    if by is None or (published and published.latest):
        return ref.published
    first = published.earliest if published else None
    if first is None or first >= by:
        return f"[..{by.isoformat()}]"
    return f"[{first.isoformat()}..{by.isoformat()}]"
