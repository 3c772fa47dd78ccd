"""Make a ledger with the bundled story in it, and show what it answers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import argument
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot
from cli.ledger_location import command_for
from cli.new_ledger import wanted_location
from cli.output.answer import aligned
from cli.output.claim_words import Document, claim_in_words, denial_in_words
from cli.output.formats import write_page
from cli.output.look import Look
from cli.output.page_values import value_pairs
from cli.progress import progress
from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, policy
from domain.create_ledger import created_ledger
from domain.facts import read_files
from domain.ledger_names import set_title
from events.store.ledger_folder import LedgerLocation, new_location
from events.value import replace
from projections.queries.show import show_subject
from projections.read_model.database import ReadModel
from projections.read_model.rebuild import make_answers

if TYPE_CHECKING:
    from domain.ledger import Ledger


TITLE = "Pakistan, El Salvador and their bitcoin: agreements, reserves, power and programmes"
MOST_RIVALS = 3  # claims of a subject that differ from what is selected
ASKED = (
    "agreement show pk-sv-bitcoin-2025",
    "allocation show pk-2000mw",
    "proposal show pk-marginal-tariff",
    "programme show pk-eff-2024 --as-of 2025-06-30",
    "programme show sv-eff-2025 --as-of 2025-06-30",
    "reserve show sv --as-of 2025-07-19",
    "reserve show pk --as-of 2025-07-19",
    "reserve show strategy --as-of 2025-07-19",
)
TITLES = {
    "agreement": "The paper",
    "allocation": "The power",
    "proposal": "The proposal",
    "programme": "The programmes",
    "reserve": "The reserves",
}


def answers_to(answers: ReadModel) -> dict[str, Document]:
    """Return what the ledger answers to each of the questions."""
    found, chosen = {}, policy(DEFAULT)
    for question in ASKED:
        kind, _, slug, *day = question.split()
        as_of = date.fromisoformat(day[-1]) if day else datetime.now(UTC).date()
        found[question] = show_subject(answers, f"{kind}/{slug}", Clocks(as_of), chosen)
    return found


def page(found: dict[str, Document], how: Look) -> list[str]:
    """Return the lines of the page: a title for each kind, the question, the values answered."""
    lines: list[str] = []
    before = ""
    for question, document in found.items():
        kind = document["kind"]
        if kind != before:
            lines += ["", TITLES[kind].upper()]
        before = kind
        lines.append(f"  $ depositary {question}")
        pairs = [
            (f"    {name}", text) for name, text in (*value_pairs(document), *_rivals(document))
        ]
        width = max(len(name) for name, _ in pairs) + 2
        lines += aligned(pairs, width, replace(how, names=document["names"]))
    return lines


def _rivals(found: Document) -> Iterator[tuple[str, str]]:
    """Yield what other parties assert instead of what is selected, and who denies it."""
    told: list[tuple[str, str]] = []
    denials = list(found["denials"])
    for one in found["occurrences"]:
        denials += one["denied_by"]
        differing = [name for name, how in one["fields"].items() if how == "contested"]
        fields = ", ".join([name for name in differing if name != "effective"] or differing)
        for claim in one["others"] if differing else ():
            says = f"{claim_in_words(claim, verb=False)}, {claim['effective'] or 'undated'}"
            told.append(("contested", f"{fields}: {says}, asserted by {claim['asserted_by']}"))
    told += [("denied", f"{one['asserted_by']} {denial_in_words(one)}") for one in denials]
    told = list(dict.fromkeys(told))
    yield from told[:MOST_RIVALS]
    if len(told) > MOST_RIVALS:
        yield "", f"and {len(told) - MOST_RIVALS} more"


DEFAULT_FOLDER = Path("depositary-demo")


def demo(
    context: typer.Context,
    folder: Annotated[
        str | None, argument("[DIR]", "An empty or new folder; default: depositary-demo.")
    ] = None,
) -> None:
    """Make a ledger with the bundled story in it, and show what it answers.

    The story is the paper between Pakistan and El Salvador of July 2025, and what surrounds it:
    power, a tariff, programmes, reserves. Its facts are recorded like any others, all derived
    tables are rebuilt from the event log, and one page shows the answers.

    \b
    Examples:
      depositary demo
      depositary demo build/demo
    """
    app = app_context(context, no_csv=True)
    where = wanted_location(app.ledger_option, folder, "demo") or DEFAULT_FOLDER
    if isinstance(where, Path) and where.exists() and (where.is_file() or any(where.iterdir())):
        why = f"{where} is not empty, and is not changed"
        then = f"depositary demo {where}-2, or remove {where} first"
        cannot("the demo needs an empty folder", why, then)
    place = new_location(where, "demo")
    with created_ledger(place, None, app.recordedby(place)) as ledger:
        facts = _record(ledger)
        set_title(ledger, TITLE)
    _answer(replace(app, ledger_option=where), facts)


def _record(ledger: "Ledger") -> int:
    with as_file(files("cli") / "story") as story:
        drafts = read_files([str(path) for path in sorted(story.glob("*.toml"))])
    return len(ledger.append(drafts))


def _answer(app: AppContext, facts: int) -> None:
    place: LedgerLocation = app.place
    with app.record() as record, progress("replaying", "events") as shown:
        position, digest = make_answers(record, place.answers, progress=shown)
    with app.answers() as answers:
        found = answers_to(answers)
    lines = [
        f"{place.name}: {facts} facts of the bundled story recorded,",
        f"then all derived tables rebuilt from @1 to @{position} (digest {digest[:16]})",
        *page(found, app.look),
        *("", "next:", *(f"  {command_for(place.name)} {words}" for words in NEXT)),
    ]
    told = {"ledger": str(place.name), "position": position, "digest": digest}
    write_page(lines, {**told, **found}, app.look)


NEXT = (
    "agreement show pk-sv-bitcoin-2025 --policy prefer:party/article-publisher",
    "reserve show sv --as-of 2024-03-15 --public-at 2024-03-13",
    "findings --subject reserve/sv",
)
