"""Say what is odd about the days of a fact, as a doubt: nothing is refused for it."""

from collections.abc import Iterator
from datetime import date, timedelta

from domain.claims.claim import LEGAL_EFFECTS, Claim
from events.catalogue import about_claims
from events.dates import add_months, days_at_place, parse_date

MOST_MONTHS_AHEAD = 120  # an announced effect, such as an entry into force, lies nearer
_MAY_LIE_AHEAD = LEGAL_EFFECTS | {
    *("agreement.described", "agreement.entry-into-force-rule-set"),
    *("agreement.withdrawal-notified", "agreement.withdrawal-postponed", "law.extended"),
    *("party.dissolved", "party.continued-by", "programme.expired", "reserve.policy-set"),
}
_NEED_NO_DAY = frozenset(
    (
        *("agreement.described", "agreement.entry-into-force-rule-set", "party.established"),
        *("party.renamed", "party.same-as", "party.stated", "reserve.address-disclosed"),
    )
)


def doubts(claim: Claim, today: date) -> Iterator[tuple[str, str]]:
    """Yield what is odd about the days of a claim that is recorded today, each with its name."""
    if claim.family is about_claims or claim.thing.startswith("source/"):
        return
    if claim.dates.when is None and claim.type not in _NEED_NO_DAY:
        told = "no day of effect is stated: no answer can tell whether it has taken effect"
        none = "no day is stated: no answer can tell whether it has happened"
        yield "no-day", told if claim.dates.acted else none
    if sentence := far_ahead(claim, today, MOST_MONTHS_AHEAD):
        yield "day-far-ahead", sentence
    yield from (("published-before-it-happened", early) for early in published_early(claim))


def far_ahead(claim: Claim, recorded: date, months: int | None = None) -> str | None:
    """Return that an act is dated after its recording, or an effect so many months after it."""
    first, limit = _first_day_of_act(claim), recorded + timedelta(1)  # somewhere it is a day later
    if first is None and months is not None and claim.dates.when is not None:
        first, limit = days_at_place(claim.dates.when, claim.body.zone)[0], _later(recorded, months)
    if first is None or first <= limit:
        return None
    act = claim.type.partition(".")[2].replace("-", " ")
    return f"{act}: dated {first}, recorded on {recorded}"


def _later(day: date, months: int) -> date:
    try:
        return add_months(day, months)
    except ValueError:
        return date.max


def published_early(claim: Claim) -> Iterator[str]:
    """Yield that a source was published before the act of which it tells."""
    first = _first_day_of_act(claim)
    for source in claim.body.sources or () if first else ():
        last = parse_date(source.published).latest if source.published else None
        if last is not None and first is not None and last < first:
            yield f"{source.source} was published {source.published}, before {first}"


def _first_day_of_act(claim: Claim) -> date | None:
    """Return the first day on which a past act may have been done; None of what may lie ahead.

    An effect may lie ahead of what is published and recorded, and so may a state or the day named
    in a description; the act itself may not.
    """
    if claim.type in _MAY_LIE_AHEAD and claim.body.acted is None:
        return None
    done = claim.dates.acted or claim.dates.when
    if done is None or done.is_span:
        return None
    return (
        claim.dates.first if done is claim.dates.when else days_at_place(done, claim.body.zone)[0]
    )
