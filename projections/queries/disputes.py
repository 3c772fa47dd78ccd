"""List the disputes of a ledger: what is contested, by whom, and with which event it arose.

The definition is docs/spec/answers.md, 21.5. Disputes of a subject that are kept ready hold where
its line in a list does; the rest is folded.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from domain.claims.claim import Claim, Clocks
from domain.claims.comparison import alternatives_agree, figures_agree, is_struck
from domain.claims.occurrence_keys import joining_keys, key_of
from domain.claims.occurrences import Alternative, compared_claims
from domain.claims.publication import NONE_EXCLUDED
from domain.claims.ranking import Policy
from domain.claims.resolution import Resolution, ResolvedOccurrence
from domain.claims.series import ResolvedSeries, are_near
from events.identifiers import kind_of
from events.kinds.claim_events import SameOccurrence
from projections.queries.document import MOST_FOLDED, Document, SomeRows
from projections.queries.selection import Unit, selected_claims
from projections.read_model.database import ReadModel

Recorded = tuple[int, str]  # a position, and the time of its event
Conflict = tuple[Recorded, tuple[Claim, ...]]  # when two differed, or one was denied, and which


class Claimant(NamedTuple):
    """In how many disputes a party is contradicted, and in how many its claim is selected."""

    party: str
    disputes: int
    selected: int


def list_disputes(
    answers: ReadModel,
    clocks: Clocks,
    chosen: Policy,
    *,
    kind: str | None = None,
    most: int = MOST_FOLDED,
) -> SomeRows:
    """Return the disputes at the clocks, by the position at which they arose.

    Of subjects of which none are ready at most so many are folded, in the order of names. Raises
    NewerVersionError where a subject that is folded has events of a newer version.
    """
    ready, rest = answers.disputes(clocks, kind, kept=chosen.is_default)
    found = [{**row, "perhaps": False} for rows in ready.values() for row in rows]
    excluded = NONE_EXCLUDED
    rest = [thing for thing in rest if kind_of(thing) != "ledger"]
    for thing in rest[:most]:
        view = answers.view(thing, clocks, chosen)
        excluded = excluded.plus(view.standing.excluded)
        found += [{**row, "perhaps": False} for row in disputes_of(view)]
        if view.perhaps is not None:
            known = _disputed(view)
            found += [
                {**_document(view.perhaps, one), "perhaps": True}
                for one in _disputed(view.perhaps)
                if not any(_is_one(one, other) for other in known)
            ]
    found.sort(key=lambda row: (row["position"], row["subject"], row["type"], row["claims"]))
    return SomeRows(found, excluded, max(0, len(rest) - most))


def count_claimants(rows: Iterable[Document]) -> list[Claimant]:
    """Return who is contradicted in these disputes, the most often contradicted first."""
    contradicted, selected = Counter[str](), Counter[str]()
    for row in rows:
        contradicted.update(row["claimants"])
        selected.update(set(row["claimants"]) & set(row["selected_of"]))
    ordered = sorted(contradicted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Claimant(party, count, selected[party]) for party, count in ordered]


def disputes_of(view: Resolution) -> list[Document]:
    """Return the disputes of a view: its contested occurrences that are shown, and its series."""
    return [_document(view, one) for one in _disputed(view)]


def _disputed(view: Resolution) -> list[Unit]:
    # What a single claim says and no denial strikes is contested by nothing, as of most.
    units: list[Unit] = [
        one for one in view.occurrences if one.shown and (one.denials or len(one.claims) > 1)
    ]
    units += view.series
    return [one for one in units if one.support == "contested"]


def _is_one(one: Unit, other: Unit) -> bool:
    """Say whether two units of two views are one: a series of one key, or an occurrence.

    An occurrence is known by the claims that both have; of a description each field is its own.
    """
    if isinstance(one, ResolvedOccurrence) and isinstance(other, ResolvedOccurrence):
        shared = {claim.id for claim in one.claims} & {claim.id for claim in other.claims}
        return one.field == other.field and bool(shared)
    if isinstance(one, ResolvedSeries) and isinstance(other, ResolvedSeries):
        return (one.type, one.key) == (other.type, other.key)
    return False


def _document(view: Resolution, unit: Unit) -> Document:
    if isinstance(unit, ResolvedOccurrence):
        conflicts = list(_of_occurrence(view, unit))
        first, type_, key = unit.id, unit.ranked[0][0].type, None
        fields = [name for name, support in unit.fields.items() if support == "contested"]
    else:
        conflicts = list(_of_series(unit))
        first, type_, key = None, unit.type, list(unit.key)
        fields = [] if all(len(claims) == 1 for _, claims in conflicts) else ["figure"]
    (position, recorded) = min(when for when, _ in conflicts)
    claims = {claim.id: claim for _, several in conflicts for claim in several}
    picked = selected_claims(unit)
    return {
        "subject": unit_claims(unit)[0].thing,
        "type": type_,
        "occurrence": first,
        "key": key,
        "fields": fields,
        "claimants": sorted({claim.body.asserted_by for claim in claims.values()}),
        "denied_by": sorted({denial.body.asserted_by for denial in unit.denials}),
        "claims": sorted(claims, key=lambda id_: claims[id_].position),
        "denials": [denial.id for denial in unit.denials],
        "selected": [claim.id for claim in picked],
        "selected_of": sorted({claim.body.asserted_by for claim in picked}),
        "position": position,
        "recorded": recorded,
    }


def unit_claims(unit: Unit) -> tuple[Claim, ...]:
    """Return the claims that are compared: those of an occurrence, the near ones of a series."""
    if isinstance(unit, ResolvedOccurrence):
        return unit.claims
    return tuple(c for c in (*unit.certain, *unit.maybe) if c.id in unit.alike)


def _of_occurrence(view: Resolution, found: ResolvedOccurrence) -> Iterator[Conflict]:
    joined = _links(view, found)
    for one, other in combinations(found.ranked, 2):
        if not alternatives_agree(compared_claims(one), compared_claims(other)):
            both = (*one, *other)
            yield max(*map(_text_recorded, both), *_joined(one, other, joined)), both
    yield from _denied(found)


def _of_series(found: ResolvedSeries) -> Iterator[Conflict]:
    for one, other in combinations(unit_claims(found), 2):
        if not figures_agree(one, other) and are_near(one, other):
            yield max(_text_recorded(one), _text_recorded(other)), (one, other)
    yield from _denied(found)


def _denied(found: Unit) -> Iterator[Conflict]:
    for denial in found.denials:
        for claim in unit_claims(found):
            if is_struck(claim, denial):
                yield max(_text_recorded(denial), _text_recorded(claim)), (claim,)


def _text_recorded(claim: Claim) -> Recorded:
    """Return where the text that stands was recorded: of a corrected claim, its correction."""
    event = claim.corrected_by or claim
    return event.position, event.time


class _Links(NamedTuple):
    """The links between the claims of an occurrence, and the key of each claim."""

    links: Sequence[Claim]
    keys: dict[str, object]


def _links(view: Resolution, found: ResolvedOccurrence) -> _Links | None:
    """Return what joins the claims of an occurrence; None where their key alone does."""
    ids = {claim.id for claim in found.claims}
    links = [
        link
        for link in view.standing.links
        if isinstance(link.body, SameOccurrence) and {link.body.target, link.body.with_} <= ids
    ]
    if not links:
        return None
    special = joining_keys(view.standing.claims, view.standing.links)
    keys: dict[str, object] = {
        claim.id: key_of(claim, special) if claim.family.name == "once" else claim.id
        for claim in found.claims
    }
    return _Links(links, keys)


def _joined(one: Alternative, other: Alternative, joined: _Links | None) -> list[Recorded]:
    """Return where the link was recorded without which two alternatives are not compared."""
    if joined is None:
        return []
    links, keys = joined
    if not {keys[c.id] for c in one}.isdisjoint(keys[c.id] for c in other):
        return []
    mine, yours = {c.id for c in one}, {c.id for c in other}
    direct = [link for link in links if _connects(link, mine, yours)]
    return [min(map(_text_recorded, direct)) if direct else max(map(_text_recorded, links))]


def _connects(link: Claim, mine: set[str], yours: set[str]) -> bool:
    body = link.body
    assert isinstance(body, SameOccurrence)
    ends = {body.target, body.with_}
    return not (ends.isdisjoint(mine) or ends.isdisjoint(yours))
