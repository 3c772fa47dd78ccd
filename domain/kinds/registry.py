"""What is known of a thing of any kind, once its claims are folded?

The last step of the naive fold (docs/spec/answers.md, 8): a kind's `evolve` over the picked
claims, in the order of their dates. A kind is a module of this room with `initial`, `evolve` and
`judge`, and in `JUDGED` the bodies that `judge` may have something to say of (absent: all), in
`AGAINST` the types without which it has nothing to say of a body (absent: it may without any).
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from domain.agreement.binding import Gate, gate
from domain.claims.claim import Claim
from domain.claims.resolution import Answered, View
from domain.decisions.errors import Verdict
from events.body import Body
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


def states(thing: str, view: View) -> States:
    """Return a thing's states at D for the claims that a view picks."""
    first = _initial(thing, view)
    certain, possible = view.held
    without = _folded(first, certain)
    return States(without, without if possible == certain else _folded(first, possible))


def folded(thing: str, view: View, claims: tuple[Claim, ...]) -> Any:
    """Return the thing's state after the claims given, in their order."""
    return _folded(_initial(thing, view), claims)


def evolved(state: Any, *claims: Claim) -> Any:
    """Return the state of a thing after more claims, in their order."""
    return _folded(state, claims)


def judge(state: Any, body: Body) -> Verdict:
    """Return what the state's kind says of a new fact."""
    verdict: Verdict = _module(state.id).judge(state, body)
    return verdict


def on_day(state: Any, day: date) -> Any:
    """Return the state as it is asked about on a day, for the kinds whose state has one."""
    return state if getattr(state, "on", day) == day else replace(state, on=day)


def judged(state: Any, claim: Claim) -> tuple[Verdict, Any]:
    """Return what the state's kind says of an act on the day of the state, and the state after."""
    module = _module(state.id)
    in_one = getattr(module, "judged", None)
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


def _initial(thing: str, view: View) -> Any:
    module = _module(thing)
    if kind_of(thing) != "agreement":
        return module.initial(thing, view.clocks.as_of)
    told = _descriptions(view)
    parties: Any = _described(told, "parties")
    return module.initial(thing, view.clocks.as_of, _gate(view, told), frozenset(parties or ()))


def gate_of(view: View) -> Gate:
    """Return whether an agreement counts as binding, by all live claims and the picked kind.

    Where a policy gives no value for the kind, kinds that all suggest the same suggest it.
    """
    return _gate(view, _descriptions(view))


def _gate(view: View, told: list[Answered]) -> Gate:
    if not told:
        return gate((), None)
    said: list[Any] = [c.body for c in view.standing.claims if c.type == "agreement.described"]
    bindings = [body.binding for body in said if body.binding]
    picked = _described(told, "kind")
    kinds = {picked} if picked else _kinds(told)
    suggested = {gate(bindings, kind) for kind in kinds}
    return suggested.pop() if len(suggested) == 1 else gate(bindings, None)


def _kinds(told: list[Answered]) -> set[Any]:
    kinds = (one for one in told if one.field == "kind" and one.holds != "no")
    return {getattr(claim.body, "kind", None) for one in kinds for claim in one.claims}


def _described(told: list[Answered], field: str) -> Any:
    for found in told:
        if found.field == field and found.pick and found.holds != "no":
            return getattr(found.pick[0].body, field)
    return None


def _descriptions(view: View) -> list[Answered]:
    """Return the occurrences of described fields, which alone are named by a field."""
    return [found for found in view.occurrences if found.field]


def _module(thing: str) -> Any:
    return _module_of(kind_of(thing))


@cache
def _module_of(kind: str) -> Any:
    return import_module(f"domain.kinds.{kind}")
