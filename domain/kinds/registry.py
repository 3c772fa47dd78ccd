"""Find the module of a kind, and fold picked claims into a thing's state.

The last step of the naive fold (docs/spec/answers.md, 8): a kind's `evolve` over the picked
claims, in the order of their dates. A kind is a module of this package with `initial`, `evolve` and
`judge`, and in `JUDGED` the bodies that `judge` may have something to say of (absent: all), in
`AGAINST` the types without which it has nothing to say of a body (absent: it may without any), and
`MEASURED`, true where its state takes measurements too, after all acts.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from importlib import import_module
from typing import Any, NamedTuple

from domain.agreement.binding import Binding, counts_as
from domain.claims.claim import Claim
from domain.claims.resolution import Resolution, ResolvedOccurrence
from domain.decisions.errors import Judgement
from domain.kinds.possible_events import NO_EVENTS, PossibleEvents, possible_events
from events.body import Body
from events.dates import Interned
from events.identifiers import kind_of
from events.value import replace


class States(NamedTuple):
    """A thing's state twice: folded without and with the claims of which D cannot tell.

    Where the two are equal the answer is certain; where not it is *cannot tell*, both shown.
    """

    without: Any
    including: Any

    @property
    def certain(self) -> bool:
        """Say whether no claim of unsure date changes the answer."""
        return bool(self.without == self.including)


def thing_states(thing: str, view: Resolution, possible: PossibleEvents | None = None) -> States:
    """Return a thing's states at D for the claims that a view picks.

    `possible` are the flows that may be one event, where a part of a view is folded: those of all.
    """
    first = initial_state(thing, view, possible)
    certain, perhaps = view.held
    if view.series and takes_measurements(thing):
        certain, perhaps = (
            (*certain, *_measured(view, maybe=False)),
            (*perhaps, *_measured(view, maybe=True)),
        )
    without = _folded(first, certain)
    return States(without, without if perhaps == certain else _folded(first, perhaps))


def initial_state(thing: str, view: Resolution, possible: PossibleEvents | None = None) -> Any:
    """Return a thing's state before any claim, with the flows of the view that may be one event."""
    if kind_of(thing) not in _WITH_FLOWS:
        return _initial(thing, view)
    events = possible_flows(thing, view) if possible is None else possible
    return _module(thing).initial(thing, view.clocks.as_of, events)


def possible_flows(thing: str, view: Resolution) -> PossibleEvents:
    """Return the flows about a thing that may be one event; none for a kind without flows."""
    if kind_of(thing) not in _WITH_FLOWS:
        return NO_EVENTS
    return possible_events(view, _module(thing).moves)


def takes_measurements(thing: str) -> bool:
    """Say whether the state of a thing takes measurements too: of most kinds acts alone."""
    return bool(getattr(_module(thing), "MEASURED", False))


def _measured(view: Resolution, *, maybe: bool) -> tuple[Claim, ...]:
    """Return the measurement picked of each series, or one that may be of the day in its place."""
    found = [one.maybe if maybe and one.maybe else one.certain for one in view.series if one.pick]
    return tuple(ranked[0] for ranked in found if ranked)


def fold_claims(thing: str, view: Resolution, claims: tuple[Claim, ...]) -> Any:
    """Return the thing's state after the claims given, in their order."""
    return _folded(_initial(thing, view), claims)


def evolve_claims(state: Any, *claims: Claim) -> Any:
    """Return the state of a thing after more claims, in their order."""
    return _folded(state, claims)


def judge(state: Any, body: Body) -> Judgement:
    """Return what the state's kind says of a new fact."""
    verdict: Judgement = _module(state.id).judge(state, body)
    return verdict


def on_day(state: Any, day: date) -> Any:
    """Return the state as it is asked about on a day, for the kinds whose state has one."""
    return state if getattr(state, "on", day) == day else replace(state, on=day)


def judge_act(state: Any, claim: Claim) -> tuple[Judgement, Any]:
    """Return what the state's kind says of an act on the day of the state, and the state after."""
    module = _module(state.id)
    in_one = getattr(module, "judge_and_evolve", None)
    if in_one is None:
        return module.judge(state, claim.body), module.evolve(state, claim)
    verdict, after = in_one(state, claim)
    return verdict, after


def is_judged(claim: Claim) -> bool:
    """Say whether its kind may have something to say of a fact of this type, at any state."""
    judged: tuple[type, ...] | None = getattr(_module(claim.thing), "JUDGED", None)
    return judged is None or isinstance(claim.body, judged)


def may_be_against(claim: Claim, types: AbstractSet[str]) -> bool:
    """Say whether its kind may have something to say of a fact, given the types of the claims."""
    against: Mapping[type, AbstractSet[str]] = getattr(_module(claim.thing), "AGAINST", {})
    told_by = against.get(type(claim.body))
    return told_by is None or not told_by.isdisjoint(types)


def _folded(state: Any, claims: tuple[Claim, ...]) -> Any:
    module = _module(state.id)
    at_once = getattr(module, "evolve_all", None)
    if at_once is not None:
        return at_once(state, claims)
    evolve = module.evolve
    for claim in claims:
        state = evolve(state, claim)
    return state


def _initial(thing: str, view: Resolution) -> Any:
    module = _module(thing)
    if kind_of(thing) != "agreement":
        return module.initial(thing, view.clocks.as_of)
    told = _descriptions(view)
    parties: Any = _described(told, "parties")
    return module.initial(thing, view.clocks.as_of, _binding(view, told), frozenset(parties or ()))


def binding_of(view: Resolution) -> Binding:
    """Return whether an agreement counts as binding, by all live claims and the picked kind.

    Where a policy gives no value for the kind, kinds that all suggest the same suggest it.
    """
    return _binding(view, _descriptions(view))


def _binding(view: Resolution, told: list[ResolvedOccurrence]) -> Binding:
    if not told:
        return counts_as((), None)
    said: list[Any] = [c.body for c in view.standing.claims if c.type == "agreement.described"]
    bindings = [body.binding for body in said if body.binding]
    picked = _described(told, "kind")
    kinds = {picked} if picked else _kinds(told)
    suggested = {counts_as(bindings, kind) for kind in kinds}
    return suggested.pop() if len(suggested) == 1 else counts_as(bindings, None)


def _kinds(told: list[ResolvedOccurrence]) -> set[Any]:
    kinds = (one for one in told if one.field == "kind" and one.holds != "no")
    return {getattr(claim.body, "kind", None) for one in kinds for claim in one.claims}


def _described(told: list[ResolvedOccurrence], field: str) -> Any:
    for found in told:
        if found.field == field and found.pick and found.holds != "no":
            return getattr(found.pick[0].body, field)
    return None


def _descriptions(view: Resolution) -> list[ResolvedOccurrence]:
    """Return the occurrences of described fields, which alone are named by a field."""
    return [found for found in view.occurrences if found.field]


def _module(thing: str) -> Any:
    return _MODULES[kind_of(thing)]


_WITH_FLOWS = ("reserve", "programme")

# Each imported when first met: what is asked of one kind needs no other.
_MODULES: Interned[str, Any] = Interned(lambda kind: import_module(f"domain.kinds.{kind}"))
