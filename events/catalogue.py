"""List all event types, and how claims of each type join.

A name is `kind.past-participle`; its topic in the log is the name with a version,
`agreement.signed.v1`, and never a Python path. How claims of a type join (docs/spec/answers.md, 7)
is defined here and never stored:

* `once(...)`: claims of one thing with equal keys are one occurrence;
* `measured_series(...)`: measurements; each asserter's newest counts;
* `repeatable`: each claim is an occurrence until it is linked with another.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from events.body import Body


class UnknownTypeError(LookupError):
    """A type is one of those that `depositary schema` lists."""


class Family(NamedTuple):
    """How claims of a type join; `key` names the fields (and sides) that must be equal."""

    name: str
    key: tuple[str, ...] = ()


def once(*key: str) -> Family:
    """Return the family with one occurrence a thing for each value of the key."""
    return Family("once", key)


def measured_series(*key: str) -> Family:
    """Return the family with one series of measurements a thing for each value of the key."""
    return Family("series", key)


repeatable = Family("repeatable")
about_claims = Family("about claims")

# `side` is `for` if given, else the party; `signing` keeps initialling and succession apart;
# `field` makes each field of a description an occurrence of its own.
_TYPES: dict[str, dict[str, tuple[str, Family]]] = {
    "ledger": {
        "opened": ("Opened", once()),
        "key-named": ("KeyNamed", repeatable),
        "key-rotated": ("KeyRotated", repeatable),
        "key-revoked": ("KeyRevoked", repeatable),
        "clock-accepted": ("ClockAccepted", repeatable),
    },
    "party": {
        "established": ("Established", once()),
        "renamed": ("Renamed", repeatable),
        "dissolved": ("Dissolved", repeatable),
        "continued-by": ("ContinuedBy", once("party")),
        "appointed": ("Appointed", once("office", "body")),
        "office-ended": ("OfficeEnded", repeatable),
        "stated": ("Stated", repeatable),
        "same-as": ("SameAs", repeatable),
    },
    "source": {
        "cited": ("Cited", repeatable),
        "archived": ("Archived", repeatable),
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
        "consent-expressed": ("ConsentExpressed", repeatable),
        "consent-withdrawn": ("ConsentWithdrawn", repeatable),
        "intention-not-to-become-party": ("IntentionNotToBecomeParty", repeatable),
        "notification-made": ("NotificationMade", repeatable),
        "provisionally-applied": ("ProvisionallyApplied", repeatable),
        "entered-into-force": ("EnteredIntoForce", once("mode")),
        "entered-into-force-for": ("EnteredIntoForceFor", once("party")),
        "reservation-formulated": ("ReservationFormulated", repeatable),
        "reservation-objected": ("ReservationObjected", repeatable),
        "reservation-withdrawn": ("ReservationWithdrawn", repeatable),
        "objection-withdrawn": ("ObjectionWithdrawn", repeatable),
        "declaration-made": ("DeclarationMade", repeatable),
        "withdrawal-notified": ("WithdrawalNotified", repeatable),
        "withdrawal-revoked": ("WithdrawalRevoked", repeatable),
        "withdrawal-postponed": ("WithdrawalPostponed", repeatable),
        "suspended": ("Suspended", repeatable),
        "resumed": ("Resumed", repeatable),
        "amended": ("Amended", repeatable),
        "terminated": ("Terminated", once()),
        "registered": ("Registered", once()),
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
        "staff-level-agreement-reached": ("StaffLevelAgreementReached", repeatable),
        "approved": ("Approved", once()),
        "condition-set": ("ConditionSet", once("ref")),
        "condition-assessed": ("ConditionAssessed", once("ref")),
        "review-completed": ("ReviewCompleted", once("n")),
        "disbursed": ("Disbursed", repeatable),
        "modified": ("Modified", repeatable),
        "cancelled": ("Cancelled", repeatable),
        "expired": ("Expired", repeatable),
    },
    "allocation": {
        "allocated": ("Allocated", once()),
        "amended": ("Amended", repeatable),
        "energised": ("Energised", repeatable),
        "withdrawn": ("Withdrawn", repeatable),
    },
    "proposal": {
        "submitted": ("Submitted", once()),
        "taken-up": ("TakenUp", repeatable),
        "endorsed": ("Endorsed", repeatable),
        "rejected": ("Rejected", repeatable),
        "returned": ("Returned", repeatable),
        "withdrawn": ("Withdrawn", repeatable),
        "enacted": ("Enacted", repeatable),
    },
    "law": {
        "adopted": ("Adopted", once()),
        "published": ("Published", once()),
        "in-force": ("InForce", once()),
        "extended": ("Extended", repeatable),
        "ceased": ("Ceased", once()),
    },
    "meeting": {
        "held": ("Held", once()),
    },
    "price": {
        "observed": ("Observed", measured_series("pair", "kind")),
    },
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
_MODULES = {"claim": "events.kinds.claim_events"}


def all_types() -> tuple[str, ...]:
    """Return the names of all types, kind by kind."""
    return tuple(f"{kind}.{verb}" for kind, verbs in _TYPES.items() for verb in verbs)


@cache
def types_for(kind: str) -> tuple[str, ...]:
    """Return the names of the types that may be recorded about things of a kind."""
    own = tuple(f"{kind}.{verb}" for verb in _TYPES.get(kind, {}))
    return own + tuple(f"claim.{verb}" for verb in _TYPES["claim"]) if own else ()


@cache
def family(name: str) -> Family:
    """Return how claims of a type join."""
    return _entry(name)[1]


@cache
def body_class(name: str) -> "type[Body]":
    """Return the body's class; only the module of its kind is imported."""
    kind = name.partition(".")[0]
    class_name = _entry(name)[0]
    module = import_module(_MODULES.get(kind, f"events.kinds.{kind}"))
    found: type[Body] = getattr(module, class_name)
    return found


@cache
def topic(name: str) -> str:
    """Return the topic under which events of a type are stored now."""
    _entry(name)
    return f"{name}.v1"


@cache
def type_of(topic: str) -> str:
    """Return a topic's name without its version; raise UnknownTypeError for a newer one."""
    name, _, version = topic.rpartition(".")
    if version != "v1":
        raise UnknownTypeError(f"'{topic}' was written by a newer version of depositary")
    _entry(name)
    return name


def _entry(name: str) -> tuple[str, Family]:
    kind, _, verb = name.partition(".")
    try:
        return _TYPES[kind][verb]
    except KeyError:
        raise UnknownTypeError(f"there is no type '{name}'") from None
