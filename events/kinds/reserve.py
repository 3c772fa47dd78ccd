"""Define the events of a reserve: bitcoin held by or for one holder.

Acquisition is not transfer, custody is not ownership, a report moves no balance. A reserve's
label never implies a statistical class (BPM7 has bitcoin without a counterpart liability as a
non-produced non-financial asset).
"""

from typing import Annotated, Literal

from events.amounts import Quantity, Units
from events.body import Body
from events.fields import Count, Line, Matching, PartyId, Prose, Slug, Sorted, State, Whole
from events.identifiers import MAX_ID, SLUG

Bitcoin = Annotated[Quantity, Units("sat")]
Money = Annotated[Quantity, Units("money")]
Address = Annotated[
    str,
    Matching(
        lambda text: 26 <= len(text) <= 90 and text.isascii() and text.isalnum(),
        "bitcoin address",
        "[0-9A-Za-z]{26,90}",
    ),
]
Addresses = Annotated[tuple[Address, ...], Sorted()]
Scope = Slug


class Announced(Body):
    """A reserve was announced; it may hold nothing."""

    label: Line | None = None
    holder: PartyId | None = None


class Established(Body):
    """A reserve was set up, on the legal basis named."""

    label: Line | None = None
    legal_basis: Line | None = None
    holder: PartyId | None = None


class PolicySet(Body):
    """The holder said what it will do with the reserve."""

    effective: State | None = None
    policy: Slug
    words: Prose


class Acquired(Body):
    """The holder came to own bitcoin; `price` is money for one BTC."""

    amount: Bitcoin | None = None
    mode: Literal["purchase", "mining", "donation", "fee"]
    price: Money | None = None
    counterparty: PartyId | None = None


class Disposed(Body):
    """The holder ceased to own bitcoin."""

    amount: Bitcoin | None = None
    mode: Literal["sale", "auction", "return", "burn", "payment"]
    proceeds: Money | None = None


class Transferred(Body):
    """The holder moved its own bitcoin: net zero but for the fee."""

    amount: Bitcoin | None = None
    from_: Line | None = None
    to: Addresses | None = None
    to_count: Count | None = None
    each: Bitcoin | None = None
    fee: Bitcoin | None = None
    reason: Slug


class Seized(Body):
    """The holder took custody of bitcoin: not yet ownership."""

    amount: Bitcoin | None = None


class Forfeited(Body):
    """The holder came to own bitcoin that it had in custody."""

    amount: Bitcoin | None = None


class Lost(Body):
    """Bitcoin was lost to the holder."""

    amount: Bitcoin | None = None
    cause: Line


class AddressDisclosed(Body):
    """Addresses of the reserve were disclosed to a party, or to the public (`public`)."""

    addresses: Addresses | None = None
    to: Annotated[
        str,
        Matching(
            lambda text: len(text) <= MAX_ID, "party id, nor 'public'", f"(public|party/{SLUG})"
        ),
    ]


class CustodianChanged(Body):
    """Another keeps the reserve for its holder."""

    from_: PartyId | None = None
    to: PartyId


class HoldingReported(Body):
    """Somebody says how much the reserve holds: moves no balance."""

    effective: State | None = None
    amount: Bitcoin
    scope: Scope


class HoldingObserved(Body):
    """Somebody counted what addresses hold: moves no balance; `height` is the block's."""

    effective: State | None = None
    amount: Bitcoin
    addresses: Addresses | None = None
    height: Annotated[int, Whole(0, 100_000_000)] | None = None


class Valued(Body):
    """Somebody says what the reserve, or the amount in `of`, is worth."""

    value: Money
    of: Bitcoin | None = None
    price: Money | None = None
    method: Literal["quoted", "computed"]


class Reconciled(Body):
    """What was booked was held against what was observed, and the difference explained."""

    expected: Bitcoin
    observed: Bitcoin
    explanation: Prose
