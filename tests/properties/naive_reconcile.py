"""Booked, reported and observed as a patient reader would compare them from docs/spec/answers.md.

Booked is the sum of flows, reported what attesters say, observed what addresses hold; none is ever
corrected by another. Written apart from `projections.queries.reconcile`, slow and plain.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from domain.claims.claim import Claim
from events.amounts import Quantity, widened
from events.dates import days_at_place, parse_date
from tests.properties.naive import begun, in_order, naive_live, naive_view
from tests.properties.naive_claims import Said

FLOWS = ("acquired", "disposed", "transferred", "seized", "forfeited", "lost")
PAIRS = (("reported", "ledger_balance"), ("observed", "ledger_balance"), ("reported", "observed"))


class Booked(NamedTuple):
    """What is owned, at least and at most (None: no bound), and the flows without an amount."""

    least: int = 0
    most: int | None = 0
    unnamed: int = 0


def naive_reconcile(
    claims: Iterable[Claim], day: date, public_at: date | None, known_at: int | None, policy: str
) -> dict[str, Any] | None:
    """Return the answer about a reserve, None where nothing is known of it."""
    told = list(claims)
    live, _, _ = naive_live(told, public_at, known_at)
    if not live:
        return None
    said = {one.id: one for one in live}
    view = naive_view(told, day, public_at, known_at, policy)
    occurrences = view["occurrences"]
    booked = _booked(said, occurrences, ("yes",))
    perhaps = _booked(said, occurrences, ("yes", "cannot tell"))
    reported = whole(said, view, "reserve.holding-reported")
    observed = whole(said, view, "reserve.holding-observed")
    return {
        "ledger_balance": booked,
        "ledger_balance_perhaps": perhaps if perhaps != booked else None,
        "reported": reported and (reported[0].id, reported[1]),
        "observed": observed and (observed[0].id, observed[1]),
        "differences": _differences(booked, reported, observed),
        "agree": _agree(booked, perhaps, reported),
        "explained_by": _explained(said, occurrences, reported),
    }


def whole(said: dict[str, Said], view: dict[str, Any], type_: str) -> tuple[Said, str] | None:
    """Return what is selected of the whole, and its support: a part is never the holding."""
    for key, one in view["series"].items():
        if key[0] == type_ and not any(key[1:]) and one["pick"]:
            return said[one["pick"]], one["support"]
    return None


# What is booked?


def _booked(said: dict[str, Said], occurrences: dict[str, Any], holding: tuple[str, ...]) -> Booked:
    picked = [
        said[claim]
        for one in occurrences.values()
        if one["holds"] in holding
        for claim in one["pick"]
    ]
    balance = Booked()
    for flow in sorted(picked, key=in_order):
        balance = _after(balance, flow)
    return balance


def _after(balance: Booked, said: Said) -> Booked:
    """Return what is owned after a claim: custody, reports and movements change nothing of it."""
    body = said.body
    match said.type:
        case "reserve.acquired" | "reserve.forfeited":
            return _come(balance, body.amount)
        case "reserve.lost":
            return _gone(balance, body.amount)
        case "reserve.disposed" if body.mode != "return":
            return _gone(balance, body.amount)
        case "reserve.transferred" if body.fee is not None:
            return _gone(balance, body.fee)
    return balance


def _come(balance: Booked, amount: Quantity | None) -> Booked:
    if amount is None:
        return balance._replace(unnamed=balance.unnamed + 1)
    unbounded = balance.most is None or amount.upper is None
    most = None if unbounded else balance.most + amount.upper  # type: ignore[operator]
    return Booked(balance.least + (amount.lower or 0), most, balance.unnamed)


def _gone(balance: Booked, amount: Quantity | None) -> Booked:
    """Return what is left. Of an outflow without an upper end nothing is sure to be left."""
    if amount is None:
        return balance._replace(unnamed=balance.unnamed + 1)
    most = None if balance.most is None else balance.most - (amount.lower or 0)
    if amount.upper is None:
        least = min(end for end in (0, balance.least, most) if end is not None)
    else:
        least = balance.least - amount.upper
    return Booked(least, most, balance.unnamed)


# How do the three compare?


def _differences(
    booked: Booked, reported: tuple[Said, str] | None, observed: tuple[Said, str] | None
) -> list[tuple[str, str, int | None, int | None]]:
    ends: dict[str, tuple[int | None, int | None]] = {"ledger_balance": (booked.least, booked.most)}
    for name, measured in (("reported", reported), ("observed", observed)):
        if measured is not None:
            ends[name] = widened(measured[0].body.amount)
    found = []
    for one, other in PAIRS:
        if one in ends and other in ends:
            (low, high), (least, most) = ends[one], ends[other]
            lower = None if low is None or most is None else low - most
            upper = None if high is None or least is None else high - least
            found.append((one, other, lower, upper))
    return found


def _agree(booked: Booked, perhaps: Booked, reported: tuple[Said, str] | None) -> str:
    """Say whether one number of satoshis can be booked and reported; only a certain sum tells."""
    if reported is None or booked.unnamed or booked != perhaps:
        return "cannot tell"
    amount = reported[0].body.amount
    low, high = widened(amount)
    least, most = booked.least, booked.most
    if low is not None and most is not None and (low > most or (low == most and amount.lower_open)):
        return "no"
    if high is not None and (high < least or (high == least and amount.upper_open)):
        return "no"
    return "yes"


# What may explain a difference?


def _explained(
    said: dict[str, Said], occurrences: dict[str, Any], reported: tuple[Said, str] | None
) -> list[dict[str, Any]]:
    rows = []
    for name, one in occurrences.items():
        shown = [said[claim] for claim in one["pick"] or one["ranked"][0]]
        reasons = _reasons(shown, one, reported)
        if one["holds"] != "no" and reasons:
            alone = Booked()
            for claim in one["pick"]:
                alone = _after(alone, said[claim])
            row = {
                "occurrence": name,
                "type": shown[0].type,
                "on": shown[0].body.effective,
                "moves": alone,
                "reasons": reasons,
                "words": _words(shown[0]),
                "claims": one["claims"] | one["denials"],
                "position": shown[0].position,
            }
            rows.append((in_order(said[one["ranked"][0][0]]), row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _reasons(shown: list[Said], one: dict[str, Any], reported: tuple[Said, str] | None) -> set[str]:
    kind, _, verb = shown[0].type.partition(".")
    if verb == "reconciled":
        return {"reconciled"}
    if kind != "reserve" or verb not in FLOWS:
        return set()
    reasons = {
        "moved, not gained or lost": verb == "transferred",
        "type contested": one["fields"].get("type") == "contested",
        "amount contested": one["fields"].get("amount") == "contested",
        "amount unknown": any(_is_unnamed(claim) for claim in shown),
        "amount not exact": any(_is_inexact(claim) for claim in shown),
        "denied": one["denials"] != set(),
        "day cannot tell": one["holds"] == "cannot tell",
        "no claim selected": one["pick"] == [],
        "after the report": reported is not None and _is_after(shown, reported[0]),
    }
    return {reason for reason, is_so in reasons.items() if is_so}


def _is_unnamed(claim: Said) -> bool:
    return claim.type != "reserve.transferred" and getattr(claim.body, "amount", None) is None


def _is_inexact(claim: Said) -> bool:
    amount = getattr(claim.body, "amount", None)
    return amount is not None and (amount.lower != amount.upper or amount.approximate is True)


def _is_after(shown: list[Said], reported: Said) -> bool:
    """Say whether a flow certainly came later than the last day that the report may mean."""
    if reported.body.effective is None:
        return False
    last = days_at_place(parse_date(reported.body.effective), reported.body.zone)[1]
    return last is not None and all(begun(claim, last) == "no" for claim in shown)


def _words(said: Said) -> str | None:
    names = {"reserve.reconciled": "explanation", "reserve.transferred": "reason"}
    found: str | None = getattr(said.body, names.get(said.type, "mode"), None)
    return found
