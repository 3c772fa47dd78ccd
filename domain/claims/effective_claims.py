"""Which claims stand, and with which text, after all that was said about them?

Steps 2 and 3 of the naive fold (docs/spec/answers.md, 8): claims about claims that are not public
are dropped, the rest is walked newest first leaving out those that were retracted, so that chains
and revivals need no recursion.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from domain.claims.claim import Claim, published_on
from events.build import build
from events.catalogue import all_types, body_class, type_of
from events.kinds.claim_events import (
    Corrected,
    Denied,
    DistinctOccurrence,
    Resolved,
    Retracted,
    SameOccurrence,
)

Link = SameOccurrence | DistinctOccurrence
ABOUT = frozenset(name for name in all_types() if name.startswith("claim."))
_REVISING = (Corrected, Retracted)
_SLIPS = ("recording-error", "duplicate")


class Standing(NamedTuple):
    """What stands: the claims with their texts as corrected, and what was said about them.

    `retracted` and `corrected` map the id of a claim to the event that took it back or replaced
    its text; `unknown` counts what was left out because nobody knows when it was public.
    """

    claims: tuple[Claim, ...]
    denials: tuple[Claim, ...]
    resolutions: tuple[Claim, ...]
    links: tuple[Claim, ...]
    retracted: dict[str, Claim]
    corrected: dict[str, Claim]
    unknown: int


def standing(claims: Iterable[Claim], public_at: date | None = None) -> Standing:
    """Return what stands among a thing's claims, given in the order of their positions."""
    known = tuple(claims)
    if public_at is None and ABOUT.isdisjoint([claim.type for claim in known]):
        return Standing(known, (), (), (), {}, {}, 0)  # as of most things: nothing to revise
    about = [c for c in known if c.type in ABOUT and _in_force(c, public_at)]
    retracted, corrected = _walk(about)
    facts = _texts([c for c in known if c.type not in ABOUT], retracted, corrected)
    said = _texts(about, retracted, corrected)
    public = [c for c in said if is_public(c, public_at)]
    return Standing(
        claims=tuple(c for c in facts if is_public(c, public_at)) if public_at else tuple(facts),
        denials=tuple(c for c in public if isinstance(c.body, Denied)),
        resolutions=tuple(c for c in public if isinstance(c.body, Resolved)),
        links=tuple(c for c in said if isinstance(c.body, Link)),
        retracted=retracted,
        corrected=corrected,
        unknown=sum(map(_unknown, (*facts, *said))) if public_at else 0,
    )


def _texts(
    claims: list[Claim], retracted: dict[str, Claim], corrected: dict[str, Claim]
) -> list[Claim]:
    """Return what is left of claims, with their texts as corrected, in the order of versions."""
    if not retracted and not corrected:
        return claims
    left = [c for c in claims if c.id not in retracted and not isinstance(c.body, _REVISING)]
    return [_text(c, corrected) for c in left] if corrected else left


def is_public(claim: Claim, public_at: date | None) -> bool:
    """Say whether a claim was certainly public on a day; without a day every claim is."""
    if public_at is None:
        return True
    published = published_on(claim)
    return published is not None and published <= public_at


def is_slip(body: object) -> bool:
    """Say whether a correction or retraction mends a slip of the recorder."""
    return isinstance(body, _REVISING) and body.reason in _SLIPS


def _in_force(claim: Claim, public_at: date | None) -> bool:
    return is_slip(claim.body) or isinstance(claim.body, Link) or is_public(claim, public_at)


def _unknown(claim: Claim) -> bool:
    return published_on(claim) is None and not isinstance(claim.body, Link)


def _walk(about: Sequence[Claim]) -> tuple[dict[str, Claim], dict[str, Claim]]:
    retracted: dict[str, Claim] = {}
    corrected: dict[str, Claim] = {}
    for claim in reversed(about):
        if claim.id in retracted:
            continue
        if isinstance(claim.body, Corrected):
            corrected.setdefault(claim.body.target, claim)
            continue
        now = _text(claim, corrected)  # what corrects it is later, and known by now
        if isinstance(now.body, Retracted):
            retracted[now.body.target] = now
    return retracted, corrected


def _text(claim: Claim, corrected: dict[str, Claim]) -> Claim:
    text = claim
    while (
        correction := corrected.get(text.corrected_by.id if text.corrected_by else text.id)
    ) and (isinstance(correction.body, Corrected)):
        cls = body_class(type_of(correction.body.data_type))
        text = text._replace(
            body=build(cls, correction.body.data),
            corrected_by=correction,
            published_by=text.published_by if is_slip(correction.body) else correction,
        )
    return text
