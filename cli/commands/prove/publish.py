"""Write the ledger for any web server."""

from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import argument, flag, option
from cli.clocks import read_day
from cli.context import AppContext, app_context
from cli.errors.exit_codes import DONE, NO, cannot, settle, usage_failure
from cli.output.formats import write_json, write_lines
from cli.progress import progress
from cli.typed_input import understand_date
from cli.web.libraries import require_web
from cli.web.site_folder import differing_pages, write_site
from events.text import count_noun
from events.transparency.publishing import publish_ledger as write_out
from events.transparency.stored_checkpoint import stored_note


def publish(
    context: typer.Context,
    folder: Annotated[Path, argument("DIR", "A folder that a web server serves.")],
    site: Annotated[
        bool, flag("--site", "Pages too, for a browser: see docs/explorer.md.")
    ] = False,
    as_of: Annotated[
        str | None, option("--as-of", "DAY", "Of the pages; without it the day of the last event.")
    ] = None,
    base_url: Annotated[
        str, option("--base-url", "URL", "Where they will be: the feeds need it.")
    ] = "",
    events: Annotated[
        str, option("--events", "WHICH", "A page for each event: all or none.")
    ] = "all",
    stops: Annotated[
        int, option("--stops", "N", "Days of a subject that have a page.", min=0, max=60)
    ] = 50,
    check: Annotated[
        bool, flag("--check", "Write nothing; exit 1 and name the pages that differ.")
    ] = False,
) -> None:
    """Write the ledger as files that any web server can serve, up to the newest checkpoint.

    Entries and tiles first, the checkpoint last (c2sp.org/tlog-tiles). Run it again after each
    checkpoint: only what is new is written, and nothing is overwritten with other bytes (exit
    code 4; 8 where the log is behind what is published, or a fork of it). --site adds pages that
    a browser shows without a server. The full text of every event becomes public.

    \b
    Examples:
      depositary publish mirror
      depositary publish site --site --events none --stops 0
    """
    app = app_context(context, no_csv=True)
    if not site and (as_of or base_url or check or events != "all"):
        usage_failure("these options are of the pages", "--site is not given", "add --site")
    if events not in ("all", "none"):
        usage_failure("--events is all or none", f"'{events}'", "--events none")
    with app.tree() as tree, tree.snapshot():
        found = tree.checkpoint()
        if found is None:
            why = "what is published is what was signed"
            then = "depositary key new (once), then depositary checkpoint"
            cannot("there is no checkpoint yet", why, then)
        size, data = found
        note = stored_note(tree, size, data)
        pages: dict[str, bytes] = {}
        if site:
            pages = _pages(app, size, as_of, base_url, stops, every_event=events == "all")
        if check:
            _check(app, pages, folder)
            return
        changed = write_site(pages, folder)
        with progress("publishing", "files") as shown:
            published = write_out(tree, size, note, folder, shown)
        behind = tree.last_position() - size
    told = {"pages": len(pages), "pages_written": changed} if site else {}
    if not app.look.for_people:
        document = {"folder": str(folder.absolute()), **published._asdict(), **told}
        write_json({**document, "unsigned": behind}, app.look)
        return
    lines = [f"{folder}: {size} entries, {published.written} files written"]
    if site:
        lines.append(
            f"{count_noun(len(pages), 'file')} of pages, {changed} written: "
            f"open {folder / 'index.html'}"
        )
        lines.append(f"of each day and policy at most {stops} stops; events: {events}")
    if behind:
        lines.append(f"not in it until depositary checkpoint: {count_noun(behind, 'later event')}")
    write_lines(lines, app.look)


def _pages(
    app: AppContext, size: int, as_of: str | None, base_url: str, stops: int, *, every_event: bool
) -> dict[str, bytes]:
    """Return the files of the pages at a size of the log."""
    with require_web():
        from cli.web.site import SitePlan, site_files
        from cli.web.snapshot import Snapshots

    if as_of is not None:
        read_day(as_of := understand_date(as_of), "--as-of")
    with (
        Snapshots(app.place) as snapshots,
        snapshots.open(limited=False, head=size) as served,
        progress("making", "pages") as shown,
    ):
        with served.record() as record:
            last = record.event(size)
        day = understand_date(as_of) if as_of else (last.time[:10] if last else "")
        plan = SitePlan(day, size, base_url, every_event, stops)
        return site_files(served, plan, shown)


def _check(app: AppContext, pages: dict[str, bytes], folder: Path) -> None:
    """Say which pages of a folder are not as they would be written; exit 1 where any is."""
    differing = differing_pages(pages, folder)
    settle(NO if differing else DONE)
    if not app.look.for_people:
        write_json({"folder": str(folder.absolute()), "differ": differing}, app.look)
    else:
        write_lines(
            differing or [f"{folder}: {count_noun(len(pages), 'file')} as they would be"], app.look
        )
    if differing:
        raise typer.Exit(NO)
