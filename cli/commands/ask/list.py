"""List the subjects of a kind, with the answer about each."""

from typing import Annotated, Any

import typer

from cli.app import Command
from cli.arguments import party_option
from cli.clocks import ClockOptions, asking
from cli.commands.ask.kinds import EXAMPLES
from cli.context import app_context
from cli.output.answer_rows import look_with_names
from cli.output.claim_words import Document, balance_cell, enumeration, value_in_words
from cli.output.formats import write_rows
from cli.output.look import Column, for_scripts
from cli.output.rerun_command import answer_head, footer
from cli.subjects import known_party
from events.text import plural
from projections.queries.show import list_lines, parties_in

Party = Annotated[
    str | None,
    party_option("Only subjects that name this party; agreements: in which it has a status."),
]


def _of_kind(kind: str) -> Command:
    def list_(context: typer.Context, party: Party = None, *, when: ClockOptions) -> None:
        with asking(context, when) as (answers, question):
            wanted = known_party(answers, party, question)
            rows, excluded = list_lines(answers, kind, question.clocks, question.policy)
        rows = [row for row in rows if wanted is None or wanted in parties_in(row)]
        first = "status" if question.position > 1 else "template party.established"
        then = "" if rows else f"{kind} list" if wanted else first
        below = footer(answer_head(context, question, excluded), then)
        nothing = f"no {kind}{f' that names {wanted}' if wanted else ''} is known at these clocks"
        how = look_with_names(app_context(context), question, rows)
        shown = [list_row(kind, row) for row in rows]
        write_rows(list_columns(kind), shown, how, below, nothing=nothing)

    list_.__doc__ = _LIST.format(plural=plural(kind), kind=kind)
    return list_


def __getattr__(kind: str) -> Command:
    """Return the command of a kind, built when it is asked for."""
    if kind not in EXAMPLES:
        raise AttributeError(kind)
    return _of_kind(kind)


_LIST = """List the {plural}, with the answer about each.

\b
Examples:
  depositary {kind} list
  depositary {kind} list --as-of 2025-07-18 --format csv
"""


_COLUMNS = {
    "agreement": (
        Column("title", "title"),
        Column("subject", "agreement", fixed=True),
        Column("kind", "kind", drop=2),
        Column("kind_support", "kind support", drop=3),
        Column("signed", "signed", fixed=True),
        Column("signed_support", "signed support", drop=5),
        Column("signatories", "signatories", drop=1),
        Column("status", "status", drop=6),
        Column("parties", "parties", drop=4),
        *for_scripts("in_force"),
    ),
    "reserve": (
        Column("holder", "holder"),
        Column("subject", "reserve", fixed=True),
        Column("status", "status", drop=3),
        Column("reported", "reported", number=True),
        *for_scripts("reported_lower_sat reported_upper_sat"),
        Column("reported_as_of", "as of", fixed=True),
        Column("reported_by", "asserted by", drop=2),
        *for_scripts("reported_holds"),
        Column("reported_support", "support", drop=5),
        Column("ledger_balance", "ledger balance", number=True),
        *for_scripts(
            "ledger_balance_lower_sat ledger_balance_upper_sat ledger_balance_unknown_flows "
            "ledger_balance_perhaps"
        ),
        Column("custody", "in custody", number=True, drop=4),
        *for_scripts("custody_lower_sat custody_upper_sat custody_perhaps"),
    ),
    "party": (
        Column("name", "name"),
        Column("subject", "party", fixed=True),
        Column("type", "type", drop=3),
        Column("state", "state", drop=2),
        Column("under", "under", drop=1),
    ),
    "source": (
        Column("title", "title"),
        Column("subject", "source"),
        Column("publisher", "publisher", drop=2),
        Column("published", "published", drop=3, fixed=True),
        Column("copies", "copies", number=True, drop=1),
    ),
    "programme": (
        Column("subject", "programme", fixed=True),
        Column("status", "status", drop=2),
        Column("approved", "approved", fixed=True, drop=1),
        Column("access", "access", number=True, amount=True),
        Column("made_available", "made available", number=True, amount=True),
        Column("known_drawn", "disbursed", number=True, amount=True),
    ),
    "allocation": (
        Column("subject", "allocation", fixed=True),
        Column("status", "status"),
        Column("power", "power", number=True, amount=True),
        Column("since", "allocated", fixed=True),
        Column("authority", "authority", drop=1),
        Column("purposes", "purposes", drop=2),
    ),
    "proposal": (
        Column("subject", "proposal", fixed=True),
        Column("status", "status", fixed=True),
        Column("to", "to", drop=2),
        Column("acted", "acted", drop=3),
        Column("terms", "terms", drop=1),
    ),
    "law": (
        Column("subject", "law", fixed=True),
        Column("form", "form", drop=1),
        Column("adopted", "adopted", fixed=True, drop=3),
        Column("in_force", "in force", fixed=True),
        *for_scripts("began"),
        Column("since", "from", fixed=True, drop=4),
        Column("until", "until", fixed=True, drop=2),
        *for_scripts("ceased ceased_on"),
    ),
    "meeting": (
        Column("subject", "meeting", fixed=True),
        Column("held", "held", fixed=True),
        Column("mode", "mode", drop=1),
        Column("place", "place", drop=2),
        Column("participants", "participants"),
    ),
    "price": (
        Column("subject", "price", fixed=True),
        Column("pair", "pair", fixed=True, drop=1),
        Column("kind", "kind", fixed=True),
        Column("value", "value", number=True, amount=True),
        Column("on", "at", fixed=True),
    ),
}
_BESIDE = (
    *for_scripts("contested"),
    Column("by_day_of_act", "dated by the act", drop=8),
    Column("perhaps", "perhaps", drop=7),
)
_ENUMERATIONS = ("form", "kind", "mode")


def list_columns(kind: str) -> tuple[Column, ...]:
    """Return the columns of a kind's list."""
    return (*_COLUMNS[kind], *_BESIDE)


def list_row(kind: str, line: Document) -> dict[str, Any]:
    """Return a line as a row: satoshis stay integers for scripts, and are BTC in a table.

    `perhaps` holds the values that differ with all that perhaps was public, `by_day_of_act` the
    verbs of what is dated by its act; null where nothing does or is.
    """
    acts, differing = line.get("by_day_of_act") or (), line.get("perhaps") or {}
    shown = {f"{name}:shown": _shown(name, given) for name, given in line.items()}
    told = {
        "by_day_of_act:shown": ", ".join(map(enumeration, acts)),
        "perhaps:shown": "; ".join(
            f"{column.name.replace('_', ' ')}: {_shown(column.name, value) or 'none'}"
            for column in _COLUMNS[kind]
            if column.title and (value := differing.get(column.name, _ABSENT)) is not _ABSENT
        ),
        **{f"{name}:shown": "contested" for name in line.get("contested", ())},
    }
    beside = {"contested": None, "by_day_of_act": None, "perhaps": None}
    # Of a subject that a newer version wrote about, the line has its id and no more.
    own = _OWN_WORDS.get(kind, lambda _: {})(line) if line.keys() - {"subject"} else {}
    return {**beside, **line, **shown, **own, **told}


_ABSENT = object()


def _reserve(line: Document) -> Document:
    unsure = " ?" if line["reported_holds"] == "cannot tell" else ""
    balances = {
        f"{name}:shown": balance_cell(line[name]) + (f" or {balance_cell(more)}" if more else "")
        for name in ("ledger_balance", "custody")
        for more in [line[f"{name}_perhaps"]]  # what it may be besides
    }
    if line["custody"] and not line["ledger_balance"] and not line["ledger_balance_perhaps"]:
        balances["ledger_balance:shown"] = "custody only"  # where the column of it is hidden too
    return {"reported_as_of:shown": f"{line['reported_as_of'] or ''}{unsure}", **balances}


def _programme(line: Document) -> Document:
    unknown = {"made_available": "not stated", "known_drawn": "none recorded"}
    return {f"{name}:shown": words for name, words in unknown.items() if line.get(name) is None}


def _law(line: Document) -> Document:
    if line["in_force"] != "no":
        return {}
    if line["ceased"]:
        return {"in_force:shown": " ".join(filter(None, ("no, ceased", line["ceased_on"])))}
    return {"in_force:shown": "no, lapsed" if line["began"] else "no, not yet"}


_OWN_WORDS = {"reserve": _reserve, "programme": _programme, "law": _law}


def _shown(name: str, given: Any) -> Any:
    """Return what a table shows of a value: enumerations with spaces, parties by their ids."""
    if name in _ENUMERATIONS and given:
        return "" if given == "unstated" else enumeration(given)
    if isinstance(given, list):
        return ", ".join(map(enumeration, given))
    return value_in_words(given) if isinstance(given, dict) else given
