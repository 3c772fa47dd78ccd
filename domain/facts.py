"""Make facts that people wrote into facts to be decided on.

A source may be named by its address: one that the ledger has at that address is cited, else it is
made on the way. What a file introduces without an id gets one made of its name or address, and the
facts may name it by these.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import unquote

from domain.decisions.batch import Command, CommandRefusedError
from domain.importers.slugs import SlugError, title_slug
from events.body import RECORDER, SourceRef
from events.catalogue import all_types, body_class, topic, type_of
from events.envelope import open_envelope
from events.errors import NotUnderstoodError
from events.fields import Field, Thing, fields_of
from events.intake.fact_file import (
    EventAt,
    WrittenFact,
    escaped,
    fact_of,
    in_new_spelling,
    name_of,
    no_positions,
    read_fact_files,
    read_tables,
    refuse,
)
from events.intake.field_parser import is_address, split_address
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader
from events.text import a_or_an
from events.validation import BodyError
from events.value import is_value, replace

MAX_DERIVED = 60


def draft_of(fact: WrittenFact) -> Command:
    """Return a fact to be recorded; its body is made when it is decided on."""
    return Command(
        fact.thing,
        fact.type,
        fact,
        label=fact.label,
        number=fact.number,
        introduces=fact.introduces,
    )


def draft(table: Any, event_at: EventAt = no_positions, *, number: int = 1) -> Command:
    """Return a fact to be recorded, of a table as people wrote it."""
    return draft_of(fact_of(table, event_at, number=number))


def drafts(tables: Iterable[Any], event_at: EventAt = no_positions) -> list[Command]:
    """Return a batch of facts to be recorded, of tables as people wrote them."""
    return [draft(table, event_at, number=number) for number, table in enumerate(tables, 1)]


def read_files(paths: Sequence[str], event_at: EventAt = no_positions) -> list[Command]:
    """Return the facts of several files as one batch; raise FactFileError and OSError."""
    return [draft_of(fact) for fact in _with_ids(read_fact_files(paths, event_at))]


def _with_ids(facts: Sequence[WrittenFact]) -> Iterator[WrittenFact]:
    """Yield facts, those that introduce something with an id, and the others with it for a name."""
    ids: dict[str, str] = {}
    for fact in map(_with_type, facts):
        if not fact.introduces:
            fields = named_by_id(fact, ids)
            if subject := ids.get(str(fact.own.get("subject"))):
                own = {**fact.own, "subject": subject}
                yield replace(fact, thing=subject, own=own, fields=fields)
            else:
                yield replace(fact, fields=fields)
            continue
        kind = fact.type.partition(".")[0]
        name = fact.fields.get("name" if kind == "party" else "locator") or fact.fields.get("title")
        made = fact.thing
        if not made and isinstance(name, str) and name:
            made = _id_of(kind, name, fact.fields.get("type"))
        if isinstance(name, str):
            ids.setdefault(name, made)
        own = {**fact.own, "subject": made}
        yield replace(fact, thing=made, own=own, fields=named_by_id(fact, ids))


def _with_type(fact: WrittenFact) -> WrittenFact:
    """Return a [[party]] of whom no type is said with that of the register, as `party add` does."""
    name = fact.fields.get("name")
    is_party = fact.introduces and fact.type == "party.established"
    if not is_party or not isinstance(name, str) or "type" in fact.fields:
        return fact
    from domain.importers.register import Register

    known = Register().find(name)
    return fact if known is None else replace(fact, fields={**fact.fields, "type": known.type})


def _id_of(kind: str, name: str, type_: Any) -> str:
    """Return the id of a party or a source: of a State that the register knows, its code."""
    from domain.importers.register import Register  # csv, the table of States and more

    known = Register().find(name) if kind == "party" else None
    if known is not None and known.type == type_:
        return known.id
    with suppress(SlugError):
        return f"{kind}/{address_slug(name) if is_address(name) else title_slug(name)}"
    return ""


def named_by_id(fact: WrittenFact, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a fact with the names and addresses of its file's own as ids."""
    wanted = fields_of(body_class(fact.type)) if fact.type in all_types() else {}
    return {
        name: _by_id(wanted[name].member or wanted[name], given, ids) if name in wanted else given
        for name, given in fact.fields.items()
    }


def _by_id(field: Field, given: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(given, list):
        return [_by_id(field, one, ids) for one in given]
    if isinstance(given, dict) and is_value(field.inner):
        own = fields_of(field.inner)
        return {n: _by_id(own[n], one, ids) if n in own else one for n, one in given.items()}
    if field.inner is SourceRef and isinstance(given, str) and is_address(given):
        address, days = split_address(given)
        return _by_id(field, {"source": address, **days}, ids) if address in ids else given
    return ids.get(given, given) if field.marker(Thing) and isinstance(given, str) else given


def names_in(fact: WrittenFact) -> set[str]:
    """Return what a fact names its parties by that is no whole id: "El Salvador", sv."""
    wanted = fields_of(body_class(fact.type)) if fact.type in all_types() else {}
    found = set[str]()
    for name, given in fact.fields.items():
        field = wanted[name].member or wanted[name] if name in wanted else None
        thing = field.marker(Thing) if field else None
        if thing and "party" in thing.kinds:
            several = given if isinstance(given, list) else [given]
            texts = (one for one in several if isinstance(one, str))
            found |= {one for one in texts if one and "/" not in one}
    return found


SourceAt = Callable[[str], str | None]
IsTaken = Callable[[str], bool]


def address_slug(address: str) -> str:
    """Return the name for an id that is made of an address: host and path in ASCII letters."""
    plain = re.sub(r"^[a-z]+://(www\.)?|[?#].*$", "", address.lower())
    try:
        slug = title_slug(unquote(plain))
    except SlugError:
        slug = "-".join(re.findall("[a-z0-9]+", plain))
    return slug[:MAX_DERIVED].strip("-")


def cite_addresses(
    commands: Sequence[Command], source_at: SourceAt, is_taken: IsTaken, today: date
) -> list[Command]:
    """Return commands in which each source named by an address is one of the ledger.

    One that has no such address yet is made before them, retrieved today: nothing is fetched.
    `source_at` returns the source that has an address, `is_taken` says whether an id is.
    """
    made: dict[str, Command] = {}
    found = [_citing(command, source_at, is_taken, today.isoformat(), made) for command in commands]
    return [*made.values(), *found]


def cites_address(command: Command) -> bool:
    """Say whether a fact names a source by its address."""
    return any(map(_address_of, _cited(command)))


def _cited(command: Command) -> list[Any]:
    fact = command.data
    sources = fact.fields.get("sources") if isinstance(fact, WrittenFact) else None
    return sources if isinstance(sources, list) else [sources]


def _citing(
    command: Command, source_at: SourceAt, is_taken: IsTaken, today: str, made: dict[str, Command]
) -> Command:
    fact = command.data
    if not isinstance(fact, WrittenFact) or not cites_address(command):
        return command
    refs = []
    for one in _cited(command):
        if not (address := _address_of(one)):
            refs.append(one)
            continue
        ref: dict[str, Any] = one if isinstance(one, dict) else split_address(one)[1]
        if address not in made and (known := source_at(address)):
            refs.append({**ref, "source": known})
            continue
        if address not in made:
            taken = {other.thing for other in made.values()}
            made[address] = _source_of(address, ref.get("published"), taken, is_taken)
        refs.append({"retrieved": today, **ref, "source": made[address].thing})
    return command._replace(data=replace(fact, fields={**fact.fields, "sources": refs}))


def _address_of(given: Any) -> str | None:
    text = given.get("source") if isinstance(given, dict) else given
    return split_address(text)[0] if isinstance(text, str) and is_address(text) else None


def _source_of(address: str, published: Any, made: set[str], is_taken: IsTaken) -> Command:
    slug = address_slug(address)
    names = (slug, *(f"{slug}-{n}" for n in range(2, 100)))
    ids = (f"source/{name}" for name in names)
    id_ = next(one for one in ids if one not in made and not is_taken(one))
    dated = {"published": published} if published else {}
    told = {"locator": address, "asserted_by": RECORDER, "basis": "recorder", **dated}
    return draft({"type": "source.cited", "subject": id_, **told})


def positions(open_record: Callable[[], AbstractContextManager[RecordReader]]) -> EventAt:
    """Return how to find the id of the event at a position; LookupError where there is none."""

    @cache
    def event_at(position: int) -> str:
        with open_record() as record:
            row = record.event(position)
            if row is None:
                last = record.last_position()
                raise LookupError(f"there is no event @{position}: the log has @1 to @{last}")
        return f"{row.thing}/{row.version}"

    return event_at


def stored_text(row: Row) -> tuple[str, dict[str, Any]]:
    """Return the type and the text of a claim; a correction's is the one that it brought."""
    data = open_envelope(row.state).data
    if type_of(row.topic) == "claim.corrected":
        return type_of(data["data_type"]), data["data"]
    return type_of(row.topic), data


def correction(
    row: Row, given: Mapping[str, Any], file: str | None, event_at: EventAt
) -> dict[str, Any]:
    """Return target, type and complete new text: the present one, or a file's, with changes.

    A field given as an empty text is taken out. Raises CommandRefusedError where a word is not
    understood, FactFileError, and NotUnderstoodError.
    """
    type_, present = stored_text(row)
    removed = {name for name, value in given.items() if value in ("", [""], False)}
    changed = {name: value for name, value in given.items() if name not in removed}
    own = {"type": type_, "subject": row.thing}
    text = present if file is None else _read(_of_file(file, own, event_at))
    changes = _read(fact_of({**own, **escaped(changed)}, event_at), changed)
    new = {n: value for n, value in {**text, **changes}.items() if n not in removed}
    if json.dumps(new, sort_keys=True) == json.dumps(present, sort_keys=True):
        what, then = "nothing is changed", f"depositary correct @{row.position} --help"
        raise NotUnderstoodError(what, f"@{row.position} says all that already", then)
    return {"target": f"{row.thing}/{row.version}", "data_type": topic(type_), "data": new}


def _of_file(file: str, own: Mapping[str, str], event_at: EventAt) -> WrittenFact:
    """Return the one fact of a file, which need not say again what type it is of what thing."""
    tables, name = read_tables(file), name_of(file)
    if len(tables) != 1:
        refuse(f"{name} holds {len(tables)} facts", "a correction has one text", "split the file")
    content, line, _ = tables[0]
    table = {**own, **in_new_spelling(content)} if isinstance(content, dict) else content
    fact = fact_of(table, event_at, file=name, line=line)
    if table is not content and (fact.type, fact.thing) != (own["type"], own["subject"]):
        wanted = f"{a_or_an(own['type'])} about {own['subject']}"
        why = f"it is {a_or_an(fact.type)} about {fact.thing}, not {wanted}"
        refuse(f"{name} is about something else", why, "leave type and subject out of it")
    return fact


def _read(fact: WrittenFact, changed: Collection[str] = ()) -> dict[str, Any]:
    """Return the data of a fact; where only some fields are changed, no other is at fault."""
    try:
        return fact({})
    except (BodyError, LookupError) as error:
        why: Exception = error
        if isinstance(error, BodyError) and changed:
            why = BodyError(p for p in error.problems if p.field.partition(".")[0] in changed)
        raise CommandRefusedError(draft_of(fact), why) from error
