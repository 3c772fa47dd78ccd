"""May a claim be made about that earlier claim?"""

from difflib import get_close_matches
from typing import Any

from domain.claims.claim import Claim
from domain.claims.effective_claims import Standing
from domain.claims.occurrences import occurrences
from domain.decisions.errors import RetractedBeforeError, TargetError
from domain.decisions.stream import History
from events.body import Body
from events.catalogue import family, type_of, types_for
from events.identifiers import kind_of
from events.kinds.claim_events import (
    Corrected,
    Denied,
    DistinctOccurrence,
    Resolved,
    Retracted,
    SameOccurrence,
)
from events.text import a_or_an, count_noun


def check_target(history: History, stands: Standing, body: Body) -> None:
    """Hold the targets of a claim about claims against the history; raise TargetError."""
    match body:
        case Corrected(target=target):
            _check_correction(_event(history, target), stands, body)
        case Retracted(target=target):
            _check_live(_event(history, target), stands, "retracted")
        case Denied(target=target) if target is not None:
            _check_live(_event(history, target), stands, "denied")
        case Denied(type=name) if name is not None:
            _check_type(history, name)
        case Resolved(winner=winner, among=among):
            for one in among:
                _check_act(_event(history, one))
            _check_live(_event(history, winner), stands, "declared right")
            _check_together(among, stands)
        case SameOccurrence() | DistinctOccurrence():
            for one in (body.target, body.with_):
                _check_act(_event(history, one))
                _check_live(_event(history, one), stands, "linked")
            if isinstance(body, SameOccurrence):
                _check_alike(_event(history, body.target), _event(history, body.with_))


def check_effect(claim: Claim, stands: Standing) -> None:
    """Raise RetractedBeforeError where a claim that is repeated has no effect any more.

    A correction has none once its target was retracted, a link once a later one says otherwise.
    """
    body = claim.body
    if isinstance(body, Corrected) and (by := stands.retracted.get(body.target)):
        raise RetractedBeforeError(
            f"the same was recorded as {claim.id}, but {body.target} was retracted in {by.id}: "
            f"to revive it, retract {by.id}"
        )
    if isinstance(body, SameOccurrence | DistinctOccurrence):
        last = _last_link(body, stands)
        if last is not None and _effect(last.body) != _effect(body):
            raise RetractedBeforeError(
                f"the same was recorded as {claim.id}, but {last.id} says otherwise since: "
                f"to revive it, retract {last.id}"
            )


def _last_link(body: SameOccurrence | DistinctOccurrence, stands: Standing) -> Claim | None:
    pair = {body.target, body.with_}
    links = [c for c in stands.links if {c.body.target, c.body.with_} == pair]  # type: ignore[attr-defined]
    return links[-1] if links else None


def _effect(body: Body) -> tuple[type[Body], str | None]:
    return type(body), getattr(body, "part_of", None)


def _event(history: History, target: str) -> Claim:
    claim = history.by_id.get(target)
    if claim is None:
        thing = target.rpartition("/")[0]
        where = (
            f"{history.id} has {count_noun(history.version, 'event')}"
            if thing == history.id
            else f"a claim about {target} is recorded about {thing}, not about {history.id}"
        )
        raise TargetError(f"there is no event {target} to speak of: {where}")
    return claim


def _check_type(history: History, name: str) -> None:
    types = [name for name in types_for(kind_of(history.id)) if not name.startswith("claim.")]
    if name not in types:
        near = get_close_matches(name, types, 1)
        meant = f": did you mean {near[0]}?" if near else ""
        raise TargetError(f"no fact of a type {name} is recorded about {history.id}{meant}")


def _check_correction(target: Claim, stands: Standing, body: Corrected) -> None:
    _check_live(target, stands, "corrected")
    if target.id in stands.corrected:
        by = stands.corrected[target.id].id
        raise TargetError(f"{target.id} is corrected already by {by}: correct {by} instead")
    wanted = _text_type(target)
    if type_of(body.data_type) != wanted:
        raise TargetError(
            f"{target.id} is {a_or_an(wanted)}: a correction cannot make it {body.data_type}"
        )


def _text_type(claim: Claim) -> str:
    return type_of(claim.body.data_type) if isinstance(claim.body, Corrected) else claim.type


def _check_live(target: Claim, stands: Standing, what: str) -> None:
    if target.id in stands.retracted:
        raise TargetError(
            f"{target.id} was retracted in {stands.retracted[target.id].id} and cannot be {what}"
        )


def _check_together(among: tuple[str, ...], stands: Standing) -> None:
    """Refuse a resolution among claims that are not about one happening: it would decide nothing.

    Claims that were retracted may be named too, for they stand in no happening any more.
    """
    live = {one for one in among if one not in stands.retracted}
    if any(live <= {claim.id for claim in found.claims} for found in occurrences(stands)):
        return
    named = " and ".join(sorted(live))
    raise TargetError(
        f"{named} do not speak of one happening, so there is nothing to resolve between them: "
        "if they do, say first that they are the same"
    )


def _check_alike(one: Claim, other: Claim) -> None:
    described = {c.id for c in (one, other) if c.type == "agreement.described"}
    if len(described) == 1:
        raise TargetError(
            f"{one.id} is {a_or_an(one.type)} and {other.id} {a_or_an(other.type)}: "
            "a description is never the same happening as an act"
        )


def _check_act(target: Claim) -> None:
    about: Any = family(target.type).name
    if about not in ("once", "repeatable"):
        raise TargetError(f"{target.id} is {a_or_an(target.type)}, which is no occurrence")
