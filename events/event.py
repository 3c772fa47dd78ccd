"""Hold one event of the record, as the code passes it around."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from events.body import Body


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, about which thing, as which of the thing's events.

    `version` counts the events of the thing from 1. `position` (from 1, over the whole record) and
    `time` (UTC, `2025-07-16T09:30:00.000000Z`) are None until the store completes the event: only
    what was read back has them.
    """

    thing: str
    version: int
    topic: str
    body: "Body"
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
