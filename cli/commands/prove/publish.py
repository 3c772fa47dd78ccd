"""Write the ledger for any web server."""

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument
from cli.context import app_context
from cli.errors.exit_codes import cannot
from cli.output.formats import write_json, write_lines
from cli.progress import progress
from events.text import count_noun


def publish(
    context: typer.Context,
    folder: Annotated[Path, argument("DIR", "A folder that a web server serves.")],
) -> None:
    """Write the ledger as files that any web server can serve, up to the newest checkpoint.

    Entries and tiles first, the checkpoint last (c2sp.org/tlog-tiles). Run it again after each
    checkpoint: only what is new is written, and nothing is overwritten with other bytes (exit
    code 4; 8 where the log is behind what is published, or a fork of it). The full text of every
    event becomes public.

    \b
    Examples:
      depositary publish mirror
      depositary publish mirror --json
    """
    from events.transparency.publishing import publish_ledger as write_out
    from events.transparency.signing import stored_note

    app = app_context(context, no_csv=True)
    with app.tree() as tree, tree.snapshot():
        found = tree.checkpoint()
        if found is None:
            why = "only what was signed is published"
            cannot("there is no checkpoint yet", why, "depositary checkpoint")
        size, data = found
        note = stored_note(tree, size, data)
        with progress("publishing", "files") as shown:
            published = write_out(tree, size, note, folder, shown)
        behind = tree.last_position() - size
    if not app.look.for_people:
        write_json(
            {"folder": str(folder.absolute()), **published._asdict(), "unsigned": behind}, app.look
        )
        return
    lines = [f"{folder}: {size} entries, {published.written} files written"]
    if behind:
        lines.append(f"not in it until depositary checkpoint: {count_noun(behind, 'later event')}")
    write_lines(lines, app.look)
