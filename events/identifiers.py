"""Name things and events.

A thing is `kind/slug`: `party/sv`, `agreement/pk-sv-bitcoin-2025`. An event is `thing/n`, where n
counts the events about that thing from 1. Positions (`@413`) are only what people type.
"""

import re

from events.text import a_or_an

KINDS = (
    "ledger",
    "party",
    "source",
    "agreement",
    "reserve",
    "programme",
    "allocation",
    "proposal",
    "law",
    "meeting",
    "price",
)
SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
MAX_ID = 120
SELF = "ledger/self"  # whose events are about the ledger
LEDGER_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

_slug = re.compile(SLUG).fullmatch
_event = re.compile(rf"((?:{'|'.join(KINDS)})/{SLUG})/([1-9][0-9]{{0,8}})").fullmatch


class IdError(ValueError):
    """An id is `kind/slug`, slug `[a-z0-9]+(-[a-z0-9]+)*`, at most 120 characters."""


def is_slug(text: str) -> bool:
    """Say whether the text may stand behind the kind in a thing's id."""
    return _slug(text) is not None


def is_ledger_id(text: str) -> bool:
    """Say whether the text is the id of a ledger: a UUID in lower case (RFC 9562, 4)."""
    return re.fullmatch(LEDGER_ID, text) is not None


def kind_of(thing: str) -> str:
    """Return the kind of a thing: `party` of `party/sv`."""
    return thing.partition("/")[0]


def slug_of(thing: str) -> str:
    """Return a thing's name without its kind: `sv` of `party/sv`."""
    return thing.partition("/")[2]


def check_thing(thing: str, kinds: tuple[str, ...] = KINDS) -> str:
    """Return the id unchanged, or raise IdError with a sentence that says what is wrong."""
    kind, slash, slug = thing.partition("/")
    if not slash or kind not in KINDS:
        raise IdError(f"'{thing}' is not an id: write kind/name, with a kind of {', '.join(KINDS)}")
    if kind not in kinds:
        raise IdError(
            f"'{thing}' is {a_or_an(kind)}, but {' or '.join(map(a_or_an, kinds))} is wanted here"
        )
    if not is_slug(slug) or len(thing) > MAX_ID:
        raise IdError(
            f"'{thing[:MAX_ID]}' is not an id: a name has a-z, 0-9 and single hyphens, "
            f"{MAX_ID} characters at most"
        )
    return thing


def is_thing(text: str, kinds: tuple[str, ...] = KINDS) -> bool:
    """Say whether the text is the id of a thing, of one of the kinds given."""
    try:
        return check_thing(text, kinds) == text
    except IdError:
        return False


def split_event_id(event_id: str) -> tuple[str, int]:
    """Return (thing, version) of an event id such as `party/sv/3`; raise IdError if it is none."""
    match = _event(event_id)
    if match is None or len(match[1]) > MAX_ID:
        raise IdError(f"'{event_id}' is not an event id: write subject/n, for example party/sv/3")
    return match[1], int(match[2])
