"""Make a ledger with the bundled story in it, and show what it answers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import argument
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.ledger_location import command_for, named_location
from cli.output.claim_words import Document, enumeration, value_in_words
from cli.output.formats import Look, wrapped, write_json, write_lines
from cli.output.page_values import balance_words
from cli.progress import progress
from domain.create_ledger import created_ledger
from events.store.ledger_folder import LedgerLocation, new_location
from events.value import replace

if TYPE_CHECKING:
    from domain.ledger import Ledger
    from projections.read_model.database import ReadModel


MID_JULY, END_OF_JUNE = date(2025, 7, 19), date(2025, 6, 30)
ASKED = {
    "agreement show pk-sv-bitcoin-2025": ("agreement/pk-sv-bitcoin-2025", None),
    "allocation show pk-2000mw": ("allocation/pk-2000mw", None),
    "proposal show pk-marginal-tariff": ("proposal/pk-marginal-tariff", None),
    "programme show pk-eff-2024 --as-of 2025-06-30": ("programme/pk-eff-2024", END_OF_JUNE),
    "programme show sv-eff-2025 --as-of 2025-06-30": ("programme/sv-eff-2025", END_OF_JUNE),
    "reserve show sv --as-of 2025-07-19": ("reserve/sv", MID_JULY),
    "reserve show pk --as-of 2025-07-19": ("reserve/pk", MID_JULY),
    "reserve show strategy --as-of 2025-07-19": ("reserve/strategy", MID_JULY),
}
TITLES = {
    "agreement": "The paper",
    "allocation": "The power",
    "proposal": "The proposal",
    "programme": "The programmes",
    "reserve": "The reserves",
}


def answers_to(answers: "ReadModel") -> dict[str, Document]:
    """Return what the ledger answers to each of the questions."""
    from domain.claims.claim import Clocks
    from domain.claims.ranking import DEFAULT, policy
    from projections.queries.show import show_subject

    today = datetime.now(UTC).date()
    return {
        question: show_subject(answers, thing, Clocks(as_of or today), policy(DEFAULT))
        for question, (thing, as_of) in ASKED.items()
    }


def page(found: dict[str, Document], how: Look) -> list[str]:
    """Return the lines of the page: a title for each kind, the question, what is answered."""
    lines: list[str] = []
    before = ""
    for question, document in found.items():
        kind = document["kind"]
        if kind != before:
            lines += ["", TITLES[kind].upper()]
        before = kind
        lines.append(f"  $ depositary {question}")
        for sentence in _SAID[kind](document):
            lines += wrapped(f"    {sentence}", how.width or 80, "      ")
    return [*lines, "", "CONTESTED", *_contested(found, how)]


def _agreement(found: Document) -> Iterator[str]:
    answer = found["answer"]
    rivals = _rivals(found, "#kind", "kind")
    yield f"{_a(enumeration(answer['kind'] or 'paper'))}; {answer['counts_as']}.{rivals}"
    for signature in found["occurrences"]:
        if signature["type"] == "agreement.signed" and signature["selected"]:
            claim = signature["selected"][0]
            side = claim["says"].get("for", claim["says"]["party"])
            others = "; ".join(
                f"{c['effective']} by {_name(found, c['asserted_by'])}" for c in signature["others"]
            )
            place = f" at {claim['place']}" if claim["place"] else ""
            yield (
                f"Signed {claim['effective']}{place} by {_name(found, claim['says']['party'])} "
                f"for {_name(found, side)}, asserted by {_name(found, claim['asserted_by'])}."
                + (f" Contested: {others}." if others else "")
            )


def _allocation(found: Document) -> Iterator[str]:
    answer = found["answer"]
    power = answer["power"]["text"] if answer["power"] else "power"
    purposes = " and ".join(map(enumeration, answer["purposes"]))
    authority = f" by {_name(found, answer['authority'])}" if answer["authority"] else ""
    yield f"{power} {answer['status']} for {purposes} since {answer['since']}{authority}."
    yield from _denied(found)


def _proposal(found: Document) -> Iterator[str]:
    answer = found["answer"]
    to = _name(found, answer["to"] or "a party not stated")
    yield f"{answer['terms'] or 'Terms not stated.'} Put to {to}."
    for act in answer["acts"]:
        if act["act"] != "submitted":
            yield f"{act['act'].capitalize()} by {_name(found, act['by'])}."
    yield from _denied(found)


def _programme(found: Document) -> Iterator[str]:
    answer = found["answer"]
    drawn = answer["known_drawn"]["text"] if answer["known_drawn"] else "none recorded"
    yield (
        f"{answer['facility'] or 'Programme'}, {answer['status']} {answer['approved']}: "
        f"access {value_in_words(answer['access'])}."
    )
    available = answer["made_available"]["text"] if answer["made_available"] else "not stated"
    yield f"Made available {available}; disbursed: {drawn}."


def _reserve(found: Document) -> Iterator[str]:
    answer = found["answer"]
    holder = _name(found, answer["holder"] or found["subject"])
    if answer["reported"] is None:
        status = "announced" if answer["announced"] else "mentioned only"
        yield f"{holder}: {status}; no holding is reported and no flow is recorded."
        return
    reported = answer["reported"]
    yield (
        f"{holder}: {reported['amount']['text']} as of {reported['as_of']}, asserted by "
        f"{_name(found, reported['asserted_by'])} ({reported['support']}); "
        f"ledger balance: {balance_words(answer['ledger_balance'])}."
    )
    for series in found["series"]:
        if series["type"] == "reserve.holding-reported" and series["selected"]:
            beside = [
                f"{c['says']['amount']['text']} ({_name(found, c['asserted_by'])})"
                for c in series["certain"] + series["cannot_tell"]
                if c["same_days_as_selected"] and c["id"] != series["selected"]["id"]
            ]
            if beside:
                yield f"Same date: {', '.join(beside)}."


def _denied(found: Document) -> Iterator[str]:
    for denial in found["denials"]:
        what = denial["says"].get("type") or denial["says"].get("target")
        yield f"Denied by {_name(found, denial['asserted_by'])}: {what}."


def _contested(found: dict[str, Document], how: Look) -> Iterator[str]:
    for document in found.values():
        told = [
            f"{o['type'].partition('.')[2]} ({', '.join(_fields(o)) or 'denied'})"
            for o in document["occurrences"]
            if o["support"] == "contested"
        ]
        if told:
            text = f"  {document['subject']}: {', '.join(dict.fromkeys(told))}"
            yield from wrapped(text, how.width or 80, "    ")


def _fields(occurrence: Document) -> list[str]:
    return [name for name, status in occurrence["fields"].items() if status == "contested"]


def _rivals(found: Document, suffix: str, field: str) -> str:
    for occurrence in found["occurrences"]:
        if occurrence["id"].endswith(suffix) and occurrence["support"] == "contested":
            others = [
                f"{enumeration(c['says'][field])} by {_name(found, c['asserted_by'])}"
                for c in occurrence["others"]
            ]
            return f" Contested: {'; '.join(others)}."
    return ""


def _name(found: Document, party: str) -> str:
    return str(found["names"].get(party, party))


def _a(noun: str) -> str:
    return f"{'An' if noun[0] in 'aeiou' else 'A'} {noun}"


_SAID = {
    "agreement": _agreement,
    "allocation": _allocation,
    "proposal": _proposal,
    "programme": _programme,
    "reserve": _reserve,
}


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
    where = None if folder is None else named_location(folder, "DIR")
    if where is not None and app.ledger_option not in (None, where):
        why = f"{where} and --ledger {app.ledger_option}"
        usage_failure("two folders are named", why, f"depositary demo {where}")
    where = where or app.ledger_option or DEFAULT_FOLDER
    if isinstance(where, Path):
        _refuse_full(where)
    place = new_location(where, "demo")
    with created_ledger(place, None, app.recordedby(place)) as ledger:
        facts = _record(ledger)
    _answer(replace(app, ledger_option=where), facts)


def _refuse_full(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        why = f"{folder} is not empty, and is not changed"
        then = f"depositary demo {folder}-2, or remove {folder} first"
        cannot("the demo needs an empty folder", why, then)


def _record(ledger: "Ledger") -> int:
    from domain.facts import read_files

    with as_file(files("cli") / "story") as story:
        drafts = read_files([str(path) for path in sorted(story.glob("*.toml"))])
    return len(ledger.append(drafts))


def _answer(app: AppContext, facts: int) -> None:
    from projections.read_model.database import make_answers

    place: LedgerLocation = app.place
    with app.record() as record, progress("replaying", "events") as shown:
        position, digest = make_answers(record, place.answers, progress=shown)
    with app.answers() as answers:
        found = answers_to(answers)
    if not app.look.for_people:
        write_json(
            {"ledger": str(place.name), "position": position, "digest": digest, **found}, app.look
        )
        return
    write_lines(
        [
            f"{place.name}: {facts} facts of the bundled story recorded,",
            f"then all derived tables rebuilt from @1 to @{position} (digest {digest[:16]})",
            *page(found, app.look),
            "",
            "next:",
            *(f"  {command_for(place.name)} {words}" for words in NEXT),
        ],
        app.look,
        app.look,
    )


NEXT = (
    "agreement show pk-sv-bitcoin-2025 --policy prefer:party/article-publisher",
    "reserve show sv --as-of 2024-03-15 --public-at 2024-03-13",
    "findings --subject reserve/sv",
)
