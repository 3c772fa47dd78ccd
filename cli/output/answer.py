"""Write the answer to what is asked of one thing: a page, a document, or its rows.

A question is a function of the answers, the thing, the clocks and the policy; the document it
returns is the answer for scripts, and a page is how it is laid out for people.
"""

from collections.abc import Callable, Iterable, Sequence

import typer

from cli.clocks import AskedAt, ClockOptions, asking
from cli.context import app_context
from cli.output.claim_words import Document, bold, enumeration
from cli.output.formats import keep_table, write_json, write_lines, write_rows
from cli.output.look import Column, Look
from cli.output.party_names import named
from cli.output.rerun_command import CLOCKS, clocks_lines, footer, rerun_command
from cli.subjects import not_known, thing_named
from domain.claims.claim import Clocks
from domain.claims.ranking import Policy
from events.value import replace
from projections.kinds.registry import answer
from projections.queries.show import NotKnownError, party_names
from projections.read_model.database import ReadModel

Question = Callable[[ReadModel, str, Clocks, Policy], Document]


def answer_document(
    context: typer.Context, kind: str, name: str, when: ClockOptions, question: Question
) -> Document:
    """Return the document that answers a question about a thing, or exit 3.

    For people it has in `called` what the thing is called.
    """
    app = app_context(context)
    with asking(context, when) as (answers, asked):
        thing = thing_named(answers, name, asked, kind)
        try:
            found = question(answers, thing, asked.clocks, asked.policy)
        except NotKnownError as error:
            not_known(answers, error, asked)
        if app.look.for_people:
            told = {**found, **found.get("answer", {})}
            found["called"] = called(answers, thing, asked, told)
    return {**found, "reproduce": rerun_command(context, asked)}


def called(
    answers: ReadModel, thing: str, asked: AskedAt, told: Document | None = None
) -> str | None:
    """Return the title, name or label of a subject; else its holder's name, or its sides'.

    `told` are values that are known of it already.
    """
    if told is None or not ("signed" in told or told.get("holder") or told.get("title")):
        view = answers.view(thing, asked.clocks, asked.policy)
        told = {**(told or {}), **(answer(thing, view) if view.standing.claims else {})}
    if found := next((told[name] for name in ("title", "name", "label") if told.get(name)), None):
        return str(found)
    holder, signed = told.get("holder"), told.get("signed") or ()
    sides = told.get("parties") or list(dict.fromkeys(one["party"] for one in signed))
    if not holder and not (sides and thing.startswith("agreement/")):
        return None
    names = party_names(answers, {holder} if holder else {*sides}, asked.clocks)
    if holder:
        return names.get(holder)
    days = {one["on"] for one in signed if one["on"]}
    day = f", signed {days.pop()}" if len(days) == 1 else ""
    paper = enumeration(told.get("kind") or "agreement")
    named_sides = " and ".join(names.get(one, one) for one in sides)
    return f"{paper[:1].upper()}{paper[1:]} of {named_sides}{day}"


def write_answer_page(
    context: typer.Context,
    found: Document,
    page: Callable[[Document, Look], list[str]],
    columns: Sequence[Column],
    rows: Sequence[Document],
) -> None:
    """Write the answer: a page, the whole document as JSON, or its rows as NDJSON and CSV."""
    how = replace(app_context(context).look, names=found["names"])
    if how.columns:
        head = {name: found[name] for name in (*CLOCKS, "reproduce") if name in found}
        write_rows(columns, rows, how, footer(head), head)
    elif how.for_people:
        write_lines(page(found, how), how, found)
    elif how.format == "json":
        keep_table(columns, rows)
        write_json(found, how)
    else:
        write_rows(columns, rows, how)


def subject_heading(found: Document) -> str:
    """Return a subject as a heading: what it is called, and its id in brackets."""
    return (
        f"{found['called']} ({found['subject']})" if found.get("called") else str(found["subject"])
    )


def answer_page(found: Document, how: Look, lines: Sequence[str], then: str) -> list[str]:
    """Return a page: the subject, its name and clocks, then the lines, then what to run next."""
    slug = found["subject"].partition("/")[2]
    below = ["", f"reproduce: {found['reproduce']}", f"next: depositary {then} {slug}"]
    return [bold(subject_heading(found), how), *clocks_lines(found), "", *lines, *below]


def aligned(values: Iterable[tuple[str, str]], width: int, how: Look) -> list[str]:
    """Return named values, one below the other; the names take `width` columns."""
    return [f"{name.ljust(width)}{named(text, how.names)}".rstrip() for name, text in values]
