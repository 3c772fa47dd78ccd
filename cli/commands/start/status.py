"""Say where the ledger is and how it stands, and trust a folder that names a database."""

from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import argument, flag
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.ledger_location import location_label
from cli.output.formats import Column, no_table, write_page, write_rows
from events.store.ledger_folder import LedgerLocation, existing_location
from events.text import count_noun

if TYPE_CHECKING:
    from events.store.sqlite.reader import RecordReader


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
    from domain.ledger_names import title_of
    from events.envelope import open_envelope
    from events.store.clock import log_ahead
    from projections.read_model.database import stored_position

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
    from events.identifiers import KINDS

    with app.answers() as answers:
        found = {kind: len(answers.things(kind)) for kind in KINDS if kind != "ledger"}
    return {kind: count for kind, count in found.items() if count}


def _newest_checkpoint(record: "RecordReader") -> dict[str, Any] | None:
    """Return the size of what was signed last, and when the last event in it was recorded."""
    from events.store.factory import open_tree

    with open_tree(record.where) as tree:
        newest = tree.checkpoint()
    if newest is None:
        return None
    row = record.event(newest[0])
    return {"size": newest[0], "recorded": row.time if row else None}


def _schemas(record: "RecordReader") -> list[dict[str, Any]]:
    if isinstance(record.where, Path):
        return []
    from events.store.postgres.reader import PostgresReader

    assert isinstance(record, PostgresReader)
    return [{"name": record.where.schema, "bytes": record.size_bytes()}]


def _cached(record: "RecordReader") -> Path | None:
    """Return the file of answers about a ledger in PostgreSQL; None where it can have none."""
    from events.store.errors import StoreError
    from projections.read_model.cache_folder import answers_file

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


_COLUMNS = (Column("folder", "folder", fixed=True), Column("database", "database"))


def trust(
    context: typer.Context,
    folder: Annotated[Path | None, argument("[DIR]", "A folder whose database you trust.")] = None,
    list_: Annotated[bool, flag("--list", "List the folders trusted, or DIR if it is.")] = False,
    delete: Annotated[bool, flag("--delete", "Stop trusting DIR.")] = False,
) -> None:
    """Trust a folder whose depositary.toml names a PostgreSQL database.

    The maker of the folder chose the database, and a command there would give it your user's name
    and password. So no command connects to it before you have read its address here and trusted
    the folder with it. Folder and address are kept in trusted.toml of your configuration
    ($XDG_CONFIG_HOME or ~/.config, below depositary/): a folder that is moved, or that names
    another address, must be trusted again. Beyond this machine TLS is required, and no password is
    sent in clear text. depositary init DIR --database URL trusts the address given.

    \b
    Examples:
      depositary trust --list
      depositary trust --list --json
    """
    from events.store.trusted_folders import trusted_folders

    app = app_context(context)
    if list_ and delete:
        usage_failure(
            "two options exclude each other", "--list and --delete", "depositary trust --help"
        )
    if list_:
        rows = [each._asdict() for each in trusted_folders()]
        wanted = None if folder is None else str(folder.resolve())
        write_rows(_COLUMNS, [r for r in rows if wanted in (None, r["folder"])], app.look)
        return
    no_table(app.look)
    if folder is None:
        usage_failure("no folder is named", "DIR or --list is needed", "depositary trust --help")
    found = None
    if delete:
        _delete(folder)
    else:
        found = _trust(folder)
    line = f"{folder}: {found or 'no longer trusted'}"
    write_page([line], {"folder": str(folder.resolve()), "database": found}, app.look)


def _trust(folder: Path) -> str:
    from events.store.trusted_folders import trust_folder

    database = existing_location(folder, "DIR").database
    if database is None:
        why = f"{folder} names no database: its log is a file"
        cannot("there is nothing to trust", why, f"depositary --ledger {quote(str(folder))} status")
    trust_folder(folder, database)
    return str(database)


def _delete(folder: Path) -> None:
    from events.store.trusted_folders import distrust_folder

    if not distrust_folder(folder):
        cannot(
            "the folder is not trusted", f"{folder} is not in the list", "depositary trust --list"
        )
