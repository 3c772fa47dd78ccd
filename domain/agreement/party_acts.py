"""Apply what one side does: sign, consent, apply provisionally, give notice, stay away."""

from typing import Any

from domain.agreement import reservations
from domain.agreement.binding import binds
from domain.agreement.entry_into_force import DEFINITIVE_SIGNATURE, Instrument
from domain.agreement.lifecycle import ActOutcome, consent, move, reach_stage, uncount
from domain.agreement.state import (
    ActDays,
    Agreement,
    Extension,
    Lasting,
    Side,
    in_force_by,
    note_day,
    own_day_differs,
)
from domain.agreement.status_table import CONSENTED, Name
from domain.claims.claim import dates_of
from domain.claims.interval import NEVER, Interval, before, interval, latest, may_be_one_day
from events.dates import parse_date
from events.kinds import agreement as acts
from events.value import replace


def signed(state: Agreement, body: acts.Signed, at: ActDays) -> ActOutcome:
    """Sign, in any mode (VCLT 10-12); on a paper that does not bind all modes are alike."""
    reach_stage(state, "open")
    who = side_of(state, body)
    if not binds(state.binding):
        first = state.side(who).signed  # by which it came into operation, where it left since
        return move(state, who, "signed unstated", at, signing=at, signed=first or at)
    act = f"signed {body.mode}"
    if body.mode == "initialling":
        return move(state, who, act, at)
    odd = []
    if state.closes and before(state.closes, at.effective) == "yes":
        odd.append("signature-after-closing")
    kept = {"signing": at}
    if body.mode != "ad-referendum":
        kept["signed"] = at
    if body.mode == "definitive":
        instrument = Instrument(who, DEFINITIVE_SIGNATURE, at.acted)
        return consent(state, instrument, at, act, **kept).finding(*odd)
    return move(state, who, act, at, **kept).finding(*odd)


def side_of(state: Agreement, body: acts.Signed) -> str:
    """Return for which side of the table a signatory signs (docs/spec/treaties.md, 1)."""
    if body.for_ is None or (body.party in state.sides and body.for_ not in state.sides):
        return body.party
    return body.for_


def signature_confirmed(state: Agreement, body: acts.SignatureConfirmed, at: ActDays) -> ActOutcome:
    """Confirm a signature ad referendum (VCLT 12(2)(b))."""
    who = body.party
    if body.effect == "simple":
        return move(state, who, "confirmed simple", at, signed=at)
    instrument = Instrument(who, DEFINITIVE_SIGNATURE, at.acted)
    kept = {"signed": at, "consent": instrument, "consented": at}
    return move(state, who, "confirmed definitive", at, **kept)


def consented(state: Agreement, body: acts.ConsentExpressed, at: ActDays) -> ActOutcome:
    """Consent to be bound (VCLT 11-16); between two sides by note or exchange, both at once."""
    if not state.bilateral:
        return _consent_alone(state, body, at, body.mode)
    who = body.party
    if body.mode == "exchange":
        return _exchange_notes(state, who, at)
    if body.established_by == "exchange":
        return _exchange_instruments(state, body, at)
    mode = "unstated" if body.mode == "notification" else body.mode
    return _consent_alone(state, body, at, mode)


def actor(state: Agreement, body: Any) -> str:
    """Return whose act it is, as one of the sides; nothing of what concerns the whole."""
    if isinstance(body, acts.Signed):
        return side_of(state, body)
    if isinstance(body, acts.ReservationObjected | acts.ObjectionWithdrawn):
        return body.by
    if isinstance(body, acts.DeclarationMade | acts.NotificationMade):
        return ""
    return str(getattr(body, "party", ""))


def succeed(state: Agreement, body: acts.ConsentExpressed) -> None:
    """Let a successor stand on the side of its predecessor (docs/spec/treaties.md, 9)."""
    ceased = [who for who, side in state.acting.items() if side.ceased and who in state.sides]
    before_it = body.predecessor or (ceased[0] if len(ceased) == 1 else "")
    continued_by = state.side(before_it).continued_by
    if before_it in state.sides or continued_by in state.sides:
        state.sides |= {body.party}
        state.heirs |= {body.party}


def _consent_alone(
    state: Agreement, body: acts.ConsentExpressed, at: ActDays, mode: str
) -> ActOutcome:
    """Consent by an act of one side, which the table reads as of a mode."""
    exchanged = body.mode == "exchange" or body.established_by == "exchange"
    odd: tuple[str, ...] = ()
    if body.mode == "ratification" or state.reservations:
        odd = _oddities(state, body, at)
    instrument = Instrument(body.party, body.mode, at.acted, exchanged)
    return consent(state, instrument, at, f"consented {mode}").finding(*odd)


def _oddities(state: Agreement, body: acts.ConsentExpressed, at: ActDays) -> tuple[str, ...]:
    """Return what is odd about a consent: the signature, the reservation that it leaves open."""
    who, odd = body.party, []
    before_it = note_day(state, who, at.clock)
    unsigned = (body.mode, before_it.name, before_it.signing) == ("ratification", "none", None)
    signatures = "open" in state.stages  # a signature opens it, if nothing before it does
    if (
        unsigned
        and signatures
        and any(side.signing for one, side in state.acting.items() if one != who)
    ):
        odd.append("ratifies-unsigned")
    if before_it.name not in CONSENTED and reservations.unconfirmed(state.reservations, who):
        odd.append("reservation-unconfirmed")
    return tuple(odd)


def _exchange_notes(state: Agreement, who: str, at: ActDays) -> ActOutcome:
    """Exchange notes (VCLT 13): the first is an offer, with the second both sides consent."""
    side, other = state.side(who), _other(state, who)
    if any(note_day(state, one, at.clock).name in CONSENTED for one in (who, other)):
        return consent(state, Instrument(who, "exchange", at.acted, True), at, "consented exchange")
    offer = state.side(other).offered
    if offer:
        acted, effective = latest(offer.acted, at.acted), latest(offer.effective, at.effective)
        return _consent_both(state, who, "exchange", replace(at, acted=acted, effective=effective))
    if side.offered:
        return ActOutcome(who, ("consents-twice",))
    state.acting[who] = replace(side, offered=at)
    return ActOutcome(who)


def _exchange_instruments(state: Agreement, body: acts.ConsentExpressed, at: ActDays) -> ActOutcome:
    """Exchange instruments: one act, by which both sides consent on one day (VCLT 16(a))."""
    own = state.side(body.party)
    if own.consent and own.consent.exchanged and may_be_one_day(own.consent.acted, at.acted):
        return ActOutcome(body.party)
    odd = _oddities(state, body, at)
    return _consent_both(state, body.party, body.mode, at).finding(*odd)


def _consent_both(state: Agreement, who: str, mode: str, at: ActDays) -> ActOutcome:
    """Let both sides consent; the other may have done so before."""
    outcome = consent(state, Instrument(who, mode, at.acted, True), at, "consented exchange")
    other = _other(state, who)
    if other:
        consent(state, Instrument(other, mode, at.acted, True), at, "consented exchange")
    return outcome


def _other(state: Agreement, who: str) -> str:
    return next(iter(state.sides - {who}), "")


def consent_withdrawn(state: Agreement, body: acts.ConsentWithdrawn, at: ActDays) -> ActOutcome:
    """Take consent back before the entry into force: a signatory again, if it had signed."""
    who, own = body.party, state.side(body.party).signed
    was = note_day(state, who, at.clock).name
    outcome = move(state, who, "withdraws consent", at)
    if own and was != "signatory":
        state.acting[who] = replace(state.acting[who], name="signatory", since=own.text)
    uncount(state, who)
    return outcome


def intends_not(state: Agreement, body: acts.IntentionNotToBecomeParty, at: ActDays) -> ActOutcome:
    """Make clear that it will not become a party: this ends provisional application too (25(2))."""
    who, side = body.party, state.side(body.party)
    if side.name == "none" and side.provisional:
        state.acting[who] = replace(side, provisional=())
        return ActOutcome(who)
    signatory = note_day(state, who, at.clock).name == "signatory"
    kept: dict[str, Any] = {"provisional": (), "intends_not": signatory}
    if not binds(state.binding):
        kept["signed"] = None  # so that the last signature of all sides waits for another
    return move(state, who, "intends not", at, **kept)


def provisionally_applied(
    state: Agreement, body: acts.ProvisionallyApplied, at: ActDays
) -> ActOutcome:
    """Apply it provisionally (VCLT 25(1)), which is not consent."""
    lasting = Lasting(parse_date(body.effective) if body.effective else None, body.zone)
    return move(state, body.party, "applies provisionally", at, provisional=(lasting,))


def in_force_for(state: Agreement, body: acts.EnteredIntoForceFor, at: ActDays) -> ActOutcome:
    """Enter into force for one side (VCLT 24(3)): its own day beats the one that follows."""
    who, raw, noted = body.party, state.side(body.party), note_day(state, body.party, at.clock)
    outcome = move(state, who, "enters for it", at)
    if raw.name != "party" and noted.consented and noted.name in ("contracting", "party"):
        # By the clock it may have been a party before, which its own day denies.
        since = noted.consented.text
        state.acting[who] = replace(noted, name="contracting", since=since, own=at)
    if state.bilateral:
        return ActOutcome(who, ("enters-for-both",))
    if outcome.found or state.acting[who].own is not at:
        return outcome
    if own_day_differs(state, who):
        outcome = outcome.finding("not-the-computed-day")
    in_force = in_force_by(state, at.effective)
    if in_force == "no":
        return outcome.finding("not-in-force-at-all")
    return outcome if in_force == "yes" else outcome.finding("order-unclear")


def withdrawal_notified(state: Agreement, body: acts.WithdrawalNotified, at: ActDays) -> ActOutcome:
    """Give notice: withdrawing from the notice, former from its effect, by the clock (VCLT 65)."""
    who, side, now = body.party, state.side(body.party), note_day(state, body.party, at.clock)
    dates = dates_of(body)
    effect = dates.from_ if body.effective else Interval(at.acted.first, NEVER)
    if body.effective is None and not binds(state.binding):
        effect = at.acted  # no notice period by law
    said = {"effect": dates.effective, "zone": body.zone}
    text = body.effective or (body.acted and effect.text)
    notice = replace(at, text=text, effective=effect, **said)
    received = replace(at, text=body.acted or body.effective)
    kept = _postponed(notice, side)
    if now.name == "withdrawing" and now.again and not state.bilateral:  # that goes too
        now = replace(now, name="party", since=now.held, notice=None, again=None)
        state.acting[who] = now
    outcome = move(state, who, "withdraws", received, notice=kept, held=now.since)
    if now.name == "contracting":
        uncount(state, who)
    if state.acting[who].notice is not kept:
        return outcome
    if any(_revokes(one, kept) for one in side.revoked):
        state.acting[who] = side
        return outcome
    order = before(effect, notice.acted) if body.effective else "no"
    if order == "yes":
        return outcome.finding("effect-before-notice")
    return outcome.finding("order-unclear") if order == "cannot tell" else outcome


def withdrawal_revoked(state: Agreement, body: acts.WithdrawalRevoked, at: ActDays) -> ActOutcome:
    """Revoke a notice until it takes effect (VCLT 68).

    A revocation is kept: the notice it revokes is dated by its later effect, and so comes after
    it in the order of the fold.
    """
    who, side = body.party, state.side(body.party)
    if not binds(state.binding):
        return _stay(state, who, at)
    state.acting[who] = replace(side, revoked=(*side.revoked, at))
    held = {"since": side.held} if side.held else {}
    outcome = move(state, who, "revokes", at, **held, notice=None)
    if outcome.found or side.notice is None:
        return outcome
    order = before(at.acted, side.notice.effective)
    if order == "no":
        return outcome.finding("took-effect")
    return outcome if order == "yes" else outcome.finding("order-unclear")


def withdrawal_postponed(
    state: Agreement, body: acts.WithdrawalPostponed, at: ActDays
) -> ActOutcome:
    """Move the day on which a notice takes effect, by the agreement made last (VCLT 54(b))."""
    who, side = body.party, state.side(body.party)
    text, dates = body.effective or body.acted, dates_of(body)
    moved = {"effective": dates.from_, "effect": dates.effective, "zone": body.zone}
    if side.postponed is None or before(at.acted, side.postponed.acted) != "yes":
        side = replace(side, postponed=replace(at, text=text, **moved))
    state.acting[who] = side
    if side.notice is None:
        return ActOutcome(who, ("nothing-to-postpone",))
    notice = _postponed(side.notice, side)
    if any(_revokes(one, notice) for one in side.revoked):
        state.acting[who] = replace(side, name="party", since=side.held, notice=None, held=None)
    else:
        state.acting[who] = replace(side, notice=notice)
    return ActOutcome(who)


def _postponed(notice: ActDays, side: Side) -> ActDays:
    """Return a notice with the day that a later agreement gave it."""
    moved = side.postponed
    if moved is None or before(moved.acted, notice.acted) == "yes":
        return notice
    said = {"effect": moved.effect, "zone": moved.zone}
    return replace(notice, text=moved.text, effective=moved.effective, **said)


def territory_included(state: Agreement, body: acts.TerritoryIncluded, at: ActDays) -> ActOutcome:
    """Extend it to a territory (VCLT 29); what is known of the party itself does not change."""
    _name_holder(state, body.party)
    others = _without_territory(state, body)
    state.territories = (*others, Extension(body.party, body.territory, at.text))
    return ActOutcome(body.party)


def territory_excluded(state: Agreement, body: acts.TerritoryExcluded, _: ActDays) -> ActOutcome:
    """Exclude a territory, or end the extension to it (VCLT 29)."""
    _name_holder(state, body.party)
    state.territories = _without_territory(state, body)
    return ActOutcome(body.party)


def _name_holder(state: Agreement, party: str) -> None:
    """Count a party whose territories alone are told: that it is bound is not recorded."""
    state.acting.setdefault(party, Side(name="unknown"))


def _without_territory(
    state: Agreement, body: acts.TerritoryIncluded | acts.TerritoryExcluded
) -> tuple[Extension, ...]:
    named = (body.party, body.territory)
    return tuple(one for one in state.territories if (one.party, one.territory) != named)


def _stay(state: Agreement, who: str, at: ActDays) -> ActOutcome:
    """Take back the announcement of leaving a paper: no table has it, but the side then stays."""
    side = state.side(who)
    if note_day(state, who, at.clock).name == "participant":
        side = replace(side, notice=None, revoked=(*side.revoked, at))
    state.acting[who] = side
    return ActOutcome(who, ("out-of-order",))


def _revokes(revocation: ActDays, notice: ActDays) -> bool:
    """Say whether a revocation came between a notice and its effect."""
    after_notice = before(revocation.acted, notice.acted) != "yes"
    return after_notice and before(revocation.acted, notice.effective) == "yes"


_SIGNATORIES: tuple[Name, ...] = ("signatory ad referendum", "signatory")


def formulated(state: Agreement, body: acts.ReservationFormulated, at: ActDays) -> ActOutcome:
    """Formulate a reservation when signing or consenting (VCLT 19), or confirm one (23(2))."""
    who, now = body.party, note_day(state, body.party, at.clock)
    moment = now.consented if now.name in CONSENTED else now.signing
    with_it = moment is not None and may_be_one_day(moment.acted, at.acted)
    certain = moment is not None and moment.acted == at.acted and at.acted.day is not None
    confirming = body.confirms is not None and now.name in _SIGNATORIES
    act = "reserves with its act" if with_it or confirming else "reserves later"
    outcome = move(state, who, act, at)
    if with_it and not certain and not outcome.found:
        outcome = outcome.finding("order-unclear")
    if state.bilateral:
        outcome = outcome.finding("counter-offer")
    if reservations.find_reservation(state.reservations, body.ref) and body.ref != body.confirms:
        outcome = outcome.finding("reference-taken")
    one = reservations.Reservation(
        ref=body.ref,
        party=who,
        acted=at.acted,
        articles=body.articles or (),
        notified=interval(body.notified, body.zone) if body.notified else None,
        confirms=body.confirms,
        on_signature=with_it and not confirming and now.name in _SIGNATORIES,
    )
    state.reservations = reservations.formulate(state.reservations, one)
    return outcome


def objected(state: Agreement, body: acts.ReservationObjected, at: ActDays) -> ActOutcome:
    """Object to a reservation (VCLT 20(4)(b)); that of a signatory waits for its consent."""
    outcome = move(state, body.by, "objects", at)
    if reservations.find_reservation(state.reservations, body.ref) is None:
        outcome = outcome.finding("unknown-reservation")
    objection = reservations.Objection(by=body.by, acted=at.acted, precludes=bool(body.precludes))
    state.reservations = reservations.object_to(state.reservations, body.ref, objection)
    return outcome


def reservation_withdrawn(
    state: Agreement, body: acts.ReservationWithdrawn, _: ActDays
) -> ActOutcome:
    """Withdraw a reservation (VCLT 22(1))."""
    one = reservations.find_reservation(state.reservations, body.ref)
    if one is None:
        return ActOutcome(found=("unknown-reservation",))
    state.reservations = reservations.without(state.reservations, body.ref)
    return ActOutcome(one.party)


def objection_withdrawn(state: Agreement, body: acts.ObjectionWithdrawn, _: ActDays) -> ActOutcome:
    """Withdraw an objection (VCLT 22(2))."""
    one = reservations.find_reservation(state.reservations, body.ref)
    state.reservations = reservations.withdraw_objection(state.reservations, body.ref, body.by)
    if one is None:
        return ActOutcome(body.by, ("unknown-reservation",))
    known = any(objection.by == body.by for objection in one.objections)
    return ActOutcome(body.by, () if known else ("unknown-objection",))
