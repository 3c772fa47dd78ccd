"""Record a party by its name, and any fact question by question.

A person is asked on a terminal alone. What is asked for is proposed where the ledger or the field
tells it; parties and sources are made on the way, with the fact or not at all.
"""

import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn, get_args

import typer

from cli.arguments import DryRun, argument, offer_parties, offer_things, offer_types, option
from cli.commands.record.recording import can_ask, record_all, with_sources
from cli.context import AppContext, app_context
from cli.errors.exit_codes import INTERRUPTED, CommandError, usage_failure
from cli.errors.usage import check_choice, meant_by
from cli.event_options import FieldsCommand, fields_by_need, given_fields, option_name
from cli.output.claim_words import claim_in_words, enumeration
from cli.typed_input import understand_choice, understand_date
from domain.facts import draft, draft_of, positions
from domain.importers.slugs import SlugError, title_slug
from events.body import RECORDER, Body, SourceRef
from events.catalogue import all_types
from events.fields import Day, Thing
from events.hidden_text import visible
from events.identifiers import check_thing, is_slug, is_thing, kind_of
from events.intake.fact_file import escaped, fact_of, kind_of_type
from events.intake.field_parser import ShortNames, is_address, read_value
from events.intake.field_spec import Field, describe_field, fields_of
from events.kinds.party import PartyType
from events.validation import BodyError

if TYPE_CHECKING:
    from domain.ledger import Command

_PARTY_TYPES: tuple[str, ...] = get_args(PartyType)
_BY_RECORDER = {"asserted_by": RECORDER, "basis": "recorder"}


def party_add(
    context: typer.Context,
    name: Annotated[str, argument("NAME", "The name of the party.")],
    type_: Annotated[
        str | None,
        option("--type", "TYPE", f"{', '.join(_PARTY_TYPES)}; a State is known by its name."),
    ] = None,
    id_: Annotated[str | None, option("--id", "ID", "Its id; default: from the name.")] = None,
    state: Annotated[
        str | None, option("--state", "PARTY", "The State that it is an agency of.", offer_parties)
    ] = None,
    under: Annotated[
        str | None, option("--under", "PARTY", "The body above it.", offer_parties)
    ] = None,
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
    party = new_party(name, type_, id_)
    if type_ is None and party.type == "organisation":
        sys.stderr.write("note: recorded as an organisation: --type gives another type\n")
    fields = {"state": state, "under": under}
    record_all(app_context(context), [party.command(fields)], dry_run=dry_run)


class NewParty(NamedTuple):
    """A party that is to be made: its id, its name and its type."""

    id: str
    name: str
    type: str

    def command(self, more: dict[str, str | None] | None = None) -> "Command":
        """Return the fact that makes it."""
        told: dict[str, str | None] = {"name": self.name, "type": self.type}
        told |= {**(more or {}), **_BY_RECORDER}
        fields = {name: told[name] for name in told if told[name]}
        return draft({**escaped(fields), "type": "party.established", "subject": self.id})

    def words(self) -> str:
        """Return the command that makes it, after `depositary`."""
        named = ("party", "add", self.name, "--type", self.type, "--id", self.id)
        return shlex.join(named)


def new_party(name: str, type_: str | None = None, id_: str | None = None) -> NewParty:
    """Return a party of a name, by the register of States or by the rule of titles; exit 2."""
    from domain.importers.register import Register

    if type_ is not None:
        then = f"depositary party add {shlex.quote(name)} --type agency"
        type_ = understand_choice(type_, _PARTY_TYPES)
        check_choice("type of party", type_, _PARTY_TYPES, then)
    known = Register().find(name) if id_ is None else None
    if known is not None and type_ in (None, known.type):
        return NewParty(known.id, name, known.type)
    try:
        slug = id_ or title_slug(name)
    except SlugError as error:
        then = f"depositary party add {shlex.quote(name)} --id party/NAME"
        usage_failure("the party has no id", str(error), then)
    id_ = check_thing(slug if "/" in slug else f"party/{slug}", ("party",))
    return NewParty(id_, name, type_ or "organisation")


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
    needed = [name for name, field in wanted.items() if field.required and name not in given]
    missing += map(option_name, needed)
    if not {"effective", "acted"} & given.keys():
        missing.append("--effective (if the day is known)")
    if "sources" not in given:
        missing.append("--source")
    words = shlex.join(word for word in (type_ or "TYPE", thing or "SUBJECT"))
    then = f"depositary record {words} with these options, or add on a terminal"
    why = f"missing: {', '.join(missing)}" if missing else "nothing is missing"
    usage_failure("there is no terminal to ask on", why, then)


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
        self.parties: list[NewParty] = []
        self.sources: dict[str, dict[str, str]] = {}

    def asked(self, type_: str | None, thing: str | None) -> "Entry":
        """Ask for all that is not given, and return the entry."""
        types = _types()
        if type_ not in types:
            type_ = _type(type_ or "", types)
        self.type = type_
        kind = kind_of_type(self.type)
        self.thing = self._subject(kind, thing)
        wanted = fields_by_need(self.type)
        common = fields_of(Body)
        own = {name: field for name, field in wanted.items() if name not in common}
        for name, field in own.items():
            if field.required or name in ("amount", "party"):
                self._field(name, field)
        if not {"effective", "acted"} & self.fields.keys():
            self._field("effective", common["effective"], "When did it take effect? (a day)")
        self._field("asserted_by", common["asserted_by"], "Asserted by which party?")
        if self.fields["asserted_by"] == RECORDER:
            self.fields.setdefault("basis", "recorder")
        self._field("basis", common["basis"], "What kind of evidence is it?", self._likely_basis())
        if "sources" not in self.fields and self.fields["basis"] != "recorder":
            self.fields["sources"] = [self._source()]
        self._others({n: f for n, f in wanted.items() if n not in self.fields})
        return self

    def _subject(self, kind: str, text: str | None) -> str:
        while True:
            text = text or _ask(f"About which {kind}? (a name or an id)", self._things(kind))
            if not text:
                continue
            found = self._found(kind, text)
            if found is None:
                found = _id_of(kind, text)
                if found and not _agrees(f"{found} is new in this ledger: make it?"):
                    found = None
            if found:
                return found
            text = None

    def _things(self, kind: str) -> list[str]:
        with self.app.answers() as answers:
            return answers.things(kind)

    def _found(self, kind: str, text: str) -> str | None:
        """Return the subject that words fit; None where none does, or several, which are told."""
        from cli.clocks import ClockOptions, read_clocks
        from cli.subjects import fitting_things

        known = self._things(kind)
        named = text if "/" in text else f"{kind}/{text}"
        if named in known:
            return named
        with self.app.answers() as answers:
            question = read_clocks(answers.record, ClockOptions())
            fitting = fitting_things(answers, text.removeprefix(f"{kind}/"), question, kind)
        if len(fitting) == 1 and _agrees(f"{fitting[0]}?", proposed=True):
            return fitting[0]
        if len(fitting) > 1:
            _say(f"several fit: {', '.join(fitting[:8])}")
        return None

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
        inner = field.member or field
        thing = inner.marker(Thing)
        while True:
            if inner.choices:
                text = _choice(question, inner.choices, proposed, optional=not field.required)
            elif thing and len(thing.kinds) == 1 and thing.kinds[0] != "source":
                text = self._reference(question, thing.kinds[0], optional=not field.required)
            else:
                text = _ask(question, (), proposed)
            if not text and not field.required:
                return ""
            try:
                if inner.marker(Day):
                    text = understand_date(text)
                given = [text] if field.member is not None else text
                read_value(field, given, ShortNames({}, positions(self.app.record), typed=True))
                _check(inner, text)
            except (ValueError, LookupError, BodyError, CommandError) as error:
                _say(getattr(error, "why", None) or str(error) or "something is wanted here")
            else:
                return given

    def _reference(self, question: str, kind: str, *, optional: bool) -> str:
        """Ask for a subject by name or id; a party that is new is made with the fact."""
        made = [party.id for party in self.parties]
        while True:
            text = _ask(question, [*self._things(kind), *made])
            if not text:
                if optional:
                    return ""
                continue
            named = text if "/" in text else f"{kind}/{text}"
            if named in made:
                return named
            if found := self._found(kind, text):
                return found
            if kind == "party" and (new := self._new_party(text)):
                return new
            if kind != "party" and is_thing(named):
                return named

    def _new_party(self, text: str) -> str | None:
        name = text.removeprefix("party/")
        try:
            party = new_party(name)
        except CommandError as error:
            _say(error.why)
            return None
        if not _agrees(f"{party.id} is new in this ledger: make it?"):
            return None
        name = _ask("What is it called?", (), name)
        type_ = _choice("What is it?", _PARTY_TYPES, party.type)
        self.parties.append(NewParty(party.id, name, type_))
        return party.id

    def _likely_basis(self) -> str:
        party = str(self.fields["asserted_by"])
        types = {one.id: one.type for one in self.parties}
        with self.app.answers() as answers:
            for claim in answers.claims(party):
                types.setdefault(party, str(getattr(claim.body, "type", "")))
        return "press" if types.get(party) == "publisher" else "own-publication"

    def _source(self) -> str:
        while True:
            text = _ask("Which document says so? (an address, or a source)", self._things("source"))
            if is_address(text):
                return self._at(text)
            if text and (found := self._found("source", text)):
                return self._dated(found)
            _say("write the address of the document (https://…), or the name of a source")

    def _at(self, address: str) -> str:
        from projections.queries.find import source_at

        with self.app.answers() as answers:
            known = source_at(answers, address)
        if known:
            _say(f"it is {known}")
            return self._dated(known)
        title = _ask("What is its title? (Enter: unknown)")
        if title:
            self.sources[address] = {"title": title}
        return self._dated(address)

    def _dated(self, source: str) -> str:
        field = fields_of(SourceRef)["published"]
        day = self._value("When was it published? (a day; Enter: as recorded, or unknown)", field)
        return f"{source},published={day}" if day else source

    def _others(self, wanted: dict[str, Field]) -> None:
        while wanted:
            names = ", ".join(wanted)
            name = _ask("Anything else? (the name of a field, ? lists them; Enter: no)", wanted)
            if not name:
                return
            if name in wanted:
                self._field(name, wanted[name])
                wanted = {n: f for n, f in wanted.items() if n not in self.fields}
            else:
                _say(names)

    def commands(self) -> "list[Command]":
        """Return the facts to be recorded: parties, then the source, then the fact itself."""
        table = {**escaped(self.fields), "type": self.type, "subject": self.thing}
        fact = draft_of(fact_of(table, positions(self.app.record)))
        cited = [
            command._replace(data=_titled(command.data, self.sources))
            for command in with_sources(self.app, [fact])
        ]
        return [*(party.command() for party in self.parties), *cited]

    def shown(self) -> bool:
        """Show the fact, what it repeats or contradicts, and how to record it; ask whether to."""
        from cli.commands.record.append import previewed

        _say("")
        _say(f"{self.type} about {self.thing}: {self._in_words()}")
        width = max(map(len, self.fields)) + 2
        for name, given in self.fields.items():
            text = ", ".join(map(str, given)) if isinstance(given, list) else str(given)
            _say(f"  {name.replace('_', ' ').ljust(width)}{text}")
        for one in previewed(self.app, self.commands()):
            said = "; ".join(one.says)
            _say(f"{one.outcome}: {one.draft.type} {one.draft.thing}{said and f': {said}'}")
        _say("the same without questions:")
        for words in (*(party.words() for party in self.parties), *self._source_words()):
            _say(f"  depositary {words}")
        _say(f"  depositary {self._record_words()}")
        return _agrees("Record it?", proposed=True)

    def _in_words(self) -> str:
        common = fields_of(Body)
        own = {name: given for name, given in self.fields.items() if name not in common}
        said = claim_in_words({"type": self.type, "says": own})
        day = self.fields.get("effective") or self.fields.get("acted") or "undated"
        by = str(self.fields["asserted_by"]).removeprefix("party/")
        return f"{day}, {said}, asserted by {by} ({enumeration(self.fields['basis'])})"

    def _source_words(self) -> Iterable[str]:
        for address, told in self.sources.items():
            yield shlex.join(("source", "add", address, "--title", told["title"]))

    def _record_words(self) -> str:
        words = ["record", self.type, self.thing]
        for name, given in self.fields.items():
            spelled = "--source" if name == "sources" else option_name(name)
            for one in given if isinstance(given, list) else [given]:
                words += [spelled] if one is True else [spelled, str(one)]
        return shlex.join(words)


def _titled(fact: Any, told: dict[str, dict[str, str]]) -> Any:
    """Return the fact that makes a source with the title that was given for its address."""
    from dataclasses import replace

    more = told.get(str(fact.fields.get("locator")), {})
    return replace(fact, fields={**fact.fields, **more}) if more else fact


def _check(field: Field, text: str) -> None:
    for marker in field.markers:
        thing = isinstance(marker, Thing)
        if not thing and field.inner is str:
            marker.check(text)


def _id_of(kind: str, text: str) -> str | None:
    """Return the id that words make: they are one, or the rule of titles makes it."""
    name = text.removeprefix(f"{kind}/")
    try:
        slug = name if is_slug(name) else title_slug(name)
    except SlugError as error:
        _say(str(error))
        return None
    return f"{kind}/{slug}" if kind_of(f"{kind}/{slug}") == kind and slug else None


def _type(text: str, types: Sequence[str]) -> str:
    """Ask until a type is named, by its whole name or by a verb that one type alone has."""
    while True:
        verbs = [name for name in types if text and name.partition(".")[2] == text]
        if text in types or len(verbs) == 1:
            return text if text in types else verbs[0]
        near = verbs or (meant_by(text, types) if text not in ("", "?") else [])
        if not near and text not in ("", "?"):
            near = [n for n in types if n.partition(".")[2] in meant_by(text, _verbs(types))]
        if near:
            _say(f"did you mean {' or '.join(near)}?")
        elif text:
            for kind, of_kind in groupby(types, kind_of_type):
                _say(f"{kind}: {', '.join(name.partition('.')[2] for name in of_kind)}")
        text = _ask("What happened? (a type, such as reserve.acquired; ? lists them)", types)


def _verbs(types: Iterable[str]) -> list[str]:
    return [name.partition(".")[2] for name in types]


def _choice(
    question: str, choices: Sequence[str], proposed: str = "", *, optional: bool = False
) -> str:
    while True:
        text = _ask(question, choices, proposed)
        if not text and optional:
            return ""
        text = understand_choice(text, choices)
        if text in choices:
            return text
        near = meant_by(text, choices) if text not in ("", "?") else []
        _say(f"did you mean {' or '.join(near)}?" if near else ", ".join(choices))


def _agrees(question: str, *, proposed: bool = True) -> bool:
    text = _ask(f"{question} [{'Y/n' if proposed else 'y/N'}]").lower()
    return text in ("y", "yes") or (not text and proposed)


def _say(line: str) -> None:
    sys.stderr.write(f"{visible(line)}\n")


def _ask(question: str, words: Iterable[str] = (), proposed: str = "") -> str:
    """Return what a person writes, without spaces around it; EOFError where the input ends."""
    _say(f"{question}{f' [{proposed}]' if proposed else ''}")
    with _completing([*words]):
        sys.stderr.flush()
        text = input("> ") if sys.stdout.isatty() else _without_line_editing()
    return text.strip() or proposed


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
