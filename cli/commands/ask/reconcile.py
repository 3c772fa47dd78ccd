"""Compare the ledger balance of a reserve with the reported and the observed figure."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from cli.arguments import Name
from cli.clocks import ClockOptions
from cli.output.answer import aligned, answer_document, answer_page, write_answer_page
from cli.output.claim_words import Document, bold, enumeration
from cli.output.look import Column, Look, for_scripts
from cli.output.page_values import AGREE, balance_words, difference, why_not_certain
from cli.output.table import table
from projections.queries.reconcile import reconcile_reserve

if TYPE_CHECKING:
    pass

EXPLANATIONS = (
    Column("on", "effective", fixed=True),
    Column("type", "what"),
    Column("amounts", "amount"),
    Column("ledger_balance_lower_sat", "ledger balance", number=True),
    *for_scripts("ledger_balance_upper_sat unknown_flows"),
    Column("reasons", "why it may explain it"),
    Column("words", "in words", drop=1),
    *for_scripts("claims"),
    Column("position", "event", number=True, drop=2),
)


def reconcile(context: typer.Context, name: Name, *, when: ClockOptions) -> None:
    """Compare the ledger balance with the reported and the observed figure.

    The ledger balance is the sum of the recorded flows of what the holder owns, reported is what a
    party says is held, observed is what addresses hold. None of the three corrects another. What
    was seized is in custody, no part of the ledger balance until it is forfeited. Claims that may
    explain a difference are listed. A transfer changes the total only by its fee.

    \b
    Examples:
      depositary reserve reconcile sv --as-of 2025-08-30
      depositary reserve reconcile sv --as-of 2024-03-15 --json
    """
    found = answer_document(context, "reserve", name, when, reconcile_reserve)
    write_answer_page(context, found, reconcile_page, EXPLANATIONS, explanation_rows(found))


def explanation_rows(found: Document) -> list[Document]:
    """Return a row for each happening that may explain a difference."""
    return [
        {
            **one,
            "type:shown": enumeration(one["type"].partition(".")[2]),
            "on:shown": one["on"] or "undated",
            "amounts": [amount and amount["text"] for amount in one["amounts"]],
            "amounts:shown": " + ".join(a["text"] for a in one["amounts"] if a) or "unknown",
            "ledger_balance_lower_sat:shown": _moves(one),
            "reasons:shown": "; ".join(one["reasons"]),
            "words:shown": enumeration(one["words"] or ""),
            "position:shown": f"@{one['position']}",
        }
        for one in found["explained_by"]
    ]


def reconcile_page(found: Document, how: Look) -> list[str]:
    """Return the lines of the page: three figures, their differences, what may explain them."""
    lines = aligned(_reconciled(found), 16, how)
    if found["explained_by"]:
        lines += ["", bold("What may explain a difference", how)]
        lines += table(EXPLANATIONS, explanation_rows(found), how)
    else:
        lines += ["", "no claim explains a difference"]
    return answer_page(found, how, lines, "reserve show")


def _reconciled(found: Document) -> Iterator[tuple[str, str]]:
    answer = found["answer"]
    contested = {one["field"] for one in answer.get("contested", ())}
    balance = balance_words(answer["ledger_balance"], beside=answer["custody"])
    yield "ledger balance", "contested" if "ledger_balance" in contested else balance
    if answer["ledger_balance_perhaps"]:
        yield ("or", f"{balance_words(answer['ledger_balance_perhaps'])}: {why_not_certain(found)}")
    if answer["custody"]:
        yield "in custody", balance_words(answer["custody"])
    yield "reported", _measured(answer["reported"])
    yield "observed", _measured(answer["observed"])
    for one in answer["differences"]:
        text = difference(one["lower_sat"], one["upper_sat"])
        of, less = one["of"].replace("_", " "), one["less"].replace("_", " ")
        yield "difference", f"{text}, {of} less {less}"
    yield "agree", AGREE[answer["agree"]]


def _measured(one: Document | None) -> str:
    if one is None:
        return "none recorded"
    who = one["asserted_by"]
    at = f" at {one['addresses']} addresses" if (one["addresses"] or 0) > 1 else ""
    day = one["as_of"] or "an unknown day"
    return f"{one['amount']['text']}{at} as of {day}, asserted by {who}  [{one['support']}]"


def _moves(one: Document) -> str:
    if one["type"] == "reserve.reconciled" or one["unknown_flows"] is None:
        return ""
    if one["unknown_flows"]:
        return "?"
    return difference(one["ledger_balance_lower_sat"], one["ledger_balance_upper_sat"])
