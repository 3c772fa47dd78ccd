"""Define the events of a source: a post, an article, a report."""

from typing import Annotated, Literal

from events.body import Body
from events.fields import Act, Line, Listed, Matching, PartyId, SourceId, Whole

Sha256 = Annotated[str, Matching("SHA-256 in 64 lower-case hexadecimal digits", "[0-9a-f]{64}")]


class Cited(Body):
    """A document was cited; `via` are the sources that it quotes, nearest first."""

    publisher: PartyId | None = None
    title: Line | None = None
    locator: Line | None = None
    published: Act | None = None
    via: Annotated[tuple[SourceId, ...], Listed()] | None = None


class Archived(Body):
    """A copy was kept under its SHA-256; `bytes` is its size."""

    sha256: Sha256
    media_type: Line
    bytes: Annotated[int, Whole(0, 2**53 - 1)]


class Rechecked(Body):
    """The source was looked up again: it is unchanged, changed or gone."""

    outcome: Literal["alive", "changed", "gone"]
