"""Add up what holders of a type are reported to hold, and list the missing figures."""

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from cli.arguments import choice
from cli.clocks import ClockOptions, asking
from cli.output.answer import aligned, write_answer_page
from cli.output.claim_words import Document, bold
from cli.output.look import Column, Look, for_scripts
from cli.output.rerun_command import answer_head, clocks_lines
from cli.output.table import table
from events.kinds.party import PartyType
from events.text import count_noun
from projections.queries.holdings import total_held

if TYPE_CHECKING:
    pass

MOST = 3  # subjects that a line names

_RESERVES = (
    Column("subject", "reserve"),
    Column("holder", "holder", drop=3),
    Column("counts_with", "counts with", drop=2),
    Column("counted", "counted"),
    Column("reported", "reported", number=True),
    *for_scripts("reported_lower_sat reported_upper_sat"),
    Column("as_of", "as of", fixed=True),
    Column("asserted_by", "asserted by", drop=4),
    *for_scripts("basis"),
    Column("support", "support", drop=1),
    *for_scripts("certain within reason holder_presumed holder_contested ledger_balance claim"),
)
_HOLDERS = (
    Column("holder", "holder"),
    Column("held", "held", number=True),
    *for_scripts("held_lower_sat held_upper_sat"),
    Column("oldest", "oldest figure", fixed=True, drop=1),
    Column("newest", "newest figure", fixed=True, drop=2),
    Column("contested", "contested"),
    Column("reserves", "reserves", drop=3),
)
_TYPES: tuple[str, ...] = tuple(dict.fromkeys(("state", *get_args(PartyType))))


def total(
    context: typer.Context,
    type_: Annotated[
        str,
        choice("--type", "TYPE", "The type of holder: state, company …", _TYPES, "type of holder"),
    ] = "state",
    by: Annotated[
        str | None,
        choice(
            "--by", "WHAT", "holder: a row for each holder, its reserves added.", ["holder"], "sum"
        ),
    ] = None,
    *,
    when: ClockOptions,
) -> None:
    """Add up what States are reported to hold, and list the missing figures.

    Reported figures of whole reserves are added; custody is shown apart, and bounds stay bounds.
    An agency counts with its State; a company only where it is recorded as under it, and is named
    where it is not. A holder under another counted holder is not added twice.

    \b
    Examples:
      depositary reserve total --as-of 2025-07-19
      depositary reserve total --by holder --csv
    """
    with asking(context, when) as (answers, question):
        found, excluded = total_held(answers, question.clocks, question.policy, type_)
    document = {**answer_head(context, question, excluded), **found}
    columns = _RESERVES if by is None else _HOLDERS
    rows = _reserve_rows(found) if by is None else _holder_rows(found)

    def page(one: Document, how: Look) -> list[str]:
        return _total_page(one, table(columns, rows, how) if rows else [], how)

    write_answer_page(context, document, page, columns, rows)


def _reserve_rows(found: Document) -> list[Document]:
    presumed = ", by the reserve's name"
    return [
        {
            **one,
            "holder:shown": f"{one['holder']}{presumed * one['holder_presumed']}"
            f"{', contested' * one['holder_contested']}",
            "counted:shown": _counted(one),
            "support:shown": _support(one),
        }
        for one in found["reserves"]
    ]


def _counted(one: Document) -> str:
    if one["counted"]:
        return "yes"
    within = one["within"] and f"within {one['within']}"
    return f"no: {', '.join(filter(None, (within, one['reason'])))}"


def _support(one: Document) -> str:
    undated = (
        "" if one["certain"] or not one["reported"] else ", cannot tell whether from a later day"
    )
    return f"{one['support'] or ''}{undated}"


def _holder_rows(found: Document) -> list[Document]:
    names = found["names"]
    return [
        {
            **one,
            "holder:shown": f"{names.get(one['holder'], one['holder'])} ({one['holder']})",
            "contested:shown": "contested" if one["contested"] else "",
        }
        for one in found["holders"]
    ]


def _total_page(found: Document, rows: list[str], how: Look) -> list[str]:
    total_, custody = found["total"], found["custody"]
    perhaps = found["perhaps"] or {}
    marks = [
        f"{found[name]} {words}"
        for name, words in (
            ("contested", "contested"),
            ("holder_contested", "of a contested holder"),
            ("cannot_tell", "perhaps of a later day"),
        )
        if found[name]
    ]
    apart = [f"{custody['text']}, not in the total" if custody else ""]
    for name, words in (("contested", "contested"), ("overdrawn", "overdrawn on a day before")):
        if named := found[f"custody_{name}"]:
            apart.append(f"{words}: {' '.join(named)}")
    values = [
        ("reported", total_["text"] if total_ else "no figure is counted"),
        ("perhaps", _perhaps(perhaps, "total", "no figure is counted")),
        ("counted", ", ".join((count_noun(found["counted"], "figure"), *marks))),
        ("days", f"{found['oldest']} to {found['newest']}" if found["oldest"] else ""),
        ("custody", "; ".join(filter(None, apart))),
        ("", _guarded(found)),
        ("perhaps", _perhaps(perhaps, "custody", "nothing in custody")),
        ("missing", _with_reasons(found["missing"])),
        ("unknown", _with_reasons(found["unknown_holders"])),
        ("not counted", "; ".join(not_counted(found))),
    ]
    below = ["", f"reproduce: {found['reproduce']}", f"next: {_after_total(found)}"]
    return [
        bold(f"Held by parties of type {found['type']}", how),
        *clocks_lines(found),
        "",
        *aligned([pair for pair in values if pair[1]], 13, how),
        *([""] if rows else []),
        *rows,
        *below,
    ]


def _perhaps(perhaps: Document, name: str, nothing: str) -> str:
    if name not in perhaps:
        return ""
    return str(perhaps[name]["text"]) if perhaps[name] else nothing


def _guarded(found: Document) -> str:
    """Return which parties have both, for nothing says whether their figures are one."""
    both = found["custody_and_reported"]
    whose = ", ".join(both[:MOST]) + f" and {len(both) - MOST} more" * (len(both) > MOST)
    return f"may be the same coins as what is reported: {whose}" if both else ""


def not_counted(found: Document) -> list[str]:
    """Return in words whose reserves only a home State ties to what is counted, the first few."""
    several = found["not_counted"]
    told = [
        f"{one['subject']}: {one['holder']} has home State {one['home']} and is not under it"
        for one in several[:MOST]
    ]
    left = len(several) - MOST
    return [*told, f"{left} more, with --json"] if left > 0 else told


def _with_reasons(several: list[Document]) -> str:
    return ", ".join(f"{one['subject']} ({one['reason']})" for one in several)


def _after_total(found: Document) -> str:
    """Return the command that tells more: what is missing, what is contested, or one reserve."""
    if found["contested"]:
        return "depositary disputes --kind reserve"
    several = [*found["missing"], *found["unknown_holders"], *found["reserves"]]
    if not several:
        return "depositary reserve list"
    return f"depositary reserve show {several[0]['subject'].partition('/')[2]}"
