"""Find the subject that is meant, or say why it is unknown at the clocks asked.

The beginning of an id, a name, a title or the holder's name is enough where one subject has it.
"""

from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn

from cli.clocks import AskedAt
from cli.errors.exit_codes import not_found, usage_failure
from cli.errors.usage import did_you_mean, near
from cli.typed_input import echo_understood, event_understood, is_position
from events.hidden_text import visible
from events.identifiers import (
    KINDS,
    IdError,
    check_thing,
    is_thing,
    kind_of,
    slug_of,
    split_event_id,
)
from events.text import count_noun

if TYPE_CHECKING:
    from domain.claims.claim import Claim
    from events.store.rows import Row
    from events.store.sqlite.reader import RecordReader
    from projections.queries.show import NotKnownError
    from projections.read_model.database import ReadModel

MOST_NAMED = 3  # subjects that a question names of those that fit
MOST_LISTED = 8  # types of a kind that are all named
LEAST_TYPED = 2  # letters of the beginning of a name


def thing_named(answers: "ReadModel", name: str, question: AskedAt, kind: str | None = None) -> str:
    """Return the id of a thing; of a kind, its name is enough. Raise IdError, or exit 3.

    Where there is no such thing, the one that the words fit is taken, and that is echoed.
    """
    from projections.queries.show import is_spoken_of

    thing = name if "/" in name or kind is None else f"{kind}/{name}"
    kinds = (kind,) if kind else KINDS
    try:
        checked = check_thing(thing, kinds)
    except IdError as error:
        unread: IdError | None = error
        if is_thing(thing):
            raise
    else:
        unread = None
        if is_spoken_of(answers, checked):
            return checked
    fitting = fitting_things(answers, slug_of(thing) or name, question, kind)
    if len(fitting) == 1:
        meant = fitting[0]
        echo_understood(name, slug_of(meant) if kind and "/" not in name else meant)
        return meant
    list_ = f"depositary {kind} list" if kind else f"depositary find {name.split(maxsplit=1)[0]}"
    if fitting:
        first, more = fitting[:MOST_NAMED], len(fitting) - MOST_NAMED
        others = f", and {more} more" if more > 0 else ""
        not_found(f"there is no {thing}", f"did you mean {' or '.join(first)}{others}?", list_)
    if unread is None:
        return checked
    meant = near(thing, known_things(answers, question, kind))
    if not meant:
        what = f"there is no {kind or 'subject'} called '{name[:60]}'"
        usage_failure(what, str(unread), list_)
    return not_found(f"there is no {thing}", f"{unread}: {meant}", list_)


def fitting_things(
    answers: "ReadModel", words: str, question: AskedAt, kind: str | None = None
) -> list[str]:
    """Return the things that words fit best: a name, its beginning, a title, a holder's name."""
    from domain.importers.slugs import SlugError, title_slug
    from projections.queries.find import things_titled

    try:
        slug = title_slug(words)
    except SlugError:
        return []
    known = known_things(answers, question, kind)
    if exact := [thing for thing in known if slug_of(thing) == slug]:
        return exact
    if len(slug) < LEAST_TYPED:
        return []
    begun = [thing for thing in known if slug_of(thing).startswith(slug)]
    of_its_own = [thing for thing in begun if slug_of(thing).startswith(f"{slug}-")]
    titled = things_titled(answers, slug, question.clocks, question.policy, kind)
    return titled or of_its_own or begun


def known_thing(answers: "ReadModel", name: str, question: AskedAt) -> str:
    """Return the id of a thing of which something was known and public at the clocks, or exit 3."""
    from projections.queries.show import public_claims

    thing = thing_named(answers, name, question)
    if not public_claims(answers.claims(thing, question.position), question.clocks):
        not_recorded(answers, thing, question)
    return thing


def recorded_thing(
    answers: "ReadModel", name: str, question: AskedAt, kind: str | None = None
) -> str:
    """Return the id of a thing about which an event was recorded at the clocks, or exit 3."""
    thing = thing_named(answers, name, question, kind)
    if not any(answers.record.rows(until=question.position, thing=thing)):
        not_recorded(answers, thing, question)
    return thing


def known_party(answers: "ReadModel", name: str | None, question: AskedAt) -> str | None:
    """Return the id of the party that is named, about which an event was recorded, or exit 3."""
    return recorded_thing(answers, name, question, "party") if name else None


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
    from events.catalogue import all_types

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


def known_things(answers: "ReadModel", question: AskedAt, kind: str | None = None) -> list[str]:
    """Return the things, of a kind or of any, that were known and public at the clocks."""
    position = question.position
    things = answers.things(kind, position) if kind else answers.everything(position)
    if question.clocks.public_at is None:
        return things
    from projections.queries.show import public_claims

    return [t for t in things if public_claims(answers.claims(t, position), question.clocks)]


def not_recorded(answers: "ReadModel", thing: str, question: AskedAt) -> NoReturn:
    """Say why nothing is known of a thing at the clocks."""
    from projections.queries.show import NotKnownError

    every = answers.claims(thing)
    not_known(answers, NotKnownError(thing, every[0] if every else None), question)


def not_known(answers: "ReadModel", error: "NotKnownError", question: AskedAt) -> NoReturn:
    """Say why there is no answer about a thing: not recorded or not public yet, or never."""
    thing, kind = error.thing, kind_of(error.thing)
    first = error.first
    if first is not None and first.position > question.position:
        not_found(
            f"{thing} was not recorded at that point",
            f"@{question.position} is asked for; its first event is @{first.position}, "
            f"recorded at {first.time}",
            f"depositary history {thing} --known-at @{first.position}",
        )
    if claims := answers.claims(thing, question.position):
        _not_said(thing, claims, question)
    things = known_things(answers, question, kind)
    not_found(
        f"there is no {thing}",
        near(thing, things) or f"{count_noun(len(things), kind)} recorded; none is similar",
        f"depositary {kind} list" if kind != "ledger" else "depositary log",
    )


def _not_said(thing: str, claims: "tuple[Claim, ...]", question: AskedAt) -> NoReturn:
    if question.clocks.public_at is None:
        why = f"every claim about {thing} was retracted"
        not_found(f"{thing} has no live claim", why, f"depositary {kind_of(thing)} history {thing}")
    from projections.queries.show import count_excluded

    unknown, perhaps = count_excluded(claims, question.clocks)
    why = f"excluded: {unknown} with unknown publication date, {perhaps} perhaps published"
    then = f"depositary history {thing}"
    not_found(f"nothing about {thing} was public by {question.clocks.public_at_text}", why, then)
