"""Rules for what names earlier events: what may be corrected, denied, resolved, linked."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from domain.claims.claim import Claim
from domain.claims.effective_claims import EffectiveClaims
from domain.claims.occurrence_keys import FIELDS
from domain.claims.occurrences import occurrences
from domain.decisions.errors import RetractedBeforeError, TargetError
from domain.decisions.stream_index import StreamIndex
from events.body import Body
from events.catalogue import family, type_of, types_for
from events.identifiers import kind_of
from events.kinds import claim_events as meta
from events.text import a_or_an, count_noun


def check_target(index: StreamIndex, body: Body) -> None:
    """Raise TargetError unless a claim about claims names fitting events of the thing."""
    match body:
        case meta.Corrected(target=target):
            _check_correction(_event(index, target), index, body)
            check_seizures(index, body.data.get("seizures") or ())
        case meta.Retracted(target=target):
            _check_live(_event(index, target), index, "retracted")
        case meta.Denied(target=target) if target is not None:
            _check_live(_event(index, target), index, "denied")
        case meta.Denied(type=name) if name is not None:
            _check_type(index, name)
        case meta.Resolved(winner=winner, among=among):
            for one in among:
                _check_act(_event(index, one))
            _check_live(_event(index, winner), index, "declared right")
            _check_together(among, index.standing)
        case meta.SameOccurrence() | meta.DistinctOccurrence():
            for one in (body.target, body.with_):
                _check_act(_event(index, one))
                _check_live(_event(index, one), index, "linked")
            if isinstance(body, meta.SameOccurrence):
                _check_alike(_event(index, body.target), _event(index, body.with_))


def check_seizures(index: StreamIndex, seizures: Iterable[str]) -> None:
    """Raise TargetError unless a forfeiture names seizures that were recorded before it."""
    for one in seizures:
        seized = _event(index, one)
        _check_live(seized, index, "forfeited")
        if seized.type != "reserve.seized":
            raise TargetError(f"{one} is {a_or_an(seized.type)}: only what was seized is forfeited")


def check_effect(claim: Claim, stands: EffectiveClaims) -> None:
    """Raise RetractedBeforeError where a claim that is repeated has no effect any more."""
    body = claim.body
    if isinstance(body, meta.Corrected) and (by := stands.retracted.get(body.target)):
        raise RetractedBeforeError(
            f"the same was recorded as {claim.id}, but {body.target} was retracted in {by.id}: "
            f"to revive it, retract {by.id}"
        )
    if isinstance(body, meta.SameOccurrence | meta.DistinctOccurrence):
        last = _last_link(body, stands)
        if last is not None and _effect(last.body) != _effect(body):
            by = last.corrected_by or last
            raise RetractedBeforeError(
                f"the same was recorded as {claim.id}, but {by.id} says otherwise since: "
                f"to revive it, retract {by.id}"
            )


def _last_link(
    body: meta.SameOccurrence | meta.DistinctOccurrence, stands: EffectiveClaims
) -> Claim | None:
    pair = {body.target, body.with_}
    links = [c for c in stands.links if {c.body.target, c.body.with_} == pair]  # type: ignore[attr-defined]
    return links[-1] if links else None


def _effect(body: Body) -> tuple[type[Body], str | None]:
    return type(body), getattr(body, "part_of", None)


def _event(index: StreamIndex, target: str) -> Claim:
    claim = index.claim(target)
    if claim is None:
        thing = target.rpartition("/")[0]
        if thing != index.thing:
            where = f"a claim about it is recorded about {thing}"
            raise TargetError(f"{target} is no event of {index.thing}: {where}")
        where = f"{index.thing} has {count_noun(index.version, 'event')}"
        raise TargetError(f"there is no event {target}: {where}")
    return claim


def _check_type(index: StreamIndex, name: str) -> None:
    types = [name for name in types_for(kind_of(index.thing)) if not name.startswith("claim.")]
    if name not in types:
        near = get_close_matches(name, types)
        meant = f": did you mean {near[0]}?" if near else ""
        raise TargetError(f"no fact of a type {name} is recorded about {index.thing}{meant}")


def _check_correction(target: Claim, index: StreamIndex, body: meta.Corrected) -> None:
    _check_live(target, index, "corrected")
    if target.id in index.corrected:
        by = index.corrected[target.id].id
        raise TargetError(f"{target.id} is corrected already by {by}: correct {by} instead")
    text = target.body
    wanted = type_of(text.data_type) if isinstance(text, meta.Corrected) else target.type
    if type_of(body.data_type) != wanted:
        raise TargetError(
            f"{target.id} is {a_or_an(wanted)}: a correction cannot make it {body.data_type}"
        )


def _check_live(target: Claim, index: StreamIndex, what: str) -> None:
    if by := index.retracted.get(target.id):
        raise TargetError(f"{target.id} was retracted in {by.id} and cannot be {what}")


def _check_together(among: tuple[str, ...], stands: EffectiveClaims) -> None:
    """Refuse a resolution among claims that are not about one happening."""
    live = {one for one in among if one not in stands.retracted}
    if any(live <= {claim.id for claim in found.claims} for found in occurrences(stands)):
        return
    named = " and ".join(sorted(live))
    raise TargetError(
        f"{named} are not about one occurrence, so there is nothing to resolve between them: "
        "if they are, record depositary same first"
    )


def _check_alike(one: Claim, other: Claim) -> None:
    if one.type != other.type and (one.type in FIELDS or other.type in FIELDS):
        raise TargetError(
            f"{one.id} is {a_or_an(one.type)} and {other.id} {a_or_an(other.type)}: "
            "a description is never the same occurrence as an act"
        )


def _check_act(target: Claim) -> None:
    about: Any = family(target.type).name
    if about not in ("once", "repeatable"):
        raise TargetError(f"{target.id} is {a_or_an(target.type)}, which is not an occurrence")
