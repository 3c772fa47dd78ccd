"""Explain a refused fact: which fact, which field, which value, why, and what to run next."""

import json
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from shlex import quote
from typing import TYPE_CHECKING, Any, get_args

from cli.context import AppContext
from cli.errors.exit_codes import REFUSED, CommandError
from cli.errors.usage import did_you_mean, near, party_type_meant, with_hint
from cli.event_options import words_of
from domain.decisions.batch import Command, CommandRefusedError
from domain.decisions.errors import Refusal, RuleError, UnknownReferenceError
from events.catalogue import UnknownTypeError, all_types, body_class, types_for
from events.fields import Thing, fields_of
from events.identifiers import KINDS, SLUG, is_slug, kind_of
from events.intake.fact_file import KeptByLedgerError, WrittenFact, kind_of_type
from events.kinds.party import PartyType
from events.validation import BodyError, Problem
from events.value import is_value

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_SHOWN = 60
MAX_PROBLEMS = 9

_COMMANDS = {
    "claim.corrected": "correct",
    "claim.denied": "deny",
    "claim.distinct-occurrence": "distinct",
    "claim.resolved": "resolve",
    "claim.retracted": "retract",
    "claim.same-occurrence": "same",
}

Known = Callable[[str], Iterable[str]]

_spelled_alike = re.compile(r"did you mean [^?]*\? I").sub
_event_id = re.compile(rf"(?:{'|'.join(KINDS)})/{SLUG}/[1-9][0-9]*").search


def rejection(
    error: CommandRefusedError, app: AppContext | None = None, then: str = ""
) -> CommandError:
    """Return the three lines for a refused fact; a context's ledger may know what was meant.

    `then` is what to run next where the fact was typed and nothing of it leads elsewhere.
    """
    draft, why = error.command, error.why
    known = known_to(app)
    return CommandError(
        REFUSED,
        one_line(f"{fact_label(draft)}: {_rule(why)}"),
        one_line(f"{_about(draft)}{rejection_reason(draft, why, known)}"),
        one_line(_next(draft, why, then)),
    )


def fact_label(draft: Command) -> str:
    """Say which fact of which file it is."""
    fact = draft.data
    if not isinstance(fact, WrittenFact) or not fact.file:
        return "the fact is refused"
    line = f", line {fact.line}" if fact.line else ""
    what = kind_of(draft.type.replace(".", "/")) if draft.introduces else "fact"
    return f"{what} {draft.number} of {fact.file}{line} is refused"


def rejection_reason(draft: Command, why: Exception, known: Known = lambda kind: ()) -> str:
    """Return the sentences that say why, with the fields, their values, and what was meant."""
    match why:
        case BodyError():
            of_file = isinstance(draft.data, WrittenFact) and draft.data.file
            empty = [p.field for p in why.problems if of_file and _given(draft, p.field) == ""]
            others = [p for p in why.problems if p.field not in empty]
            told = [_problem(draft, p, known) for p in others[:MAX_PROBLEMS]]
            more = len(others) - len(told)
            told = [f"to fill in: {', '.join(empty)}"] * bool(empty) + told
            return "; ".join(told) + (f"; and {more} more" if more else "")
        case UnknownTypeError():
            return with_hint(str(why), _near_types(draft))
        case UnknownReferenceError():
            return with_hint(str(why), near(why.missing, known(kind_of(why.missing))))
        case RuleError(name="type-of-another-kind"):
            return with_hint(str(why), _near_types(draft))
    return str(why)


def one_line(text: str) -> str:
    """Return a text in one line, with what no terminal should be given written out."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def known_to(app: AppContext | None) -> Known:
    """Return how to ask which things of a kind a ledger has; nothing where it cannot be asked."""

    def things(kind: str) -> "Sequence[str]":
        if app is None:
            return ()
        with app.answers() as answers:
            return answers.things(kind)

    return things


def _rule(why: Exception) -> str:
    if isinstance(why, (Refusal, KeptByLedgerError)):
        return why.name
    return "unknown-type" if isinstance(why, UnknownTypeError) else "not well formed"


def _about(draft: Command) -> str:
    named = ", ".join(part for part in (draft.thing, draft.type) if part)
    return f"{named}: " if named else ""


def _problem(draft: Command, problem: Problem, known: Known) -> str:
    found = _given(draft, problem.field)
    value = "" if found is None else f" = {_shown(found)}"
    sentence = problem.sentence
    if kinds := _kinds_named(draft, problem.field, found):
        wanted = " or ".join(kinds)
        sentence = f"no id, and no name of a {wanted} that is known here"
        if isinstance(draft.data, WrittenFact) and draft.data.file:
            sentence = f"no id; in a file a {wanted} that is recorded stands by its id"
    own = fields_of(body_class(draft.type)) if draft.type in all_types() else {}
    choices = words_of(own[problem.field]) if found is None and problem.field in own else ""
    sentence += f": one of {choices}" if choices else ""
    if "but BTC is wanted" in sentence and "spent" in own:
        sentence += ": money for all of it is `spent`, money for one BTC is `price`"
    is_type = draft.type == "party.established" and problem.field == "type"
    meant = party_type_meant(found, get_args(PartyType)) if isinstance(found, str) else []
    if is_type and meant:  # and not what is spelled alike
        sentence = with_hint(_spelled_alike("i", sentence), did_you_mean(meant))
    sentence = with_hint(sentence, _near_things(draft, problem.field, found, known))
    return f"{problem.field}{value}: {sentence}" if problem.field else sentence


def _kinds_named(draft: Command, field: str, given: Any) -> tuple[str, ...]:
    """Return the kinds of subjects that a field may name where a name was given that is no id."""
    is_name = isinstance(given, str) and "/" not in given and not is_slug(given)
    return _kinds_of(draft, field) if is_name and field != "subject" else ()


def _kinds_of(draft: Command, field: str) -> tuple[str, ...]:
    """Return the kinds of subjects that a field such as `sources.0.origin` may name."""
    if draft.type not in all_types():
        return ()
    if field == "subject":
        kind = kind_of_type(draft.type)
        return KINDS[1:] if kind == "claim" else (kind,)
    return _kinds_wanted(body_class(draft.type), field.split("."))


def _given(draft: Command, field: str) -> Any:
    """Return the value that was given for a field such as `sources.0.published`; None for none."""
    fact = draft.data
    if not isinstance(fact, WrittenFact):
        return None
    body = fields_of(body_class(draft.type)) if draft.type in all_types() else {}
    found: Any = {**{k: v for k, v in fact.own.items() if k not in body}, **fact.fields}
    for name in field.split("."):
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found if isinstance(found, (str, int)) else None


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."


def _near_things(draft: Command, field: str, given: Any, known: Known) -> str:
    """Offer things that come near to what was given where an id was wanted, and is not one."""
    if not isinstance(given, str):
        return ""
    kinds = (kind for kind in _kinds_of(draft, field) if kind in KINDS)
    return near(given, [thing for kind in kinds for thing in known(kind)])


def _kinds_wanted(cls: Any, path: list[str]) -> tuple[str, ...]:
    name, *below = path
    if (field := fields_of(cls).get(name)) is None:
        return ()
    if field.member and below:
        field, below = field.member, below[1:]
    if below and is_value(field.inner):
        return _kinds_wanted(field.inner, below)
    marker = field.marker(Thing)
    return marker.kinds if marker else ()


def _near_types(draft: Command) -> str:
    kind, verb = kind_of(draft.thing), draft.type.rpartition(".v")[0] or draft.type
    likely = [t for t in types_for(kind) if t.rpartition(".")[2] == verb.rpartition(".")[2]]
    likely += get_close_matches(verb, types_for(kind) or all_types(), n=2)
    return did_you_mean(dict.fromkeys(likely))


def _next(draft: Command, why: Exception, then: str) -> str:
    match why:
        case UnknownReferenceError(missing=missing) if kind_of(missing) == "party":
            return f"depositary party add NAME --id {missing}, if it is new"
        case UnknownReferenceError(missing=missing):
            return f"depositary source add --id {missing} --url URL, if it is new"
        case UnknownTypeError() | RuleError(name="type-of-another-kind"):
            return "depositary schema, for all types"
        case Refusal(hint=hint) if hint:
            return hint
        case Refusal() | KeptByLedgerError():
            return _look(draft, str(why))
    if isinstance(why, BodyError):
        for problem in why.problems:
            given = _given(draft, problem.field)
            if _kinds_named(draft, problem.field, given) == ("party",):
                return f"depositary party add {quote(given)}, if it is new"
    if isinstance(draft.data, WrittenFact) and not draft.data.file:
        return then or f"depositary {_COMMANDS.get(draft.type, f'record {draft.type}')} --help"
    return f"depositary template {draft.type or 'TYPE'}"


def _look(draft: Command, sentence: str) -> str:
    if found := _event_id(sentence):
        return f"depositary event show {found[0]}"
    kind = kind_of(draft.thing)
    return f"depositary {kind} history {draft.thing}" if kind in KINDS[1:] else "depositary log"
