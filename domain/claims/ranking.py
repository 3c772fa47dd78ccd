"""Which claim does a policy pick, and why this before that?

Policies are named and versioned; `primary-first` is the default (docs/spec/answers.md, 12). A
policy ranks whole claims and never mixes their fields.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from domain.claims.claim import Claim, published_on
from domain.claims.comparison import alternatives_agree, origins
from domain.claims.occurrences import Alternative, compared
from events.catalogue import family
from events.identifiers import IdError, check_thing
from events.remember import per_class, remembered

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
    "signed-statement",
    "on-chain-disclosed",
    "own-publication",
    "tracker",
    "press",
)
FLOWS: tuple[str, ...] = ("signed-statement", "own-publication", "tracker")

_FLOW_TYPES = frozenset(
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


class Company:
    """What ranking needs to know beside the claims: who is who about this thing.

    `resolutions` are the live resolutions. The rest is found when a rank first asks for it: most
    happenings are told once, and need none.
    """

    def __init__(self, claims: Iterable[Claim], resolutions: tuple[Claim, ...] = ()) -> None:
        self._claims, self.resolutions = claims, resolutions

    @remembered
    def sides(self) -> frozenset[str]:
        """Return the parties that act or for which others act."""
        found: set[str] = set()
        for claim in self._claims:
            for name in _naming(type(claim.body)):
                value = getattr(claim.body, name) or ()
                found.update((value,) if isinstance(value, str) else value)
        return frozenset(found)

    @remembered
    def disclosed(self) -> frozenset[str]:
        """Return the addresses that the holder disclosed."""
        found: set[str] = set()
        for claim in self._claims:
            if claim.type == "reserve.address-disclosed":
                found.update(getattr(claim.body, "addresses", None) or ())
        return frozenset(found)


@per_class
def _naming(cls: Any) -> tuple[str, ...]:
    """Return the fields of a body that name sides."""
    return tuple(n for n in ("party", "for_", "holder", "parties") if hasattr(cls, n))


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
        raise PolicyError(f"'{text}' is no policy: write one of {', '.join(NAMES)}")
    return Policy(text)


def rank(
    chosen: Policy, alternatives: Iterable[Alternative], company: Company
) -> tuple[Alternative, ...]:
    """Return the alternatives, best first under the policy."""
    found = tuple(alternatives)
    keys = (_latest,) if chosen.name == "latest" else _primary(chosen, found, company)
    return tuple(_ordered(found, *keys))


def rank_measurements(
    chosen: Policy, claims: Sequence[Claim], company: Company
) -> tuple[Claim, ...]:
    """Return measurements, best first: the newest as-of, then by the policy."""
    if len(claims) < 2:
        return tuple(claims)
    if chosen.name == "latest":
        return tuple(sorted(claims, key=lambda claim: _latest((claim,))))
    alone = [(claim,) for claim in claims]

    def newest_first(one: Alternative) -> tuple[int, ...]:
        return _put_first(chosen, one[0], company), *one[0].newness[:2]

    ranked = _ordered(alone, newest_first, *_primary(chosen, alone, company))
    return tuple(claim for (claim,) in ranked)


def decided_by(
    chosen: Policy,
    better: Alternative,
    worse: Alternative,
    among: Iterable[Alternative],
    company: Company,
) -> str:
    """Return the first criterion by which one alternative goes before another, in words.

    `among` are all that were ranked: what agrees with a claim counts. Measurements are ranked by
    their as-of first.
    """
    for words, key in _criteria(chosen, tuple(among), company):
        if key(better) != key(worse):
            return words
    return "nothing: they are alike"


def _criteria(
    chosen: Policy, among: Sequence[Alternative], company: Company
) -> Iterable[tuple[str, Key]]:
    if chosen.name == "latest":
        yield "published later", lambda one: _latest(one)[:1]
        yield "recorded later", lambda one: _latest(one)[1:]
        return
    strength, support = _primary(chosen, among, company)
    yield "asserted or resolved by the party preferred", lambda one: strength(one)[:1]
    if among and family(among[0][0].type).name == "series":
        yield "of a newer day", lambda one: one[0].newness[:2]
    yield "on a stronger basis, its own or a resolution's", lambda one: strength(one)[1:2]
    yield "direct before relayed", lambda one: strength(one)[2:]
    yield "more independent origins agree with it", lambda one: support(one)[:1]
    yield "published later", lambda one: support(one)[1:2]
    yield "recorded earlier", lambda one: support(one)[2:]


def eligible(claim: Claim) -> bool:
    """Say whether a claim may be picked: bought or moved is never on-chain alone."""
    return not (claim.type in _FLOW_TYPES and claim.body.basis == "on-chain")


def basis_rank(speaker: Claim, company: Company, about: str) -> int:
    """Return how strong a speaker's basis is where something of a type is claimed, 0 the strongest.

    The speaker is the claim of that type, or a resolution that it won.
    """
    basis = _basis(speaker, company)
    if about in _FLOW_TYPES:
        order = FLOWS
    elif about in ("reserve.holding-reported", "reserve.holding-observed", "reserve.valued"):
        order = HOLDINGS
    else:
        order = ACTS
    if basis in ("own", "other") and order is not ACTS:
        basis = "own-publication"  # only of acts is it asked whose
    if basis in order:
        return order.index(basis)
    return len(order) + ACTS.index(speaker.body.basis if basis == "on-chain-disclosed" else basis)


def _basis(claim: Claim, company: Company) -> str:
    basis, asserter = claim.body.basis, claim.body.asserted_by
    if basis == "on-chain":
        addresses = frozenset(getattr(claim.body, "addresses", None) or ())
        return "on-chain-disclosed" if addresses and addresses <= company.disclosed else basis
    if basis != "own-publication":
        return basis
    actors = {
        party for name in ("party", "for_", "by") if (party := getattr(claim.body, name, None))
    }
    if asserter in (actors or company.sides):
        return "own"
    return "other" if asserter in company.sides else basis


def _primary(
    chosen: Policy, alternatives: Sequence[Alternative], company: Company
) -> tuple[Key, Key]:
    """Return the keys of primary-first: what a claim is, then, for ties, what agrees with it.

    Parts together are as strong as the weakest of them.
    """

    def strength(one: Alternative) -> tuple[int, ...]:
        return (
            min(_put_first(chosen, claim, company) for claim in one),
            max(_strength(claim, company) for claim in one),
            max(1 if claim.body.relayed else 0 for claim in one),
        )

    def support(one: Alternative) -> tuple[int, ...]:
        mine = compared(one)
        alike = (o for o in alternatives if o is one or alternatives_agree(mine, compared(o)))
        witnesses = origins([claim for other in alike for claim in other])
        return -len(witnesses), _published_last(one), min(claim.position for claim in one)

    return strength, support


def _strength(claim: Claim, company: Company) -> int:
    """Return the rank of a claim: the better of its own basis and of the resolutions it won."""
    won = (r for r in company.resolutions if _winner(r) == claim.id)
    return min(basis_rank(speaker, company, claim.type) for speaker in (claim, *won))


def _ordered(items: Iterable[Item], key: Callable[[Item], Any], *then: Any) -> list[Item]:
    """Sort by a key, and only where it leaves a tie by the next, which may be costly."""
    runs = (list(run) for _, run in groupby(sorted(items, key=key), key))
    return [one for run in runs for one in (_ordered(run, *then) if then and len(run) > 1 else run)]


def _put_first(chosen: Policy, claim: Claim, company: Company) -> int:
    if chosen.prefer is None:
        return 0
    asserters = {claim.body.asserted_by} | {
        r.body.asserted_by for r in company.resolutions if _winner(r) == claim.id
    }
    return 0 if chosen.prefer in asserters else 1


def _latest(one: Alternative) -> tuple[int, ...]:
    return _published_last(one), -max(claim.position for claim in one)


def _published_last(one: Alternative) -> int:
    days = [published_on(claim) for claim in one]
    return -max(day.toordinal() if day else 0 for day in days)


def _winner(resolution: Claim) -> str:
    return str(getattr(resolution.body, "winner", ""))
