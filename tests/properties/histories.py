"""Which histories of one thing can there be?

Strategies for 1 to 14 events about one agreement or one reserve. The pools are small on purpose:
days, amounts and parties meet often, so that claims agree, contradict and join.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from hypothesis import strategies as st

from domain.claims.claim import Claim
from events.amounts import Quantity
from events.body import RECORDER, Body, SourceRef
from events.catalogue import body_class, topic
from events.kinds.claim_events import Corrected
from events.value import Value, fields

Pool = tuple[Any, ...]

PARTIES = ("party/pcc", "party/onbtc", "party/sv", "party/pk")
BASES = (
    "official-record",
    "signed-statement",
    "audit",
    "own-publication",
    "own-publication",
    "on-chain",
    "other-public-body",
    "tracker",
    "press",
    "recorder",
)
ACTS = (
    "2025-07-16",
    "2025-07-17",
    "2025-07-18",
    "2025-07-16?",
    "2025-07-18~",
    "2025-07",
    "2025-07?",
    "2025",
    "2025-07-1X",
    "[2025-07-16..2025-07-18]",
    "[..2025-07-17]",
    "[2025-07-17..]",
    "2025-07-16T20:30:00-06:00",
    "2025-07-17T01:00:00Z",
)
DONE = (*ACTS[:3], "2025-07-16T20:30:00-06:00", "2025-07-16T01:00:00Z")
SPANS = ("2025-07-15/2025-07-17", "2025-07-16?/2025-07", "../2025-07-17", "2025-07-17/..")
ZONES = ("America/El_Salvador", "Asia/Karachi")
PUBLISHED = (
    *("2025-07-17", "2025-07-18", "2025-07", "[2025-07-17..]", "[..2025-07-19]", "2025-07-18?"),
    "2025-07-18T23:30:00-06:00",
)
DAYS = (*(date(2025, 7, day) for day in range(14, 22)), date(2024, 12, 31), date(2026, 1, 1))
SATS = (
    Quantity(unit="sat", lower=200, upper=200),
    Quantity(unit="sat", lower=400, upper=400),
    Quantity(unit="sat", lower=201, upper=201),
    Quantity(unit="sat", lower=200, upper=200, approximate=True),
    Quantity(unit="sat", lower=200, lower_open=True),
    Quantity(unit="sat", upper=300),
    Quantity(unit="sat", lower=150, upper=400, upper_open=True),
    Quantity(unit="sat", lower=2_000_000_000_000_000, upper=2_000_000_000_000_000),
)
USD = (
    Quantity(unit="usd-minor", lower=740, upper=740, approximate=True),
    Quantity(unit="usd-minor", lower=744, upper=744),
    Quantity(unit="usd-minor", upper=700),
    Quantity(unit="eur-minor", lower=744, upper=744),
)
XDR = (
    Quantity(unit="xdr-minor", lower=76_000_000_000, upper=76_000_000_000),
    Quantity(unit="xdr-minor", lower=90_000_000_000, upper=90_000_000_000),
)
PRICES = (
    Quantity(unit="usd-minor", lower=11_800_000, upper=11_800_000),
    Quantity(unit="usd-minor", lower=12_000_000, upper=12_000_000, approximate=True),
    Quantity(unit="usd-minor", lower=11_700_050, upper=11_900_000, upper_open=True),
    Quantity(unit="eur-minor", lower=10_100_000, lower_open=True),
    Quantity(unit="usd-e5", lower=11_800_000_001, upper=11_800_000_001),
    Quantity(unit="usd-e3", lower=118_000_005, upper=119_000_000, lower_open=True),
)
AGREEMENT = (
    "agreement.described",
    "agreement.described",
    "agreement.signed",
    "agreement.signed",
    "agreement.entered-into-force",
    "agreement.consent-expressed",
    "agreement.withdrawal-notified",
    "agreement.withdrawal-postponed",
    "agreement.territory-included",
    "agreement.territory-excluded",
    "agreement.terminated",
)
RESERVE = (
    "reserve.acquired",
    "reserve.acquired",
    "reserve.disposed",
    "reserve.transferred",
    "reserve.holding-reported",
    "reserve.holding-reported",
    "reserve.valued",
    "reserve.established",
)
COMES_AGAIN = (
    "agreement.consent-expressed",
    "agreement.consent-expressed",
    "agreement.entered-into-force-for",
    "agreement.signed",
    "agreement.withdrawal-notified",
    "agreement.withdrawal-notified",
    "agreement.withdrawal-revoked",
    "agreement.consent-withdrawn",
    "agreement.provisionally-applied",
    "agreement.intention-not-to-become-party",
    "agreement.suspended",
    "agreement.suspended",
    "agreement.resumed",
    "agreement.reservation-formulated",
    "agreement.reservation-withdrawn",
    "agreement.terminated",
)
PERSON = ("party.appointed", "party.appointed", "party.office-ended", "party.dissolved")
PROPOSAL = ("proposal.taken-up", "proposal.taken-up", "proposal.returned", "proposal.rejected")
LAW = ("law.in-force", "law.in-force", "law.ceased", "law.adopted")
SOURCE = ("source.cited", "source.cited", "source.archived")
PROGRAMME = ("programme.condition-assessed", "programme.disbursed", "programme.condition-set")
SPAN_TYPES = (
    "agreement.described",
    "agreement.provisionally-applied",
    "agreement.suspended",
    "law.in-force",
    "party.appointed",
    "reserve.holding-reported",
    "reserve.holding-observed",
)
SCENES = (
    ("agreement/x", AGREEMENT),
    ("agreement/x", COMES_AGAIN),
    ("reserve/x", RESERVE),
    ("party/x", PERSON),
    ("proposal/x", PROPOSAL),
    ("law/x", LAW),
    ("source/x", SOURCE),
    ("programme/x", PROGRAMME),
)
ABOUT = (
    "claim.corrected",
    "claim.corrected",
    "claim.retracted",
    "claim.retracted",
    "claim.denied",
    "claim.resolved",
    "claim.same-occurrence",
    "claim.same-occurrence",
    "claim.same-occurrence",
    "claim.distinct-occurrence",
)
REASONS = ("recording-error", "duplicate", "source-corrected", "source-retracted", "other")
ACCOUNTS = ("custody", "owned")
POLICIES = ("primary-first", "latest", "strict", *(f"prefer:{party}" for party in PARTIES[:2]))

# What each type says for itself; a `?` marks what may be left out.
OWN: dict[str, dict[str, tuple[Any, ...]]] = {
    "agreement.described": {
        "title?": ("Letter of intent", "Memorandum of understanding"),
        "kind?": ("letter-of-intent", "memorandum"),
        "binding?": ("binding", "non-binding", "unknown"),
        "parties?": (("party/pk", "party/sv"), ("party/pk",), ("party/onbtc", "party/pcc")),
        "topics?": (("bitcoin",), ("bitcoin", "energy"), ("energy",)),
        "ground?": ("it says so itself",),
    },
    "agreement.signed": {
        "party": PARTIES,
        "for_?": ("party/sv", "party/pk"),
        "mode": ("simple", "definitive", "initialling", "unstated", "unstated"),
        "signatory?": ("party/herbert", "party/saqib"),
    },
    "agreement.entered-into-force": {"mode": ("definitive", "operation")},
    "agreement.consent-expressed": {
        "party": PARTIES[:3],
        "mode": ("ratification", "approval", "succession", "unstated"),
        "established_by?": ("deposit", "exchange"),
    },
    "agreement.withdrawal-notified": {"party": PARTIES[:2]},
    "agreement.withdrawal-postponed": {"party": PARTIES[:2]},
    "agreement.territory-included": {"party": PARTIES[2:], "territory": ("party/x-island",)},
    "agreement.territory-excluded": {"party": PARTIES[2:], "territory": ("party/x-island",)},
    "agreement.terminated": {"ground": ("it lapsed", "by consent"), "by?": PARTIES[1:3]},
    "reserve.acquired": {
        "amount?": SATS,
        "mode": ("purchase", "donation"),
        "price?": USD,
        "counterparty?": PARTIES[:2],
        "spent?": USD,
    },
    "reserve.disposed": {
        "amount?": SATS,
        "mode": ("sale", "burn"),
        "proceeds?": USD,
        "account?": ACCOUNTS,
    },
    "reserve.transferred": {
        "amount?": SATS,
        "to_count?": (2, 14),
        "fee?": SATS[:1],
        "reason": ("consolidation", "unstated"),
        "account?": ACCOUNTS,
    },
    "reserve.holding-reported": {
        "amount": SATS,
        "scope?": ("total", "total", "unstated", "a-part"),
    },
    "reserve.valued": {"value": USD, "of?": SATS[:2], "method": ("quoted", "computed")},
    "reserve.seized": {"amount?": SATS},
    "reserve.forfeited": {"amount?": SATS, "seizures?": (("reserve/x/1",),)},
    "reserve.lost": {"amount?": SATS, "cause": ("a lost key",), "account?": ACCOUNTS},
    "reserve.pledged": {"amount?": SATS, "to?": PARTIES[:2]},
    "reserve.released": {"amount?": SATS, "to?": PARTIES[:2]},
    "reserve.holding-observed": {"amount": SATS, "height?": (905_000,)},
    "reserve.reconciled": {"expected": SATS[:1], "observed": SATS[1:2], "explanation": ("a gift",)},
    "price.observed": {"pair": ("btc-usd",), "value": PRICES, "kind": ("open", "close", "spot")},
    "reserve.established": {"label?": ("the reserve",), "holder?": ("party/sv", "party/pk")},
    "agreement.entered-into-force-for": {"party": PARTIES[:2]},
    "agreement.withdrawal-revoked": {"party": PARTIES[:2]},
    "agreement.consent-withdrawn": {"party": PARTIES[:2]},
    "agreement.provisionally-applied": {"party": PARTIES[:2]},
    "agreement.intention-not-to-become-party": {"party": PARTIES[:2]},
    "agreement.suspended": {"for_?": PARTIES[:2]},
    "agreement.resumed": {},
    "agreement.reservation-formulated": {
        "party": PARTIES[:2],
        "ref": ("first", "second"),
        "gist": ("article 5 does not bind it",),
    },
    "agreement.reservation-withdrawn": {"ref": ("first", "second")},
    "party.appointed": {"office": ("head", "president"), "body?": PARTIES[:2], "rank?": ("first",)},
    "party.office-ended": {"office": ("head", "president")},
    "party.dissolved": {},
    "proposal.taken-up": {"by?": PARTIES[:2]},
    "proposal.returned": {"by?": PARTIES[:2]},
    "proposal.rejected": {"by?": PARTIES[:2]},
    "law.in-force": {"until?": ("2025-07-20",)},
    "law.ceased": {"how": ("repealed", "lapsed")},
    "law.adopted": {"form": ("law",), "number?": ("57", "58")},
    "source.cited": {
        "publisher?": PARTIES[:2],
        "title?": ("A post", "Another post"),
        "published?": DONE,
    },
    "source.archived": {
        "sha256": ("0" * 64, "1" * 64),
        "media_type": ("text/html",),
        "bytes": (10, 20),
    },
    "programme.condition-assessed": {"ref": ("chivo", "rates"), "verdict": ("met", "not-met")},
    "programme.condition-set": {
        "ref": ("chivo", "rates"),
        "kind": ("prior-action", "commitment"),
        "words": ("sell it",),
    },
    "programme.disbursed": {"amount": XDR, "received_by?": PARTIES[:1]},
}


class Question(NamedTuple):
    """When, as public when, as known when, and under which policy is asked?"""

    day: date
    public_at: date | None
    known_at: int | None
    policy: str


def plain(value: Any) -> Any:
    """Return a body, or a part of it, as JSON data."""
    if isinstance(value, Value):
        pairs = ((f.encode_name, getattr(value, f.name)) for f in fields(value))
        return {name: plain(part) for name, part in pairs if part is not None}
    return [plain(part) for part in value] if isinstance(value, tuple) else value


@st.composite
def histories(
    draw: Callable[..., Any],
    longest: int = 14,
    scenes: tuple[tuple[str, Pool], ...] = SCENES,
    few: int = 3,
) -> list[Claim]:
    """Draw the events of one thing in the order of their positions, which may have gaps.

    Each history keeps to a `few` types and asserters: what meets often is tried in depth.
    """
    thing, types = draw(st.sampled_from(scenes))
    scene = _Scene(draw, _some(draw, types, few), _some(draw, PARTIES, 4), _some(draw, ABOUT, 6))
    claims: list[Claim] = []
    position = 0
    for version in range(1, draw(st.integers(1, longest)) + 1):
        position += scene.one((1, 1, 1, 2, 5))
        name, body = _event(scene, claims)
        claims.append(Claim(position, version, thing, name, body))
    return claims


@st.composite
def questions(draw: Callable[..., Any], last: int) -> Question:
    """Draw a question to a record of so many positions."""
    return Question(
        draw(st.sampled_from(DAYS)),
        draw(st.none() | st.sampled_from(DAYS)),
        draw(st.none() | st.none() | st.integers(0, last)),
        draw(st.sampled_from(POLICIES)),
    )


@st.composite
def asked_histories(draw: Callable[..., Any], longest: int = 14) -> tuple[list[Claim], Question]:
    """Draw a history and a question to it."""
    claims = draw(histories(longest))
    return claims, draw(questions(claims[-1].position))


class _Scene(NamedTuple):
    """What one history draws from."""

    draw: Callable[..., Any]
    types: Pool
    asserters: Pool
    about: Pool

    def one(self, pool: Pool) -> Any:
        return self.draw(st.sampled_from(pool))

    def maybe(self, pool: Pool) -> Any:
        return self.one((None, *pool))


def _some(draw: Callable[..., Any], pool: Pool, most: int) -> Pool:
    return tuple(draw(st.lists(st.sampled_from(pool), min_size=1, max_size=most)))


def _event(scene: _Scene, claims: list[Claim]) -> tuple[str, Body]:
    about = [name for name in scene.about if len(claims) > (name not in ABOUT[:5])]
    name = scene.one((*scene.types, *about) if claims else scene.types)
    return name, _about(scene, name, claims) if name in ABOUT else _fact(scene, name)


def _fact(scene: _Scene, name: str) -> Body:
    own = {}
    for field, pool in OWN[name].items():
        own[field.rstrip("?")] = (scene.maybe if field.endswith("?") else scene.one)(pool)
    if name == "agreement.described" and not any(v for f, v in own.items() if f != "ground"):
        own["kind"] = scene.one(OWN[name]["kind?"])
    days = ACTS + SPANS if name in SPAN_TYPES else ACTS
    return body_class(name)(**_common(scene, days), **own)


def _common(scene: _Scene, days: Pool) -> dict[str, Any]:
    basis = scene.one(BASES)
    effective, acted = scene.maybe(days), scene.one((None, None, None, *DONE))
    dated = effective is not None or acted is not None
    return {
        "asserted_by": RECORDER if basis == "recorder" else scene.one(scene.asserters),
        "basis": basis,
        "effective": effective,
        "acted": acted,
        "zone": scene.one((None, None, *ZONES)) if dated else None,
        "relayed": scene.one((None, None, True)),
        "sources": _sources(scene, least=0 if basis == "recorder" else 1),
    }


def _sources(scene: _Scene, least: int) -> tuple[SourceRef, ...] | None:
    names = ("source/arab-news", "source/post")[: scene.draw(st.integers(least, 2))]
    found = tuple(
        SourceRef(
            source=name,
            published=scene.maybe(PUBLISHED),
            retrieved=scene.one((None, None, "2025-07-19")),
            origin=scene.one((None, None, *PARTIES[:2])),
        )
        for name in names
    )
    return found or None


def _about(scene: _Scene, name: str, claims: list[Claim]) -> Body:
    """Draw what is said about earlier claims, of which there is at least one."""
    return body_class(name)(**_common(scene, ACTS[:3]), **_WORDS[name](scene, claims))


def _corrected(scene: _Scene, claims: list[Claim]) -> dict[str, Any]:
    """Draw a new text for any event: for a correction, what it put in its target's place."""
    target = scene.one(tuple(claims))
    first = _root(target, claims)
    if first.type in ABOUT:
        new = _about(scene, first.type, claims[: first.version - 1])
    else:
        new = _fact(scene, first.type)
    return {
        "target": target.id,
        "reason": scene.one(REASONS),
        "data_type": topic(first.type),
        "data": plain(new),
    }


def _root(claim: Claim, claims: list[Claim]) -> Claim:
    """Return what a chain of corrections began with: it keeps its type and its place."""
    while isinstance(claim.body, Corrected):
        target = claim.body.target
        claim = next(one for one in claims if one.id == target)
    return claim


def _retracted(scene: _Scene, claims: list[Claim]) -> dict[str, Any]:
    return {"target": scene.one(tuple(claims)).id, "reason": scene.one(REASONS)}


def _denied(scene: _Scene, claims: list[Claim]) -> dict[str, Any]:
    if scene.draw(st.booleans()):
        return {"target": scene.one(tuple(claims)).id, "ground": "never happened"}
    days = SPANS + ACTS
    return {"type": scene.one(scene.types), "span": scene.one(days), "ground": "never happened"}


def _resolved(scene: _Scene, claims: list[Claim]) -> dict[str, Any]:
    among = _pair(scene, claims)
    return {"winner": scene.one(among), "among": tuple(sorted(among)), "ground": "it says why"}


def _same(scene: _Scene, claims: list[Claim]) -> dict[str, Any]:
    """Draw a link, often to the first fact as the whole of several parts."""
    pair = _pair(scene, claims)
    first = next(claim.id for claim in claims if claim.type not in ABOUT)
    if first in pair and scene.draw(st.booleans()):
        return {"target": pair[0], "with_": pair[1], "part_of": first}
    return {"target": pair[0], "with_": pair[1], "part_of": scene.one((None, None, pair[0]))}


def _distinct(scene: _Scene, claims: list[Claim]) -> dict[str, Any]:
    pair = _pair(scene, claims)
    return {"target": pair[0], "with_": pair[1]}


def _pair(scene: _Scene, claims: list[Claim]) -> tuple[str, str]:
    """Draw two events, facts where there are two, the first of them often."""
    facts = [claim.id for claim in claims if claim.type not in ABOUT]
    first = scene.one((facts[0], *facts))
    others = [one for one in facts if one != first] or [c.id for c in claims if c.id != first]
    return first, scene.one(tuple(others))


_WORDS: dict[str, Callable[..., dict[str, Any]]] = {
    "claim.corrected": _corrected,
    "claim.retracted": _retracted,
    "claim.denied": _denied,
    "claim.resolved": _resolved,
    "claim.same-occurrence": _same,
    "claim.distinct-occurrence": _distinct,
}
