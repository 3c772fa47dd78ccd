"""Find the claims that stand, each with its text as corrected, after all said about them.

Steps 2 and 3 of the naive fold (docs/spec/answers.md, 8).
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct, convert

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


class Revisions:
    """What took back or replaced each claim about a thing, kept up claim by claim.

    A correction or retraction reaches others by its target alone: each chain of them, from the
    claim at its root on, is walked by itself, and a thing of which thousands are taken back one
    after the other is not walked through each time.
    """

    def __init__(self) -> None:
        self.retracted: dict[str, Claim] = {}
        self.corrected: dict[str, Claim] = {}
        self._roots: dict[str, str] = {}
        self._chains: dict[str, list[Claim]] = {}

    def add(self, claim: Claim) -> str | None:
        """Take up a claim about a claim; return the id of the claim revised, None for none."""
        body = claim.body
        if not isinstance(body, _REVISING):
            return None
        root = self._roots.get(body.target, body.target)
        self._roots[claim.id] = root
        chain = self._chains.setdefault(root, [])
        for one in (root, *(c.id for c in chain)):
            self.retracted.pop(one, None)
            self.corrected.pop(one, None)
        chain.append(claim)
        retracted, corrected = walk(chain)
        self.retracted |= retracted
        self.corrected |= corrected
        return root


class EffectiveClaims(Struct, frozen=True):
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
    retracted, corrected = walk(about)
    facts = _texts([c for c in known if c.family is not about_claims], retracted, corrected)
    return _sorted_out(facts, _texts(about, retracted, corrected), retracted, corrected)


def standing_claims(
    facts: Sequence[Claim], about: list[Claim], revisions: Revisions
) -> EffectiveClaims:
    """Return what stands, of facts that stand with their texts and of all claims about claims."""
    retracted, corrected = revisions.retracted, revisions.corrected
    return _sorted_out(facts, _texts(about, retracted, corrected), retracted, corrected)


def _public_claims(
    known: Sequence[Claim], clocks: Clocks, counts: tuple[PublicAnswer, ...]
) -> EffectiveClaims:
    """Return what stands of claims whose publication gives one of the answers that count."""
    answers = {c.id: publication_at(c, clocks) for c in known if c.family is about_claims}
    about = [c for c in known if c.family is about_claims and answers[c.id] in counts]
    retracted, corrected = walk(about)
    facts = _texts([c for c in known if c.family is not about_claims], retracted, corrected)
    said = _texts(about, retracted, corrected)
    told = {c.id: publication_at(c, clocks) for c in (*facts, *said)}
    left_out = [answer for answer in told.values() if answer not in counts]
    left_out += [
        answers[c.id]
        for c in known
        if c.id in answers and answers[c.id] not in counts and c.id not in retracted
    ]
    public = [c for c in facts if told[c.id] in counts]
    said = [c for c in said if told[c.id] in counts]
    found = _sorted_out(public, said, retracted, corrected)
    excluded = Excluded(left_out.count("unknown"), left_out.count("perhaps"))
    return replace(found, excluded=excluded)


def _sorted_out(
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
    return [as_corrected(c, corrected) for c in left] if corrected else left


def walk(about: Sequence[Claim]) -> tuple[dict[str, Claim], dict[str, Claim]]:
    """Return what took back, and what replaced the text of, each claim, by its id."""
    retracted: dict[str, Claim] = {}
    corrected: dict[str, Claim] = {}
    for claim in reversed(about):
        if claim.id in retracted:
            continue
        if isinstance(claim.body, Corrected):
            corrected.setdefault(claim.body.target, claim)
            continue
        now = as_corrected(claim, corrected)  # what corrects it is later, and known by now
        if isinstance(now.body, Retracted):
            retracted[now.body.target] = now
    return retracted, corrected


def as_corrected(claim: Claim, corrected: dict[str, Claim]) -> Claim:
    """Return a claim with its text as corrected."""
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
