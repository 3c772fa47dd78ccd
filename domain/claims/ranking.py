"""Rank competing claims, whole ones, by the rules of a policy (docs/spec/answers.md, 12)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

from msgspec import Struct

from domain.claims.claim import Claim
from domain.claims.comparison import alternatives_agree, figure_of, figures_agree, origins
from domain.claims.occurrences import Alternative, compared_claims
from domain.claims.publication import published_on
from events.amounts import Quantity
from events.identifiers import IdError, check_thing
from events.value import replace

MomentKey = tuple[int, int, int]
Key = Callable[[Alternative], tuple[Any, ...]]

VERSION = 1
BUILT_IN = ("primary-first", "latest", "strict")
NAMES = (*BUILT_IN, "prefer:party/...", "FILE.toml")
DEFAULT = "primary-first"

# The rules, in the order in which they count where a policy does not say.
ORDER = (
    "parties",
    "window",
    "bases",
    "measured",
    "direct",
    "origins",
    "published",
    "recorded-first",
)
OTHERS = "others"  # among the parties: all that are not named

# Ranks of bases, best first. Of own publications the actor's and the other side's are told apart
# where an order names them, of chains what is at addresses that were disclosed.
ACTS: tuple[str, ...] = (
    "official-record",
    "audit",
    "signed-statement",
    "own-publication-of-actor",
    "own-publication-of-side",
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
FLOWS: tuple[str, ...] = tuple(basis for basis in ACTS if "-of-" not in basis)
GENERAL = {
    "own-publication-of-actor": "own-publication",
    "own-publication-of-side": "own-publication",
    "on-chain-disclosed": "on-chain",
}
_NEVER_ON_CHAIN_ALONE = frozenset(
    f"reserve.{verb}"
    for verb in ("acquired", "disposed", "transferred", "seized", "forfeited", "lost")
)

# What holds at every day where it has none (docs/spec/answers.md, 8).
UNDATED = frozenset(
    (
        "agreement.described",
        "agreement.entry-into-force-rule-set",
        "party.established",
        "party.renamed",
        "source.archived",
        "source.cited",
    )
)


class PolicyError(ValueError):
    """A policy is primary-first, latest, strict or prefer:party/..., or a file spells it."""


class Rules(Struct, frozen=True):
    """The rules for claims of one type: in which order they count, and what they go by.

    `parties` and `bases` are named best first. With the newest measurement are compared those of at
    most `window` days before it, and of at most `agreeing` days where they agree with it; of acts,
    the claims published at most `window` days before the latest. None: the age does not count.
    """

    order: tuple[str, ...]
    bases: tuple[str, ...]
    parties: tuple[str, ...] = ()
    window: int | None = None
    agreeing: int | None = None


def effective_rules(rules: Rules) -> Rules:
    """Return rules without what changes nothing: a rule without its names or days, or too late."""
    idle = {"window"} if rules.window is None else set()
    if not rules.parties:
        idle.add("parties")
    order = [word for word in rules.order if word not in idle]
    total = next((n for n, word in enumerate(order) if word.startswith("recorded-")), len(order))
    agreeing = max(rules.window, rules.agreeing or 0) if rules.window else None
    return replace(rules, order=tuple(order[: total + 1]), agreeing=agreeing)


_ACT, _FLOW, _FIGURE, _VALUE, _HOLDING = map(
    effective_rules,
    (
        Rules(ORDER, ACTS),
        Rules(ORDER, FLOWS),
        Rules(ORDER, ACTS, window=0),
        Rules(ORDER, HOLDINGS, window=0),
        Rules(ORDER, HOLDINGS, window=7, agreeing=31),
    ),
)
# The rules by type, or by kind; those of all else stand under no name.
PRIMARY_FIRST: dict[str, Rules] = {
    "": _ACT,
    "price.observed": _FIGURE,
    "programme.condition-assessed": _FIGURE,
    "reserve.acquired": _FLOW,
    "reserve.disposed": _FLOW,
    "reserve.holding-observed": _HOLDING,
    "reserve.holding-reported": _HOLDING,
    "reserve.transferred": _FLOW,
    "reserve.valued": _VALUE,
}


class Policy(Struct, frozen=True):
    """Which of several claims is the answer; under `strict` none of those that contradict.

    Of one that a file spells, `digest` is the SHA-256 of what it says, in hexadecimal.
    """

    name: str
    sections: dict[str, Rules]
    strict: bool = False
    digest: str = ""

    def __str__(self) -> str:
        """Return what --policy takes: the name, and of a file the digest that it must have."""
        return f"{self.name}@sha256:{self.digest}" if self.digest else self.name

    @property
    def document(self) -> dict[str, Any]:
        """Return what an answer says of its policy."""
        digest = {"digest": f"sha256:{self.digest}"} if self.digest else {}
        return {"name": self.name, "version": VERSION, **digest}

    @property
    def is_default(self) -> bool:
        """Say whether it answers as primary-first does, whatever its name is."""
        return not self.strict and self.sections == PRIMARY_FIRST

    @property
    def parties(self) -> tuple[str, ...]:
        """Return the parties that it names."""
        named = (party for rules in self.sections.values() for party in rules.parties)
        return tuple(dict.fromkeys(party for party in named if party != OTHERS))

    def rules(self, type_: str) -> Rules:
        """Return the rules for claims of a type."""
        found = self.sections
        return found.get(type_) or found.get(type_.partition(".")[0]) or found[""]


class RankingContext:
    """What ranking needs to know beside the claims compared: who is who about this thing.

    `resolutions` are the live resolutions. The rest is found when a rank first asks for it: most
    happenings are reported once, and need none.
    """

    def __init__(self, claims: Iterable[Claim], resolutions: tuple[Claim, ...] = ()) -> None:
        self._claims, self.resolutions = claims, resolutions

    @cached_property
    def sides(self) -> frozenset[str]:
        """Return the parties that act or for which others act."""
        found: set[str] = set()
        for claim in self._claims:
            for name in ("party", "for_", "holder", "parties"):
                value = getattr(claim.body, name, None) or ()
                found.update((value,) if isinstance(value, str) else value)
        return frozenset(found)

    @cached_property
    def disclosed(self) -> frozenset[str]:
        """Return the addresses that the holder disclosed."""
        bodies: Iterable[Any] = (
            claim.body for claim in self._claims if claim.type == "reserve.address-disclosed"
        )
        return frozenset(address for body in bodies for address in body.addresses or ())


def policy(text: str) -> Policy:
    """Return the policy of a name that is built in, `prefer:sv` for `prefer:party/sv`.

    Raises PolicyError with a sentence.
    """
    name, colon, party = text.partition(":")
    if name == "prefer" and colon:
        party = party if "/" in party else f"party/{party}"
        try:
            check_thing(party, ("party",))
        except IdError as error:
            raise PolicyError(str(error)) from None
        preferring = {
            of: replace(rules, order=("parties", *rules.order), parties=(party,))
            for of, rules in PRIMARY_FIRST.items()
        }
        return Policy(f"prefer:{party}", preferring)
    if text not in BUILT_IN:
        raise PolicyError(f"'{text}' is not a policy: write one of {', '.join(NAMES)}")
    return _LATEST if text == "latest" else Policy(text, PRIMARY_FIRST, text == "strict")


_LATEST = Policy(
    "latest",
    {
        of: Rules(("measured", "published", "recorded-last"), rules.bases)
        for of, rules in PRIMARY_FIRST.items()
    },
)


def rank(
    chosen: Policy, alternatives: Iterable[Alternative], context: RankingContext
) -> tuple[Alternative, ...]:
    """Return the alternatives of an occurrence or a series, best first under the policy."""
    found = tuple(alternatives)
    if len(found) < 2:
        return found
    contest = _Contest(chosen, found, context)
    best_first = contest.sort(found, contest.order)
    return tuple(sorted(best_first, key=lambda one: one[0].short))


def decided_by(
    chosen: Policy,
    better: Alternative,
    worse: Alternative,
    among: Iterable[Alternative],
    context: RankingContext,
) -> str:
    """Return the first rule by which one alternative goes before another, in words.

    `among` are all that were ranked: what agrees with a claim counts, and how old the others are.
    """
    if worse[0].short and not better[0].short:
        return "a whole before parts that come to less"
    return _Contest(chosen, tuple(among), context).decision(better, worse)


_NEWER, _LATER, _COMPARED = "of a newer day", "published later", "within the days that are compared"
_CLOSED = "a closed figure before an open one that it agrees with"
_DATED = "a claim with a day before one without that it agrees with"
_WORDS: dict[str, tuple[str, ...]] = {
    "parties": ("asserted or resolved by the party preferred", _NEWER),
    "window": (_CLOSED, _COMPARED, _NEWER),
    "bases": (_DATED, "on a stronger basis, its own or a resolution's"),
    "measured": (_NEWER,),
    "direct": ("direct before second-hand",),
    "origins": ("more independent origins agree with it",),
    "published": (_LATER,),
    "recorded-first": ("recorded earlier",),
    "recorded-last": ("recorded later",),
}
RULES = tuple(_WORDS)


class _Contest:
    """Alternatives of one occurrence or series, and the rules that compare them in their order.

    A rule orders those that are alike by all rules before it.
    """

    def __init__(
        self, chosen: Policy, every: tuple[Alternative, ...], context: RankingContext
    ) -> None:
        first = min((claim for one in every for claim in one), key=lambda claim: claim.position)
        self._chosen, self._every, self._context = chosen, every, context
        self._rules = chosen.rules(first.type)
        self._origins: dict[int, int] = {}  # of how many each of them is, once it is counted
        self._measured = first.family.name == "series"
        idle = "" if self._measured else "measured"
        self.order = tuple(word for word in self._rules.order if word != idle)

    def sort(self, run: Sequence[Alternative], order: Sequence[str]) -> list[Alternative]:
        """Return alternatives that are alike so far, best first by the rules that are left.

        A rule may be costly, and is asked only where those before it leave a tie.
        """
        if len(run) < 2 or not order:
            return list(run)
        return self._sorted(run, self._key(run, order), order[1:])

    def _sorted(
        self, run: Sequence[Alternative], key: Key, then: Sequence[str]
    ) -> list[Alternative]:
        keyed = sorted((key(one), place) for place, one in enumerate(run))
        runs = [[run[place] for _, place in alike] for _, alike in groupby(keyed, itemgetter(0))]
        return [one for alike in runs for one in self.sort(alike, then)]

    def decision(self, better: Alternative, worse: Alternative) -> str:
        """Return the first rule by which one goes before the other, in words."""
        run: Sequence[Alternative] = self._every
        for place, word in enumerate(self.order):
            key = self._key(run, self.order[place:])
            mine, other = key(better), key(worse)
            if mine != other:
                words = zip(_WORDS[word], mine, other, strict=True)
                found = next(said for said, a, b in words if a != b)
                return found if self._measured or found != _NEWER else _LATER
            run = [one for one in run if key(one) == mine]
        return "nothing: they are alike"

    def _key(self, run: Sequence[Alternative], order: Sequence[str]) -> Key:
        """Return the key of the first rule of an order, for those that are alike so far."""
        match order[0]:
            case "parties":
                return self._by_party
            case "window" if not self._measured:
                return self._by_publication(run)
            case "window":
                return self._by_window(run, order[1:])
            case "bases":
                return self._by_basis(run, order[1:])
            case "measured":
                return lambda one: (moment_key(one[0]),)
            case "direct":
                return lambda one: (any(claim.body.relayed for claim in one),)
            case "origins":
                return self._by_origins
            case "published":
                return lambda one: (_published_last(one),)
            case "recorded-first":
                return lambda one: (min(claim.position for claim in one),)
        return lambda one: (-max(claim.position for claim in one),)

    def _by_party(self, one: Alternative) -> tuple[Any, ...]:
        """Return the place of whoever asserts or resolved for it; of one party, the newest."""
        parties = self._rules.parties
        others = parties.index(OTHERS) if OTHERS in parties else len(parties)
        said = {speaker.body.asserted_by for claim in one for speaker in self._speakers(claim)}
        place = min(parties.index(party) if party in parties else others for party in said)
        return place, recency_key(one[0]) if self._measured and place != others else ()

    def _by_publication(self, run: Sequence[Alternative]) -> Key:
        latest, window = min(map(_published_last, run)), self._rules.window or 0

        def key(one: Alternative) -> tuple[Any, ...]:
            behind = _published_last(one) - latest
            return (0, 1, behind) if behind > window else (0, 0, 0)

        return key

    def _by_basis(self, run: Sequence[Alternative], then: Sequence[str]) -> Key:
        """Return the key of the basis; an act without a day gives way to the best that has one."""

        def strength(one: Alternative) -> tuple[bool, int]:
            return False, max(self._strength(claim) for claim in one)

        if self._measured or len({_is_undated(one) for one in run}) < 2:
            return strength
        best, *others = self._sorted(run, strength, then)
        if not _is_undated(best) or any(len(self._speakers(claim)) > 1 for claim in best):
            return strength
        mine = compared_claims(best)
        dated = (one for one in others if not _is_undated(one))
        agreeing = (one for one in dated if alternatives_agree(mine, compared_claims(one)))
        instead = next(agreeing, None)
        return strength if instead is None else lambda one: (one is not instead, strength(one)[1])

    def _by_window(self, run: Sequence[Alternative], then: Sequence[str]) -> Key:
        """Return the key of docs/spec/answers.md, 14, Selected: the window, closed before open."""
        if not self._rules.window:
            return lambda one: (0, 0, moment_key(one[0]))
        first = min(run, key=lambda one: moment_key(one[0]))[0].dates.first
        (newest,) = self.sort([one for one in run if one[0].dates.first == first], then)[0]
        window = [one for one in run if self._is_near(one[0], newest)]
        ids = {one[0].id for one in window}
        (best,), *others = self.sort(window, then)
        closed = (c for (c,) in others if not _is_open(c) and figures_agree(c, best))
        instead = next(closed, None) if _is_open(best) else None

        def key(one: Alternative) -> tuple[Any, ...]:
            compared = one[0].id in ids
            gives_way = instead is not None and one[0] is not instead
            return gives_way, not compared, () if compared else moment_key(one[0])

        return key

    def _is_near(self, claim: Claim, newest: Claim) -> bool:
        first, last = newest.dates.first, claim.dates.last
        if first is None or last is None:
            return True
        behind, window = (first - last).days, self._rules.window or 0
        agreeing = self._rules.agreeing or window
        return behind <= window or (behind <= agreeing and figures_agree(claim, newest))

    def _by_origins(self, one: Alternative) -> tuple[Any, ...]:
        if id(one) not in self._origins:
            mine = compared_claims(one)
            alike = (
                o for o in self._every if o is one or alternatives_agree(mine, compared_claims(o))
            )
            self._origins[id(one)] = -len(origins([claim for other in alike for claim in other]))
        return (self._origins[id(one)],)

    def _strength(self, claim: Claim) -> int:
        """Return the rank of a claim: the better of its own basis and of the resolutions it won."""
        speakers, about = self._speakers(claim), claim.type
        return min(basis_rank(self._chosen, said, self._context, about) for said in speakers)

    def _speakers(self, claim: Claim) -> tuple[Claim, ...]:
        """Return a claim and the resolutions that it won."""
        won = (r for r in self._context.resolutions if getattr(r.body, "winner", "") == claim.id)
        return (claim, *won)


def eligible(claim: Claim) -> bool:
    """Say whether a claim may be selected: a flow, seizure or loss is never on-chain alone."""
    return not (claim.type in _NEVER_ON_CHAIN_ALONE and claim.body.basis == "on-chain")


def basis_rank(chosen: Policy, speaker: Claim, context: RankingContext, about: str) -> int:
    """Return how strong a speaker's basis is where something of a type is claimed, 0 the strongest.

    The speaker is the claim of that type, or a resolution that it won.
    """
    basis, order = _basis(speaker, context), chosen.rules(about).bases
    return order.index(basis if basis in order else GENERAL[basis])


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
        return "own-publication-of-actor"
    return "own-publication-of-side" if asserter in context.sides else basis


def moment_key(claim: Claim) -> MomentKey:
    """Return the key that puts the newest measurement first (docs/spec/answers.md, 14)."""
    dates = claim.dates
    if dates.when is not None and dates.when.instant is not None:
        moment = dates.when.instant.astimezone(UTC)
        day = -moment.toordinal()
        return day, day, -1 - (moment.hour * 3600 + moment.minute * 60 + moment.second)
    first, last = dates.first, dates.last
    return (
        -(first.toordinal() if first else 0),
        -(last.toordinal() if last else date.max.toordinal()),
        0,
    )


def recency_key(claim: Claim) -> tuple[int, ...]:
    """Return the same key, then the latest published, then the highest position first."""
    return (*moment_key(claim), _published_last((claim,)), -claim.position)


def _is_undated(one: Alternative) -> bool:
    return any(claim.dates.when is None and claim.type not in UNDATED for claim in one)


def _is_open(claim: Claim) -> bool:
    figure = figure_of(claim)
    return isinstance(figure, Quantity) and (figure.lower is None or figure.upper is None)


def _published_last(one: Alternative) -> int:
    days = [published_on(claim) for claim in one]
    return -max(day.toordinal() if day else 0 for day in days)
