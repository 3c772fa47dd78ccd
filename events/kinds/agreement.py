"""Define the events of an agreement and between its parties.

The words are those of the Vienna Convention on the Law of Treaties 1969 (VCLT). Which day moves
a party's standing is said in docs/spec/treaties.md, 2: `effective`, with `acted` beside it.
"""

from typing import Annotated, Literal

from events.body import Body, StandsIn
from events.fields import Act, Line, PartyId, Prose, Slug, Sorted, State, Thing, Whole, Yes
from events.kinds.entry_into_force_rule import Rule

Kind = Literal[
    "agreement",
    "arrangement",
    "charter",
    "communique",
    "convention",
    "covenant",
    "declaration",
    "exchange-of-letters",
    "exchange-of-notes",
    "joint-statement",
    "letter-of-intent",
    "memorandum",
    "minutes",
    "other",
    "pact",
    "protocol",
    "statute",
    "treaty",
]
Votes = Line
Parties = Annotated[tuple[PartyId, ...], Sorted()]


class Described(Body):
    """A party says what the agreement is; each field is a claim of its own.

    `kind` is what the agreement calls itself, without effect; `binding` decides
    (VCLT 2(1)(a)).
    """

    effective: State | None = None
    title: Line | None = None
    kind: Kind | None = None
    binding: Literal["binding", "non-binding", "unknown"] | None = None
    parties: Parties | None = None
    topics: Annotated[tuple[Slug, ...], Sorted()] | None = None
    ground: Prose | None = None

    def agree(self) -> None:
        """A description says something."""
        if not (self.title or self.kind or self.binding or self.parties or self.topics):
            raise ValueError(
                "a description needs at least one of title, kind, binding, parties, topics"
            )


class Announced(Body):
    """A party announced that an agreement will be made."""

    by: PartyId | None = None


class TextAdopted(Body):
    """The text was adopted (VCLT 9)."""

    body: PartyId | None = None
    votes: Votes | None = None


class OpenedForSignature(Body):
    """The text was opened for signature."""

    until: Act | None = None


class Concluded(Body):
    """The agreement was concluded; no signatory is named."""


class Signed(Body):
    """A signatory signed (VCLT 10-12); `for` is the side for which it signed.

    `for` does not say that the State is bound.
    """

    party: PartyId
    for_: PartyId | None = None
    mode: Literal["ad-referendum", "definitive", "initialling", "simple", "succession", "unstated"]
    signatory: PartyId | None = None


class SignatureConfirmed(Body):
    """A signature ad referendum was confirmed (VCLT 12(2)(b))."""

    party: PartyId
    effect: Literal["definitive", "simple"]


class EntryIntoForceRuleSet(Body):
    """The agreement says how it enters into force (VCLT 24(1))."""

    nests = True

    rule: Rule


class ConsentExpressed(Body):
    """A party expressed its consent to be bound (VCLT 11-16).

    A State that succeeds to a treaty may name its `predecessor` (docs/spec/treaties.md, 9).
    """

    party: PartyId
    mode: Literal[
        "acceptance",
        "accession",
        "approval",
        "exchange",
        "formal-confirmation",
        "notification",
        "participation",
        "ratification",
        "simplified-procedure",
        "succession",
        "unstated",
    ]
    established_by: Literal["deposit", "exchange", "notification"] | None = None
    act_words: Line | None = None
    version: Line | None = None
    predecessor: PartyId | None = None

    @property
    def act_stands_in(self) -> StandsIn:
        """Say that of a succession the day notified is the latest it may mean."""
        return "at the latest" if self.mode == "succession" else "as it is"

    def agree(self) -> None:
        """Only a successor has a predecessor, and it is another party."""
        if self.predecessor is not None and self.mode != "succession":
            raise ValueError("only a consent of mode succession has a predecessor")
        if self.predecessor == self.party:
            raise ValueError("a party does not succeed itself")


class ConsentWithdrawn(Body):
    """A party withdrew its consent before the agreement entered into force for it."""

    party: PartyId


class IntentionNotToBecomeParty(Body):
    """A signatory declared that it will not become a party (VCLT 18(a), 25(2))."""

    party: PartyId


class NotificationMade(Body):
    """A party notified something that is not its consent (VCLT 78)."""

    party: PartyId
    purpose: Line


class ProvisionallyApplied(Body):
    """A party applies the agreement provisionally (VCLT 25(1)): not consent."""

    effective: State | None = None
    party: PartyId


class EnteredIntoForce(Body):
    """The agreement entered into force (VCLT 24), or a non-binding one began to work."""

    mode: Literal["definitive", "operation", "provisional"]


class EnteredIntoForceFor(Body):
    """The agreement entered into force for one party (VCLT 24(3))."""

    party: PartyId


class ReservationFormulated(Body):
    """A party formulated a reservation (VCLT 19, 23); `notified` is when others were told."""

    party: PartyId
    ref: Slug
    gist: Prose
    articles: Annotated[tuple[Line, ...], Sorted()] | None = None
    notified: Act | None = None
    confirms: Slug | None = None


class ReservationObjected(Body):
    """A party objected to a reservation (VCLT 20(4)(b)); `precludes` entry into force between."""

    ref: Slug
    by: PartyId
    precludes: Yes | None = None


class ReservationWithdrawn(Body):
    """A reservation was withdrawn (VCLT 22(1))."""

    ref: Slug


class ObjectionWithdrawn(Body):
    """An objection to a reservation was withdrawn (VCLT 22(2))."""

    ref: Slug
    by: PartyId


class DeclarationMade(Body):
    """A party made a declaration that is not a reservation."""

    party: PartyId
    gist: Prose


class WithdrawalNotified(Body):
    """A party gave notice of withdrawal or denunciation (VCLT 54, 56, 65, 67).

    `acted` is the notice, `effective` the day on which it ceases to be bound.
    """

    act_is_notice = True

    party: PartyId


class WithdrawalRevoked(Body):
    """A notice of withdrawal was revoked before it took effect (VCLT 68)."""

    party: PartyId


class WithdrawalPostponed(Body):
    """The day on which a withdrawal takes effect was moved by agreement (VCLT 54(b)).

    `acted` is the agreement to postpone, `effective` the new day.
    """

    act_is_notice = True

    party: PartyId


class Suspended(Body):
    """The operation was suspended, for a party or between some (VCLT 57-60, 72)."""

    effective: State | None = None
    for_: PartyId | None = None
    between: Parties | None = None


class Resumed(Body):
    """The operation was resumed, for a party or between some; with neither, everywhere."""

    for_: PartyId | None = None
    between: Parties | None = None


class Amended(Body):
    """The text was amended (VCLT 39-41)."""

    by: Annotated[str, Thing("agreement", "party")] | None = None
    for_: PartyId | None = None


class Terminated(Body):
    """The agreement ended (VCLT 54, 59-62, 70); `acted` is the notice or the decision."""

    act_is_notice = True

    ground: Prose
    by: PartyId | None = None


class Registered(Body):
    """The agreement was registered (VCLT 80; Charter of the United Nations, 102)."""

    with_: PartyId
    number: Line
    volume: Annotated[int, Whole(1, 100_000)] | None = None


class OfTerritory(Body):
    """The fields of what a party says of the agreement and a territory of its own."""

    party: PartyId
    territory: PartyId

    def agree(self) -> None:
        """A territory is not the party itself."""
        if self.party == self.territory:
            raise ValueError("a territory is another party than the one that is bound for it")


class TerritoryIncluded(OfTerritory):
    """A party extended the agreement to a territory of its own (VCLT 29)."""


class TerritoryExcluded(OfTerritory):
    """A party ended the application of the agreement to a territory, or excluded it (VCLT 29)."""
