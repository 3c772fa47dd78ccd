"""Hold the state of an agreement and work out the status of each side on a day.

What a side did is kept; what the clock does to it is worked out for the day asked, so that no event
is needed and none can be forgotten (docs/spec/treaties.md, 2 to 5).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

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
from domain.agreement.reservations import Reservations, rename_party
from domain.agreement.status_table import (
    BOUND,
    CONSENTED,
    AgreementInForce,
    Name,
    Standing,
    transition,
)
from domain.claims.claim import Dates
from domain.claims.interval import (
    NEVER,
    UNKNOWN,
    Interval,
    before,
    come_by,
    latest,
    may_be_one_day,
    shift,
)
from domain.claims.party_ends import PartyEnd
from events.dates import Answer, Edtf, held_at, lasted_on
from events.kinds.entry_into_force_rule import Rule
from events.value import Value, replace


class ActDays(Struct, frozen=True, gc=False):
    """The days of one act: `text` as written, where the clock stands for it; `of` whom it is.

    `effect` is the date of effect of a notice, in its `zone`, by which an instant is asked.
    """

    text: str | None
    effective: Interval
    acted: Interval
    clock: date
    of: str = ""
    effect: Edtf | None = None
    zone: str | None = None


class Lasting(Struct, frozen=True, gc=False):
    """A state that began on a day, or lasted from one to another; None: since ever.

    `of` are the parties that a suspension names: what resumes it names the same. `unbound`: it was
    raised by an act whose party was not recorded to be bound.
    """

    day: Edtf | None = None
    zone: str | None = None
    of: frozenset[str] = frozenset()
    unbound: bool = False

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
    """What one side did; `name` is its status before the clock is asked.

    `signing` is its last signature of any sort, `signed` its last full one. `held` is since when it
    was a party before it gave notice, `postponed` the agreement made last to move the day of a
    withdrawal, `own` the day that a claim gives for the entry into force for it. `again` is the
    consent given while withdrawing, which takes over on the day of the end. `continues` are the
    former States whose status it holds; `ceased`: it has ceased to exist, or is `continued_by`
    another.
    """

    name: Name = "none"
    since: str | None = None
    signing: ActDays | None = None
    signed: ActDays | None = None
    consent: Instrument | None = None
    consented: ActDays | None = None
    own: ActDays | None = None
    again: tuple[Instrument, ActDays] | None = None
    notice: ActDays | None = None
    held: str | None = None
    revoked: tuple[ActDays, ...] = ()
    postponed: ActDays | None = None
    provisional: tuple[Lasting, ...] = ()
    suspended: tuple[Lasting, ...] = ()
    intends_not: bool = False
    offered: ActDays | None = None
    continues: tuple[str, ...] = ()
    ceased: bool = False
    continued_by: str | None = None


NOBODY = Side()


class Agreement(Struct, gc=False, kw_only=True):
    """An agreement as its selected claims make it, for the day `on`, or the instant `moment` of it.

    `sides` are the parties that a description names, `acting` what each side did. Of a bilateral
    agreement exactly two sides are known; `heirs` are the successors that stand on one of them.
    `coming` are the days of entry into force that are claimed and have not come, by the mode and by
    the party whose own day it is. `ends` says which parties cease to exist, `gone` what those were
    that have. `lapsed` is the end that the denunciation of one side brought, where a side has
    consented again since. Acts change it in place: a fold takes its own copy. `perhaps`: it is
    asked as if what may have come by the day had come.
    """

    id: str
    on: date
    moment: datetime | None = None
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
    lapsed: ActDays | None = None
    coming: Mapping[str, tuple[ActDays, ...]] = field(default_factory=dict)
    ends: tuple[PartyEnd, ...] = ()
    gone: Mapping[str, Side] = field(default_factory=dict)
    heirs: frozenset[str] = frozenset()
    perhaps: bool = False

    def side(self, who: str) -> Side:
        """Return what a side did; of one that did nothing, nothing."""
        return self.acting.get(who, NOBODY)

    def copy(self) -> "Agreement":
        """Return an agreement of its own, which acts may change."""
        return replace(self, acting=dict(self.acting), consents=list(self.consents))


def when(dates: Dates, on: date, *, come: bool, at_instant: bool = False) -> ActDays:
    """Return the days of an act as seen on `on`; those up to it, if the act is known to have come.

    By an instant asked (`at_instant`) an act may have come whose day elsewhere is a later one.

    A day that only one of `acted` and `effective` gives stands for both, but where the act only
    gives notice (docs/spec/answers.md, 9): then the day of effect is unknown.
    """
    clock, effective = on, dates.from_
    if come:
        moment = effective if dates.when else dates.acted_on or effective
        if moment.last < on:
            clock = moment.last
        if at_instant and effective.first > on:
            effective = Interval(on, on)
        elif effective.last >= on:
            effective = come_by(effective, on)
    return ActDays(dates.text, effective, dates.acted_on or effective, clock)


def computed_days(state: Agreement) -> Reached:
    """Return when it enters into force, or a paper that does not bind into operation, by rule."""
    default = ALL_CONSENT if binds(state.binding) else ALL_SIGN
    signatures: dict[str, Interval] = {}
    if state.rule is not None or default is ALL_SIGN:  # else no signature is looked at
        signatures = {
            who: side.signed.acted for who, side in state.acting.items() if side.signed is not None
        }
    facts = Facts(
        sides=state.sides - state.heirs if state.heirs else state.sides,
        consents=state.consents,
        signatures=signatures,
        notifications=state.notifications,
        opened=state.opened,
    )
    return entry_into_force(state.rule, facts, default)


def claimed_day(state: Agreement) -> ActDays | None:
    """Return the day claimed for its entry into force or into operation, come or not."""
    mode = "definitive" if binds(state.binding) else "operation"
    return state.in_force.get(mode) or _next_day(state, mode)


def _next_day(state: Agreement, of: str) -> ActDays | None:
    """Return the day that is claimed next for a mode, or for a party of its own."""
    days = state.coming.get(of)
    return days[0] if days else None


def start_in_force(state: Agreement) -> Interval:
    """Return from when it is in force or in operation: as claimed, else as computed."""
    claimed = claimed_day(state)
    return claimed.effective if claimed else computed_days(state).when


def in_force_by(state: Agreement, moment: Interval) -> Answer:
    """Say whether it was in force when something happened, by claim or rule; without both no."""
    started = start_in_force(state)
    if started == UNKNOWN and state.rule is None:
        return "no"
    if before(moment, started) == "yes":
        return "no"
    return "yes" if started.last <= moment.first else "cannot tell"


def ended_by(state: Agreement, day: date) -> ActDays | None:
    """Return the end that has come by a day: a termination, or one side's denunciation."""
    end = last_end(state, day)
    if end is None and state.lapsed:
        return None if _has_come(state, start_in_force(state), day) else state.lapsed
    return end


def last_end(state: Agreement, day: date) -> ActDays | None:
    """Return the same end, but none after which a side has consented again."""
    return state.terminated or (_denounced(state, day) if state.bilateral else None)


def _has_come(state: Agreement, when: Interval, day: date) -> bool:
    """Say whether a day has come, or perhaps: then its first day is known."""
    return when.last <= day or (state.perhaps and date.min < when.first <= day)


def _takes_effect(state: Agreement, notice: ActDays, day: date) -> bool:
    """Say whether a notice has taken effect: of an instant asked, from its day's first moment."""
    if state.moment is None or notice.effect is None or day != state.moment.date():
        return _has_come(state, notice.effective, day)
    held = held_at(notice.effect, state.moment, notice.zone, whole_days=True)
    return held == "yes" or (state.perhaps and held == "cannot tell")


def note_day(state: Agreement, who: str, day: date, started: Interval | None = None) -> Side:
    """Return a side as the clock leaves it on a day (`started`: `start_in_force`, if known)."""
    side = state.side(who)
    if side is NOBODY:
        return side
    end = _denounced(state, day) if state.bilateral else None
    if end is not None:
        day = min(day, end.effective.last)  # what comes after the end moves nothing
    if not binds(state.binding):
        side = _on_paper(state, side, day, started)
    else:
        side = _in_treaty(state, who, side, day, started)
    if end is not None:
        to = transition("terminates", side.name, treaty=binds(state.binding)).to
        side = side if to == side.name else replace(side, name=to, since=end.text)
    return side


def _in_treaty(state: Agreement, who: str, side: Side, day: date, started: Interval | None) -> Side:
    notice = side.notice
    if side.name == "withdrawing" and notice and _takes_effect(state, notice, day):
        side = replace(side, name="former", since=notice.text)
        if side.again is not None and not state.bilateral:  # which ends for both
            instrument, at = side.again
            over = replace(at, effective=latest(at.effective, notice.effective))
            changed = {"consent": instrument, "consented": over, "again": None, "own": None}
            side = replace(side, name="contracting", since=over.effective.text, **changed)
    if side.name == "contracting" and side.consent and side.consented:
        started = started or start_in_force(state)
        own = side.own or _next_day(state, who)
        if own is None and not state.perhaps and started.last > day:
            return side  # without a day of its own it is certainly bound no sooner
        bound, _ = bound_day(state, who, side, started)
        if _has_come(state, bound, day):
            since = side.own.text if side.own and side.own.effective == bound else bound.text
            side = replace(side, name="party", since=since)
    return side


def bound_day(state: Agreement, who: str, side: Side, started: Interval) -> tuple[Interval, bool]:
    """Return from when a side that consented is a party, and whether that is presumed."""
    own = side.own or _next_day(state, who)
    return (own.effective, False) if own else day_by_rule(state, side, started)


def day_by_rule(state: Agreement, side: Side, started: Interval) -> tuple[Interval, bool]:
    """Return the same without the own day of the side."""
    if side.consent is None or side.consented is None:
        return UNKNOWN, False
    if side.consent.mode == "succession":
        return latest(started, side.consented.effective), False
    bound, presumed = bound_from(state.rule, started, side.consent.acted)
    return latest(bound, side.consented.effective), presumed


def _on_paper(state: Agreement, side: Side, day: date, started: Interval | None) -> Side:
    if side.name == "signatory" and side.signing:
        begun = latest(started or start_in_force(state), side.signing.effective)
        if _has_come(state, begun, day):
            side = replace(side, name="participant", since=begun.text)
    notice = side.notice
    if side.name == "participant" and notice and _takes_effect(state, notice, day):
        side = replace(side, name="former participant", since=notice.text)
    return side


def _denounced(state: Agreement, day: date) -> ActDays | None:
    """Return the notice that ended a text of two sides by a day (VCLT 70(1))."""
    notices = [
        replace(side.notice, of=who)
        for who, side in state.acting.items()
        if side.notice and side.name in ("withdrawing", "signatory", "participant")
    ]
    come = [one for one in notices if _takes_effect(state, one, day)]
    if come and state.heirs:
        beside = {who for who in state.sides if who in state.heirs or state.side(who).continues}
        come = [one for one in come if len(beside) < 2 or one.of not in beside]
    return min(come, key=lambda notice: notice.effective) if come else None


def with_ends(state: Agreement, day: date, *, perhaps: bool = False) -> Agreement:
    """Return an agreement after the parties that ceased to exist, or are continued, by a day."""
    if not (state.ends or perhaps):
        return state
    after = replace(state.copy(), perhaps=perhaps)
    end_parties(after, day)
    return after


def end_parties(state: Agreement, day: date) -> None:
    """Let the parties cease that are gone by a day; the status of one is held once.

    One after the other: who continues a party may cease or be continued in its turn.
    """
    done: set[tuple[str, str | None]] = set()
    while due := [one for one in _ends_due(state, day) if one[1:3] not in done]:
        _, party, successor, since = min(due, key=lambda one: (one[0], one[2] is None))
        done.add((party, successor))
        _cease(state, party, since)
        if successor is not None:
            _continue(state, party, successor)


_Due = tuple[date, str, str | None, Interval]


def _ends_due(state: Agreement, day: date) -> list[_Due]:
    due: list[_Due] = []
    for end in state.ends:
        known = state.acting.get(end.party)
        if known is None and end.party not in state.sides:
            continue
        for successor, since in end.continued:
            over = known is not None and known.continued_by == successor
            over = over or end.party in state.side(successor).continues
            if not over and _has_come(state, since, day):
                due.append((since.last, end.party, successor, since))
        if end.dissolved is not None and not (known and known.ceased):
            since = shift(end.dissolved, "P1D", None)
            if _has_come(state, since, day):
                due.append((since.last, end.party, None, since))
    return due


def _cease(state: Agreement, party: str, since: Interval) -> None:
    """Let a party cease; it is former where it was bound, and has no status where it was not."""
    side = note_day(state, party, since.last - timedelta(1))
    if side.ceased:
        return
    state.gone = {**state.gone, party: side}
    former: Name = "none"
    if side.name in (*BOUND, "former"):
        former = "former"
    elif side.name in ("participant", "former participant"):
        former = "former participant"
    state.acting[party] = Side(
        name=former,
        since=side.since if side.name == former else since.text,
        signed=side.signed,
        ceased=True,
    )


def _continue(state: Agreement, party: str, successor: str) -> None:
    """Let a party hold the status of one that it continues, with all that it did."""
    before_it, own = state.gone[party], state.side(successor)
    continues = (*own.continues, party)
    state.acting[party] = replace(state.acting[party], continued_by=successor, signed=None)
    if own.name in CONSENTED:
        state.acting[successor] = replace(own, continues=continues)
    else:
        state.acting[successor] = replace(before_it, continues=continues)
    if party in state.sides:
        state.sides = state.sides - {party} | {successor}
    state.consents = [
        replace(one, party=successor) if one.party == party else one for one in state.consents
    ]
    state.notifications = tuple(
        (successor if who == party else who, when) for who, when in state.notifications
    )
    state.reservations = rename_party(state.reservations, party, successor)
    state.territories = tuple(
        Extension(successor, one.territory, one.since) if one.party == party else one
        for one in state.territories
    )


def standing_of(state: Agreement, party: str) -> Standing:
    """Return the status of a side on the day asked."""
    state = with_ends(state, state.on)
    return _standing(state, party, start_in_force(state))


def standings(state: Agreement, *, perhaps: bool = False) -> tuple[tuple[str, Standing], ...]:
    """Return the status of each side that acted or is a party; `perhaps` counts what may come."""
    state = with_ends(state, state.on, perhaps=perhaps)
    started = start_in_force(state)
    everybody = sorted(state.sides | state.acting.keys())
    return tuple((party, _standing(state, party, started)) for party in everybody)


def statuses(state: Agreement) -> tuple[tuple[str, Name], ...]:
    """Return the name of the status of each side on the day asked, as `standings` has it."""
    state = with_ends(state, state.on)
    started, untold = start_in_force(state), name_of_untold(state)
    everybody = sorted(state.sides | state.acting.keys())
    found: list[tuple[str, Name]] = []
    for party in everybody:
        side = note_day(state, party, state.on, started)
        found.append((party, untold if side is NOBODY and party in state.sides else side.name))
    return tuple(found)


def name_of_untold(state: Agreement) -> Name:
    """Return the status of a party of which nothing is recorded: unknown where it is in force."""
    return "unknown" if claimed_day(state) in state.in_force.values() else "none"


def may_differ(state: Agreement) -> bool:
    """Say whether a day that is not certainly one may change a status (`perhaps`)."""
    coming = (one for days in state.coming.values() for one in days)
    days = [one.effective for one in (*state.in_force.values(), *coming)]
    days += [] if claimed_day(state) else [computed_days(state).when]
    for side in state.acting.values():
        days += [one.effective for one in (side.notice, side.own, side.signing) if one]
        if side.consented:
            days += [side.consented.effective, side.consented.acted]
    for end in state.ends:
        days += [when for _, when in end.continued]
        days += [end.dissolved] if end.dissolved else []
    return any(when.last > when.first > date.min for when in days)


def _standing(state: Agreement, party: str, started: Interval) -> Standing:
    side = note_day(state, party, state.on, started)
    name, presumed, computed = side.name, False, None
    if name == "party" and side.consent and state.side(party).name != "party":
        _, presumed = bound_day(state, party, side, started)
    if side is NOBODY and party in state.sides:
        name = name_of_untold(state)
    if side.own and side.consent and name in BOUND:
        computed = _differing_day(state, side, started)
    bound = name in BOUND
    halted = (*side.suspended, *state.suspended)
    return Standing(
        name=name,
        since=None if name == "unknown" else side.since,
        applies_provisionally=not bound and any(one.on(state.on) for one in side.provisional),
        suspended=any((bound or one.unbound) and one.on(state.on) for one in halted),
        intends_not=side.intends_not,
        offered=side.offered is not None,
        presumed=presumed,
        computed=computed,
        continues=side.continues,
        ceased=side.ceased and side.continued_by is None,
        continued_by=side.continued_by,
    )


def _differing_day(state: Agreement, side: Side, started: Interval) -> str | None:
    """Return the day that the rule gives for a side, where its own is certainly another."""
    by_rule, presumed = day_by_rule(state, side, started)
    if side.own is None or state.rule is None or presumed or by_rule.day is None:
        return None
    return None if may_be_one_day(by_rule, side.own.effective) else by_rule.text


def own_day_differs(state: Agreement, party: str) -> str | None:
    """Return the day that the rule gives for a party, where its own day is certainly another."""
    side = state.side(party)
    return _differing_day(state, side, start_in_force(state)) if side.consent else None


def ceased_sides(state: Agreement) -> tuple[str, ...]:
    """Return the sides that ceased to exist by the day asked and that no other State continues."""
    state = with_ends(state, state.on)
    return tuple(
        sorted(who for who, one in state.acting.items() if one.ceased and not one.continued_by)
    )


def agreement_in_force(state: Agreement, *, perhaps: bool = False) -> AgreementInForce:
    """Say whether it is in force, or a paper that does not bind in operation, on the day asked."""
    mode = "definitive" if binds(state.binding) else "operation"
    claimed, by_rule = claimed_day(state), computed_days(state)
    answer = (claimed.effective if claimed else by_rule.when).by(state.on)
    if ended_by(replace(state, perhaps=perhaps), state.on):
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
    """Say whether the day claimed for it certainly is not the one that its rule computes."""
    claimed = claimed_day(state)
    if claimed is None:
        return False
    return differs_from_rule(state, claimed.effective)


def differs_from_rule(state: Agreement, claimed: Interval) -> bool:
    """Say whether a claimed day certainly is not its rule's; one that waits gives none."""
    computed = computed_days(state).when
    known = state.rule is not None and computed.last < NEVER
    return known and not may_be_one_day(computed, claimed)


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
    return reached[0] if reached else "not stated"
