"""Rank competing claims under a named policy.

Policies are named and versioned; `primary-first` is the default (docs/spec/answers.md, 12). A
policy ranks whole claims and never mixes their fields.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from domain.claims.claim import Claim
from domain.claims.comparison import alternatives_agree, origins
from domain.claims.occurrences import Alternative, compared_claims
from domain.claims.publication import published_on
from events.identifiers import IdError, check_thing

Item = TypeVar("Item")
Key = Callable[[Alternative], tuple[int, ...]]

VERSION = 1
NAMES = ("primary-first", "latest", "strict", "prefer:party/...")
DEFAULT = "primary-first"

# Ranks of bases, best first; `own` is the actor's own publication, `other` the other side's.
ACTS: tuple[str, ...] = (
    "official-record",
    "audit",
    "signed-statement",
    "own",
    "other",
    "own-publication",
    "other-public-body",
    "tracker",
    "press",
    "recorder",
    "on-chain",
)
HOLDINGS: tuple[str, ...] = (
    "audit",
    "official-record",
    "signed-statement",
    "on-chain-disclosed",
    "own-publication",
    "other-public-body",
    "tracker",
    "press",
    "on-chain",
    "recorder",
)
FLOWS: tuple[str, ...] = (
    "official-record",
    "audit",
    "signed-statement",
    "own-publication",
    "other-public-body",
    "tracker",
    "press",
    "recorder",
    "on-chain",
)
_RANKS = {
    **dict.fromkeys(
        ("reserve.holding-reported", "reserve.holding-observed", "reserve.valued"), HOLDINGS
    ),
    **dict.fromkeys(("reserve.acquired", "reserve.disposed", "reserve.transferred"), FLOWS),
}
_NEVER_ON_CHAIN_ALONE = frozenset(
    f"reserve.{verb}"
    for verb in ("acquired", "disposed", "transferred", "seized", "forfeited", "lost")
)


class PolicyError(ValueError):
    """A policy is primary-first, latest, strict or prefer:party/..."""


class Policy(NamedTuple):
    """A named policy; `prefer` is the party whose claims it puts first."""

    name: str
    prefer: str | None = None

    def __str__(self) -> str:
        return self.name


class RankingContext:
    """What ranking needs to know beside the claims compared: who is who about this thing.

    `resolutions` are the live resolutions. The rest is found when a rank first asks for it: most
    happenings are reported once, and need none.
    """

    def __init__(self, claims: Iterable[Claim], resolutions: tuple[Claim, ...] = ()) -> None:
        self._claims, self.resolutions = claims, resolutions
        self._sides: frozenset[str] | None = None
        self._disclosed: frozenset[str] | None = None

    @property
    def sides(self) -> frozenset[str]:
        """Return the parties that act or for which others act."""
        if self._sides is None:
            found: set[str] = set()
            for claim in self._claims:
                for name in ("party", "for_", "holder", "parties"):
                    value = getattr(claim.body, name, None) or ()
                    found.update((value,) if isinstance(value, str) else value)
            self._sides = frozenset(found)
        return self._sides

    @property
    def disclosed(self) -> frozenset[str]:
        """Return the addresses that the holder disclosed."""
        if self._disclosed is None:
            found: set[str] = set()
            for claim in self._claims:
                if claim.type == "reserve.address-disclosed":
                    found.update(getattr(claim.body, "addresses", None) or ())
            self._disclosed = frozenset(found)
        return self._disclosed


def policy(text: str) -> Policy:
    """Return the policy of a name; raise PolicyError with a sentence."""
    name, colon, party = text.partition(":")
    if name == "prefer" and colon:
        try:
            check_thing(party, ("party",))
        except IdError as error:
            raise PolicyError(str(error)) from None
        return Policy(text, party)
    if text not in ("primary-first", "latest", "strict"):
        raise PolicyError(f"'{text}' is not a policy: write one of {', '.join(NAMES)}")
    return Policy(text)


def rank(
    chosen: Policy, alternatives: Iterable[Alternative], context: RankingContext
) -> tuple[Alternative, ...]:
    """Return the alternatives, best first under the policy."""
    found = tuple(alternatives)
    keys = (_latest,) if chosen.name == "latest" else primary_keys(chosen, found, context)
    return tuple(sort_lazily(found, *keys))


def decided_by(
    chosen: Policy,
    better: Alternative,
    worse: Alternative,
    among: Iterable[Alternative],
    context: RankingContext,
) -> str:
    """Return the first criterion by which one alternative goes before another, in words.

    `among` are all that were ranked: what agrees with a claim counts.
    """
    for words, key in _criteria(chosen, tuple(among), context):
        if key(better) != key(worse):
            return words
    return "nothing: they are alike"


def _criteria(
    chosen: Policy, among: Sequence[Alternative], context: RankingContext
) -> Iterable[tuple[str, Key]]:
    if chosen.name == "latest":
        yield "published later", lambda one: _latest(one)[:1]
        yield "recorded later", lambda one: _latest(one)[1:]
        return
    strength, support = primary_keys(chosen, among, context)
    yield "asserted or resolved by the party preferred", lambda one: strength(one)[:1]
    yield "on a stronger basis, its own or a resolution's", lambda one: strength(one)[1:2]
    yield "direct before second-hand", lambda one: strength(one)[2:]
    yield "more independent origins agree with it", lambda one: support(one)[:1]
    yield "published later", lambda one: support(one)[1:2]
    yield "recorded earlier", lambda one: support(one)[2:]


def eligible(claim: Claim) -> bool:
    """Say whether a claim may be selected: a flow, seizure or loss is never on-chain alone."""
    return not (claim.type in _NEVER_ON_CHAIN_ALONE and claim.body.basis == "on-chain")


def basis_rank(speaker: Claim, context: RankingContext, about: str) -> int:
    """Return how strong a speaker's basis is where something of a type is claimed, 0 the strongest.

    The speaker is the claim of that type, or a resolution that it won.
    """
    basis, order = _basis(speaker, context), _RANKS.get(about, ACTS)
    if basis in ("own", "other") and order is not ACTS:
        basis = "own-publication"  # only of acts is it asked whose
    if basis == "on-chain-disclosed" and order is not HOLDINGS:
        basis = "on-chain"
    return order.index(basis)


def _basis(claim: Claim, context: RankingContext) -> str:
    basis, asserter = claim.body.basis, claim.body.asserted_by
    if basis == "on-chain":
        addresses = frozenset(getattr(claim.body, "addresses", None) or ())
        return "on-chain-disclosed" if addresses and addresses <= context.disclosed else basis
    if basis != "own-publication":
        return basis
    actors = {
        party for name in ("party", "for_", "by") if (party := getattr(claim.body, name, None))
    }
    if asserter in (actors or context.sides):
        return "own"
    return "other" if asserter in context.sides else basis


def primary_keys(
    chosen: Policy, alternatives: Sequence[Alternative], context: RankingContext
) -> tuple[Key, Key]:
    """Return the keys of primary-first: what a claim is, then, for ties, what agrees with it.

    Parts together are as strong as the weakest of them.
    """

    def strength(one: Alternative) -> tuple[int, ...]:
        return (
            0 if any(prefers(chosen, claim, context) for claim in one) else 1,
            max(_strength(claim, context) for claim in one),
            max(1 if claim.body.relayed else 0 for claim in one),
        )

    def support(one: Alternative) -> tuple[int, ...]:
        mine = compared_claims(one)
        alike = (
            o for o in alternatives if o is one or alternatives_agree(mine, compared_claims(o))
        )
        witnesses = origins([claim for other in alike for claim in other])
        return -len(witnesses), _published_last(one), min(claim.position for claim in one)

    return strength, support


def _strength(claim: Claim, context: RankingContext) -> int:
    """Return the rank of a claim: the better of its own basis and of the resolutions it won."""
    won = (r for r in context.resolutions if _winner(r) == claim.id)
    return min(basis_rank(speaker, context, claim.type) for speaker in (claim, *won))


def sort_lazily(items: Iterable[Item], key: Callable[[Item], Any], *then: Any) -> list[Item]:
    """Sort by a key, and only where it leaves a tie by the next, which may be costly."""
    runs = (list(run) for _, run in groupby(sorted(items, key=key), key))
    return [
        one for run in runs for one in (sort_lazily(run, *then) if then and len(run) > 1 else run)
    ]


def prefers(chosen: Policy, claim: Claim, context: RankingContext) -> bool:
    """Say whether the party that the policy prefers asserts a claim, or resolved for it."""
    if chosen.prefer is None:
        return False
    asserters = {claim.body.asserted_by} | {
        r.body.asserted_by for r in context.resolutions if _winner(r) == claim.id
    }
    return chosen.prefer in asserters


def _latest(one: Alternative) -> tuple[int, ...]:
    return _published_last(one), -max(claim.position for claim in one)


def _published_last(one: Alternative) -> int:
    days = [published_on(claim) for claim in one]
    return -max(day.toordinal() if day else 0 for day in days)


def _winner(resolution: Claim) -> str:
    return str(getattr(resolution.body, "winner", ""))
