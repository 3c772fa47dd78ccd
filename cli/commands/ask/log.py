"""List the events of the log in order, and show the bytes of one event."""

import json
from collections import deque
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from cli.app import OneByOne
from cli.arguments import argument, offer_things, option, party_option, type_option
from cli.clocks import AskedAt, ClockOptions, asking, position_since, read_clocks
from cli.context import app_context
from cli.errors.exit_codes import not_found, usage_failure
from cli.named_event import event_named, type_named
from cli.output.answer_rows import write_answer_rows
from cli.output.claim_words import claim_columns, claim_in_words
from cli.output.formats import write_json, write_lines
from cli.output.look import Column, for_scripts
from cli.output.streams import write_exactly, write_in_parts
from domain.claims.claim import Claim, begun_by
from domain.claims.effective_claims import as_corrected, walk
from domain.claims.publication import NONE_EXCLUDED, Excluded, publication_at
from events.envelope import open_envelope
from events.serialization import ledger_id_of
from events.store.rows import Row
from events.store.sqlite.reader import RecordReader

_COLUMNS = (
    *claim_columns("position recorded:3 type subject asserted_by:1 effective:2"),
    *for_scripts("published says text acted basis sources id recordedby"),
)
_WITH_RECORDER = (*_COLUMNS[:-1], Column("recordedby", "recorded by", drop=4))


def log(
    context: typer.Context,
    number: Annotated[int | None, option("-n", "N", "Only the last N events.", min=1)] = None,
    thing: Annotated[
        str | None,
        option("--subject --thing", "SUBJECT", "Only events about this subject.", offer_things),
    ] = None,
    type_: Annotated[str | None, type_option("Only events of this type.")] = None,
    party: Annotated[
        str | None, party_option("Only events that name this party, assert for it or are about it.")
    ] = None,
    since: Annotated[
        str | None, option("--since", "DAY|@N", "Only events recorded from then on.")
    ] = None,
    recorder: Annotated[
        str | None, option("--recorder", "NAME", "Only events that NAME recorded.")
    ] = None,
    *,
    when: ClockOptions,
) -> None:
    """List the events of the log, oldest first.

    --as-of excludes what certainly takes effect later. A policy selects nothing here: the log
    shows all events. As NDJSON each line is {"position":413,"event":...} with the stored bytes.

    \b
    Examples:
      depositary log -n 10
      depositary log --since @330 --party bukele
      depositary log --subject reserve/sv --format ndjson > log.ndjson
    """
    app = app_context(context)
    wanted = who = None
    if thing or party:
        from cli.subjects import known_party, recorded_thing  # they fold, and the log does not

        with asking(context, when) as (answers, question):
            wanted = recorded_thing(answers, thing, question) if thing else None
            who = known_party(answers, party, question)
    only = type_named(type_, "depositary log --type") if type_ else None
    with app.record() as record:
        question = read_clocks(record, when)
        seen = _Seen(record, question, dated=when.as_of is not None)
        after = position_since(record, since) - 1 if since else 0
        every = record.rows(after=after, until=question.position, thing=wanted)
        if who is not None:
            every = (row for row in every if _concerns(row, who))
        if recorder is not None:
            every = (row for row in every if open_envelope(row.state).recordedby == recorder)
        rows: Iterable[Row] = (r for r in every if only in (None, r.type) and seen.sees(r))
        if number is not None:
            rows = deque(rows, maxlen=number)
        if app.look.format == "ndjson":
            write_in_parts(f'{{"position":{row.position},"event":{row.text}}}\n' for row in rows)
            return
        in_table = app.look.for_people and not app.look.columns
        ledger_id = "" if in_table else ledger_id_of(record.first())
        shown = [_shown(row) if in_table else event_document(row, ledger_id) for row in rows]
    columns = _WITH_RECORDER if any(row["recordedby"] for row in shown) else _COLUMNS
    write_answer_rows(context, question, seen.excluded, columns, shown, dated=seen.dated)


def _concerns(row: Row, party: str) -> bool:
    """Say whether an event is about a party, or has its id as a whole value in what it says."""
    if row.thing == party:
        return True
    if f'"{party}"'.encode() not in row.state:
        return False
    from projections.queries.timeline import contains

    return contains(open_envelope(row.state).data, party)


class _Seen:
    """The events that the clocks show, and how many the day of publication excludes."""

    def __init__(self, record: RecordReader, question: AskedAt, *, dated: bool) -> None:
        self.clocks, self.dated, self.excluded = question.clocks, dated, NONE_EXCLUDED
        every = self.clocks.public_at is None and not dated
        self.ledger_id = None if every else ledger_id_of(record.first())

    def sees(self, row: Row) -> bool:
        """Say whether an event was public on that day, and not certain to take effect later.

        Of a type of a newer version both days are unknown.
        """
        if self.ledger_id is None:
            return True
        claim = _claim_of(row, self.ledger_id)
        if claim is None:
            self.excluded = self.excluded.plus(Excluded(int(self.clocks.public_at is not None), 0))
            return self.clocks.public_at is None
        public = publication_at(claim, self.clocks)
        self.excluded = self.excluded.plus(Excluded(public == "unknown", public == "perhaps"))
        early = not self.dated or begun_by(claim, self.clocks) != "no"
        return early and public == "public"


def show(
    context: typer.Context,
    position: Annotated[str, argument("@N", "The event's position, or its id.")],
    *,
    when: ClockOptions,
) -> None:
    """Show one event as it is stored, with its fields.

    \b
    Examples:
      depositary event show @7
      depositary event show agreement/pk-sv-bitcoin-2025/1 --json
    """
    app = app_context(context)
    with app.record() as record:
        question = read_clocks(record, when)
        row, _ = seen_event(record, position, question, dated=when.as_of is not None)
        now = replaced_by(record, row, question)
    if app.look.format == "ndjson":
        write_exactly(f"{row.text}\n")
    elif app.look.format == "json":
        stored = json.loads(row.state)
        found = {"position": row.position, "recordedby": stored.get("recordedby")}
        found |= {how: by.id for how, by in now.items()}
        write_json({**found, "event": stored}, app.look)
    elif app.look.format == "csv":
        usage_failure(
            "an event has no CSV form",
            "CSV has rows",
            f"depositary log --subject {row.thing} --csv",
        )
    else:
        write_lines(_page(row, now), app.look, [row.id])


def _claim_of(row: Row, ledger_id: str) -> Claim | None:
    """Return what an event claims; None of a type of a newer version."""
    from projections.read_model.project_event import project_event  # a list of events needs none

    return project_event(row, ledger_id).claim


def seen_event(
    record: RecordReader, named: str, question: AskedAt, *, dated: bool
) -> tuple[Row, Excluded]:
    """Return the event of a position or an id, and what the clocks exclude of it; or exit 3."""
    row = event_named(record, named, question.position)
    seen = _Seen(record, question, dated=dated)
    if not seen.sees(row):
        why = "its source had not made it public at that time, or it takes effect later"
        not_found(
            f"{named} is outside the clocks asked", why, f"depositary event show @{row.position}"
        )
    return row, seen.excluded


def replaced_by(record: RecordReader, row: Row, question: AskedAt) -> dict[str, Row]:
    """Return the events of the clocks that give an event its text now, or take it back, by how.

    The names are `corrected_by` and `retracted_by`; none where the event stands as it is stored.
    """
    revising = ("claim.corrected", "claim.retracted")
    later = record.rows(after=row.position, until=question.position, thing=row.thing)
    rows = {one.id: one for one in later if one.type in revising}
    if not rows:
        return {}
    seen = _Seen(record, question, dated=False)
    ledger_id = ledger_id_of(record.first())
    several = (_claim_of(one, ledger_id) for one in rows.values() if seen.sees(one))
    retracted, corrected = walk([one for one in several if one is not None])
    found: dict[str, Row] = {}
    if (itself := _claim_of(row, ledger_id)) is None:
        return found
    if by := retracted.get(itself.id):
        found["retracted_by"] = rows[by.id]
    if by := as_corrected(itself, corrected).corrected_by:
        found["corrected_by"] = rows[by.id]
    return found


def _page(row: Row, now: dict[str, Row]) -> list[str]:
    opened = open_envelope(row.state)
    by = f" by {opened.recordedby}" if opened.recordedby else ""
    lines = [f"@{row.position}  {row.id}  {row.topic}"]
    lines.append(f"recorded {opened.time}{by}")
    for how, one in now.items():
        lines.append(
            f"{how.replace('_', ' ')} @{one.position}: depositary event show @{one.position}"
        )
    width = max(map(len, opened.data))
    for name, given in opened.data.items():
        text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        lines.append(f"  {name.ljust(width)}  {text}")
    stored = f"depositary event show @{row.position} --format ndjson"
    return [*lines, "", f"{len(row.state):,} bytes as stored: {stored}"]


def _shown(row: Row) -> dict[str, Any]:
    opened = open_envelope(row.state)
    effective, acted = (opened.data.get(name) for name in ("effective", "acted"))
    other = effective and acted not in (None, effective)
    return {
        "position": row.position,
        "position:shown": f"@{row.position}",
        "recorded": opened.time,
        "recorded:shown": opened.time[:19] + "Z",
        "type": row.type,
        "type:shown": f"{row.type}{f', acted {acted}' if other else ''}",
        "subject": row.thing,
        "id": row.id,
        "asserted_by": opened.data.get("asserted_by"),
        "effective": effective,
        "effective:shown": effective or (f"{acted} (acted)" if acted else None),
        "recordedby": opened.recordedby,
    }


def event_document(row: Row, ledger_id: str) -> dict[str, Any]:
    """Return an event as values and words; of a type of a newer version, the values as stored."""
    from projections.queries.document import claim_document

    found = _shown(row)
    claim = _claim_of(row, ledger_id)
    if claim is None:
        return {**found, "says": open_envelope(row.state).data}
    document = claim_document(claim)
    return {**found, **document, "text": claim_in_words(document)}


event = OneByOne("Show one event as it is stored.", {"show": show}, ["depositary event show @7"])
