"""Compare the answers at two points of one clock, at two times or under two policies, and say why.

For each thing and field: the value at each end, and what came between: the act that took effect,
the disclosure, the correction with its reason, the new claim, the retraction, the resolution.
What changed since a time is made of two such comparisons: the day came, then more was recorded. Of
two policies nothing comes between: the rule of each that selects its claim is the reason.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from domain.claims.claim import NOTICES, Claim, Clocks, began_at
from domain.claims.party_ends import DISSOLVED, ENDING_TYPES
from domain.claims.periods import unmet_notices
from domain.claims.publication import NONE_EXCLUDED, Excluded, publication_text
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, ResolvedOccurrence, all_hold
from events.kinds.claim_events import Corrected, DistinctOccurrence, Retracted
from events.value import replace
from projections.queries.blame import last_changes, trace_values
from projections.queries.document import AnswerRows, Document, claim_document
from projections.queries.fields import SUPPORT, support_of_series, values_and_support
from projections.queries.selection import (
    Unit,
    alternatives_of,
    asserted_claims,
    is_same,
    rule_of_change,
    selected_claims,
)
from projections.read_model.database import ReadModel
from projections.read_model.date_effects import ALWAYS, moves_between

Axis = Literal["as-of", "public-at", "known-at"]
AXES: tuple[Axis, ...] = ("as-of", "public-at", "known-at")

_RECORDED = "SELECT DISTINCT thing FROM claims WHERE position > ? AND position <= ? ORDER BY thing"
_BESIDE = (
    "SELECT position, thing FROM claims WHERE position > ?1 AND position <= ?2"
    " AND kind <> 'ledger' AND (first_on IS NULL OR first_on <= ?3)"
    " AND (?4 IS NULL OR published_on <= ?4) ORDER BY position"
)
_DISCLOSED = (
    "SELECT DISTINCT thing FROM claims WHERE position <= ?"
    " AND (published_on > ? AND published_on <= ? OR topic LIKE 'claim.corrected.%')"
    " ORDER BY thing"
)


# The line of a list, where it is ready, knows from which day on no day changes its thing.
_MOVED = (
    "SELECT claims.thing, moves_from, settled_from, data FROM things"
    " LEFT JOIN lines ON lines.thing = things.thing AND lines.last_position = things.last_position"
    " JOIN claims ON claims.thing = things.thing"
    " WHERE (lines.thing IS NULL OR lines.valid_from > ?2) AND things.first_position <= ?1"
    " AND position <= ?1 AND settled_from > ?2 AND moves_from <= ?3 ORDER BY things.thing"
)
_MOVED_OR_EXCLUDED = (
    "SELECT DISTINCT thing FROM claims"
    " WHERE position <= ? AND (settled_from > ? AND moves_from <= ?"
    " OR published_on IS NULL OR published_on > ? OR topic LIKE 'claim.corrected.%')"
    " ORDER BY thing"
)


class DiffRange(NamedTuple):
    """The two points that are compared; they differ in one clock."""

    axis: Axis
    before: Clocks
    after: Clocks


def diff_answers(
    answers: ReadModel, ends: DiffRange, chosen: Policy, things: Iterable[str] | None = None
) -> AnswerRows:
    """Return what differs between two ends of a clock, about the things given or about all."""
    rows: list[Document] = []
    excluded = NONE_EXCLUDED
    wanted = changed_things(answers, ends) if things is None else things
    for thing, before, after in answers.folded_twice(wanted, (ends.before, ends.after), chosen):
        excluded = excluded.plus(after.standing.excluded)
        rows += differences_of_views(thing, before, after, ends.axis)
    return AnswerRows(rows, excluded)


def recorded_beside(
    answers: ReadModel,
    ends: DiffRange,
    rows: Iterable[Document],
    things: Iterable[str] | None = None,
) -> list[int]:
    """Return the positions recorded between two ends that are the cause of no row, in order.

    So the correction of a claim that is not selected: no value differs, and the page of the claims
    does. What the clocks of the later end do not show is left out (docs/spec/answers.md, 8).
    """
    after, told = ends.after, {cause["position"] for row in rows for cause in row["why"]}
    day = after.as_of.isoformat()
    public = None if after.public_at is None else after.public_at.isoformat()
    values = (ends.before.known_at or 0, after.known_at or answers.position, day, public)
    wanted = None if things is None else set(things)
    return [
        position
        for position, thing in answers.connection.execute(_BESIDE, values)
        if position not in told and (wanted is None or thing in wanted)
    ]


class PolicyDifferences(NamedTuple):
    """What depends on the policy, of how many subjects, and what the clocks excluded."""

    rows: list[Document]
    subjects: int
    excluded: Excluded

    @property
    def counts(self) -> Document:
        """Return how many subjects were compared and differ, how many values, and by which rule."""
        rules = Counter(row["rule"] or row["rule_before"] or NO_RULE for row in self.rows)
        return {
            "subjects": self.subjects,
            "differ": len({row["subject"] for row in self.rows}),
            "values": len(self.rows),
            "by_rule": dict(rules.most_common()),
        }


NO_RULE = "follows from other values"
_NO_VALUE = "contested: the policy selects none"


def diff_policies(
    answers: ReadModel,
    clocks: Clocks,
    policies: tuple[Policy, Policy],
    things: Iterable[str] | None = None,
) -> PolicyDifferences:
    """Return what two policies answer otherwise, about the things given or about all.

    A row is as of two clocks, with the rule that selects each claim and without what came between.
    """
    rows: list[Document] = []
    subjects, excluded = 0, NONE_EXCLUDED
    every = answers.everything(clocks.known_at) if things is None else things
    wanted = (thing for thing in every if not thing.startswith("ledger/"))
    for thing, view in answers.folded(wanted, clocks, policies[0]):
        if view is None or not view.standing.claims:
            continue  # of a newer version, or nothing of it is public
        subjects += 1
        excluded = excluded.plus(view.standing.excluded)
        before = view.certainly_public
        # A policy selects where there are several claims, or one that is denied.
        if any(len(alternatives_of(unit)) > 1 or unit.denials for unit in _every_unit(before)):
            after = answers.view(thing, clocks, policies[1]).certainly_public
            rows += _chosen_otherwise(thing, before, after)
    return PolicyDifferences(rows, subjects, excluded)


def _every_unit(view: Resolution) -> Iterator[Unit]:
    for one in (view, *view.parties):
        yield from one.occurrences
        yield from one.series


def _unit_in(view: Resolution, unit: Unit | None) -> Unit | None:
    """Return the occurrence or series of another view of the thing that is this one."""
    return next((each for each in _every_unit(view) if unit and is_same(each, unit)), None)


def _chosen_otherwise(thing: str, before: Resolution, after: Resolution) -> Iterator[Document]:
    old, new = values_and_support(thing, before), values_and_support(thing, after)
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    values = (before, old), (after, new)
    units = [_units(thing, view, of_view.keys() & differing, last=True) for view, of_view in values]
    for name in differing:
        one, other = (_last(of_view, name) for of_view in units)
        one, other = one or _unit_in(before, other), other or _unit_in(after, one)
        row, rule_before = _selected(after, one, other), rule_of_change(before, other, one)
        if other and after.policy.strict and not row["selected_after"]:
            row["rule"] = _NO_VALUE
        if one and before.policy.strict and not row["selected_before"]:
            rule_before = _NO_VALUE
        yield {
            "subject": thing,
            "field": name,
            "before": old.get(name),
            "after": new.get(name),
            **row,
            "rule_before": rule_before,
        }


def list_changes(answers: ReadModel, before: Clocks, after: Clocks, chosen: Policy) -> AnswerRows:
    """Return how the answers at two times differ: in what held, and in what was known of it.

    A row has in `axes` what made the change: that its day came (`as-of`), what was recorded since
    (`known-at`), or both; each cause has its own. The day of publication is that of `after`
    (docs/spec/answers.md, 21.7). Raises NewerVersionError.
    """
    before = before._replace(public_at=after.public_at, public_moment=after.public_moment)
    between = before._replace(as_of=after.as_of, moment=after.moment)
    by_day, by_log = DiffRange("as-of", before, between), DiffRange("known-at", between, after)
    moved, told = _touched(answers, by_day), _touched(answers, by_log)
    rows: list[Document] = []
    excluded = NONE_EXCLUDED
    for thing, first, last in answers.folded_twice(sorted(moved | told), (before, after), chosen):
        excluded = excluded.plus(last.standing.excluded)
        middle = first if thing not in moved else last
        if thing in moved and thing in told:
            middle = answers.view(thing, between, chosen)
        steps: dict[Axis, list[Document]] = {}
        if middle is not first:
            steps["as-of"] = differences_of_views(thing, first, middle, "as-of")
        if middle is not last:
            steps["known-at"] = differences_of_views(thing, middle, last, "known-at")
        ends = [*steps.values()]
        found = ends[0] if len(ends) == 1 else differences_of_views(thing, first, last, "known-at")
        rows += _by_step(found, steps)
    return AnswerRows(rows, excluded)


def _touched(answers: ReadModel, step: DiffRange) -> set[str]:
    """Return the things that a day between may change, or of which more was recorded."""
    if step.before == step.after:
        return set()
    # A day of publication that stands still excludes the same at both ends.
    ends = (one._replace(public_at=None, public_moment=None) for one in step[1:])
    return set(changed_things(answers, DiffRange(step.axis, *ends)))


def _by_step(found: list[Document], steps: dict[Axis, list[Document]]) -> Iterator[Document]:
    """Yield differences between two times with the causes of each step in which they arose."""
    causes = {axis: {one["field"]: one["why"] for one in rows} for axis, rows in steps.items()}
    for row in found:
        axes = [axis for axis, of_field in causes.items() if row["field"] in of_field]
        why = [{**cause, "axis": axis} for axis in axes for cause in causes[axis][row["field"]]]
        yield {**row, "axes": axes, "why": why}


def changed_things(answers: ReadModel, ends: DiffRange) -> list[str]:
    """Return the things whose answers may differ between the two points."""
    before, after = ends.before, ends.after
    found: Iterable[str]
    if ends.axis == "as-of":
        found = _dated_between(answers, before, after)
    elif ends.axis == "known-at":
        found = _select_things(answers, _RECORDED, before.known_at, after.known_at)
    else:
        days = str(_day_before(before)), str(after.public_at)
        found = _select_things(answers, _DISCLOSED, after.known_at, *days)
    things = dict.fromkeys(thing for thing in found if not thing.startswith("ledger/"))
    if not answers.ended_parties().isdisjoint(things):
        things |= dict.fromkeys(answers.agreements_of_ended(after.known_at))
    return list(things)


def _day_before(clocks: Clocks) -> object:
    """Return a day of publication; of an instant one by which no day at its place had begun."""
    if clocks.public_moment is None or clocks.public_at is None:
        return clocks.public_at
    return clocks.public_at - timedelta(2)


def _select_things(answers: ReadModel, sql: str, *values: object) -> Iterator[str]:
    return (thing for (thing,) in answers.connection.execute(sql, values))


def _dated_between(answers: ReadModel, before: Clocks, after: Clocks) -> Iterable[str]:
    """Return the things that a day between may change, or whose claims it may exclude."""
    known = answers.position if after.known_at is None else after.known_at
    first, last = sorted((before.as_of.isoformat(), after.as_of.isoformat()))
    if after.public_at is not None:
        public = str(_day_before(after))
        return _select_things(answers, _MOVED_OR_EXCLUDED, known, first, last, public)
    rows = answers.connection.execute(_MOVED, (known, first, last))
    return dict.fromkeys(
        thing
        for thing, *moves, data in rows
        if tuple(moves) == ALWAYS or moves_between(json.loads(data), first, last)
    )


def differences_of_views(
    thing: str, before: Resolution, after: Resolution, axis: Axis
) -> list[Document]:
    """Return a row for each value of a thing that differs between two views of it.

    `selected_before` and `selected_after` are the claims that set the value at either end, `rule`
    is the one by which the second goes before the first; null where the two do not compete.
    What is only perhaps public at either end is left out (docs/spec/answers.md, 10).
    """
    before, after = before.certainly_public, after.certainly_public
    old, new = values_and_support(thing, before), values_and_support(thing, after)
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if not differing:
        return []
    causes = list(_causes(_with_ends(before), _with_ends(after), axis))
    ends = _with_ends(after)
    picked = {claim.id for one in ends.occurrences for claim in one.pick}
    picked |= {series.pick.id for series in ends.series if series.pick}
    causes.sort(key=lambda cause: cause["claim"] not in picked)
    last = len(causes) == 1 and axis != "as-of"  # then it is the cause of all
    values = (before, old), (after, new)
    units = [_units(thing, view, of_view.keys() & differing, last=last) for view, of_view in values]
    return [
        {
            "subject": thing,
            "field": name,
            "before": old.get(name),
            "after": new.get(name),
            **_selected(after, *(_last(of_view, name) for of_view in units)),
            "why": _why(causes, *(_that_set(of_view, name) for of_view in units), axis=axis)
            or _time_passed(_concerned(units, name), _with_ends(after)),
        }
        for name in differing
    ]


def _selected(after: Resolution, old: Unit | None, new: Unit | None) -> Document:
    return {
        "selected_before": [claim_document(claim) for claim in selected_claims(old)],
        "selected_after": [claim_document(claim) for claim in selected_claims(new)],
        "rule": rule_of_change(after, old, new),
    }


def _with_ends(view: Resolution) -> Resolution:
    """Return a view of an agreement with the claims that end the parties that it names."""
    if not view.parties:
        return view
    standing = view.standing
    for party in view.parties:
        said = party.standing
        standing = replace(
            standing,
            claims=(*standing.claims, *(c for c in said.claims if c.type in ENDING_TYPES)),
            denials=standing.denials + said.denials,
            resolutions=standing.resolutions + said.resolutions,
            links=standing.links + said.links,
            retracted=standing.retracted | said.retracted,
        )
    ends = tuple(_as_end(one, view.clocks) for party in view.parties for one in party.occurrences)
    return replace(view, occurrences=view.occurrences + ends, standing=standing)


def _as_end(one: ResolvedOccurrence, clocks: Clocks) -> ResolvedOccurrence:
    """Return a dissolution as it ends a party: the day that it names is the last of the party."""
    if one.ranked[0][0].type != DISSOLVED or clocks.as_of == date.min:
        return one
    before = clocks._replace(as_of=clocks.as_of - timedelta(1), moment=None)
    return replace(one, holds=all_hold(one.folded or one.ranked[0], before))


def _why(
    causes: list[Document], old: tuple[Unit, ...], new: tuple[Unit, ...], *, axis: Axis
) -> list[Document]:
    """Return the causes of one difference: of the claims selected before and now, else of others.

    A measurement that is not selected at either end explains a figure only where nothing else does.
    What took effect between two days explains only a value that it set: what other acts set is
    another party's, or a day has passed.
    """
    if len(causes) == 1 and axis != "as-of":
        return causes
    near = {c.id for unit in (*old, *new) for c in _concerning(unit)}
    far = {c.id for unit in (*old, *new) for c in asserted_claims(unit)}
    for ids in (near, far):
        if found := [cause for cause in causes if ids & set(cause["claims"])]:
            return found
    return [] if axis == "as-of" else causes


def _concerning(unit: Unit) -> tuple[Claim, ...]:
    return asserted_claims(unit) if isinstance(unit, ResolvedOccurrence) else selected_claims(unit)


def _time_passed(ids: set[str], after: Resolution) -> list[Document]:
    """Return why a value differs though no claim came between: a day passed that it depends on."""
    claims = [claim for claim in after.standing.claims if claim.id in ids]
    how = "time passed, as reckoned from"
    return [_cause(how, claim, claim, claim.dates.written) for claim in claims]


def _units(
    thing: str, view: Resolution, names: Set[str], *, last: bool
) -> dict[str, tuple[Unit, ...]]:
    """Return by field the occurrences and series that changed its value; the last one set it.

    Of the fields named, at least; or of each the `last` one alone.
    """
    found: dict[str, tuple[Unit, ...]] = {}
    values = {name for name in names if not name.startswith(SUPPORT)}
    if last:
        found = {name: (unit,) for name, unit in last_changes(thing, view, values).items()}
    elif values:
        found = {one.field: one.by for one in trace_values(thing, view)}
    for one in view.occurrences:
        if one.holds != "no":  # else it has no support to compare, and selects nothing yet
            verb = one.ranked[0][0].type.partition(".")[2]
            found[f"{SUPPORT}{verb} {one.id}"] = (one,)
    for series in view.series:
        found[support_of_series(series)] = (series,)
    return found


def _last(units: dict[str, tuple[Unit, ...]], name: str) -> Unit | None:
    of_value = units.get(name, ())
    return of_value[-1] if of_value else None


def _that_set(units: dict[str, tuple[Unit, ...]], name: str) -> tuple[Unit, ...]:
    """Return what set a value; where it is gone, what set the values beside it.

    So a flag that a notice took away, beside the status that it gave.
    """
    beside = name.rpartition(".")[0]
    if name in units or not beside:
        return units.get(name, ())
    return tuple(
        one for of, several in units.items() if of.startswith(f"{beside}.") for one in several
    )


def _concerned(units: Sequence[dict[str, tuple[Unit, ...]]], name: str) -> set[str]:
    several = (unit for of_view in units for unit in of_view.get(name, ()))
    return {claim.id for unit in several for claim in asserted_claims(unit)}


def _causes(before: Resolution, after: Resolution, axis: Axis) -> Iterator[Document]:
    old = {claim.id: claim for claim in before.standing.claims}
    new = {claim.id: claim for claim in after.standing.claims}
    for claim in new.values():
        if claim.id not in old:
            yield _added_cause(claim, before, axis)
        elif claim.corrected_by != old[claim.id].corrected_by:
            yield _corrected_cause(claim, old[claim.id])
    for claim in old.values():
        if claim.id not in new:
            yield _removed_cause(claim, after)
    yield from _relation_causes(before, after)
    if axis == "as-of":
        yield from _effect_causes(before, after, old, new)


def _added_cause(claim: Claim, before: Resolution, axis: Axis) -> Document:
    taken = before.standing.retracted.get(claim.id)
    if taken is not None:
        return _cause("revived: its retraction was taken back", claim, taken, None)
    if axis == "public-at":
        return _cause("disclosed", claim, claim, publication_text(claim))
    by = claim.published_by or claim.corrected_by  # a corrected data-entry error stays published
    if by is not None and claim.position <= (before.clocks.known_at or 0):
        return _cause("made public by its correction", claim, by, by.time[:10])
    return _cause("new claim", claim, claim, claim.time[:10])


def _corrected_cause(claim: Claim, old: Claim) -> Document:
    by = claim.corrected_by
    if by is None:
        withdrawn = old.corrected_by or claim
        return _cause("its correction was taken back", claim, withdrawn, None)
    assert isinstance(by.body, Corrected)
    return _cause("corrected", claim, by, by.time[:10], by.body.reason)


def _removed_cause(claim: Claim, after: Resolution) -> Document:
    by = after.standing.retracted.get(claim.id)
    if by is None:
        return _cause("no longer counted", claim, claim, None)
    assert isinstance(by.body, Retracted)
    return _cause("retracted", claim, by, by.time[:10], by.body.reason)


def _relation_causes(before: Resolution, after: Resolution) -> Iterator[Document]:
    for how, name in (("denied", "denials"), ("resolved", "resolutions"), ("joined", "links")):
        old = {claim.id: claim for claim in getattr(before.standing, name)}
        new = {claim.id: claim for claim in getattr(after.standing, name)}
        for claim in (c for c in new.values() if c.id not in old):
            apart = isinstance(claim.body, DistinctOccurrence)
            words = "set apart" if apart else how
            yield _relation_cause(words, claim, after)
        for claim in (c for c in old.values() if c.id not in new):
            yield _relation_cause(f"no longer {how}", claim, before)


def _relation_cause(how: str, about: Claim, view: Resolution) -> Document:
    body: Any = about.body
    named = [getattr(body, name, None) for name in ("target", "with_", "winner")]
    ids = {name for name in named if name} | set(getattr(body, "among", None) or ())
    denied = getattr(body, "type", None)
    if denied:
        ids |= {claim.id for claim in view.standing.claims if claim.type == denied}
    cause = _cause(how, about, about, about.time[:10], getattr(body, "ground", None))
    return {**cause, "claims": sorted(ids | {about.id})}


def _effect_causes(
    before: Resolution, after: Resolution, old: dict[str, Claim], new: dict[str, Claim]
) -> Iterator[Document]:
    held, holds = _holding(before), _holding(after)
    unmet = unmet_notices(new.values(), after.clocks)
    for claim in (claim for claim in new.values() if claim.id in old):
        was, now = held.get(claim.id, "no"), holds.get(claim.id, "no")
        day, given = claim.dates.when, claim.dates.acted
        if claim.type in NOTICES and given is not None and now != "no":
            was_met, met = (began_at(claim, view.clocks) for view in (before, after))
            if was_met != met and day is not None and claim.id not in unmet:
                moved = [one for one, by in unmet.items() if by.id == claim.id]
                cause = _cause(_come(met), claim, claim, day.text)
                yield {**cause, "claims": [claim.id, *moved]}
                continue
            if was != now:
                yield _cause(
                    "notice given" if now == "yes" else _come(now), claim, claim, given.text
                )
        elif was != now:
            ended = "passed" if day is not None and day.is_span else "superseded"
            how = ended if now == "no" else _come(now)
            yield _cause(how, claim, claim, claim.dates.written)


def _come(answer: str) -> str:
    return {"yes": "took effect", "no": "is no longer in effect"}.get(
        answer, "may have taken effect"
    )


def _holding(view: Resolution) -> dict[str, str]:
    found: dict[str, str] = {c.id: one.holds for one in view.occurrences for c in one.claims}
    for series in view.series:
        found.update((claim.id, "yes") for claim in series.certain)
        found.update((claim.id, "cannot tell") for claim in series.maybe)
    return found


def _cause(
    how: str, claim: Claim, event: Claim, when: str | None, reason: str | None = None
) -> Document:
    return {
        "how": how,
        "when": when,
        "published": publication_text(event),
        "reason": reason,
        "acted": claim.body.acted if claim.body.effective else None,
        "type": claim.type,
        "actors": _actors(claim.body),
        "claim": claim.id,
        "claims": [claim.id],
        "event": event.id,
        "position": event.position,
        "asserted_by": event.body.asserted_by,
    }


def _actors(body: Any) -> list[str]:
    """Return the parties that did it; where a claim names none, those for whom it was done."""
    acting = [who for name in ("party", "by") if (who := getattr(body, name, None))]
    concerned = (getattr(body, "for_", None), *(getattr(body, "between", None) or ()))
    return acting or [who for who in concerned if who]
