"""Hold the state of an agreement and work out where each side stands on a day.

What a side did is kept; what the clock does to it (a contracting State becomes a party, a
withdrawing one is bound no longer) is worked out for the day asked, so that no event is needed
and none can be forgotten (docs/spec/treaties.md, 2 to 5).
"""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from domain.agreement.binding import Binding, binds
from domain.agreement.entry_into_force import (
    ALL_CONSENT,
    ALL_SIGN,
    Facts,
    Instrument,
    Reached,
    bound_from,
    entry_into_force,
)
from domain.agreement.reservations import Reservations
from domain.agreement.status_table import BOUND, AgreementInForce, Name, Standing, transition
from domain.claims.claim import Dates
from domain.claims.interval import UNKNOWN, Interval, before, come_by, latest, may_be_one_day
from events.dates import Answer, Edtf, lasted_on
from events.kinds.entry_into_force_rule import Rule
from events.value import Value, replace


class ActDays(Struct, frozen=True, gc=False):
    """The days of one act: `text` as written, who says so, and where the clock stands for it."""

    text: str | None
    effective: Interval
    acted: Interval
    by: str
    clock: date


class Lasting(Struct, frozen=True, gc=False):
    """A state that began on a day, or lasted from one to another; None: since ever.

    `of` are the parties that a suspension names: what resumes it names the same.
    """

    day: Edtf | None = None
    zone: str | None = None
    of: frozenset[str] = frozenset()

    def on(self, day: date) -> bool:
        """Say whether it may last on a day: False only where it is certainly over."""
        if self.day is None or not self.day.is_span:
            return True
        return lasted_on(self.day, day, self.zone) != "no"


class Extension(Struct, frozen=True, gc=False):
    """A territory to which a party extended the agreement, `since` a day as written (VCLT 29)."""

    party: str
    territory: str
    since: str | None


class Side(Value):
    """What one side did; `name` is its standing before the clock is asked.

    `signing` is its last signature of any sort, `signed` its last full one; `unstated` says that
    how it signed is not stated. `held` is since when it was a party before it gave notice,
    `postponed` the agreement made last to move the day of a withdrawal.
    """

    name: Name = "none"
    since: str | None = None
    signing: ActDays | None = None
    signed: ActDays | None = None
    unstated: bool = False
    consent: Instrument | None = None
    consented: ActDays | None = None
    notice: ActDays | None = None
    held: str | None = None
    revoked: tuple[ActDays, ...] = ()
    postponed: ActDays | None = None
    provisional: tuple[Lasting, ...] = ()
    suspended: tuple[Lasting, ...] = ()
    intends_not: bool = False
    offered: ActDays | None = None


NOBODY = Side()


class Agreement(Struct, gc=False, kw_only=True):
    """An agreement as its picked claims make it, for the day `on`.

    `sides` are the parties that a description names, `acting` what each side did. Of a bilateral
    agreement exactly two sides are known. Acts change it in place: a fold takes its own copy and
    shows it to no caller before its end.
    """

    id: str
    on: date
    binding: Binding
    sides: frozenset[str] = frozenset()
    bilateral: bool = False
    acting: dict[str, Side] = field(default_factory=dict)
    rule: Rule | None = None
    consents: list[Instrument] = field(default_factory=list)
    notifications: tuple[tuple[str, Interval], ...] = ()
    stages: frozenset[str] = frozenset()
    opened: Interval = UNKNOWN
    closes: Interval | None = None
    in_force: Mapping[str, ActDays] = field(default_factory=dict)
    suspended: tuple[Lasting, ...] = ()
    reservations: Reservations = ()
    territories: tuple[Extension, ...] = ()
    terminated: ActDays | None = None

    def side(self, who: str) -> Side:
        """Return what a side did; of one that did nothing, nothing."""
        return self.acting.get(who, NOBODY)

    def copy(self) -> "Agreement":
        """Return an agreement of its own, which acts may change."""
        return replace(self, acting=dict(self.acting), consents=list(self.consents))


def when(dates: Dates, by: str, on: date, *, come: bool) -> ActDays:
    """Return the days of an act as seen on `on`; those up to it, if the act is known to have come.

    A day that only one of `acted` and `effective` gives stands for both, but where the act only
    gives notice (docs/spec/answers.md, 9): then the day of effect is unknown.
    """
    clock, effective = on, dates.from_
    if come:
        moment = effective if dates.when else dates.acted_on or effective
        if moment.last < on:
            clock = moment.last
        if effective.last >= on:
            effective = come_by(effective, on)
    return ActDays(dates.text, effective, dates.acted_on or effective, by, clock)


def computed_days(state: Agreement) -> Reached:
    """Return when it enters into force, or a paper that does not bind into operation, by rule."""
    default = ALL_CONSENT if binds(state.binding) else ALL_SIGN
    signatures: dict[str, Interval] = {}
    if state.rule is not None or default is ALL_SIGN:  # else no signature is looked at
        signatures = {
            who: side.signed.acted for who, side in state.acting.items() if side.signed is not None
        }
    facts = Facts(
        sides=state.sides,
        consents=state.consents,
        signatures=signatures,
        notifications=state.notifications,
        opened=state.opened,
    )
    return entry_into_force(state.rule, facts, default)


def start_in_force(state: Agreement) -> Interval:
    """Return from when it is in force or in operation: as claimed, else as computed."""
    claimed = state.in_force.get("definitive" if binds(state.binding) else "operation")
    return claimed.effective if claimed else computed_days(state).when


def in_force_by(state: Agreement, moment: Interval) -> Answer:
    """Say whether it was in force when something happened, by a claim or by its rule.

    Nothing claimed and no rule set is a no on record.
    """
    started = start_in_force(state)
    if started == UNKNOWN and state.rule is None:
        return "no"
    if before(moment, started) == "yes":
        return "no"
    return "yes" if started.last <= moment.first else "cannot tell"


def ended_by(state: Agreement, day: date) -> ActDays | None:
    """Return the end that has come by a day: a termination, or one side's denunciation."""
    return state.terminated or (_denounced(state, day) if state.bilateral else None)


def note_day(state: Agreement, who: str, day: date, started: Interval | None = None) -> Side:
    """Return a side as the clock leaves it on a day (`started`: `start(state)`, if known)."""
    side = state.side(who)
    if side is NOBODY:
        return side
    if not binds(state.binding):
        return _on_paper(state, side, day, started)
    if side.name == "contracting" and side.consent and side.consented:
        bound = bound_day(state, side, started or start_in_force(state))
        if bound.last <= day:
            side = replace(side, name="party", since=bound.text)
    if side.name == "withdrawing" and side.notice and side.notice.effective.last <= day:
        side = replace(side, name="former", since=side.notice.text)
    if end := _denounced(state, day):
        to = transition("terminates", side.name).to
        side = side if to == side.name else replace(side, name=to, since=end.text)
    return side


def bound_day(state: Agreement, side: Side, started: Interval) -> Interval:
    """Return from when a side that consented is a party.

    A successor is bound from the succession of States, others from their day by the rule.
    """
    if side.consent is None or side.consented is None:
        return UNKNOWN
    if side.consent.mode == "succession":
        return latest(started, side.consented.effective)
    return latest(bound_from(state.rule, started, side.consent.acted), side.consented.effective)


def _on_paper(state: Agreement, side: Side, day: date, started: Interval | None) -> Side:
    if side.name == "signatory" and side.signing:
        begun = latest(started or start_in_force(state), side.signing.effective)
        if begun.last <= day:
            side = replace(side, name="participant", since=begun.text)
    if side.name == "participant" and side.notice and side.notice.effective.last <= day:
        side = replace(side, name="former participant", since=side.notice.text)
    return side


def _denounced(state: Agreement, day: date) -> ActDays | None:
    """Return the denunciation that ended a bilateral agreement by a day (VCLT 70(1))."""
    if not state.bilateral or not binds(state.binding):
        return None
    notices = (side.notice for side in state.acting.values() if side.name == "withdrawing")
    come = [notice for notice in notices if notice and notice.effective.last <= day]
    return min(come, key=lambda notice: notice.effective) if come else None


def standing_of(state: Agreement, party: str) -> Standing:
    """Return where a side stands on the day asked."""
    return _standing(state, party, start_in_force(state))


def standings(state: Agreement) -> tuple[tuple[str, Standing], ...]:
    """Return where each side stands that acted or is named a party, sorted by its id."""
    started = start_in_force(state)
    everybody = sorted(state.sides | state.acting.keys())
    return tuple((party, _standing(state, party, started)) for party in everybody)


def _standing(state: Agreement, party: str, started: Interval) -> Standing:
    side = note_day(state, party, state.on, started)
    bound = side.name in BOUND
    halted = (*side.suspended, *state.suspended)
    return Standing(
        name=side.name,
        since=side.since,
        applies_provisionally=not bound and any(one.on(state.on) for one in side.provisional),
        suspended=bound and any(one.on(state.on) for one in halted),
        intends_not=side.intends_not,
        offered=side.offered is not None,
    )


def agreement_in_force(state: Agreement) -> AgreementInForce:
    """Say whether it is in force, or a paper that does not bind in operation, on the day asked."""
    mode = "definitive" if binds(state.binding) else "operation"
    claimed, by_rule = state.in_force.get(mode), computed_days(state)
    answer = (claimed.effective if claimed else by_rule.when).by(state.on)
    if ended_by(state, state.on):
        answer = "no"
    day = by_rule.when.day
    return AgreementInForce(
        answer,
        claimed.text if claimed else None,
        day.isoformat() if day else None,
        by_rule.missing,
        "definitive" if mode == "definitive" else "operation",
    )


def not_the_computed_day(state: Agreement) -> bool:
    """Say whether the day claimed for it certainly is not the one that its rule computes.

    Where no rule is recorded there is nothing to compare the claim with: VCLT 24(1) lets the
    treaty provide what is not recorded here.
    """
    claimed = state.in_force.get("definitive" if binds(state.binding) else "operation")
    if claimed is None or state.rule is None:
        return False
    return not may_be_one_day(computed_days(state).when, claimed.effective)


def phase(state: Agreement) -> str:
    """Return how far the agreement has come on the day asked, in one word or two."""
    if ended_by(state, state.on):
        return "ended"
    if agreement_in_force(state).answer == "yes":
        if any(one.on(state.on) for one in state.suspended):
            return "suspended"
        return "in force" if binds(state.binding) else "in operation"
    if "provisional" in state.in_force:
        return "in force provisionally"
    reached = [stage for stage in ("open", "adopted", "announced") if stage in state.stages]
    return reached[0] if reached else "not announced"
