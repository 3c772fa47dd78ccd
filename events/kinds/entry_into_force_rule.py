"""Define the rule by which an agreement enters into force (VCLT 24(1)).

`when` is a tree of triggers; then the delay is added (days add; months clamp to the month's last
day), and the day snaps. `words` is the treaty's own text and is never computed.
"""

from typing import Annotated, Literal

from events.fields import Act, Line, Listed, Matching, PartyId, Prose, Sorted, ThingId, Whole, Yes
from events.value import Value

Delay = Annotated[
    str, Matching("delay in ISO 8601 days, months or years such as P90D", "P[0-9]{1,4}[DMY]")
]
Snap = Annotated[
    str,
    Matching(
        "snap: none, or month-start:k for the first day of the k-th month after",
        "(none|month-start:[1-9][0-9]?)",
    ),
]
Instruments = Literal[
    "acceptance",
    "accession",
    "approval",
    "formal-confirmation",
    "participation",
    "ratification",
    "succession",
]

_NEEDS = {
    "instruments": {"n"},
    "consents-of": {"whose"},
    "signature": {"which"},
    "exchange": set(),
    "reply-note": set(),
    "notifications": {"counted"},
    "date": {"day"},
    "entry-into-force-of": {"thing"},
    "decision": {"by"},
    "all-of": {"of"},
    "first-of": {"of"},
    "words": {"words"},
}
_MAY = {"instruments": {"acts", "not_counted"}, "notifications": {"n"}}
_FIELDS = frozenset[str]().union(*_NEEDS.values(), *_MAY.values())


class Trigger(Value):
    """What sets an entry into force going; which fields it has depends on `on`."""

    on: Literal[
        "instruments",
        "consents-of",
        "signature",
        "exchange",
        "reply-note",
        "notifications",
        "date",
        "entry-into-force-of",
        "decision",
        "all-of",
        "first-of",
        "words",
    ]
    n: Annotated[int, Whole(1, 1_000)] | None = None
    acts: Annotated[tuple[Instruments, ...], Sorted()] | None = None
    not_counted: Annotated[tuple[PartyId, ...], Sorted()] | None = None
    whose: Literal["negotiating", "signatories", "sides"] | None = None
    which: Literal["first", "last"] | None = None
    counted: Literal["sent", "received"] | None = None
    day: Act | None = None
    thing: ThingId | None = None
    by: PartyId | None = None
    of: Annotated[tuple["Trigger", ...], Listed()] | None = None
    words: Prose | None = None

    def __post_init__(self) -> None:
        """Hold the fields against the kind of trigger; raise ValueError with a sentence."""
        given = {name for name in _FIELDS if getattr(self, name) is not None}
        needed = _NEEDS[self.on]
        if missing := needed - given:
            raise ValueError(f"the trigger {self.on} needs {', '.join(sorted(missing))}")
        if extra := given - needed - _MAY.get(self.on, set()):
            raise ValueError(f"the trigger {self.on} takes no {', '.join(sorted(extra))}")


class Later(Value):
    """When a State that consents afterwards is bound (VCLT 24(3)); absent fields: at once."""

    delay: Delay | None = None
    snap: Snap | None = None
    same: Yes | None = None


class Rule(Value):
    """When the agreement enters into force; `not_before` is a day, or a delay after opening."""

    when: Trigger
    delay: Delay | None = None
    snap: Snap | None = None
    not_before: Line | None = None
    later: Later | None = None
    clause: Prose | None = None
