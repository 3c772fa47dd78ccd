"""What happens to an agreement as a whole, from its announcement to its end?

Announced, adopted, open for signature, in force provisionally, in force, suspended and resumed,
ended (docs/spec/treaties.md, 8).
"""

from domain.agreement.binding import binds
from domain.agreement.state import (
    Agreement,
    Lasting,
    Side,
    When,
    computed,
    in_force_by,
    seen,
    start,
)
from domain.agreement.status_table import CONSENTED, Name, transition
from domain.agreement.transitions import Step, move
from domain.claims.interval import before, may_be_one_day, span
from events.kinds.agreement import (
    EnteredIntoForce,
    NotificationMade,
    OpenedForSignature,
    Registered,
    Resumed,
    Suspended,
    TextAdopted,
)
from events.value import replace


def reached(state: Agreement, stage: str) -> Step:
    """Note that the agreement has come so far."""
    if stage in state.stages:
        return Step(state)
    return Step(replace(state, stages=state.stages | {stage}))


def adopted(state: Agreement, _: TextAdopted, at: When) -> Step:
    """Adopt the text (VCLT 9); who consented before is odd."""
    early = any(before(one.acted, at.effective) == "yes" for one in state.consents)
    step = reached(state, "adopted")
    return step.finding("consent-before-adoption") if early else step


def opened(state: Agreement, body: OpenedForSignature, at: When) -> Step:
    """Open it for signature, perhaps until a day."""
    closes = span(body.until) if body.until else None
    return reached(replace(state, opened=at.effective, closes=closes), "open")


def notified(state: Agreement, body: NotificationMade, at: When) -> Step:
    """Receive a notification: only one about the entry into force feeds a rule."""
    if "entry into force" not in body.purpose.casefold():
        return Step(state, None, (), body.party)
    notifications = (*state.notifications, (body.party, at.acted))
    return Step(replace(state, notifications=notifications), None, (), body.party)


def entered(state: Agreement, body: EnteredIntoForce, at: When) -> Step:
    """Enter into force (VCLT 24, 25), or come into operation without binding."""
    mode = body.mode
    if (mode == "operation") == binds(state.gate):
        if mode == "operation":
            return Step(state, None, ("operation-of-a-binding-text",))
        return Step(state, "not-binding")
    earlier = state.in_force.get(mode)
    if earlier:
        return Step(state, "enters-twice" if earlier.by == at.by else None)
    after = replace(state, in_force={**state.in_force, mode: at})
    if mode == "provisional":
        return Step(_applied_by_all(after, at))
    step = Step(after)
    if mode == "definitive" and not state.consents and not _bound(state, at):
        step = _without_consent(step)
    if before(at.effective, at.acted) == "yes":
        step = step.finding("retroactive")
    differs = state.rule is not None and not may_be_one_day(computed(state).when, at.effective)
    return step.finding("not-the-computed-day") if differs else step


def suspended(state: Agreement, body: Suspended, at: When) -> Step:
    """Suspend the operation, of all, for one or between some (VCLT 57-60, 72)."""
    if not binds(state.gate):
        return Step(state, None, ("out-of-order",), body.for_ or "")
    whom = tuple(filter(None, (body.for_, *(body.between or ()))))
    lasting = Lasting(body.effective, body.zone)
    if state.bilateral or not whom:
        return _for_all(replace(state, suspended=(*state.suspended, lasting)), state, at)
    step = Step(state)
    for who in whom:
        halted = (*step.state.side(who).suspended, lasting)
        one = move(step.state, who, "suspends", at, suspended=halted)
        if one.refused:
            return one.leading_to(state)
        step = one
    return step


def resumed(state: Agreement, _: Resumed, at: When) -> Step:
    """Resume the operation, of all: every suspension ends (VCLT 57)."""
    if not binds(state.gate):
        return Step(state, None, ("out-of-order",))
    idle = not state.suspended and not any(side.suspended for side in state.acting.values())
    acting = {who: replace(side, suspended=()) for who, side in state.acting.items()}
    step = _for_all(replace(state, suspended=(), acting=acting), state, at)
    return step.finding("out-of-order") if idle and not step.refused else step


def terminated(state: Agreement, at: When) -> Step:
    """End it (VCLT 54, 59-62): parties become former, the others have nothing left."""
    if state.terminated:
        return Step(state)
    started, treaty = start(state), binds(state.gate)
    acting = {}
    for who, side in state.acting.items():
        now = seen(state, who, at.clock, started)
        to = transition("terminates", now.name, treaty=treaty).to
        acting[who] = _over(side, to, at.text if to != now.name else now.since)
    return Step(replace(state, terminated=at, acting=acting))


def registered(state: Agreement, _: Registered, at: When) -> Step:
    """Register it (VCLT 80(1)): after its entry into force, provisional at least."""
    provisional = state.in_force.get("provisional")
    if provisional and before(at.effective, provisional.effective) != "yes":
        return Step(state)
    early = in_force_by(state, at.effective) == "no"
    return Step(state, None, ("registered-before-in-force",) if early else ())


def _applied_by_all(state: Agreement, at: When) -> Agreement:
    """Return the agreement provisionally in force: signatories and contracting States apply it."""
    acting = dict(state.acting)
    for who, side in state.acting.items():
        if seen(state, who, at.clock).name in ("signatory", "contracting"):
            acting[who] = replace(side, provisional=(Lasting(None),))
    return replace(state, acting=acting)


def _bound(state: Agreement, at: When) -> bool:
    return any(seen(state, who, at.clock).name in CONSENTED for who in state.acting)


def _without_consent(step: Step) -> Step:
    """Return the refusal; a finding where a signature may have been definitive: nobody said."""
    if any(side.unstated for side in step.state.acting.values()):
        return step.finding("in-force-without-consent")
    return step._replace(refused="in-force-without-consent")


def _for_all(after: Agreement, state: Agreement, at: When) -> Step:
    by_then = in_force_by(state, at.effective)
    if by_then == "no":
        return Step(state, "not-in-force")
    return Step(after, None, () if by_then == "yes" else ("order-unclear",))


def _over(side: Side, to: Name, since: str | None) -> Side:
    return replace(side, name=to, since=since, provisional=(), suspended=(), notice=None)
