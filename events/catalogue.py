"""List all event types, and how claims of each type join.

A name is `kind.past-participle`; its topic in the log is the name with a version,
`agreement.signed.v1`, and never a Python path. How claims of a type join (docs/spec/answers.md, 7)
is defined here and never stored:

* `once(...)`: claims of one thing with equal keys are one occurrence (of what can come again, in
  one period: domain/claims/periods.py);
* `once_where_named(...)`: the same where the claim states the key, else repeatable;
* `measured_series(...)`: measurements; each asserter's newest counts;
* `repeatable`: each claim is an occurrence until it is linked with another.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from events.body import Body


class UnknownTypeError(LookupError):
    """A type is one of those that `depositary schema` lists."""


class Family(Struct, frozen=True):
    """How claims of a type join; `key` names the fields (and sides) that must be equal.

    Of those in `joining` an absent one joins the only value there is. `named`: a claim that does
    not state the key joins with nothing.
    """

    name: str
    key: tuple[str, ...] = ()
    joining: tuple[str, ...] = ()
    named: bool = False


def once(*key: str) -> Family:
    """Return the family of one occurrence for each value of the key; an absent `field?` joins."""
    return Family(
        "once",
        tuple(name.rstrip("?") for name in key),
        tuple(name.rstrip("?") for name in key if name.endswith("?")),
    )


def once_where_named(key: str) -> Family:
    """Return the family with one occurrence for each value of a key, repeatable without it."""
    return Family("once", (key,), named=True)


def measured_series(*key: str) -> Family:
    """Return the family with one series of measurements a thing for each value of the key."""
    return Family("series", key)


repeatable = Family("repeatable")
about_claims = Family("about claims")

# `side` is `for` if given, else the party; `signing` keeps initialling and succession apart;
# `field` makes each field of a description or a citation an occurrence of its own. Without `for`
# and `between` all is suspended, and without a review staff agreed on the programme itself: there
# absent is a value of its own, which joins with no other.
_TYPES: dict[str, dict[str, tuple[str, Family]]] = {
    "ledger": {
        "opened": ("Opened", once()),
        "forked": ("Forked", once()),
        "titled": ("Titled", repeatable),
        "key-named": ("KeyNamed", repeatable),
        "key-rotated": ("KeyRotated", repeatable),
        "key-revoked": ("KeyRevoked", repeatable),
        "clock-accepted": ("ClockAccepted", repeatable),
        "imported": ("Imported", repeatable),
    },
    "party": {
        "established": ("Established", once()),
        "renamed": ("Renamed", repeatable),
        "dissolved": ("Dissolved", once()),
        "continued-by": ("ContinuedBy", once("party")),
        "appointed": ("Appointed", once("office", "body?")),
        "office-ended": ("OfficeEnded", once("office", "body?")),
        "stated": ("Stated", repeatable),
        "same-as": ("SameAs", once("party")),
    },
    "source": {
        "cited": ("Cited", once("field")),
        "archived": ("Archived", once("sha256")),
        "rechecked": ("Rechecked", repeatable),
    },
    "agreement": {
        "described": ("Described", once("field")),
        "announced": ("Announced", once()),
        "text-adopted": ("TextAdopted", once()),
        "opened-for-signature": ("OpenedForSignature", once()),
        "concluded": ("Concluded", once()),
        "signed": ("Signed", once("side", "signing")),
        "signature-confirmed": ("SignatureConfirmed", once("party")),
        "entry-into-force-rule-set": ("EntryIntoForceRuleSet", once()),
        "consent-expressed": ("ConsentExpressed", once("party")),
        "consent-withdrawn": ("ConsentWithdrawn", once("party")),
        "intention-not-to-become-party": ("IntentionNotToBecomeParty", once("party")),
        "notification-made": ("NotificationMade", repeatable),
        "provisionally-applied": ("ProvisionallyApplied", once("party")),
        "entered-into-force": ("EnteredIntoForce", once("mode")),
        "entered-into-force-for": ("EnteredIntoForceFor", once("party")),
        "reservation-formulated": ("ReservationFormulated", once("ref")),
        "reservation-objected": ("ReservationObjected", once("ref", "by")),
        "reservation-withdrawn": ("ReservationWithdrawn", once("ref")),
        "objection-withdrawn": ("ObjectionWithdrawn", once("ref", "by")),
        "declaration-made": ("DeclarationMade", repeatable),
        "withdrawal-notified": ("WithdrawalNotified", once("party")),
        "withdrawal-revoked": ("WithdrawalRevoked", once("party")),
        "withdrawal-postponed": ("WithdrawalPostponed", repeatable),
        "suspended": ("Suspended", once("for_", "between")),
        "resumed": ("Resumed", once("for_", "between")),
        "amended": ("Amended", repeatable),
        "terminated": ("Terminated", once()),
        "registered": ("Registered", once("with_")),
        "territory-included": ("TerritoryIncluded", once("party", "territory")),
        "territory-excluded": ("TerritoryExcluded", once("party", "territory")),
    },
    "reserve": {
        "announced": ("Announced", once()),
        "established": ("Established", once()),
        "policy-set": ("PolicySet", repeatable),
        "acquired": ("Acquired", repeatable),
        "disposed": ("Disposed", repeatable),
        "transferred": ("Transferred", repeatable),
        "seized": ("Seized", repeatable),
        "forfeited": ("Forfeited", repeatable),
        "lost": ("Lost", repeatable),
        "pledged": ("Pledged", repeatable),
        "released": ("Released", repeatable),
        "address-disclosed": ("AddressDisclosed", repeatable),
        "custodian-changed": ("CustodianChanged", repeatable),
        "holding-reported": ("HoldingReported", measured_series("scope")),
        "holding-observed": ("HoldingObserved", measured_series()),
        "valued": ("Valued", measured_series()),
        "reconciled": ("Reconciled", repeatable),
    },
    "programme": {
        "staff-level-agreement-reached": ("StaffLevelAgreementReached", once("review")),
        "approved": ("Approved", once()),
        "condition-set": ("ConditionSet", once("ref")),
        "condition-assessed": ("ConditionAssessed", measured_series("ref")),
        "review-completed": ("ReviewCompleted", once("n")),
        "disbursed": ("Disbursed", once_where_named("review")),
        "modified": ("Modified", repeatable),
        "cancelled": ("Cancelled", once()),
        "expired": ("Expired", once()),
    },
    "allocation": {
        "allocated": ("Allocated", once()),
        "amended": ("Amended", repeatable),
        "energised": ("Energised", once("phase?")),
        "withdrawn": ("Withdrawn", once()),
    },
    "proposal": {
        "submitted": ("Submitted", once()),
        "taken-up": ("TakenUp", once("by?")),
        "endorsed": ("Endorsed", once("by?")),
        "rejected": ("Rejected", once("by?")),
        "returned": ("Returned", once("by?")),
        "withdrawn": ("Withdrawn", once()),
        "enacted": ("Enacted", once()),
    },
    "law": {
        "adopted": ("Adopted", once()),
        "published": ("Published", once()),
        "in-force": ("InForce", once()),
        "extended": ("Extended", repeatable),
        "ceased": ("Ceased", once()),
    },
    "meeting": {"held": ("Held", once())},
    "price": {"observed": ("Observed", measured_series("pair", "kind"))},
    "claim": {
        "corrected": ("Corrected", about_claims),
        "retracted": ("Retracted", about_claims),
        "denied": ("Denied", about_claims),
        "resolved": ("Resolved", about_claims),
        "same-occurrence": ("SameOccurrence", about_claims),
        "distinct-occurrence": ("DistinctOccurrence", about_claims),
    },
}
FAMILIES = {
    f"{kind}.{verb}": how for kind, verbs in _TYPES.items() for verb, (_, how) in verbs.items()
}
_ABOUT_CLAIMS = tuple(f"claim.{verb}" for verb in _TYPES["claim"])
_MODULES = {"claim": "events.kinds.claim_events"}


def all_types() -> tuple[str, ...]:
    """Return the names of all types, kind by kind."""
    return tuple(FAMILIES)


def types_for(kind: str) -> tuple[str, ...]:
    """Return the names of the types that may be recorded about things of a kind."""
    own = tuple(f"{kind}.{verb}" for verb in _TYPES.get(kind, {}))
    return own + _ABOUT_CLAIMS if own else ()


def family(name: str) -> Family:
    """Return how claims of a type join."""
    try:
        return FAMILIES[name]
    except KeyError:
        raise UnknownTypeError(f"there is no type '{name}'") from None


@cache  # asked for each fact: to import the module again takes ten times as long
def body_class(name: str) -> "type[Body]":
    """Return the body's class; only the module of its kind is imported."""
    family(name)
    kind, _, verb = name.partition(".")
    module = import_module(_MODULES.get(kind, f"events.kinds.{kind}"))
    found: type[Body] = getattr(module, _TYPES[kind][verb][0])
    return found


def topic(name: str) -> str:
    """Return the topic under which events of a type are stored now."""
    family(name)
    return f"{name}.v1"


def type_of(topic: str) -> str:
    """Return a topic's name without its version; raise UnknownTypeError for a newer one."""
    name, _, version = topic.rpartition(".")
    if version != "v1":
        raise UnknownTypeError(f"'{topic}' was written by a newer version of depositary")
    family(name)
    return name
