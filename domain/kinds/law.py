"""Fold and judge the acts of a law, and say whether it is in force."""

from datetime import date

from domain.claims.claim import Claim
from domain.decisions.errors import Findings
from events.body import Body
from events.dates import Answer, happened_by, parse_date
from events.kinds.law import Adopted, Ceased, Extended, InForce, Published
from events.value import Value, replace


class Law(Value):
    """A law on a day; `until` is when it lapses by itself, as written.

    `to_be_adopted` and `to_be_in_force` are the days claimed where all are after the day asked.
    """

    id: str
    on: date
    form: str | None = None
    number: str | None = None
    amends: str | None = None
    adopted: str | None = None
    published: str | None = None
    since: str | None = None
    until: str | None = None
    ceased: str | None = None
    ceased_on: str | None = None
    to_be_adopted: str | None = None
    to_be_in_force: str | None = None
    began: bool = False


initial = Law


def evolve(state: Law, claim: Claim) -> Law:
    """Return the law after a claim."""
    day = claim.dates.written
    match claim.body:
        case Adopted(form=form, number=number, amends=amends):
            return replace(state, form=form, number=number, amends=amends, adopted=day)
        case Published():
            return replace(state, published=day)
        case InForce(until=until):  # again perhaps, and then anew
            until = until or (None if state.ceased else state.until)
            return replace(state, since=day, until=until, began=True, ceased=None, ceased_on=None)
        case Extended(until=until):
            return replace(state, until=until)
        case Ceased(how=how):
            return replace(state, ceased=how, ceased_on=day)
    return state


def law_in_force(state: Law) -> Answer:
    """Say whether a law is in force on the day: not past `until`, and not before it begins.

    Where no claim begins it, and none adopts it later, the answer is cannot tell
    (docs/spec/answers.md, 16).
    """
    if state.ceased is not None:
        return "no"
    if not state.began:
        return "no" if state.to_be_adopted or state.to_be_in_force else "cannot tell"
    if state.until is None:
        return "yes"
    last = parse_date(state.until)
    if last.latest is None or last.earliest is None:
        return "cannot tell"
    if state.on <= last.earliest:
        return "yes"
    return (
        "no" if happened_by(last, state.on) == "yes" and state.on > last.latest else "cannot tell"
    )


JUDGED = (Extended, InForce)


def judge(state: Law, body: Body) -> Findings:
    """Return the findings a new fact gives rise to: nothing about a law is refused."""
    if isinstance(body, InForce | Extended) and state.ceased is not None:
        return (("after-the-end", f"{state.id} ceased before: {state.ceased}"),)
    if isinstance(body, Extended) and state.began and law_in_force(state) == "no":
        return (("past-its-day", f"{state.id} had lapsed on {state.until}"),)
    return ()
