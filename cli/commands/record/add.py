"""Record a party by its name, and any fact question by question.

A person is asked on a terminal alone. What is asked for is proposed where the ledger or the field
tells it; parties and sources are made on the way, with the fact or not at all.
"""

import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import groupby
from types import MappingProxyType
from typing import Annotated, Any, NoReturn, get_args

import typer

from cli.arguments import DryRun, argument, offer_things, offer_types, option
from cli.clocks import ClockOptions, read_clocks
from cli.commands.record.check import previewed
from cli.commands.record.recording import amounts_read, can_ask, record_all, with_sources
from cli.context import AppContext, app_context
from cli.errors.exit_codes import INTERRUPTED, CommandError, usage_failure
from cli.errors.usage import check_choice, did_you_mean, meant_by
from cli.event_options import (
    BY_RECORDER,
    FieldsCommand,
    fields_by_need,
    given_fields,
    missing_options,
    option_name,
    own_fields,
    takes_fields,
)
from cli.fitting_subjects import fitting_things
from cli.output.claim_words import claim_in_words, enumeration
from cli.output.table import wrapped
from cli.typed_input import DATE_EXAMPLES, is_date_as_typed, understand_choice, understand_date
from domain.facts import draft, draft_of, positions
from domain.importers.register import Register
from domain.importers.slugs import SlugError, title_slug
from domain.ledger import Command
from events.amounts import QuantityError, read_quantity
from events.body import RECORDER, Body, SourceRef
from events.catalogue import all_types
from events.fields import Day, Field, Thing, fields_of
from events.hidden_text import visible
from events.identifiers import check_thing, is_slug, is_thing, kind_of
from events.intake.fact_file import WrittenFact, escaped, fact_of, kind_of_type
from events.intake.field_parser import ShortNames, describe_field, is_address, read_value
from events.intake.template import field_sentence
from events.kinds.party import PartyType
from events.validation import BodyError
from events.value import replace
from projections.queries.find import source_at

_NONE: Mapping[str, Any] = MappingProxyType({})
_PARTY_TYPES: tuple[str, ...] = get_args(PartyType)


@takes_fields("party.established", "state under")
def party_add(
    context: typer.Context,
    name: Annotated[str, argument("NAME", "The name of the party.")],
    type_: Annotated[
        str | None,
        option("--type", "TYPE", f"{', '.join(_PARTY_TYPES)}; a State is known by its name."),
    ] = None,
    id_: Annotated[str | None, option("--id", "ID", "Its id; default: from the name.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Make a party of a name: a State, an agency, an organisation, a person, a publisher.

    The id is made of the name: "National Bitcoin Office" is party/national-bitcoin-office, and a
    State that the register knows has its code, party/sv. Without a type, a name that is not a
    State is recorded as an organisation, with a note. The recorder asserts the claim.

    \b
    Examples:
      depositary party add "El Salvador"
      depositary party add "National Bitcoin Office" --type agency --state sv
    """
    party = new_party(name, type_, id_, own_fields(context))
    if type_ is None and told_of(party)["type"] == "organisation":
        sys.stderr.write("note: recorded as an organisation: --type gives another type\n")
    record_all(app_context(context), [party], dry_run=dry_run)


def new_party(
    name: str, type_: str | None = None, id_: str | None = None, more: Mapping[str, Any] = _NONE
) -> Command:
    """Return the fact that makes a party of a name; exit 2.

    Its id is that of the register of States, or made by the rule of titles.
    """
    if type_ is not None:
        then = f"depositary party add {shlex.quote(name)} --type agency"
        type_ = understand_choice(type_, _PARTY_TYPES)
        check_choice("type of party", type_, _PARTY_TYPES, then)
    known = Register().find(name) if id_ is None else None
    if known is not None and type_ in (None, known.type):
        type_, id_ = known.type, known.id
    try:
        slug = id_ or title_slug(name)
    except SlugError as error:
        then = f"depositary party add {shlex.quote(name)} --id party/NAME"
        usage_failure("the party has no id", str(error), then)
    id_ = check_thing(slug if "/" in slug else f"party/{slug}", ("party",))
    fields = {"name": name, "type": type_ or "organisation", **more, **BY_RECORDER}
    return draft({**escaped(fields), "type": "party.established", "subject": id_})


def told_of(fact: Command) -> Mapping[str, Any]:
    """Return the fields of a fact as it was written."""
    assert isinstance(fact.data, WrittenFact)
    return fact.data.fields


class AddCommand(FieldsCommand):
    """`add [TYPE] [SUBJECT]`, with the options of the type where one is named."""

    def type_named(self, ctx: typer.Context, args: Sequence[str]) -> str | None:
        """Return the first word that is a type, None where there is none yet."""
        del ctx
        return next((word for word in args if word in _types()), None)


def _types() -> tuple[str, ...]:
    return tuple(name for name in all_types() if not name.startswith(("ledger.", "claim.")))


def add_fact(
    context: typer.Context,
    type_: Annotated[
        str | None, argument("[TYPE]", "A type: depositary schema lists them.", offer_types)
    ] = None,
    thing: Annotated[
        str | None, argument("[SUBJECT]", "The subject: kind/name, or a name.", offer_things)
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Record one fact, question by question, with the parties and the source that it names.

    Options given as for depositary record are not asked. Enter takes the value in brackets, ?
    lists the values, Tab completes. At the end the fact is shown, with what it repeats or
    contradicts, and with the commands that record the same. Ctrl-C and Ctrl-D write nothing.

    \b
    Examples:
      depositary add
      depositary add reserve.holding-reported reserve/sv
    """
    app, given = app_context(context), given_fields(context)
    if not can_ask():
        _name_all_missing(type_, thing, given)
    with _undisturbed():
        entry = Entry(app, given).asked(type_, thing)
        agreed = entry.shown()
    if not agreed:
        sys.stderr.write("nothing was written\n")
        raise typer.Exit(1)
    record_all(app, entry.commands(), dry_run=dry_run, yes=True)


add_fact.command_class = AddCommand  # type: ignore[attr-defined]


def _name_all_missing(type_: str | None, thing: str | None, given: dict[str, Any]) -> NoReturn:
    missing = [word for word, said in (("TYPE", type_), ("SUBJECT", thing)) if said is None]
    wanted = fields_by_need(type_) if type_ in all_types() else fields_of(Body)
    missing += missing_options(wanted, given)
    if not {"effective", "acted"} & given.keys():
        missing.append("--effective (if the day is known)")
    words = shlex.join(word for word in (type_ or "TYPE", thing or "SUBJECT"))
    then = f"depositary record {words} with these options, or add on a terminal"
    usage_failure("there is no terminal to ask on", f"missing: {', '.join(missing)}", then)


@contextmanager
def _undisturbed() -> Any:
    try:
        yield
    except (KeyboardInterrupt, EOFError):
        sys.stderr.write("\n")
        raise CommandError(
            INTERRUPTED, "interrupted", "nothing was written", "depositary add"
        ) from None


class Entry:
    """A fact as it is asked for: its type, its subject, its fields, and what is made for it."""

    def __init__(self, app: AppContext, given: dict[str, Any]) -> None:
        self.app, self.fields = app, given
        self.type, self.thing = "", ""
        self.parties: dict[str, Command] = {}
        self.sources: dict[str, dict[str, str]] = {}  # what is said of new ones, by address

    def asked(self, type_: str | None, thing: str | None) -> "Entry":
        """Ask for all that is not given, and return the entry."""
        self.type = _asked(
            "What happened? (a type, such as reserve.acquired; ? lists them)",
            _type,
            _types(),
            given=type_,
        )
        kind = kind_of_type(self.type)
        self.thing = _asked(
            f"About which {kind}? (a name or an id)",
            partial(self._subject, kind),
            self._things(kind),
            given=thing,
        )
        wanted, common = fields_by_need(self.type), fields_of(Body)
        for name, field in wanted.items():
            if name not in common and (field.required or name in ("amount", "party")):
                self._field(name, field)
        if not {"effective", "acted"} & self.fields.keys():
            self._field("effective", common["effective"], "When did it take effect? (a day)")
        self._field("asserted_by", common["asserted_by"], "Asserted by which party?")
        if self.fields["asserted_by"] == RECORDER:
            self.fields.setdefault("basis", "recorder")
        of_press = self._type_of(str(self.fields["asserted_by"])) == "publisher"
        likely = "press" if of_press else "own-publication"
        self._field("basis", common["basis"], "What kind of evidence is it?", likely)
        if "sources" not in self.fields and self.fields["basis"] != "recorder":
            question = "Which document says so? (an address, or a source)"
            self.fields["sources"] = [_asked(question, self._source, self._things("source"))]
        question = "Anything else? (the name of a field, ? lists them; Enter: no)"
        while more := {n: f for n, f in wanted.items() if n not in self.fields}:
            name = _asked(question, partial(_among, more), more, optional=True)
            if not name:
                break
            self._field(name, more[name])
        return self

    def _things(self, kind: str) -> list[str]:
        with self.app.answers() as answers:
            known = answers.things(kind)
        return [*known, *(self.parties if kind == "party" else ())]

    def _found(self, kind: str, text: str) -> str | None:
        """Return the subject that words fit; None where none does, or several, which are told."""
        named = text if "/" in text else f"{kind}/{text}"
        if named in self._things(kind):
            return named
        with self.app.answers() as answers:
            question = read_clocks(answers.record, ClockOptions())
            fitting = fitting_things(answers, text.removeprefix(f"{kind}/"), question, kind)
        if len(fitting) == 1 and _agrees(f"{fitting[0]}?"):
            return fitting[0]
        if len(fitting) > 1:
            _say(f"several fit: {', '.join(fitting[:8])}")
        return None

    def _subject(self, kind: str, text: str) -> str | None:
        """Return what the fact is about: a subject that words fit, or a new one."""
        if not text or _no_name(text):
            return None
        if found := self._found(kind, text):
            return found
        found = _id_of(kind, text)
        return found if found and _makes(found, text) else None

    def _reference(self, kind: str, text: str) -> str | None:
        """Return a subject that words fit; a party that is new is made with the fact."""
        if not text:
            return None
        if found := self._found(kind, text):
            return found
        named = text if "/" in text else f"{kind}/{text}"
        return self._new_party(text) if kind == "party" else named if is_thing(named) else None

    def _new_party(self, text: str) -> str | None:
        """Ask what a new party is called and is, and the State of an agency; return its id."""
        name = text.removeprefix("party/")
        if _no_name(name):
            return None
        try:
            party = new_party(name)
        except CommandError as error:
            _say(error.why)
            return None
        if not _makes(party.thing, name):
            return None
        name = _ask("What is it called?", (), name)
        types = _PARTY_TYPES
        type_ = _asked("What is it?", partial(_one_of, types), types, str(told_of(party)["type"]))
        state = self._party("Which State is it an agency of?") if type_ == "agency" else ""
        more = {"state": state} if state else {}
        self.parties[party.thing] = new_party(name, type_, party.thing, more)
        return party.thing

    def _party(self, question: str, proposed: str = "") -> str:
        """Return the party that is named, new or not; nothing where it is not known."""
        question = f"{question} (a name or an id; {'-' if proposed else 'Enter'}: unknown)"
        reader = partial(self._reference, "party")
        words = self._things("party")
        return _asked(question, reader, words, proposed, optional=True, unknown="-")

    def _field(self, name: str, field: Field, words: str = "", proposed: str = "") -> None:
        if name in self.fields:
            return
        thing = (field.member or field).marker(Thing)
        kinds = " or ".join(thing.kinds) if thing else ""
        accepted = f"a {kinds}, by its name or id" if thing else describe_field(field)
        question = words or f"{name.replace('_', ' ').capitalize()}? ({accepted})"
        value = self._value(question, field, proposed)
        if value not in ("", []):
            self.fields[name] = value

    def _value(self, question: str, field: Field, proposed: str = "") -> Any:
        """Ask until the answer is a value of the field; Enter leaves out what is not needed."""
        inner, optional = field.member or field, not field.required
        thing = inner.marker(Thing)
        kind = thing.kinds[0] if thing and len(thing.kinds) == 1 else "source"
        while True:
            words: Sequence[str] = inner.choices
            reader: Read = partial(_one_of, words) if words else str
            if kind != "source":
                words, reader = self._things(kind), partial(self._reference, kind)
            example = f"for example {DATE_EXAMPLES}" if inner.marker(Day) else field_sentence(field)
            text = _asked(question, reader, words, proposed, optional=optional, example=example)
            if not text and optional:
                return ""
            if (given := self._read(field, inner, text)) is not None:
                return given

    def _read(self, field: Field, inner: Field, text: str) -> Any:
        """Return an answer as a value of a field; None, and it is said why, where it is none."""
        try:
            text = understand_date(text) if inner.marker(Day) else text
            given = [text] if field.member is not None else text
            read_value(field, given, ShortNames({}, positions(self.app.record), typed=True))
            for marker in inner.markers if inner.inner is str else ():
                if not isinstance(marker, Thing):
                    marker.check(text)
        except (ValueError, LookupError, BodyError, CommandError) as error:
            _say(getattr(error, "why", None) or str(error) or "something is wanted here")
            return None
        return given

    def _type_of(self, party: str) -> str:
        """Return the type of a party, of one that is made with the fact too."""
        if party in self.parties:
            return str(told_of(self.parties[party])["type"])
        with self.app.answers() as answers:
            found = (str(getattr(c.body, "type", "")) for c in answers.claims(party))
            return next(filter(None, found), "")

    def _source(self, text: str) -> str | None:
        """Return a source by its address or by what it is called, with its day of publication."""
        if is_address(text):
            with self.app.answers() as answers:
                found = source_at(answers, text)
            if found:
                _say(f"it is {found}")
            else:
                own = self.fields["basis"] in ("own-publication", "press")
                proposed = str(self.fields["asserted_by"]) if own else ""
                title = _ask("What is its title? (Enter: unknown)")
                told = {"title": title, "publisher": self._party("Who published it?", proposed)}
                self.sources[text] = {name: given for name, given in told.items() if given}
            found = found or text
        elif not text or not (found := self._found("source", text)):
            _say("write the address of the document (https://…), or the name of a source")
            return None
        question = "When was it published? (a day; Enter: as recorded, or unknown)"
        day = self._value(question, fields_of(SourceRef)["published"])
        return f"{found},published={day}" if day else found

    def commands(self) -> list[Command]:
        """Return the facts to be recorded: parties, then the source, then the fact itself."""
        table = {**escaped(self.fields), "type": self.type, "subject": self.thing}
        fact = draft_of(fact_of(table, positions(self.app.record)))
        cited = [self._described(one) for one in with_sources(self.app, [fact])]
        return [*self.parties.values(), *cited]

    def _described(self, fact: Command) -> Command:
        """Return the fact that makes a source with what was said of its address."""
        told = self.sources.get(str(told_of(fact).get("locator")), {})
        data = fact.data
        assert isinstance(data, WrittenFact)
        return fact._replace(data=replace(data, fields={**data.fields, **told})) if told else fact

    def shown(self) -> bool:
        """Show the fact, what it repeats or contradicts, and how to record it; ask whether to."""
        _say("")
        _say(f"{self.type} about {self.thing}: {self._in_words()}")
        width = max(map(len, self.fields)) + 2
        amounts = amounts_read(self.type, self.fields)
        for name, given in self.fields.items():
            text = ", ".join(map(str, given)) if isinstance(given, list) else str(given)
            if (read := amounts.get(name, text)) != text:
                text = f"{read} (written {text})"
            _say(f"  {name.replace('_', ' ').ljust(width)}{text}")
        for one in previewed(self.app, self.commands()):
            said = "; ".join(one.says)
            _say(f"{one.outcome}: {one.draft.type} {one.draft.thing}{said and f': {said}'}")
        _say("the same without questions:")
        for words in self._words():
            _say(f"  depositary {shlex.join(words)}")
        return _agrees("Record it?")

    def _in_words(self) -> str:
        common = fields_of(Body)
        read = {**self.fields, **amounts_read(self.type, self.fields)}
        own = {name: given for name, given in read.items() if name not in common}
        said = claim_in_words({"type": self.type, "says": own})
        day = self.fields.get("effective") or self.fields.get("acted") or "undated"
        by = str(self.fields["asserted_by"]).removeprefix("party/")
        return f"{day}, {said}, asserted by {by} ({enumeration(self.fields['basis'])})"

    def _words(self) -> Iterator[list[str]]:
        """Yield the commands, after `depositary`, that record the same."""
        for id_, party in self.parties.items():
            name, *more = (told_of(party).get(one) for one in ("name", "type", "state"))
            told = {n: given for n, given in zip(("type", "state"), more, strict=True) if given}
            yield ["party", "add", str(name), *_options({"id": id_, **told})]
        for address, told in self.sources.items():
            yield ["source", "add", address, *_options(told)]
        yield ["record", self.type, self.thing, *_options(self.fields)]


def _options(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield fields as the options of a command."""
    for name, given in fields.items():
        spelled = "--source" if name == "sources" else option_name(name)
        for one in given if isinstance(given, list) else [given]:
            yield from [spelled] if one is True else [spelled, str(one)]


def _id_of(kind: str, text: str) -> str | None:
    """Return the id that words make: they are one, or the rule of titles makes it.

    A reserve named as a State has the State's code: reserve/sv.
    """
    name = text.removeprefix(f"{kind}/")
    if kind == "reserve" and (state := Register().find(name)) and state.type == "state":
        return f"{kind}/{state.id.partition('/')[2]}"
    try:
        slug = name if is_slug(name) else title_slug(name)
    except SlugError as error:
        _say(str(error))
        return None
    return f"{kind}/{slug}" if kind_of(f"{kind}/{slug}") == kind and slug else None


Read = Callable[[str], str | None]  # what an answer means; None, said why, where it is asked again


def _asked(
    question: str,
    read: Read,
    words: Iterable[str] = (),
    proposed: str = "",
    *,
    optional: bool = False,
    unknown: str = "",
    given: str | None = None,
    example: str = "",
) -> str:
    """Return what the answer to a question means; ask until it means something."""
    if given and (found := read(given)) is not None:
        return found
    while True:
        text = _ask(question, words, proposed, listed=read is not _type, example=example)
        if optional and text in ("", unknown):
            return ""
        if (found := read(text)) is not None:
            return found


def _type(text: str) -> str | None:
    """Return a type by its whole name, or by a verb that one type alone has."""
    types = _types()
    of_verb = {name.partition(".")[2]: name for name in types}
    verbs = [name for name in types if name.partition(".")[2] == text]
    if text in types or len(verbs) == 1:
        return text if text in types else verbs[0]
    if text not in ("", "?"):
        near = verbs or meant_by(text, types)
        near = near or [of_verb[one] for one in meant_by(text, of_verb)]
        if near:
            _say(did_you_mean(near))
            return None
    for kind, of_kind in groupby(types, kind_of_type) if text else ():
        _say_list([name.partition(".")[2] for name in of_kind], f"{kind}: ")
    return None


def _one_of(choices: Sequence[str], text: str) -> str | None:
    """Return one of several words, in whatever spelling it was typed."""
    return _among(choices, understand_choice(text, choices))


def _among(choices: Iterable[str], text: str) -> str | None:
    known = list(choices)
    if text in known:
        return text
    if near := meant_by(text, known) if text else []:
        _say(did_you_mean(near))
    else:
        _say_list(known)
    return None


def _agrees(question: str, *, likely: bool = True) -> bool:
    text = _ask(f"{question} {'[Y/n]' if likely else '[y/N]'}", ("y", "n"))
    return text.lower() in ("y", "yes") if text else likely


def _makes(thing: str, name: str) -> bool:
    """Ask whether a subject is to be made; a name without a letter is likely a slip."""
    return _agrees(f"{thing} is new in this ledger: make it?", likely=any(map(str.isalpha, name)))


def _no_name(text: str) -> bool:
    """Say so where an answer is a date, an amount or an address, which is nothing's name."""
    what = "a date" if is_date_as_typed(text) else "an address" if is_address(text) else ""
    with suppress(QuantityError):
        what = what or ("an amount" if read_quantity(text).unit != "count" else "")
    if what:
        _say(f"{text} is {what}, and a name is wanted: ? lists what is known")
    return bool(what)


def _say(line: str) -> None:
    sys.stderr.write(f"{visible(line)}\n")


def _say_list(words: Sequence[str], first: str = "") -> None:
    for line in wrapped(", ".join(words), 80, "  ", first):
        _say(line)


def _ask(
    question: str,
    words: Iterable[str] = (),
    proposed: str = "",
    *,
    listed: bool = True,
    example: str = "",
) -> str:
    """Return what a person writes, without spaces around it; EOFError where the input ends.

    A question mark lists the words that are known, or gives an example, and is no answer.
    """
    words = [*words]
    while True:
        _say(f"{question}{f' [{proposed}]' if proposed else ''}")
        with _completing(words):
            sys.stderr.flush()
            text = input("> ") if sys.stdout.isatty() else _without_line_editing()
        if text.strip() != "?" or not listed:
            return text.strip() or proposed
        _say_list(words or [example or "nothing is known yet: write it as the question says"])


def _without_line_editing() -> str:
    sys.stderr.write("> ")
    sys.stderr.flush()
    if not (line := sys.stdin.readline()):
        raise EOFError
    return line


@contextmanager
def _completing(words: Sequence[str]) -> Any:
    """Let Tab complete the words while a question stands; nothing where there is no readline."""
    try:
        import readline
    except ImportError:
        yield
        return

    def complete(begun: str, state: int) -> str | None:
        found = [word for word in words if word.startswith(begun) and word.isprintable()]
        return found[state] if state < len(found) else None

    before: Callable[[str, int], str | None] | None = readline.get_completer()
    readline.set_completer(complete)
    readline.set_completer_delims("")
    readline.parse_and_bind("tab: complete")
    readline.set_auto_history(False)
    try:
        yield
    finally:
        readline.set_completer(before)
