"""What was recorded, in order, and which bytes is one event?"""

import json
import sys
from collections import deque
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from cli.app import OneByOne
from cli.counter import at_hand
from cli.errors import not_found, usage
from cli.output import Column, write_json, write_lines, write_rows
from events.canonical import open_envelope
from events.ids import check_thing, split_event_id
from events.store.reading import RecordReader
from events.store.rows import Row

_COLUMNS = (
    Column("position", "event", number=True),
    Column("time", "recorded", fixed=True, drop=3),
    Column("type", "type"),
    Column("thing", "thing"),
    Column("asserted_by", "who says so", drop=1),
    Column("effective", "effective", drop=2, fixed=True),
)


def log(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Option("-n", min=1, metavar="N", help="Only the last N events.")
    ] = None,
    thing: Annotated[
        str | None, typer.Option("--thing", metavar="ID", help="Only events about this thing.")
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Only events of this type.")
    ] = None,
) -> None:
    """List what was recorded, oldest first.

    As NDJSON each line is {"position":413,"event":...} with the stored bytes as they are.

    \b
    Examples:
      depositary log -n 10
      depositary log --thing reserve/sv
      depositary log --format ndjson > record.ndjson
    """
    counter = at_hand(context)
    wanted = check_thing(thing) if thing else None
    with counter.record() as record:
        every = record.rows(thing=wanted)
        rows: Iterable[Row] = (r for r in every if type_ in (None, _type(r)))
        if number is not None:
            rows = deque(rows, maxlen=number)
        if counter.look.format == "ndjson":
            for row in rows:
                sys.stdout.write(f'{{"position":{row.position},"event":{row.state.decode()}}}\n')
            return
        write_rows(_COLUMNS, [_shown(row) for row in rows], counter.look)


def show(
    context: typer.Context,
    position: Annotated[str, typer.Argument(metavar="@N", help="The event's position, or its id.")],
) -> None:
    """Show one event: its stored bytes, and in words what it says.

    \b
    Examples:
      depositary event show @7
      depositary event show agreement/pk-sv-bitcoin-2025/1 --json
    """
    counter = at_hand(context)
    with counter.record() as record:
        row = _found(record, position)
    if counter.look.format == "ndjson":
        write_lines([row.state.decode()])
    elif counter.look.format == "json":
        write_json({"position": row.position, "event": json.loads(row.state)})
    elif counter.look.format == "csv":
        usage("an event is no table", "csv holds rows", f"depositary log --thing {row.thing} --csv")
    else:
        write_lines(_page(row))


def _found(record: RecordReader, asked: str) -> Row:
    number = asked.removeprefix("@")
    if number.isascii() and number.isdecimal() and len(number) < 16:
        found = record.event(int(number))
    else:
        thing, version = split_event_id(asked)
        found = next((row for row in record.rows(thing=thing) if row.version == version), None)
    if found is None:
        not_found(
            f"there is no event {asked}",
            f"the record has @1 to @{record.last_position()}",
            "depositary log -n 5",
        )
    return found


def _page(row: Row) -> list[str]:
    opened = open_envelope(row.state)
    lines = [f"@{row.position}  {row.thing}/{row.version}  {row.topic}", f"recorded {opened.time}"]
    width = max(map(len, opened.data))
    for name, given in opened.data.items():
        text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        lines.append(f"  {name.ljust(width)}  {text}")
    stored = f"depositary event show @{row.position} --format ndjson"
    return [*lines, "", f"{len(row.state):,} bytes as stored: {stored}"]


def _type(row: Row) -> str:
    return row.topic.rpartition(".")[0]


def _shown(row: Row) -> dict[str, Any]:
    opened = open_envelope(row.state)
    return {
        "position": row.position,
        "position:shown": f"@{row.position}",
        "time": opened.time,
        "time:shown": opened.time[:19] + "Z",
        "type": _type(row),
        "thing": row.thing,
        "asserted_by": opened.data.get("asserted_by"),
        "effective": opened.data.get("effective"),
    }


event = OneByOne("Look at one event as it is stored.", {"show": show})
