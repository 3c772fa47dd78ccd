"""Work out what a reservation does between the State that made it and each other (VCLT 19-23).

One row a pair, by docs/spec/treaties.md, 7.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, NamedTuple

from domain.claims.interval import UNKNOWN, Interval, before, latest, shift
from events.value import Value, replace

Effect = Literal[
    "accepted", "objected", "not in force between", "pending", "unconfirmed", "cannot tell"
]


class Objection(Value):
    """An objection; `precludes` keeps the agreement from being in force between the pair."""

    by: str
    acted: Interval
    precludes: bool = False


class Reservation(Value):
    """A reservation that stands; `notified` is when the others were told, None unless recorded.

    `on_signature` says that it was formulated on a signature subject to ratification.
    """

    ref: str
    party: str
    acted: Interval
    articles: tuple[str, ...] = ()
    notified: Interval | None = None
    confirms: str | None = None
    on_signature: bool = False
    objections: tuple[Objection, ...] = ()


class Pair(NamedTuple):
    """What a reservation does between two States on the day asked.

    `since` is EDTF: the day from which the effect holds, or for `pending` the one on which silence
    will accept. `missing` says why it cannot be told.
    """

    reserving: str
    other: str
    ref: str
    effect: Effect
    since: str | None = None
    missing: str = ""


Reservations = tuple[Reservation, ...]


def find_reservation(reservations: Reservations, ref: str) -> Reservation | None:
    """Return the reservation of that reference, or the one that confirmed it; else None."""
    return next((one for one in reservations if one.party and _is(one, ref)), None)


def formulate(reservations: Reservations, new: Reservation) -> Reservations:
    """Return them with a new one; one that confirms another takes over its objections.

    So does one to which a State objected before: it was told of it when the instrument was received
    (VCLT 23(3)).
    """
    early = next((one for one in reservations if not one.party and one.ref == new.ref), None)
    if early is not None:
        new = replace(new, objections=early.objections)
    confirmed = find_reservation(reservations, new.confirms) if new.confirms else None
    if confirmed and confirmed.party == new.party:
        new = replace(new, objections=confirmed.objections, on_signature=False)
        reservations = without(reservations, confirmed.ref)
    return (*without(reservations, new.ref), new)


def without(reservations: Reservations, ref: str) -> Reservations:
    """Return them without the one withdrawn (VCLT 22(1))."""
    return tuple(one for one in reservations if not _is(one, ref))


def object_to(reservations: Reservations, ref: str, objection: Objection) -> Reservations:
    """Return them with an objection to one (VCLT 20(4)(b)); the newest of a State counts.

    Where there is none yet it waits for it, under no party.
    """
    if not any(_is(one, ref) for one in reservations):
        reservations = (*reservations, Reservation(ref=ref, party="", acted=UNKNOWN))
    return tuple(
        replace(one, objections=(*_others(one, objection.by), objection)) if _is(one, ref) else one
        for one in reservations
    )


def withdraw_objection(reservations: Reservations, ref: str, by: str) -> Reservations:
    """Return them without one State's objection (VCLT 22(2))."""
    return tuple(
        replace(one, objections=_others(one, by)) if _is(one, ref) else one for one in reservations
    )


def rename_party(reservations: Reservations, party: str, successor: str) -> Reservations:
    """Return them as those of a State that continues the party: what it made, what it objected."""
    return tuple(
        replace(
            one,
            party=successor if one.party == party else one.party,
            objections=tuple(
                replace(each, by=successor) if each.by == party else each for each in one.objections
            ),
        )
        for one in reservations
    )


def unconfirmed(reservations: Reservations, party: str) -> tuple[str, ...]:
    """Return the references that a party formulated on signature and has not confirmed."""
    return tuple(one.ref for one in reservations if one.party == party and one.on_signature)


def matrix(
    reservations: Iterable[Reservation], consents: Mapping[str, Interval], on: date
) -> tuple[Pair, ...]:
    """Return what each reservation does towards each State that has consented, on a day.

    `consents` says when each contracting State and party consented. Sorted by reserving State,
    reference and other State.
    """
    pairs = (
        _between(one, other, consents, on)
        for one in reservations
        if one.party in consents
        for other in consents
        if other != one.party
    )
    return tuple(sorted(pairs, key=lambda pair: (pair.reserving, pair.ref, pair.other)))


def _between(one: Reservation, other: str, consents: Mapping[str, Interval], on: date) -> Pair:
    if one.on_signature:
        return Pair(one.party, other, one.ref, "unconfirmed", missing="its confirmation at consent")
    tacit = UNKNOWN
    if one.notified is not None:
        tacit = latest(shift(one.notified, "P12M", None), consents[other])
    objection = next((obj for obj in one.objections if obj.by == other), None)
    late = "no" if objection is None or one.notified is None else before(tacit, objection.acted)
    if objection and late == "no":
        effect: Effect = "not in force between" if objection.precludes else "objected"
        return Pair(one.party, other, one.ref, effect, objection.acted.text)
    if one.notified is None:
        missing = f"the day on which {other} was notified"
        return Pair(one.party, other, one.ref, "cannot tell", missing=missing)
    if late == "cannot tell" or tacit.by(on) == "cannot tell":
        return Pair(one.party, other, one.ref, "cannot tell", tacit.text, "the order of the days")
    effect = "accepted" if tacit.by(on) == "yes" else "pending"
    return Pair(one.party, other, one.ref, effect, tacit.text)


def _is(one: Reservation, ref: str) -> bool:
    return ref in (one.ref, one.confirms)


def _others(one: Reservation, by: str) -> tuple[Objection, ...]:
    return tuple(objection for objection in one.objections if objection.by != by)
