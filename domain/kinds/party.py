"""Fold and judge what is said of a party."""

from datetime import date

from domain.claims.claim import Claim
from domain.decisions.errors import Findings
from events.body import Body
from events.kinds import party as acts
from events.value import Value, replace


class Party(Value):
    """A party on a day: its name and type, whose agency it is, the offices a person holds.

    `offices` are triples of office, body and the id of the claim; `statements` counts what it
    said; `same_as` are other ids of the same party, `continued_by` States that continue it,
    `dissolved_on` its last day as written.
    """

    id: str
    on: date
    name: str | None = None
    type: str | None = None
    state: str | None = None
    under: str | None = None
    dissolved: bool = False
    dissolved_on: str | None = None
    offices: tuple[tuple[str, str | None, str], ...] = ()
    statements: int = 0
    same_as: frozenset[str] = frozenset()
    continued_by: frozenset[str] = frozenset()


initial = Party


def evolve(state: Party, claim: Claim) -> Party:
    """Return what is known of the party after a claim."""
    match claim.body:
        case acts.Established(name=name, type=kind, state=home, under=under):
            # Without a day it comes last, but another name was taken after it all the same.
            name = state.name or name
            return replace(state, name=name, type=kind, state=home, under=under)
        case acts.Renamed(name=name):
            return replace(state, name=name)
        case acts.Dissolved():
            return replace(state, dissolved=True, dissolved_on=claim.dates.written)
        case acts.ContinuedBy(party=successor):
            return replace(state, continued_by=state.continued_by | {successor})
        case acts.Appointed(office=office, body=body):
            return replace(state, offices=(*state.offices, (office, body, claim.id)))
        case acts.OfficeEnded() as ended:
            return replace(state, offices=tuple(o for o in state.offices if not _ends(ended, o)))
        case acts.Stated():
            return replace(state, statements=state.statements + 1)
        case acts.SameAs(party=other):
            return replace(state, same_as=state.same_as | {other})
    return state


JUDGED = (acts.Appointed, acts.OfficeEnded, acts.Renamed)


def judge(state: Party, body: Body) -> Findings:
    """Return the findings a new fact gives rise to: nothing about a party is refused."""
    match body:
        case acts.OfficeEnded() if not any(_ends(body, held) for held in state.offices):
            sentence = f"no claim says that it was {body.office}"
            return (("not-in-office", sentence),)
        case acts.Appointed() if state.type not in (None, "person"):
            return (("office-of-no-person", f"{state.id} is not a person: {state.type}"),)
        case acts.Renamed() | acts.Appointed() if state.dissolved:
            return (("after-dissolution", f"{state.id} was dissolved before"),)
    return ()


def _ends(ended: acts.OfficeEnded, held: tuple[str, str | None, str]) -> bool:
    """Say whether an office that is held is the one that ended: bodies differ where both do."""
    office, body, _ = held
    return office == ended.office and (None in (body, ended.body) or body == ended.body)
