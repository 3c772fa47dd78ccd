"""How is the bundled story recorded, and what does the ledger answer about it?"""

from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import Counter, at_hand
from cli.create_ledger import command_for, made
from cli.errors.exit_codes import cannot, usage
from cli.ledger_location import Place, named, place_of
from cli.output.formats import no_table, write_json, write_lines
from cli.progress import progress
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
    counter = at_hand(context)
    no_table(counter.look)
    where = None if folder is None else named(folder, "DIR")
    if where is not None and counter.ledger_option not in (None, where):
        usage(
            "two folders are named",
            f"{where} and --ledger {counter.ledger_option}",
            f"depositary demo {where}",
        )
    where = where or counter.ledger_option or DEFAULT_FOLDER
    if isinstance(where, Path):
        _refuse_full(where)
    with made(place_of(where, "demo"), None) as ledger:
        facts = _record(ledger)
    _answer(replace(counter, ledger_option=where), facts)


def _refuse_full(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        cannot(
            "the demo wants a folder of its own",
            f"{folder} is there, and not empty: it is left as it is",
            f"depositary demo {folder}-2, or remove {folder} first",
        )


def _record(ledger: "Ledger") -> int:
    from cli.facts import read_files

    with as_file(files("cli") / "story") as story:
        drafts = read_files([str(path) for path in sorted(story.glob("*.toml"))])
    return len(ledger.append(drafts))


def _answer(counter: Counter, facts: int) -> None:
    from cli.commands.start.demo_page import answers_to, page
    from projections.read_model.database import make

    place: Place = counter.place
    with counter.record() as record, progress("replaying", "events") as shown:
        position, digest = make(record, place.answers, progress=shown)
    with counter.answers() as answers:
        found = answers_to(answers)
    if counter.look.format != "table":
        write_json(
            {"ledger": str(place.name), "position": position, "digest": digest, **found},
            counter.look,
        )
        return
    write_lines(
        [
            f"{place.name}: {facts} facts of the bundled story recorded,",
            f"then every answer made from @1 to @{position} alone (digest {digest[:16]})",
            *page(found, counter.look),
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
