"""Say where the ledger is and how it stands."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from cli.context import AppContext, app_context
from cli.ledger_location import location_label
from cli.output.formats import write_page
from domain.ledger_names import title_of
from events.envelope import open_envelope
from events.identifiers import KINDS
from events.store.clock import log_ahead
from events.store.errors import StoreError
from events.store.factory import open_tree
from events.store.ledger_folder import LedgerLocation
from events.store.sqlite.reader import RecordReader
from events.text import count_noun
from projections.read_model.cache_folder import answers_file
from projections.read_model.connection import stored_position


def where(context: typer.Context) -> None:
    """Show which folder or database the ledger is.

    It is the one named by --ledger, else by the variable DEPOSITARY_LEDGER, else the nearest folder
    upwards with a depositary.toml.

    \b
    Examples:
      depositary where
      depositary where --json
    """
    app = app_context(context, no_csv=True)
    found = _where(app.place)
    lines = list(dict.fromkeys(filter(None, found.values())))
    write_page(lines, {**found, "found_by": app.place.found_by}, app.look)


def status(context: typer.Context) -> None:
    """Show the ledger's name, its last event, its subjects and its files.

    \b
    Examples:
      depositary status
      depositary status --json
    """
    app = app_context(context, no_csv=True)
    found = _status(app)
    write_page(_page(found), found, app.look)


def _where(place: LedgerLocation) -> dict[str, str | None]:
    """Return the folder and, for a ledger that has one, the database."""
    folder = None if place.folder is None else location_label(place.folder)
    database = {} if place.database is None else {"database": location_label(place.database)}
    return {"folder": folder, **database}


def _status(app: AppContext) -> dict[str, Any]:
    place = app.place
    with app.record() as record:
        stored = stored_position(record, place.answers)  # before a read catches up
        last, first = record.last_position(), record.first()
        newest = record.event(last)
        ahead = log_ahead(record, datetime.now(UTC))
        schemas, cached, title = _schemas(record), _cached(record), title_of(record)
        signed = _newest_checkpoint(record)
    opened = open_envelope(first.state) if first else None
    return {
        **_where(place),
        "title": title,
        "origin": opened.data.get("origin") if opened else None,
        "ledger_id": opened.source.removeprefix("urn:uuid:") if opened else None,
        "position": last,
        "recorded": newest.time if newest else None,
        "ahead": ahead._asdict() if ahead else None,
        "signed": signed,
        "subjects": _things(app),
        "answers": {"position": stored},
        "files": [*schemas, *_files(place, cached)],
    }


def _things(app: AppContext) -> dict[str, int]:
    with app.answers() as answers:
        found = {kind: len(answers.things(kind)) for kind in KINDS if kind != "ledger"}
    return {kind: count for kind, count in found.items() if count}


def _newest_checkpoint(record: RecordReader) -> dict[str, Any] | None:
    """Return the size of what was signed last, and when the last event in it was recorded."""
    with open_tree(record.where) as tree:
        newest = tree.checkpoint()
    if newest is None:
        return None
    row = record.event(newest[0])
    return {"size": newest[0], "recorded": row.time if row else None}


def _schemas(record: RecordReader) -> list[dict[str, Any]]:
    if isinstance(record.where, Path):
        return []
    from events.store.postgres.reader import PostgresReader

    assert isinstance(record, PostgresReader)
    return [{"name": record.where.schema, "bytes": record.size_bytes()}]


def _cached(record: RecordReader) -> Path | None:
    """Return the file of answers about a ledger in PostgreSQL; None where it can have none."""
    if isinstance(record.where, Path):
        return None
    try:
        return answers_file(record, record.where)
    except StoreError:
        return None


def _files(place: LedgerLocation, cached: Path | None) -> list[dict[str, Any]]:
    found = [
        _file(path, str(path) if path == cached else path.name)
        for path in (place.record, cached or place.answers)
        if isinstance(path, Path) and path.exists()
    ]
    if place.folder is None:
        return found
    copies = [path for path in place.sources.rglob("*") if path.is_file()]
    size_bytes = sum(path.stat().st_size for path in copies)
    return [*found, {"name": "sources/", "bytes": size_bytes, "files": len(copies)}]


def _file(path: Path, name: str) -> dict[str, Any]:
    log = path.with_name(f"{path.name}-wal")
    size_bytes = path.stat().st_size + (log.stat().st_size if log.exists() else 0)
    return {"name": name, "bytes": size_bytes}


def _page(found: dict[str, Any]) -> list[str]:
    behind = found["position"] - (found["answers"]["position"] or 0)
    things = (count_noun(count, kind) for kind, count in found["subjects"].items())
    lines = [
        ("ledger", found["folder"] or found["database"]),
        ("database", found["folder"] and found.get("database")),
        ("title", found["title"]),
        ("origin", found["origin"]),
        ("id", found["ledger_id"]),
        ("position", f"@{found['position']}, recorded {found['recorded']}"),
        ("ahead", found["ahead"] and _ahead(found["ahead"])),
        ("signed", found["signed"] and _signed(found["signed"], found["position"])),
        ("subjects", ", ".join(things) or "none yet"),
        ("read model", f"{behind:,} events behind until the next read" if behind else "up to date"),
    ]
    for file in found["files"]:
        size, name = f"{file['bytes']:,} bytes", file["name"]
        more = f" in {file['files']} files" if "files" in file else ""
        cached = Path(name).is_absolute()
        lines.append(("cache", f"{size} in {name}") if cached else (name, f"{size}{more}"))
    width = max(len(name) for name, line in lines if line)
    return [f"{name.ljust(width)}  {line}" for name, line in lines if line]


def _signed(found: dict[str, Any], last: int) -> str:
    later = f"; {count_noun(last - found['size'], 'later event')}" if last > found["size"] else ""
    return f"up to @{found['size']}, recorded {found['recorded']}{later}"


def _ahead(found: dict[str, Any]) -> str:
    accept = "depositary clock accept --by P --reason TEXT"
    then = f"accepted as @{found['accepted']}" if found["accepted"] else accept
    return f"of this machine's clock, {found['clock']}: {then}"
