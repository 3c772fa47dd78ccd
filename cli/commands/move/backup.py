"""Copy the record to a file, while others may be writing."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from cli.arguments import argument
from cli.context import app_context
from cli.errors.exit_codes import cannot
from cli.output.formats import write_page
from cli.progress import progress


def backup(
    context: typer.Context,
    file: Annotated[Path, argument("FILE", "The copy; there must be none yet.")],
) -> None:
    """Copy the event log to a file, whole and as of one moment, while others may be writing.

    Every event of the copy is hashed again: where one differs from its hash, the copy is removed,
    and the exit code is 4 with the place. The archived copies in sources/ are not in it. To use
    the file: depositary restore FILE DIR. From then on append to one of the two only.

    A ledger in PostgreSQL is backed up by its server, for example with pg_dump; depositary copy
    makes a folder of it.

    \b
    Examples:
      depositary backup ledger-2025-07.sqlite3
      depositary backup ledger-2025-08.sqlite3 --json
    """
    from events.store.atomic_files import is_taken
    from events.store.sqlite.backup import back_up
    from events.transparency.checkpoint_checks import check_hashes

    app = app_context(context, no_csv=True)
    place = app.place
    record = place.record
    if not isinstance(record, Path):
        why = f"the log is in {record}: pg_dump -n {record.schema} saves it"
        then = f"depositary copy {quote(str(place.name))} DIR, which makes a folder of it"
        cannot("a database cannot be backed up to a file", why, then)
    if is_taken(file):
        why = f"{file} is left as it is"
        cannot("there is a file already", why, "depositary backup with another name")
    with progress("copying", "pages") as shown:
        position = back_up(record, file, shown, check_hashes)
    size_bytes = file.stat().st_size
    write_page(
        [f"{file}: @1 to @{position}, {size_bytes:,} bytes, whole, every event hashed again"],
        {"file": str(file.absolute()), "position": position, "bytes": size_bytes},
        app.look,
    )
