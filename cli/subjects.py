"""Find the subject that is meant, or say why it is unknown at the clocks asked.

The beginning of an id, a name, a title or the holder's name is enough where one subject has it.
"""

from typing import NoReturn

from cli.clocks import AskedAt
from cli.errors.exit_codes import not_found, usage_failure
from cli.errors.usage import near
from cli.typed_input import echo_understood
from domain.claims.claim import Claim
from events.identifiers import KINDS, IdError, check_thing, is_thing, kind_of, slug_of
from events.text import count_noun
from projections.queries.show import NotKnownError, count_excluded, is_spoken_of, public_claims
from projections.read_model.database import ReadModel

MOST_NAMED = 3  # subjects that a question names of those that fit
MOST_LISTED = 8  # types of a kind that are all named


def thing_named(answers: ReadModel, name: str, question: AskedAt, kind: str | None = None) -> str:
    """Return the id of a thing; of a kind, its name is enough. Raise IdError, or exit 3.

    Where there is no such thing, the one that the words fit is taken, and that is echoed.
    """
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
    from cli.fitting_subjects import fitting_things  # where an id is not typed whole

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


def known_thing(answers: ReadModel, name: str, question: AskedAt) -> str:
    """Return the id of a thing of which something was known and public at the clocks, or exit 3."""
    thing = thing_named(answers, name, question)
    if not public_claims(answers.claims(thing, question.position), question.clocks):
        not_recorded(answers, thing, question)
    return thing


def recorded_thing(
    answers: ReadModel, name: str, question: AskedAt, kind: str | None = None
) -> str:
    """Return the id of a thing about which an event was recorded at the clocks, or exit 3."""
    thing = thing_named(answers, name, question, kind)
    if not any(answers.record.rows(until=question.position, thing=thing)):
        not_recorded(answers, thing, question)
    return thing


def known_party(answers: ReadModel, name: str | None, question: AskedAt) -> str | None:
    """Return the id of the party that is named, about which an event was recorded, or exit 3."""
    return recorded_thing(answers, name, question, "party") if name else None


def known_things(answers: ReadModel, question: AskedAt, kind: str | None = None) -> list[str]:
    """Return the things, of a kind or of any, that were known and public at the clocks."""
    position = question.position
    things = answers.things(kind, position) if kind else answers.everything(position)
    if question.clocks.public_at is None:
        return things
    return [t for t in things if public_claims(answers.claims(t, position), question.clocks)]


def not_recorded(answers: ReadModel, thing: str, question: AskedAt) -> NoReturn:
    """Say why nothing is known of a thing at the clocks."""
    every = answers.claims(thing)
    not_known(answers, NotKnownError(thing, every[0] if every else None), question)


def not_known(answers: ReadModel, error: NotKnownError, question: AskedAt) -> NoReturn:
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


def _not_said(thing: str, claims: tuple[Claim, ...], question: AskedAt) -> NoReturn:
    if question.clocks.public_at is None:
        why = f"every claim about {thing} was retracted"
        not_found(f"{thing} has no live claim", why, f"depositary {kind_of(thing)} history {thing}")
    unknown, perhaps = count_excluded(claims, question.clocks)
    why = f"excluded: {unknown} with unknown publication date, {perhaps} perhaps published"
    then = f"depositary history {thing}"
    not_found(f"nothing about {thing} was public by {question.clocks.public_at_text}", why, then)
