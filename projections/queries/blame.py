"""Trace each value of an answer to the event and the source that set it.

The answer is computed again for each selected claim, with one claim more each time: the last claim
that changed a value set it. No rule of a kind is repeated here.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from typing import Any, Generic, NamedTuple, TypeVar

from domain.claims.alternatives import contested_occurrences
from domain.claims.claim import Claim, Clocks, chronological
from domain.claims.comparison import figure_of
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, ResolvedOccurrence, all_hold
from domain.kinds.registry import (
    CONSENT,
    States,
    evolve_claims,
    is_folded_whole,
    possible_flows,
    takes_measurements,
    thing_states,
)
from events.dates import Answer
from events.kinds.claim_events import Corrected
from events.value import replace
from projections.kinds.registry import answer, updated_answer
from projections.queries.document import Document, claim_document, json_value
from projections.queries.fields import (
    SUPPORT,
    answer_values,
    changed_fields,
    flatten_answer,
    support_of_series,
)
from projections.queries.selection import (
    Unit,
    alternative_of,
    asserted_claims,
    next_alternative,
    rule_between,
    selected_claims,
)
from projections.read_model.database import ReadModel

One = TypeVar("One")
# What is read at every day: a description, and a day that answers on both sides of itself.
OWN_DAY = "agreement.entered-into-force-for"
_READ_WHOLE = frozenset(
    (
        *("agreement.described", "agreement.entered-into-force", OWN_DAY),
        *("law.adopted", "law.in-force"),
    )
)


class TracedValue(NamedTuple):
    """A value, and the occurrences or series that changed it, in order: the last one set it.

    `by` is empty where no claim states the value: it follows from what is not stated.
    """

    field: str
    value: Any
    by: tuple[Unit, ...]


def trace_values(thing: str, view: Resolution) -> list[TracedValue]:
    """Return every value answered about a thing, and what set it."""
    view = view.certainly_public  # what perhaps was public stands beside, traced by itself
    final = answer_values(thing, view)
    if not final:
        return []  # such as the ledger itself, which has no states
    changes: dict[str, list[Unit]] = {name: [] for name in final}
    contested = contested_occurrences(view)  # a value of them may have no word but that
    before, steps = stepwise_answers(thing, view)
    for unit, after in steps:
        for name in _changed(before, after) if contested else changed_fields(before, after):
            if name in changes:
                changes[name].append(unit)
        before = after
    if contested:
        told = flatten_answer(before)
        for name, value in final.items():
            if told.get(name) != value:  # merged of what each alternative comes to
                changes[name] = [*(u for u in changes[name] if u not in contested), *contested]
    return [TracedValue(name, value, tuple(changes[name])) for name, value in final.items()]


def last_changes(thing: str, view: Resolution, names: Set[str], newest: int = 8) -> dict[str, Unit]:
    """Return what changed last some of the values answered about a thing, by their names.

    It is the last of `by` in `trace_values`, found among so many of the newest where they set all
    of these, as they most often did of what changed in a while.
    """
    view = view.certainly_public
    if names and not contested_occurrences(view):
        found: dict[str, Unit] = {}
        before, steps = stepwise_answers(thing, view, newest)
        for unit, after in steps:
            found |= dict.fromkeys(changed_fields(before, after), unit)
            before = after
        if names <= found.keys():
            return found
    return {one.field: one.by[-1] for one in trace_values(thing, view) if one.by} if names else {}


def measured_besides(view: Resolution, traced: Sequence[TracedValue]) -> list[TracedValue]:
    """Return the figures of the series that set none of the values: of `reserve.valued`: `valued`.

    They stand on the page under their own heading. One that `strict` contests is `contested`.
    """
    used = {id(unit) for one in traced for unit in one.by}
    return [
        TracedValue(
            support_of_series(one).removeprefix(SUPPORT).replace("-", "_"),
            json_value(figure_of(one.pick)) if one.pick else "contested",
            (one,),
        )
        for one in view.certainly_public.series
        if id(one) not in used
    ]


def _changed(before: Document, after: Document) -> list[str]:
    old, new = flatten_answer(before), flatten_answer(after)
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def blame_values(answers: ReadModel, thing: str, clocks: Clocks, chosen: Policy) -> list[Document]:
    """Return a row for each value of a thing: what it is, and the claim that set it."""
    view = answers.view(thing, clocks, chosen)
    traced = trace_values(thing, view)
    return [
        _with_sources(answers, one, blame_line(one, view), clocks)
        for one in (*traced, *measured_besides(view, traced))
    ]


def _with_sources(
    answers: ReadModel, traced: TracedValue, line: Document, clocks: Clocks
) -> Document:
    """Return a line in which a corrected claim has the sources of its corrections first."""
    picked = selected_claims(traced.by[-1]) if traced.by else ()
    if not picked or not picked[0].corrected_by:
        return line
    told = said_by(answers, picked[0], clocks.known_at)
    sources = dict.fromkeys(ref.source for one in told for ref in one.body.sources or ())
    return {**line, "claim": {**line["claim"], "sources": list(sources)}}


def blame_line(traced: TracedValue, view: Resolution) -> Document:
    """Return a value with the claim that set it, as a document; `claim` is null for none.

    `rival` holds the claims that were ranked next, and `rule` why they come after.
    """
    unit = traced.by[-1] if traced.by else None
    picked = selected_claims(unit)
    rival = next_alternative(unit) if unit else None
    rule = None
    if unit and rival:
        rule = rule_between(view, unit, alternative_of(unit, picked[0]), rival)
    return {
        "field": traced.field,
        "value": traced.value,
        "support": unit.support if unit else None,
        "changes": len(traced.by),
        "claim": claim_document(picked[0]) if picked else None,
        "with": [one.id for one in picked[1:]],
        "rival": [one.id for one in rival or ()],
        "rule": rule,
    }


def said_by(answers: ReadModel, claim: Claim, known_at: int | None) -> list[Claim]:
    """Return the events that a text stands in: its corrections, the last one first, and the claim.

    A correction keeps the sources of the text before it beside its own: what is new stands in its
    own.
    """
    by = claim.corrected_by
    if by is None:
        return [claim]
    found, recorded = [by], {one.id: one for one in answers.claims(claim.thing, known_at)}
    while isinstance(found[-1].body, Corrected) and found[-1].body.target in recorded:
        found.append(recorded[found[-1].body.target])
    return found


def stepwise_answers(
    thing: str, view: Resolution, newest: int | None = None
) -> tuple[Document, Iterator[tuple[Unit, Document]]]:
    """Return the answer without any claim, though the thing is known, and how it came about.

    That is each happening, by its day, then each series: and the answer with it and those before.
    Of the `newest` alone, and the answer before them, if so many are asked for. What is still to
    come counts too: that a paper is binding is asked of all who say so.
    """
    so_far = _StatesSoFar(thing, view)
    ends = [one for party in view.parties for one in party.occurrences]
    units: list[Unit] = [
        *sorted(
            (*view.occurrences, *ends),
            key=lambda one: chronological((one.folded or one.ranked[0])[0]),
        ),
        *view.series,
    ]
    first = 0 if newest is None else max(0, len(units) - newest)
    for unit in units[:first]:
        so_far.take(unit)
    so_far.fold()
    without = answer(thing, so_far.view())

    def steps() -> Iterator[tuple[Unit, Document]]:
        said = without
        for unit in units[first:]:
            before = so_far.states
            so_far.add(unit)
            if view.policy.strict:  # each alternative is folded in turn: nothing to go on from
                said = answer(thing, so_far.view())
            else:
                said = updated_answer(thing, so_far.view(), so_far.states, before, said)
            yield unit, said

    return without, steps()


class _StatesSoFar:
    """So much of a view as has come, and what the thing is by it."""

    def __init__(self, thing: str, view: Resolution) -> None:
        self._thing, self._whole = thing, view
        self._occurrences = _Some(view.occurrences)
        self._series = _Some(view.series)
        self._claims = _Some(view.standing.claims)
        self._parties = [(party, _Some(party.occurrences)) for party in view.parties]
        self._not_yet = {claim.id: claim for claim in view.standing.claims}
        self._last: Claim | None = None  # of those picked
        self._own_day_to_come = False
        self._possible = possible_flows(thing, view)
        self.states: States

    def fold(self) -> None:
        """Fold the states anew."""
        self.states = thing_states(self._thing, self.view(), self._possible)

    def view(self) -> Resolution:
        """Return the view as if nothing else had been said."""
        return replace(
            self._whole,
            occurrences=self._occurrences.there(),
            series=self._series.there(),
            standing=replace(self._whole.standing, claims=self._claims.there()),
            parties=tuple(replace(one, occurrences=of.there()) for one, of in self._parties),
        )

    def take(self, unit: Unit) -> bool:
        """Take one more, leave the states, and say whether it is of the thing, not of a party."""
        for _, of_party in self._parties:
            if isinstance(unit, ResolvedOccurrence) and of_party.has(unit):
                of_party.add(unit)
                return False
        for claim in asserted_claims(unit):
            if stands := self._not_yet.pop(claim.id, None):
                self._claims.add(stands)
        if not isinstance(unit, ResolvedOccurrence):
            self._series.add(unit)
            return True
        self._occurrences.add(unit)
        if self._holds(unit) != "yes" and any(claim.type == OWN_DAY for claim in unit.claims):
            self._own_day_to_come = True
        for claim in unit.folded:
            self._last = max(claim, self._last or claim, key=chronological)
        return True

    def add(self, unit: Unit) -> None:
        """Take one more, and fold it."""
        last = self._last
        if not self.take(unit):
            self.fold()
        elif isinstance(unit, ResolvedOccurrence):
            self._step(unit, last)
        elif takes_measurements(self._thing):
            self.fold()

    def _holds(self, one: ResolvedOccurrence) -> Answer:
        return all_hold(one.instead, self._whole.clocks) if one.instead else one.holds

    def _step(self, one: ResolvedOccurrence, last: Claim | None) -> None:
        picked, holds = sorted(one.folded, key=chronological), self._holds(one)
        late = last and picked and chronological(picked[0]) < chronological(last)
        unsure = holds == "cannot tell" and is_folded_whole(self._thing)
        read_whole = any(claim.type in _READ_WHOLE for claim in one.claims)
        if late or unsure or read_whole or self._changes_reading(one):
            self.fold()
        elif holds != "no":
            self.states = _after(self.states, picked, certainly=holds == "yes")

    def _changes_reading(self, one: ResolvedOccurrence) -> bool:
        """Say whether a consent changes how what came before is read.

        It makes of a paper presumed not to bind one that may, and an own day still to come its own.
        """
        if not any(claim.type == CONSENT for claim in one.claims):
            return False
        presumed = self.states.without.binding == "presumed-not-binding"
        return presumed or self._own_day_to_come


def _after(found: States, claims: list[Claim], *, certainly: bool) -> States:
    """Return the states after claims that come later than all before them."""
    including = evolve_claims(found.including, *claims)
    if not certainly:
        return States(found.without, including)
    same = found.without is found.including
    return States(including if same else evolve_claims(found.without, *claims), including)


class _Some(Generic[One]):
    """Some of a sequence, in its order."""

    def __init__(self, every: tuple[One, ...]) -> None:
        # The very ones: comparing all they hold would take long.
        self._place = {id(one): place for place, one in enumerate(every)}
        self._places: list[int] = []
        self._there: list[One] = []

    def has(self, one: object) -> bool:
        """Say whether something is of the sequence."""
        return id(one) in self._place

    def add(self, one: One) -> None:
        """Put one more of the sequence in its place."""
        place = self._place[id(one)]
        at = bisect_left(self._places, place)
        self._places.insert(at, place)
        self._there.insert(at, one)

    def there(self) -> tuple[One, ...]:
        """Return those that are there."""
        return tuple(self._there)
