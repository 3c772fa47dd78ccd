"""Compute the day on which an agreement enters into force by its own rule (VCLT 24).

The rules and what is never computed: docs/spec/treaties.md, 6.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from domain.claims.interval import NOT_YET, UNKNOWN, Interval, earliest, interval, latest, shift
from events.dates import DateError
from events.kinds.entry_into_force_rule import Rule, Trigger

DEFINITIVE_SIGNATURE = "definitive signature"
ALL_CONSENT = Trigger(on="consents-of", whose="negotiating")  # where no rule is set: VCLT 24(2)
ALL_SIGN = Trigger(on="signature", which="last")

_ALWAYS = Interval(date.min, date.min)


class Reached(Struct, frozen=True, gc=False):
    """When it came about; without one certain day, `missing` says why."""

    when: Interval
    missing: str = ""


class Instrument(Struct, frozen=True, gc=False):
    """A consent as rules count it, on its day; `mode` may be DEFINITIVE_SIGNATURE."""

    party: str
    mode: str
    acted: Interval
    exchanged: bool = False


class Facts(Struct, frozen=True, gc=False, kw_only=True):
    """What a rule may count; `sides` are those between whom the agreement was made."""

    sides: frozenset[str] = frozenset()
    consents: Sequence[Instrument] = ()
    signatures: Mapping[str, Interval] = field(default_factory=dict)
    notifications: tuple[tuple[str, Interval], ...] = ()
    opened: Interval = UNKNOWN


def entry_into_force(rule: Rule | None, facts: Facts, default: Trigger = ALL_CONSENT) -> Reached:
    """Return when it enters into force: the trigger, the delay, the snap, then not before.

    Without a rule it is the trigger `default`. The span is one day where that is certain.
    """
    if rule is None:
        return _explained(reached(default, facts))
    trigger = reached(rule.when, facts)
    floor = _floor(rule.not_before, facts.opened)
    when = latest(shift(trigger.when, rule.delay, rule.snap), floor.when)
    return _explained(Reached(when, "; ".join(filter(None, (trigger.missing, floor.missing)))))


def bound_from(rule: Rule | None, in_force: Interval, acted: Interval) -> tuple[Interval, bool]:
    """Return when a State is bound that consented on a day, the agreement being in force from one.

    Its instrument counted if the delay after it ends by the entry into force; otherwise what the
    rule says of later ones holds: without words of it, immediately, which is presumed (VCLT 24(3)).
    """
    counted = shift(acted, rule.delay, rule.snap) if rule else acted
    if counted.last <= in_force.first:
        return in_force, False
    later = latest(in_force, _later(rule, acted))
    presumed = rule is None or rule.later is None
    if counted.first > in_force.last:
        return later, presumed
    return Interval(in_force.first, later.last), presumed


def reached(trigger: Trigger, facts: Facts) -> Reached:
    """Return when a trigger was reached by what the record holds."""
    return _TRIGGERS[trigger.on](trigger, facts)


def _instruments(trigger: Trigger, facts: Facts) -> Reached:
    counted = (
        (one.party, one.acted)
        for one in facts.consents
        if one.mode != DEFINITIVE_SIGNATURE
        and (trigger.acts is None or one.mode in trigger.acts)
        and one.party not in (trigger.not_counted or ())
    )
    return _nth(_by_party(counted), trigger.n or 1, "instrument")


def _consents_of(trigger: Trigger, facts: Facts) -> Reached:
    signatories = trigger.whose == "signatories"
    if not (signatories or facts.sides or facts.consents):
        return Reached(NOT_YET, "a consent")
    whose = frozenset(facts.signatures) if signatories else facts.sides
    if not whose:  # then it does not matter who has consented, be they hundreds
        return _all(whose, {}, "consent")
    return _all(whose, _by_party((one.party, one.acted) for one in facts.consents), "consent")


def _signature(trigger: Trigger, facts: Facts) -> Reached:
    if not facts.signatures:
        return Reached(NOT_YET, "a signature")
    if trigger.which == "first":
        return Reached(earliest(*facts.signatures.values()))
    return _all(facts.sides, facts.signatures, "signature")


def _exchange(_: Trigger, facts: Facts) -> Reached:
    days = [one.acted for one in facts.consents if one.exchanged]
    return Reached(latest(*days)) if days else Reached(NOT_YET, "the exchange of instruments")


def _reply_note(_: Trigger, facts: Facts) -> Reached:
    notes = _by_party((one.party, one.acted) for one in facts.consents if one.mode == "exchange")
    return Reached(latest(*notes.values())) if len(notes) > 1 else Reached(NOT_YET, "a reply note")


def _notifications(trigger: Trigger, facts: Facts) -> Reached:
    if trigger.counted == "sent":
        return Reached(UNKNOWN, "the days of sending (only days of receipt are recorded)")
    consents = ((one.party, one.acted) for one in facts.consents if one.mode == "notification")
    received = _by_party((*facts.notifications, *consents))
    if trigger.n is not None:
        return _nth(received, trigger.n, "notification")
    return (
        _all(facts.sides, received, "notification")
        if received
        else Reached(NOT_YET, "a notification")
    )


def _date(trigger: Trigger, _: Facts) -> Reached:
    return Reached(interval(trigger.day))


def _all_of(trigger: Trigger, facts: Facts) -> Reached:
    parts = [reached(one, facts) for one in trigger.of or ()]
    missing = "; ".join(part.missing for part in parts if part.missing)
    return Reached(latest(*(part.when for part in parts)), missing)


def _first_of(trigger: Trigger, facts: Facts) -> Reached:
    parts = [reached(one, facts) for one in trigger.of or ()]
    when = earliest(*(part.when for part in parts))
    missing = "; or ".join(part.missing for part in parts if part.missing)
    return Reached(when, "" if when.day else missing)


def _untold(trigger: Trigger, _: Facts) -> Reached:
    what = {
        "decision": f"the decision of {trigger.by}",
        "entry-into-force-of": f"the entry into force of {trigger.thing}",
        "words": f"a claimed day (the rule is in words: {trigger.words})",
    }[trigger.on]
    return Reached(UNKNOWN, what)


_TRIGGERS: dict[str, Callable[[Trigger, Facts], Reached]] = {
    "instruments": _instruments,
    "consents-of": _consents_of,
    "signature": _signature,
    "exchange": _exchange,
    "reply-note": _reply_note,
    "notifications": _notifications,
    "date": _date,
    "entry-into-force-of": _untold,
    "decision": _untold,
    "all-of": _all_of,
    "first-of": _first_of,
    "words": _untold,
}


def _by_party(acts: Iterable[tuple[str, Interval]]) -> dict[str, Interval]:
    """Return each party's first act: none is counted twice."""
    days: dict[str, Interval] = {}
    for party, day in acts:
        days[party] = earliest(days[party], day) if party in days else day
    return days


def _nth(days: Mapping[str, Interval], n: int, what: str) -> Reached:
    if len(days) < n:
        more = n - len(days)
        return Reached(NOT_YET, f"{more} more {what}{'' if more == 1 else 's'}")
    firsts = sorted(day.first for day in days.values())
    lasts = sorted(day.last for day in days.values())
    return Reached(Interval(firsts[n - 1], lasts[n - 1]))


def _all(who: frozenset[str], days: Mapping[str, Interval], what: str) -> Reached:
    if not who:
        return Reached(
            UNKNOWN, f"the list of parties whose {what} is needed (no description names them)"
        )
    if lacking := sorted(who - days.keys()):
        return Reached(NOT_YET, f"the {what} of {', '.join(lacking)}")
    return Reached(latest(*(days[party] for party in who)))


def _floor(not_before: str | None, opened: Interval) -> Reached:
    """Return the day before which there is no entry into force: a day, or a time after opening."""
    if not_before is None:
        return Reached(_ALWAYS)
    if not_before.startswith("P"):
        missing = "the day of opening for signature" if opened == UNKNOWN else ""
        return Reached(shift(opened, not_before, None), missing)
    try:
        return Reached(interval(not_before))
    except DateError:
        return Reached(UNKNOWN, f"a day or a delay (not before '{not_before}' cannot be computed)")


def _later(rule: Rule | None, acted: Interval) -> Interval:
    if rule is None or rule.later is None:
        return acted
    if rule.later.same:
        return shift(acted, rule.delay, rule.snap)
    return shift(acted, rule.later.delay, rule.later.snap)


def _explained(one: Reached) -> Reached:
    if one.when.day or one.missing:
        return one
    return Reached(one.when, f"a certain day (it lies within {one.when.text})")
