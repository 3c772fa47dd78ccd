"""Hold what every fact carries: who says it, on what basis, from which sources, and when.

docs/spec/answers.md, 5. A fact is a claim: recording it endorses nothing (VCLT 77(2)).
"""

from typing import Annotated, Literal

from msgspec import Struct

from events.fields import Act, Line, PartyId, Prose, Sorted, SourceId, Yes, Zone
from events.value import Value

RECORDER = "party/recorder"

StandsIn = Literal["as it is", "at the latest", "never"]

Basis = Literal[
    "official-record",
    "signed-statement",
    "audit",
    "own-publication",
    "on-chain",
    "other-public-body",
    "tracker",
    "press",
    "recorder",
]


class SourceRef(Value):
    """A source as a claim carries it: all that the fold needs, so it reads no other stream.

    `published` is unknown when absent, and its latest day is then the day of `retrieved`;
    `origin` is the party at the root of the quote chain (absent: the asserter).
    """

    source: SourceId
    published: Act | None = None
    retrieved: Act | None = None
    origin: PartyId | None = None


class Body(Value):
    """The fields of every fact; each type of event adds its own.

    `effective` is when it took effect, `acted` when it was done (signed, deposited, received)
    where that differs; both as written, in EDTF, at `place` and in `zone` where those are known.
    Where `effective` is absent, the day of the act stands in for it, unless `act_is_notice`: then
    the act only gives notice of what comes on another day (docs/spec/answers.md, 9).
    """

    act_is_notice = False
    nests = False  # whether what stands in it may be nested to any depth

    asserted_by: PartyId
    basis: Basis
    effective: Act | None = None
    acted: Act | None = None
    zone: Zone | None = None
    place: Line | None = None
    relayed: Yes | None = None
    sources: Annotated[tuple[SourceRef, ...], Sorted("source")] | None = None
    note: Prose | None = None
    key: Line | None = None

    @property
    def act_stands_in(self) -> StandsIn:
        """How the day of the act stands in for `effective` where that is absent."""
        return "never" if self.act_is_notice else "as it is"

    def __post_init__(self) -> None:
        """Hold the fields against each other; raise ValueError with a sentence."""
        if (self.basis == "recorder") != (self.asserted_by == RECORDER):
            raise ValueError(f"basis recorder and asserter {RECORDER} go together")
        if self.sources is None and self.basis != "recorder":
            raise ValueError("a fact needs a source: only basis recorder may do without")
        if self.zone is not None and self.effective is None and self.acted is None:
            raise ValueError("a zone without a date: give effective or acted, or leave zone out")
        self.agree()

    def agree(self) -> None:
        """Hold a type's own fields against each other; most types have nothing to say."""


class Event(Struct, frozen=True, gc=False):
    """What happened, about which thing, as which of the thing's events.

    `version` counts the events of the thing from 1. `position` (from 1, over the whole record) and
    `time` (UTC, `2025-07-16T09:30:00.000000Z`) are None until the store completes the event: only
    what was read back has them.
    """

    thing: str
    version: int
    topic: str
    body: Body
    position: int | None = None
    time: str | None = None

    @property
    def id(self) -> str:
        """The event's name for good: `agreement/pk-sv-bitcoin-2025/3`."""
        return f"{self.thing}/{self.version}"

    @property
    def type(self) -> str:
        """The topic without its version: `agreement.signed` of `agreement.signed.v1`."""
        return self.topic.rpartition(".")[0]

    @property
    def originator_id(self) -> str:
        """The thing, as the library for event sourcing calls it."""
        return self.thing

    @property
    def originator_version(self) -> int:
        """The version, as the library for event sourcing calls it."""
        return self.version
