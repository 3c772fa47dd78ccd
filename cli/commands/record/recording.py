"""Record facts, one line each to standard output, findings and the way back to standard error."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import islice
from typing import Any, TypeGuard

import typer

from cli.context import AppContext
from cli.errors.exit_codes import NO
from cli.errors.rejections import one_line, rejection
from cli.output.formats import write_rows
from cli.output.look import Column
from cli.typed_input import echo_understood
from domain.decisions.doubts import doubts
from domain.facts import cites_address, named_by_id, names_in
from domain.kinds.possible_events import FLOWS
from domain.ledger import AppendResult, Command, CommandRefusedError
from events.amount_parser import has_group_behind_point
from events.amounts import Quantity, QuantityError, Units, read_quantity, write_quantity
from events.body import RECORDER
from events.catalogue import all_types, body_class
from events.fields import fields_of
from events.identifiers import is_slug, kind_of, slug_of
from events.intake.fact_file import WrittenFact
from events.text import count_noun
from events.value import replace
from projections.read_model.rows import AnswersDamagedError

MAX_LOOK_ALIKES = 10
MAX_DOUBTS = 10
MOST_PLACES = 5  # a note lists no more facts than this
MOST_NAMESAKES = 10  # new parties whose names are looked up
MAX_NEW_THINGS = 3  # a file that brings more than these is no typing error

_COLUMNS = (
    Column("position", "event", number=True),
    Column("id", "id"),
    Column("type", "type", drop=1),
    Column("outcome", "outcome"),
    Column("findings", "findings"),
)


def record_all(
    app: AppContext,
    drafts: Sequence[Command],
    *,
    as_reported: bool = False,
    dry_run: bool = False,
    yes: bool = False,
    then: str = "",
) -> None:
    """Record facts, all or none, and say what came of each; raise CommandError (exit 5).

    On a terminal it is asked before facts of odd days are recorded, unless `yes`; no is exit 1.
    `then` is what to run next where a fact is not well formed.
    """
    drafts = with_sources(app, drafts)
    tell_labels(drafts)
    tell_amounts(drafts)
    with explaining(app, then), app.ledger() as ledger:
        asked = not (yes or dry_run) and can_ask()
        if asked:
            doubtful = _tell_doubts(ledger.append(drafts, as_reported=as_reported, dry_run=True))
            if doubtful and not agrees("Record it all the same?"):
                write_to_stderr("nothing was written")
                raise typer.Exit(NO)
        outcomes = ledger.append(drafts, as_reported=as_reported, dry_run=dry_run)
        _write(app, outcomes, dry_run=dry_run)
    if not asked:
        _tell_doubts(outcomes)
    _tell(drafts, outcomes, dry_run=dry_run)
    _beside(_tell_new, app, outcomes)
    if not dry_run:
        _beside(_tell_look_alikes, app, outcomes)


def tell_labels(drafts: Sequence[Command]) -> None:
    """Say where a label is words that no other fact targets: what was meant is the field label."""
    facts = [one.data for one in drafts if isinstance(one.data, WrittenFact)]
    for fact in facts:
        meant = fact.label if fact.label and any(map(str.isspace, fact.label)) else ""
        if not meant or "label" in fact.fields or fact.type not in all_types():
            continue
        if "label" in fields_of(body_class(fact.type)) and not any(
            meant in str(one.fields) for one in facts
        ):
            write_to_stderr(
                f"note at fact {fact.number}: label is no part of the fact, it only lets others of"
                f" the file target it; what {fact.thing} is called is label_ = {meant!r}"
            )


def amounts_read(type_: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Return how the amounts among a fact's fields are read, as this program writes them."""
    found: dict[str, str] = {}
    for name, field in fields_of(body_class(type_)).items() if type_ in all_types() else ():
        given, units = fields.get(name), field.marker(Units)
        if field.inner is Quantity and isinstance(given, str):
            with suppress(QuantityError):  # it is refused later, with the rest
                found[name] = write_quantity(read_quantity(given, units.units if units else None))
    return found


def tell_amounts(drafts: Sequence[Command]) -> None:
    """Say how an amount is read whose point may have been meant to set thousands off."""
    written = [one.data for one in drafts if isinstance(one.data, WrittenFact)]
    read = {
        str(fact.fields[name]): amount
        for fact in written
        for name, amount in amounts_read(fact.type, fact.fields).items()
    }
    doubtful = {text: amount for text, amount in read.items() if has_group_behind_point(text)}
    for text, amount in islice(doubtful.items(), MOST_PLACES):
        write_to_stderr(f"note: '{text}' is read as {amount}: a comma sets thousands off")
    if (more := len(doubtful) - MOST_PLACES) > 0:
        write_to_stderr(f"note: so are {more} more amounts with three digits behind a point")


def _beside(tell: Callable[..., None], app: AppContext, outcomes: Sequence[AppendResult]) -> None:
    """Tell what the answers add to what was recorded; damaged ones are made anew for it."""
    for _ in range(2):
        with suppress(AnswersDamagedError):
            return tell(app, outcomes)
    return None


def rehearse(app: AppContext, drafts: Sequence[Command]) -> None:
    """Decide on facts and say nothing; raise CommandError (exit 5) for what would be refused."""
    with explaining(app), app.ledger() as ledger:
        ledger.append(drafts, dry_run=True)


@contextmanager
def explaining(app: AppContext, then: str = "") -> Iterator[None]:
    """Turn a refused fact into three lines, with what the ledger knows that comes near."""
    try:
        yield
    except CommandRefusedError as error:
        raise rejection(error, app, then) from error


def write_to_stderr(line: str) -> None:
    """Say something beside the answer."""
    sys.stderr.write(f"{one_line(line)}\n")


def _write(app: AppContext, outcomes: Sequence[AppendResult], *, dry_run: bool) -> None:
    told = not app.look.for_people or any(o.findings for o in outcomes)
    columns = _COLUMNS if told else _COLUMNS[:-1]
    write_rows(columns, [_row(o, dry_run=dry_run) for o in outcomes], app.look)
    sys.stdout.flush()


def _row(outcome: AppendResult, *, dry_run: bool) -> dict[str, Any]:
    at = f"@{outcome.position}" if outcome.position else ""
    word = "would be recorded" if dry_run else "recorded"
    shown = f"already recorded as {at or outcome.id}" if outcome.already else word
    return {
        "position": outcome.position,
        "position:shown": at,
        "id": outcome.id,
        "type": outcome.type,
        "outcome": "already recorded" if outcome.already else word,
        "outcome:shown": shown,
        "findings": [name for name, _ in outcome.findings],
    }


def _tell(drafts: Sequence[Command], outcomes: Sequence[AppendResult], *, dry_run: bool) -> None:
    notes: dict[str, list[str]] = {}
    for draft, outcome in zip(drafts, outcomes, strict=True):
        at = f"@{outcome.position}" if outcome.position else f"fact {draft.number}"
        for name, sentence in outcome.findings:
            write_to_stderr(f"finding at {at}, {outcome.id}: {name}: {sentence}")
        for note in outcome.notes:
            notes.setdefault(note, []).append(at)
    for note, places in notes.items():
        more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
        write_to_stderr(f"note at {', '.join(places[:MOST_PLACES])}{more}: {note}")
    new = [o for o in outcomes if not o.already]
    facts, before = count_noun(len(new), "fact"), len(outcomes) - len(new)
    old = f"; already recorded: {count_noun(before, 'fact')}" if before else ""
    if not new:
        write_to_stderr(f"nothing is new: {count_noun(before, 'fact')}, already recorded")
    elif dry_run:
        write_to_stderr(f"nothing was written; would be recorded: {facts}{old}")
    else:
        last = new[-1].position
        write_to_stderr(f"recorded: {facts}{old}")
        write_to_stderr(f"to retract one: depositary retract @{last} --reason recording-error")


def with_new_parties(app: AppContext, drafts: Sequence[Command]) -> list[Command]:
    """Return facts in which the parties that a person typed by name have their ids, echoed."""
    names = set[str]().union(*(names_in(d.data) for d in drafts if _is_typed(d.data)))
    names -= {one for one in names if is_slug(one) and _is_there(app, f"party/{one}", drafts)}
    if not names:
        return list(drafts)
    from cli.lookups import parties_called  # few facts name a party in words

    ids = {name: echo_understood(name, id_) for name, id_ in parties_called(app, names).items()}
    return [
        draft._replace(data=replace(draft.data, fields=named_by_id(draft.data, ids)))
        if _is_typed(draft.data)
        else draft
        for draft in drafts
    ]


def _is_there(app: AppContext, party: str, drafts: Sequence[Command]) -> bool:
    """Say whether a party is recorded, or is by one of these facts; the recorder always is."""
    if party == RECORDER or any(one.thing == party for one in drafts):
        return True
    with app.record() as record:
        return next(iter(record.rows(thing=party)), None) is not None


def _is_typed(data: Any) -> TypeGuard[WrittenFact]:
    return isinstance(data, WrittenFact) and not data.file


def with_sources(app: AppContext, drafts: Sequence[Command]) -> Sequence[Command]:
    """Return facts that cite sources by id; a new source for each address of none comes first."""
    drafts = with_new_parties(app, drafts)
    if not any(map(cites_address, drafts)):
        return drafts
    from cli.lookups import cited_by_id  # few facts cite an address

    return cited_by_id(app, drafts)


def can_ask() -> bool:
    """Say whether a person can be asked: the questions are written to standard error."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def agrees(question: str) -> bool:
    """Return whether a person says yes; no for anything else, and where the input ends."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _tell_doubts(outcomes: Sequence[AppendResult]) -> bool:
    """Say what is odd about the days of new facts; say whether anything is."""
    today = datetime.now(UTC).date()
    found = [
        (outcome, name, sentence)
        for outcome in outcomes
        if outcome.claim is not None and not outcome.already
        for name, sentence in doubts(outcome.claim, today)
    ]
    for outcome, name, sentence in found[:MAX_DOUBTS]:
        at = f"@{outcome.position}" if outcome.position else f"fact {outcome.command.number}"
        write_to_stderr(f"careful: {at}, {outcome.id}: {name}: {sentence}")
    if len(found) > MAX_DOUBTS:
        write_to_stderr(f"careful: and {len(found) - MAX_DOUBTS} more: depositary findings")
    return bool(found)


def _tell_new(app: AppContext, outcomes: Sequence[AppendResult]) -> None:
    """Ask about a thing that is new in the ledger and looks like one that is not."""
    new = {o.id.rpartition("/")[0] for o in outcomes if not o.already and o.id.endswith("/1")}
    new = {thing for thing in new if kind_of(thing) != "source"}  # made of an address: alike
    _tell_namesakes(app, outcomes)
    if not 0 < len(new) <= MAX_NEW_THINGS:
        return
    with app.answers() as answers:
        for thing in sorted(new):
            others = {slug_of(t): t for t in answers.things(kind_of(thing)) if t not in new}
            for slug in get_close_matches(slug_of(thing), others, n=1, cutoff=0.75):
                write_to_stderr(
                    f"note: {thing} is new in this ledger: did you mean {others[slug]}?"
                )


def _tell_namesakes(app: AppContext, outcomes: Sequence[AppendResult]) -> None:
    """Say of a new party that another bears its name: each is counted by itself."""
    established = (o for o in outcomes if o.type == "party.established" and not o.already)
    named = {o.claim.thing: getattr(o.claim.body, "name", "") for o in established if o.claim}
    if not named:
        return
    from cli.lookups import parties_alike  # few facts bring a party

    for party, others in parties_alike(app, dict(islice(named.items(), MOST_NAMESAKES))).items():
        several = " and ".join(others)
        write_to_stderr(f"note: {party} has the name of {several}, {named[party]}: is it another?")


def _tell_look_alikes(app: AppContext, outcomes: Sequence[AppendResult]) -> None:
    """Name the flow that a new one may be the same event as: both are added until that is said."""
    new = {o.id for o in outcomes if not o.already and o.type in FLOWS}
    if not new:
        return
    from projections.queries.reserve_findings import find_look_alikes

    with app.answers() as answers:
        pairs = [
            pair
            for thing in sorted({id_.rpartition("/")[0] for id_ in new})
            for pair in find_look_alikes(answers, thing, new, MAX_LOOK_ALIKES)
        ]
    for other, claim in pairs[:MAX_LOOK_ALIKES]:
        a, b = f"@{other.position}", f"@{claim.position}"
        write_to_stderr(
            f"{b} looks like {a}: depositary same {a} {b}, or depositary distinct {a} {b}"
        )
    if len(pairs) >= MAX_LOOK_ALIKES:
        write_to_stderr("for all of them: depositary findings --check possible-duplicate")
