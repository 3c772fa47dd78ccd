"""Show the effect of each reservation between every two States."""

from typing import Any

import typer

from cli.arguments import Name
from cli.clocks import ClockOptions
from cli.output.answer import answer_document, answer_page, write_answer_page
from cli.output.claim_words import Document
from cli.output.formats import Column, Look, for_scripts, table, wrapped

COLUMNS = (
    Column("reserving", "reserving"),
    Column("ref", "ref", fixed=True),
    Column("other", "towards"),
    Column("effect", "effect"),
    Column("since", "since", fixed=True),
    Column("missing", "waits for", drop=1),
    *for_scripts("perhaps"),
)


def reservations(context: typer.Context, name: Name, *, when: ClockOptions) -> None:
    """Show the effect of each reservation towards each other State, and from which day.

    A State that is silent accepts twelve months after it was notified, or when it consents if that
    is later (VCLT 20(5)). Without a recorded day of notice the effect cannot be told.

    \b
    Examples:
      depositary agreement reservations pk-sv-bitcoin-2025
      depositary agreement reservations pk-sv-bitcoin-2025 --as-of 2026-07-16 --csv
    """
    from projections.queries.standing import agreement_reservations

    found = answer_document(context, "agreement", name, when, agreement_reservations)
    write_answer_page(context, found, page, COLUMNS, rows(found))


def rows(found: Document) -> list[Document]:
    """Return a row for each reservation and each other State that has consented."""
    answer = found["answer"]
    return [
        {**pair, "effect:shown": _effect(pair), "since:shown": _since(pair)}
        for pair in answer["pairs"] + answer["perhaps"]
    ]


def page(found: Document, how: Look) -> list[str]:
    """Return the lines of the page: each reservation in words, then the pairs."""
    answer = found["answer"]
    lines = [f"binding  {answer['counts_as']}"]
    if not answer["reservations"]:
        lines += ["", "no reservation is in effect"]
    for one in answer["reservations"]:
        lines += ["", *wrapped(_told(one, found["names"]), how.width or 1000, "  ")]
        for objection in one["objections"]:
            lines += wrapped(f"  {_objection(objection)}", how.width or 1000, "    ")
    laid = rows(found)
    if laid:
        lines += ["", *table(COLUMNS, laid, how)]
    elif answer["reservations"]:
        lines += ["", "no pair yet: a reservation has effects between States that have consented"]
    if not answer["certain"]:
        lines += ["", "some dates are imprecise; alternatives are marked 'or'"]
    return answer_page(found, how, lines, "agreement standing", found["title"])


def _told(one: Document, names: dict[str, Any]) -> str:
    who = names.get(one["party"], one["party"])
    articles = f" to article {', '.join(one['articles'])}" if one["articles"] else ""
    day = f"{one['formulated']}" if one["formulated"] else "on an unknown day"
    waits = ", not confirmed at consent" if one["waits_for_confirmation"] else ""
    notice = one["notified"] or "on an unrecorded day"
    return f"{one['ref']}{articles}, by {who} {day}{waits}, others notified {notice}: {one['gist']}"


def _objection(one: Document) -> str:
    precludes = "; the agreement is not in force between the two" if one["precludes"] else ""
    return f"objected to by {one['by']} {one['on']}{precludes}"


def _effect(pair: Document) -> str:
    return f"{pair['effect']}, or {pair['perhaps']}" if pair["perhaps"] else str(pair["effect"])


def _since(pair: Document) -> str:
    day = pair["since"] or ""
    return f"from {day}" if pair["effect"] == "pending" else day
