"""Which claim does a policy pick, and why this before that?

Policies are named and versioned; `primary-first` is the default (domain.md, "Policies"). A policy
ranks whole claims and never mixes their fields.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from domain.agreeing import compatible_claims, origins
from domain.claim import Claim, days, published_on
from domain.occurrences import Alternative, merged
from events.ids import IdError, check_thing

Item = TypeVar("Item")
Key = Callable[[Claim], tuple[int, ...]]

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
    "own",
    "other",
    "own-publication",
    "tracker",
    "press",
)
FLOWS: tuple[str, ...] = ("signed-statement", "own", "other", "own-publication", "tracker")

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


class Company(NamedTuple):
    """What ranking needs to know beside the claims: who is who about this thing.

    `sides` are the parties that act or for which others act, `disclosed` the addresses that the
    holder disclosed, `resolutions` the live resolutions.
    """

    sides: frozenset[str] = frozenset()
    disclosed: frozenset[str] = frozenset()
    resolutions: tuple[Claim, ...] = ()


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
    wholes = [merged(a) for a in found]
    keys = (_latest,) if chosen.name == "latest" else _primary(chosen, wholes, company)
    asked = [lambda i, key=key: key(wholes[i]) for key in keys]
    return tuple(found[i] for i in _ordered(range(len(found)), *asked))


def rank_measurements(
    chosen: Policy, claims: Sequence[Claim], company: Company
) -> tuple[Claim, ...]:
    """Return measurements, best first: the newest as-of, then by the policy."""
    if chosen.name == "latest":
        return tuple(sorted(claims, key=_latest))

    def newest_first(claim: Claim) -> tuple[int, ...]:
        return _put_first(chosen, claim, company), *newest(claim)[:2]

    return tuple(_ordered(claims, newest_first, *_primary(chosen, claims, company)))


def eligible(claim: Claim) -> bool:
    """Say whether a claim may be picked: bought or moved is never on-chain alone."""
    return not (claim.type in _FLOW_TYPES and claim.body.basis == "on-chain")


def newest(claim: Claim) -> tuple[int, int, int]:
    """Return the key that puts the newest measurement first: earliest day, latest, position."""
    earliest, latest = days(claim)
    return (
        -(earliest.toordinal() if earliest else 0),
        -(latest.toordinal() if latest else date.max.toordinal()),
        -claim.position,
    )


def basis_rank(claim: Claim, company: Company) -> int:
    """Return how strong a claim's basis is for its type, 0 the strongest."""
    basis = _basis(claim, company)
    if claim.type in _FLOW_TYPES:
        order = FLOWS
    elif claim.type in ("reserve.holding-reported", "reserve.holding-observed", "reserve.valued"):
        order = HOLDINGS
    else:
        order = ACTS
    if basis in order:
        return order.index(basis)
    return len(order) + ACTS.index(claim.body.basis if basis == "on-chain-disclosed" else basis)


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


def _primary(chosen: Policy, claims: Sequence[Claim], company: Company) -> tuple[Key, Key]:
    """Return the keys of primary-first: what a claim is, then, for ties, what agrees with it."""

    def strength(claim: Claim) -> tuple[int, ...]:
        own = basis_rank(claim, company)
        resolved = [basis_rank(r, company) for r in company.resolutions if _winner(r) == claim.id]
        relayed = 1 if claim.body.relayed else 0
        return _put_first(chosen, claim, company), min([own, *resolved]), relayed

    def support(claim: Claim) -> tuple[int, ...]:
        witnesses = origins([c for c in claims if compatible_claims(claim, c)])
        return -len(witnesses), *_published_last(claim), claim.position

    return strength, support


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


def _latest(claim: Claim) -> tuple[int, ...]:
    return (*_published_last(claim), -claim.position)


def _published_last(claim: Claim) -> tuple[int]:
    published = published_on(claim)
    return (-(published.toordinal() if published else 0),)


def _winner(resolution: Claim) -> str:
    return str(getattr(resolution.body, "winner", ""))
