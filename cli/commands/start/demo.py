"""Make a ledger with the bundled story in it, and show what it answers."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.ledger_location import command_for, named_location
from cli.output.formats import no_table, write_json, write_lines
from cli.progress import progress
from domain.create_ledger import created_ledger
from events.store.ledger_folder import LedgerLocation, new_location
from events.value import replace

if TYPE_CHECKING:
    from domain.ledger import Ledger

DEFAULT_FOLDER = Path("depositary-demo")


def demo(
    context: typer.Context,
    folder: Annotated[
        str | None,
        typer.Argument(
            metavar="[DIR]", help="A folder that is empty or not there: depositary-demo."
        ),
    ] = None,
) -> None:
    """Make a ledger with the bundled story in it, and show what it answers.

    The story is the paper between Pakistan and El Salvador of July 2025, and what surrounds it:
    power, a tariff, programmes, reserves. Its facts are recorded as any others, all answers are
    made from the record alone, and one page shows what they come to.

    \b
    Examples:
      depositary demo
      depositary demo build/demo
    """
    app = app_context(context)
    no_table(app.look)
    where = None if folder is None else named_location(folder, "DIR")
    if where is not None and app.ledger_option not in (None, where):
        usage_failure(
            "two folders are named",
            f"{where} and --ledger {app.ledger_option}",
            f"depositary demo {where}",
        )
    where = where or app.ledger_option or DEFAULT_FOLDER
    if isinstance(where, Path):
        _refuse_full(where)
    with created_ledger(new_location(where, "demo"), None) as ledger:
        facts = _record(ledger)
    _answer(replace(app, ledger_option=where), facts)


def _refuse_full(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        cannot(
            "the demo wants a folder of its own",
            f"{folder} is there, and not empty: it is left as it is",
            f"depositary demo {folder}-2, or remove {folder} first",
        )


def _record(ledger: "Ledger") -> int:
    from domain.facts import read_files

    with as_file(files("cli") / "story") as story:
        drafts = read_files([str(path) for path in sorted(story.glob("*.toml"))])
    return len(ledger.append(drafts))


def _answer(app: AppContext, facts: int) -> None:
    from cli.commands.start.demo_page import answers_to, page
    from projections.read_model.database import make_answers

    place: LedgerLocation = app.place
    with app.record() as record, progress("replaying", "events") as shown:
        position, digest = make_answers(record, place.answers, progress=shown)
    with app.answers() as answers:
        found = answers_to(answers)
    if app.look.format != "table":
        write_json(
            {"ledger": str(place.name), "position": position, "digest": digest, **found},
            app.look,
        )
        return
    write_lines(
        [
            f"{place.name}: {facts} facts of the bundled story recorded,",
            f"then every answer made from @1 to @{position} alone (digest {digest[:16]})",
            *page(found, app.look),
            "",
            "next:",
            *(f"  {command_for(place.name)} {words}" for words in NEXT),
        ]
    )


NEXT = (
    "agreement show pk-sv-bitcoin-2025 --policy prefer:party/article-publisher",
    "reserve show sv --as-of 2024-03-15 --public-at 2024-03-13",
    "findings --thing reserve/sv",
)
