"""Find the claims that stand, each with its text as corrected, after all said about them.

Steps 2 and 3 of the naive fold (docs/spec/answers.md, 8): claims about claims that are not public
are dropped, the rest is walked newest first leaving out those that were retracted, so that chains
and revivals need no recursion.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import convert

from domain.claims.claim import Claim, Clocks
from domain.claims.publication import (
    NONE_EXCLUDED,
    Excluded,
    PublicAnswer,
    corrects_data_entry,
    publication_at,
)
from events.catalogue import about_claims, body_class, type_of
from events.kinds.claim_events import (
    Corrected,
    Denied,
    DistinctOccurrence,
    Resolved,
    Retracted,
    SameOccurrence,
)
from events.value import replace

Link = SameOccurrence | DistinctOccurrence
_REVISING = (Corrected, Retracted)
_CERTAINLY: tuple[PublicAnswer, ...] = ("public",)
_PERHAPS: tuple[PublicAnswer, ...] = ("public", "perhaps")


class EffectiveClaims(NamedTuple):
    """What stands: the claims with their texts as corrected, and what was said about them.

    `retracted` and `corrected` map the id of a claim to the event that took it back or replaced
    its text; `excluded` counts what the day of publication left out though it may have been public.
    """

    claims: tuple[Claim, ...]
    denials: tuple[Claim, ...]
    resolutions: tuple[Claim, ...]
    links: tuple[Claim, ...]
    retracted: dict[str, Claim]
    corrected: dict[str, Claim]
    excluded: Excluded


def effective_claims(
    claims: Iterable[Claim], clocks: Clocks | None = None, *, perhaps: bool = False
) -> EffectiveClaims:
    """Return what stands among a thing's claims, given in the order of their positions.

    At a day of publication: of what certainly was public, or with all that perhaps was.
    """
    known = tuple(claims)
    if clocks is not None and clocks.public_at is not None:
        return _public_claims(known, clocks, _PERHAPS if perhaps else _CERTAINLY)
    if not any(claim.family is about_claims for claim in known):
        # as of most things: nothing to revise
        return EffectiveClaims(known, (), (), (), {}, {}, NONE_EXCLUDED)
    about = [c for c in known if c.family is about_claims]
    retracted, corrected = _walk(about)
    facts = _texts([c for c in known if c.family is not about_claims], retracted, corrected)
    return _told(facts, _texts(about, retracted, corrected), retracted, corrected)


def _public_claims(
    known: Sequence[Claim], clocks: Clocks, counts: tuple[PublicAnswer, ...]
) -> EffectiveClaims:
    """Return what stands of claims whose publication gives one of the answers that count."""
    answers = {c.id: publication_at(c, clocks) for c in known if c.family is about_claims}
    about = [c for c in known if c.family is about_claims and answers[c.id] in counts]
    retracted, corrected = _walk(about)
    facts = _texts([c for c in known if c.family is not about_claims], retracted, corrected)
    said = _texts(about, retracted, corrected)
    told = {c.id: publication_at(c, clocks) for c in (*facts, *said)}
    left_out = [answer for answer in told.values() if answer not in counts]
    left_out += [
        answers[c.id]
        for c in known
        if c.id in answers and answers[c.id] not in counts and c.id not in retracted
    ]
    found = _told(
        [c for c in facts if told[c.id] in counts],
        [c for c in said if told[c.id] in counts],
        retracted,
        corrected,
    )
    excluded = Excluded(left_out.count("unknown"), left_out.count("perhaps"))
    return found._replace(excluded=excluded)


def _told(
    facts: Sequence[Claim],
    said: Sequence[Claim],
    retracted: dict[str, Claim],
    corrected: dict[str, Claim],
) -> EffectiveClaims:
    return EffectiveClaims(
        claims=tuple(facts),
        denials=tuple(c for c in said if isinstance(c.body, Denied)),
        resolutions=tuple(c for c in said if isinstance(c.body, Resolved)),
        links=tuple(c for c in said if isinstance(c.body, Link)),
        retracted=retracted,
        corrected=corrected,
        excluded=NONE_EXCLUDED,
    )


def _texts(
    claims: list[Claim], retracted: dict[str, Claim], corrected: dict[str, Claim]
) -> list[Claim]:
    """Return what is left of claims, with their texts as corrected, in the order of versions."""
    if not retracted and not corrected:
        return claims
    left = [c for c in claims if c.id not in retracted and not isinstance(c.body, _REVISING)]
    return [_text(c, corrected) for c in left] if corrected else left


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
        text = replace(
            text,
            body=convert(correction.body.data, cls),
            corrected_by=correction,
            published_by=text.published_by if corrects_data_entry(correction.body) else correction,
        )
    return text
