"""Find the module of a kind, and fold picked claims into a thing's state.

The last step of the naive fold (docs/spec/answers.md, 8): a kind's `evolve` over the picked
claims, in the order of their dates. A kind is a module of this package with `initial` (the state of
a thing of which nothing is known), `evolve` and `judge`, and in `JUDGED` the bodies that `judge`
may have something to say of (absent: all), in `AGAINST` the types without which it has nothing to
say of a body (absent: it may without any), and `MEASURED`, true where its state takes measurements
too, after all acts.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from importlib import import_module
from operator import attrgetter
from typing import Any

from msgspec import Struct

from domain.agreement.binding import Binding, counts_as
from domain.claims.claim import Claim, Dates, as_notice, chronological, days
from domain.claims.occurrence_keys import Joined, joining_keys, key_of
from domain.claims.party_ends import party_ends
from domain.claims.resolution import Resolution, ResolvedOccurrence, all_hold
from domain.decisions.errors import Findings
from domain.kinds.possible_events import NO_EVENTS, PossibleEvents, possible_events
from events.body import Body
from events.dates import Answer
from events.identifiers import kind_of
from events.value import replace

CONSENT = "agreement.consent-expressed"


class States(Struct, frozen=True):
    """A thing's state twice: folded without and with the claims of which D cannot tell.

    Where the two are equal the answer is certain; where not it is *cannot tell*, both shown.
    `perhaps` is with all that perhaps was public, None where nothing more perhaps was.
    """

    without: Any
    including: Any
    perhaps: Any = None

    @property
    def other(self) -> Any:
        """Return the state that stands beside the answer: by what is public, else by the dates."""
        return self.including if self.perhaps is None else self.perhaps

    @property
    def certain(self) -> bool:
        """Say whether no claim of unsure date or publication changes the answer."""
        return bool(self.without == self.other)


def thing_states(
    thing: str,
    view: Resolution,
    possible: PossibleEvents | None = None,
    *,
    only: Callable[[Claim], bool] | None = None,
) -> States:
    """Return a thing's states at D for the claims that a view picks, or `only` for some of them.

    `possible` are the flows that may be one event, where a part of a view is folded: those of all.
    Of a kind whose flows may cancel each other what the accounts may come to lies between.
    """
    first = initial_state(thing, view, possible)
    certain, perhaps = view.held
    if only is not None:
        certain, perhaps = tuple(filter(only, certain)), tuple(filter(only, perhaps))
    if view.series and takes_measurements(thing):
        certain, perhaps = (
            (*certain, *_measured(view, maybe=False)),
            (*perhaps, *_measured(view, maybe=True)),
        )
    without = _after(first, certain)
    if perhaps == certain:
        return States(without, without)
    including = _after(first, perhaps)
    if is_folded_whole(thing):
        balances = _balances_between(thing, view.certainly_public, without, possible, only)
        including = replace(including, **balances)
    return States(without, including)


def _after(first: Any, claims: tuple[Claim, ...]) -> Any:
    """Return the state after all claims, with what their order in time says of its accounts."""
    state = evolve_claims(first, *claims)
    mark = getattr(_module(first.id), "mark_overdrawn", None)
    return state if mark is None else mark(state, claims)


Judged = tuple[tuple[Claim, Findings], ...]  # each act with what its kind finds about it


def judged_states(thing: str, view: Resolution) -> tuple[States, Judged]:
    """Return a thing's states, and what its kind says of each act at its place in time.

    Each is judged on its last day, a notice on that on which it was given, at the latest on D. Of
    what has no certain days it is unknown what came before it.
    """
    certain, held = view.held
    of_body, types = {type(c.body): c for c in held}, {c.type for c in view.standing.claims}
    judging = {
        body
        for body, one in of_body.items()
        if is_judged(one) and (view.parties or may_be_against(one, types))
    }
    state, folded, found = initial_state(thing, view), 0, []
    possible = getattr(state, "possible", NO_EVENTS)
    for place, claim in enumerate(held):
        if type(claim.body) not in judging or None in days(claim):
            continue
        if folded < place:
            state = evolve_claims(state, *held[folded:place])
        last = min(days(as_notice(claim))[1] or date.max, view.clocks.as_of)
        told, state = judge_on_day(state, claim, last)
        folded = place + 1
        if told:
            found.append((claim, told))
    if certain == held and not (view.series and takes_measurements(thing)):
        state = evolve_claims(state, *held[folded:])
        return States(state, state), tuple(found)
    return thing_states(thing, view, possible), tuple(found)


def is_folded_whole(thing: str) -> bool:
    """Say whether one more claim of which D cannot tell changes what the others come to."""
    return hasattr(_module(thing), "ACCOUNTS")


def public_states(thing: str, view: Resolution) -> States:
    """Return a thing's states; where more perhaps was public, also that with all that was."""
    found = thing_states(thing, view)
    if view.perhaps is None:
        return found
    second = thing_states(thing, view.perhaps)
    others = (second.including, second.without, found.including)
    if is_folded_whole(thing):
        balances = _balances_between(thing, view, found.without, None, None)
        others = tuple(replace(state, **balances) for state in others)
    other = next((state for state in others if state != found.without), found.without)
    return replace(found, perhaps=other)


Option = tuple[ResolvedOccurrence, ...]


def _balances_between(
    thing: str,
    view: Resolution,
    answer: Any,
    possible: PossibleEvents | None,
    only: Callable[[Claim], bool] | None,
) -> dict[str, Any]:
    """Return what each account may come to, where each happening counts for the least or the most.

    A happening may be what the answer takes of it, what the fold with all that perhaps is public
    takes of it, or nothing (docs/spec/answers.md, 15).
    """
    module, stands = _module(thing), view.perhaps or view
    settled: list[ResolvedOccurrence] = []
    doubtful: list[list[Option]] = []
    for options in _happenings(view):
        if len(options) > 1:
            doubtful.append(options)
        else:
            settled += options[0]

    def claims_of(*options: Option) -> tuple[Claim, ...]:
        every = {claim.id: claim for option in options for one in option for claim in one.folded}
        return tuple(sorted(filter(only, every.values()), key=chronological))

    def folded(chosen: Sequence[int]) -> Any:
        """Return the state where of each doubtful happening an option counts; 0 is the answer's."""
        if not any(chosen):
            return answer
        taken = [one for n, options in zip(chosen, doubtful, strict=True) for one in options[n]]
        those = tuple(sorted((*settled, *taken), key=attrgetter("order")))
        first = initial_state(thing, replace(stands, occurrences=those, perhaps=None), possible)
        return evolve_claims(first, *claims_of(those))

    found = {}
    for account in module.ACCOUNTS:
        ends = [
            [_ends(module, account, claims_of(option)) for option in options]
            for options in doubtful
        ]
        least = [min(range(len(of)), key=lambda n, of=of: of[n][0]) for of in ends]  # type: ignore[misc]
        most = [max(range(len(of)), key=lambda n, of=of: of[n][1]) for of in ends]  # type: ignore[misc]
        own, low, high = (getattr(one, account) for one in (answer, folded(least), folded(most)))
        if own in (low, high):  # nothing lowers the balance, or nothing raises it
            found[account] = high if low == own else low
            continue
        either = (
            options[n] for of in (least, most) for n, options in zip(of, doubtful, strict=True)
        )
        every = claims_of(tuple(settled), *either)
        both = getattr(
            evolve_claims(module.initial(id=thing, on=view.clocks.as_of), *every), account
        )
        found[account] = module.between(low, high, both)
    return found


def _ends(module: Any, account: str, claims: Iterable[Claim]) -> tuple[float, float]:
    every = [module.ends_of_claim(account, claim.body) for claim in claims]
    return sum(low for low, _ in every), sum(high for _, high in every)


def _happenings(view: Resolution) -> Iterator[list[Option]]:
    """Yield what may count of each happening, first what the answer takes of it."""
    second = view.perhaps.occurrences if view.perhaps else ()
    others = {(one.claims[0].id, one.field): one for one in second}
    apart: list[ResolvedOccurrence] = []
    count = 0
    for one in view.occurrences:
        other = others.get((one.claims[0].id, one.field))
        alike = other and (one.claims, one.folded) == (other.claims, other.folded)
        if view.perhaps is None or (other and alike and one.holds == other.holds):
            others.pop((one.claims[0].id, one.field), None)
            holds = _holds(one, view)
            yield [(one,)] if holds == "yes" else [()] if holds == "no" else [(), (one,)]
        else:
            apart.append(one)
            count += 1
    apart += others.values()
    joined, places = Joined(len(apart)), dict[str, int]()
    for n, one in enumerate(apart):
        for claim in one.claims:
            joined.join(n, places.setdefault(claim.id, n))
    for group in joined.groups():
        options: list[Option] = []
        for known in ([n for n in group if n < count], [n for n in group if n >= count]):
            held = [(apart[n], _holds(apart[n], view)) for n in known]
            options.append(tuple(one for one, holds in held if holds == "yes"))
            options.append(tuple(one for one, holds in held if holds != "no"))
        yield options


def _holds(one: ResolvedOccurrence, view: Resolution) -> Answer:
    return all_hold(one.instead, view.clocks) if one.instead else one.holds


def initial_state(thing: str, view: Resolution, possible: PossibleEvents | None = None) -> Any:
    """Return a thing's state before any claim, with the flows of the view that may be one event."""
    if kind_of(thing) not in WITH_FLOWS:
        return _initial(thing, view, coming=True)
    events = possible_flows(thing, view) if possible is None else possible
    return _module(thing).initial(id=thing, on=view.clocks.as_of, possible=events)


def possible_flows(thing: str, view: Resolution) -> PossibleEvents:
    """Return the flows about a thing that may be one event; none for a kind without flows."""
    if kind_of(thing) not in WITH_FLOWS:
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
    return evolve_claims(_initial(thing, view), *claims)


def judge(state: Any, body: Body) -> Findings:
    """Return what the state's kind says of a new fact."""
    found: Findings = _module(state.id).judge(state, body)
    return found


def judge_on_day(state: Any, claim: Claim, day: date) -> tuple[Findings, Any]:
    """Return what its kind says of a claim on its day, or the last it may mean; and what follows.

    That is the state after the claim, on the day on which the state is asked about.
    """
    at_once = getattr(_module(state.id), "judge_and_evolve", None)
    if at_once is not None and claim.dates.day == day <= state.on:
        found: tuple[Findings, Any] = at_once(state, claim)
        return found
    return judge(on_day(state, day), claim.body), evolve_claims(state, claim)


def on_day(state: Any, day: date) -> Any:
    """Return the state as it is asked about on a day, for the kinds whose state has one."""
    return state if getattr(state, "on", day) == day else replace(state, on=day)


def is_judged(claim: Claim) -> bool:
    """Say whether its kind may have something to say of a fact of this type, at any state."""
    judged: tuple[type, ...] | None = getattr(_module(claim.thing), "JUDGED", None)
    return judged is None or isinstance(claim.body, judged)


def may_be_against(claim: Claim, types: AbstractSet[str]) -> bool:
    """Say whether its kind may have something to say of a fact, given the types of the claims."""
    against: Mapping[type, AbstractSet[str]] = getattr(_module(claim.thing), "AGAINST", {})
    told_by = against.get(type(claim.body))
    return told_by is None or not told_by.isdisjoint(types)


def evolve_claims(state: Any, *claims: Claim) -> Any:
    """Return the state of a thing after more claims, in their order."""
    module = _module(state.id)
    at_once = getattr(module, "evolve_all", None)
    if at_once is not None:
        return at_once(state, claims)
    for claim in claims:
        state = module.evolve(state, claim)
    return state


def _initial(thing: str, view: Resolution, *, coming: bool = False) -> Any:
    """Return the state at first; with `coming` an agreement knows the days of what has not come."""
    module = _module(thing)
    if kind_of(thing) == "law" and coming:
        return module.initial(id=thing, on=view.clocks.as_of, **_to_come(view))
    if kind_of(thing) != "agreement":
        return module.initial(id=thing, on=view.clocks.as_of)
    told = _descriptions(view)
    parties: Any = _described(told, "parties")
    return module.initial(
        thing,
        view.clocks.as_of,
        _binding(view, told),
        frozenset(parties or ()),
        moment=view.clocks.moment,
        coming=_coming(view) if coming else None,
        ends=party_ends(view) if view.parties else (),
    )


def _to_come(view: Resolution) -> dict[str, str | None]:
    """Return the first day claimed of a law's adoption and entry into force, if all are after D."""
    found = {}
    for type_, name in (("law.adopted", "to_be_adopted"), ("law.in-force", "to_be_in_force")):
        told = [one for one in view.occurrences if one.pick and one.pick[0].type == type_]
        if told and all(one.holds == "no" for one in told):
            found[name] = min((one.pick[0] for one in told), key=chronological).dates.written
    return found


def _coming(view: Resolution) -> dict[str, list[tuple[Dates, Answer]]]:
    """Return the days claimed for an entry into force, and own days that have not certainly come.

    A claim of it answers both sides of its day (docs/spec/treaties.md, 3 and 6), so that what was
    done before it is judged by it too. The key is the mode, or the party whose own day it is: that
    of the period of its last consent. The answer is whether it may have come.
    """
    found: dict[str, list[tuple[Dates, Answer]]] = {}
    own: dict[str, tuple[Claim, Answer]] = {}
    for one in view.occurrences:
        if not one.pick or one.pick[0].dates.when is None:
            continue
        claim: Any = one.pick[0]
        if claim.type == "agreement.entered-into-force":
            found.setdefault(claim.body.mode, []).append((claim.dates, one.holds))
        elif claim.type == "agreement.entered-into-force-for" and one.holds != "yes":
            own.setdefault(claim.body.party, (claim, one.holds))
    if own:
        periods = period_numbers(view.standing.claims, view.standing.links)
        consents: dict[str, Claim] = {}
        for consent in view.held[1]:
            if consent.type == CONSENT:
                consents[consent.body.party] = consent  # type: ignore[attr-defined]
        for party, (claim, holds) in own.items():
            consented = consents.get(party)
            if consented and periods(consented) == periods(claim):
                found[party] = [(claim.dates, holds)]
    return found


def period_numbers(claims: Sequence[Claim], links: Sequence[Claim]) -> Callable[[Claim], object]:
    """Return which number the period of a claim has among these, some of them told apart."""
    special = joining_keys(claims, links)
    return lambda claim: key_of(claim, special)[-1]


def binding_of(view: Resolution) -> Binding:
    """Return whether an agreement counts as binding, by all live claims and the picked kind."""
    return _binding(view, _descriptions(view))


def _binding(view: Resolution, told: list[ResolvedOccurrence]) -> Binding:
    if not told:
        return counts_as((), None)
    said: list[Any] = [c.body for c in view.standing.claims if c.type == "agreement.described"]
    bindings = [body.binding for body in said if body.binding]
    if len(set(bindings)) > 1 and (resolved := _resolved_binding(view, told)):
        bindings = [resolved]
    consented = any(claim.type == CONSENT for claim in view.standing.claims)
    picked = _described(told, "kind")
    kinds = {picked} if picked else _kinds(told)
    suggested = {counts_as(bindings, kind, consented=consented) for kind in kinds}
    return suggested.pop() if len(suggested) == 1 else counts_as(bindings, None)


def _resolved_binding(view: Resolution, told: list[ResolvedOccurrence]) -> str | None:
    """Return the legal effect that a live resolution decides, None where none does.

    It decides where the policy selects its winner, it names every live claim that says otherwise,
    and no other live resolution names another winner.
    """
    for found in told:
        ids = {claim.id for claim in found.claims}
        deciding: list[Any] = [
            one.body
            for one in view.standing.resolutions
            if found.field == "binding" and one not in view.lapsed and one.body.winner in ids  # type: ignore[attr-defined]
        ]
        if not deciding or not found.pick or found.denials:
            continue
        winner: Any = found.pick[0]
        others = {
            claim.id
            for claim in found.claims
            if getattr(claim.body, "binding", None) != winner.body.binding
        }
        named = {one for body in deciding for one in body.among}
        if {body.winner for body in deciding} == {winner.id} and others <= named:
            return str(winner.body.binding)
    return None


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
    """Return the module of a kind, imported when first met: what is asked of one needs no other."""
    name = f"domain.kinds.{kind_of(thing)}"
    return sys.modules.get(name) or import_module(name)


WITH_FLOWS = ("reserve", "programme")
