"""Define the events of a reserve: bitcoin held by or for one holder.

Acquisition is not transfer, custody is not ownership, a report moves no balance. A reserve's
label never implies a statistical class (BPM7 has bitcoin without a counterpart liability as a
non-produced non-financial asset).
"""

from typing import Annotated, Literal

from events.amounts import Quantity, Units
from events.body import Body
from events.fields import (
    Count,
    EventRef,
    Line,
    Matching,
    PartyId,
    Prose,
    Slug,
    Sorted,
    State,
    Whole,
)
from events.identifiers import MAX_ID, SLUG

Bitcoin = Annotated[Quantity, Units("sat")]
Money = Annotated[Quantity, Units("money")]
Price = Annotated[Quantity, Units("price")]
Address = Annotated[str, Matching("bitcoin address", "[0-9A-Za-z]{26,90}")]
Addresses = Annotated[tuple[Address, ...], Sorted()]
Scope = Slug
# Owned, which is meant where the field is absent, or held in custody for another.
Account = Literal["custody", "owned"]


class Announced(Body):
    """A reserve was announced; it may hold nothing. `planned` is what it is to hold or to cost."""

    label: Line | None = None
    holder: PartyId | None = None
    planned: Annotated[Quantity, Units("sat", "money")] | None = None


class Established(Body):
    """A reserve was set up, on the legal basis named."""

    label: Line | None = None
    legal_basis: Line | None = None
    holder: PartyId | None = None


class PolicySet(Body):
    """The holder announced a policy for the reserve."""

    effective: State | None = None
    policy: Slug
    words: Prose


class Acquired(Body):
    """The holder came to own bitcoin; `price` is money for one BTC, `spent` money for all."""

    amount: Bitcoin | None = None
    mode: Literal["purchase", "mining", "donation", "fee"]
    price: Price | None = None
    counterparty: PartyId | None = None
    spent: Money | None = None


class Disposed(Body):
    """The holder parted with bitcoin that it owned, or had in custody (`account`)."""

    amount: Bitcoin | None = None
    mode: Literal["sale", "auction", "return", "burn", "payment"]
    proceeds: Money | None = None
    account: Account | None = None

    def agree(self) -> None:
        """What is returned was in custody."""
        if self.mode == "return" and self.account == "owned":
            raise ValueError("what is returned was in custody: leave account out")


class Transferred(Body):
    """The holder moved bitcoin between its own addresses; only the fee changes the balance."""

    amount: Bitcoin | None = None
    from_: Line | None = None
    to: Addresses | None = None
    to_count: Count | None = None
    each: Bitcoin | None = None
    fee: Bitcoin | None = None
    reason: Slug
    account: Account | None = None


class Seized(Body):
    """The holder took custody of bitcoin: not yet ownership."""

    amount: Bitcoin | None = None


class Forfeited(Body):
    """The holder came to own bitcoin that it had in custody, since it was seized (`seizures`)."""

    amount: Bitcoin | None = None
    seizures: Annotated[tuple[EventRef, ...], Sorted()] | None = None


class Lost(Body):
    """Bitcoin was lost to the holder."""

    amount: Bitcoin | None = None
    cause: Line
    account: Account | None = None


class Pledged(Body):
    """Bitcoin was pledged to another: it is encumbered, and stays the holder's."""

    amount: Bitcoin | None = None
    to: PartyId | None = None
    purpose: Line | None = None


class Released(Body):
    """A pledge was released; absent `amount`: all that was pledged so."""

    amount: Bitcoin | None = None
    to: PartyId | None = None
    purpose: Line | None = None


class AddressDisclosed(Body):
    """Addresses of the reserve were disclosed to a party, or to the public (`public`)."""

    addresses: Addresses | None = None
    to: Annotated[
        str,
        Matching(
            "party id, nor 'public'", f"(public|party/{SLUG})", lambda text: len(text) <= MAX_ID
        ),
    ]


class CustodianChanged(Body):
    """Another custodian keeps the reserve for its holder."""

    from_: PartyId | None = None
    to: PartyId


class HoldingReported(Body):
    """A party says how much the reserve, or a part of it (`scope`), holds; changes no balance.

    Without `scope`, or with `unstated` or `total`, it is the whole (docs/spec/answers.md, 14).
    """

    effective: State | None = None
    amount: Bitcoin
    scope: Scope | None = None


class HoldingObserved(Body):
    """The holding of addresses was counted; changes no balance; `height` is the block's."""

    effective: State | None = None
    amount: Bitcoin
    addresses: Addresses | None = None
    height: Annotated[int, Whole(0, 100_000_000)] | None = None


class Valued(Body):
    """A party values the reserve, or the amount in `of`."""

    value: Money
    of: Bitcoin | None = None
    price: Price | None = None
    method: Literal["quoted", "computed"]


class Reconciled(Body):
    """The ledger balance was compared with the observed holding; the difference is explained."""

    expected: Bitcoin
    observed: Bitcoin
    explanation: Prose
