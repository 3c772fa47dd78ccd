"""Find the event or the type that is meant, or say why there is none."""

from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING

from cli.errors.exit_codes import not_found
from cli.errors.usage import did_you_mean
from cli.typed_input import event_understood, is_position
from events.catalogue import all_types
from events.hidden_text import visible
from events.identifiers import IdError, is_thing, kind_of, split_event_id

if TYPE_CHECKING:
    from events.store.rows import Row
    from events.store.sqlite.reader import RecordReader

MOST_LISTED = 8  # types of a kind that are all named


def event_named(record: "RecordReader", text: str, last: int | None = None) -> "Row":
    """Return the event that `@413`, 413 or an id names, of those up to a position; or exit 3."""
    text, last = event_understood(text), record.last_position() if last is None else last
    found = None
    if is_position(number := text.removeprefix("@")):
        found = record.event(int(number))
    else:
        with suppress(IdError):
            thing, version = split_event_id(text)
            found = next((row for row in record.rows(thing=thing) if row.version == version), None)
    if found is None or found.position > last:
        if is_thing(text):
            why = f"{text} is a subject; an event of it is @N, or its id such as {text}/1"
            not_found(f"{text} is no event", why, f"depositary {kind_of(text)} history {text}")
        why = f"the log has @1 to @{last}; an id looks like party/sv/1"
        not_found(f"there is no event {visible(text[:60])}", why, "depositary log -n 5")
    return found


def type_named(text: str, then: str = "") -> str:
    """Return the name of a type, given with or without its version, or exit 3.

    `then` is what is to be run next with the type that may be meant.
    """
    types, name = all_types(), text.removesuffix(".v1")
    if name in types:
        return name
    kind, _, verb = name.rpartition(".")
    verbs = {one.partition(".")[2]: one for one in types if one.startswith(f"{kind}.")}
    near = [verbs[one] for one in get_close_matches(verb, verbs, n=3)]
    few = list(verbs.values()) if len(verbs) <= MOST_LISTED else []
    meant = near or few or [one for one in types if one.partition(".")[2] == verb]
    meant = meant or get_close_matches(name, types, n=3)
    why = did_you_mean(meant) or f"none of the {len(types)} types is similar"
    then = f"{then} {meant[0]}" if meant and then else "depositary schema"
    return not_found(f"there is no type '{text}'", why, then)
