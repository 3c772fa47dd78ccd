"""May a claim be made about that earlier claim?"""

from difflib import get_close_matches
from typing import Any

from domain.claim import Claim
from domain.history import History
from domain.refusals import TargetError
from domain.revisions import Standing
from events.body import Body
from events.catalogue import family, type_of, types_for
from events.claims import Corrected, Denied, DistinctOccurrence, Resolved, Retracted, SameOccurrence
from events.ids import kind_of


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
        case SameOccurrence() | DistinctOccurrence():
            for one in (body.target, body.with_):
                _check_act(_event(history, one))
                _check_live(_event(history, one), stands, "linked")


def _event(history: History, target: str) -> Claim:
    claim = history.by_id.get(target)
    if claim is None:
        thing = target.rpartition("/")[0]
        where = (
            f"{history.id} has {history.version} events"
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
            f"{target.id} is a {wanted}: a correction cannot make it {body.data_type}"
        )


def _text_type(claim: Claim) -> str:
    return type_of(claim.body.data_type) if isinstance(claim.body, Corrected) else claim.type


def _check_live(target: Claim, stands: Standing, what: str) -> None:
    if target.id in stands.retracted:
        raise TargetError(
            f"{target.id} was retracted in {stands.retracted[target.id].id} and cannot be {what}"
        )


def _check_act(target: Claim) -> None:
    about: Any = family(target.type).name
    if about not in ("once", "repeatable"):
        raise TargetError(f"{target.id} is a {target.type}, which is no occurrence")
