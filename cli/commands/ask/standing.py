"""Show the status of each party under an agreement, and the effect of each reservation."""

from collections.abc import Iterator
from typing import Annotated

import typer

from cli.arguments import Name, argument, offer_things, party_option
from cli.clocks import ClockOptions, asking
from cli.errors.exit_codes import usage_failure
from cli.output.answer import aligned, answer_document, answer_page, write_answer_page
from cli.output.answer_rows import write_answer_rows
from cli.output.claim_words import Document, outcomes_in_words
from cli.output.look import Column, Look, for_scripts
from cli.output.page_values import perhaps_in_words, reservation_in_words, territories_in_words
from cli.output.party_names import named
from cli.output.rerun_command import about, with_left
from cli.output.table import table, wrapped
from cli.subjects import recorded_thing
from events.text import count_noun
from projections.queries.show import list_kind
from projections.queries.standing import (
    agreement_reservations,
    agreement_standing,
    statuses_of_party,
)

STATUS_COLUMNS = (
    Column("party", "party"),
    Column("name", ""),
    Column("status", "status"),
    Column("since", "since", fixed=True),
    *for_scripts("computed"),
    Column("flags", "notes"),
    *for_scripts("perhaps territories"),
)


_OF_A_PARTY = (
    Column("agreement", "agreement"),
    Column("title", "title", drop=1),
    Column("status", "status"),
    Column("since", "since", fixed=True),
    Column("presumed", ""),
    Column("flags", "notes", drop=2),
    Column("computed", ""),
    Column("perhaps", ""),
)


def standing(
    context: typer.Context,
    name: Annotated[
        str | None, argument("[ID]", "The subject: its name, or kind/name.", offer_things)
    ] = None,
    party: Annotated[
        str | None, party_option("Instead of ID: all agreements under which it has a status.")
    ] = None,
    *,
    when: ClockOptions,
) -> None:
    """Show each party's status, how many parties there are, and whether it is in force.

    The day of entry into force that the rule gives is shown beside the claimed one; a difference
    is a finding. With --party: the status of one party under every agreement, and since when.

    \b
    Examples:
      depositary agreement standing pk-sv-bitcoin-2025
      depositary agreement standing --party onbtc --as-of 2025-12-31
    """
    if (name is None) == (party is None):
        why = "one of ID and --party is needed"
        then = "depositary agreement standing --party sv"
        usage_failure("neither an agreement nor a party is named", why, then)
    if party is not None:
        _of_party(context, party, when)
        return
    assert name is not None
    found = answer_document(context, "agreement", name, when, agreement_standing)
    write_answer_page(context, found, status_page, STATUS_COLUMNS, rows_of_status(found))


def _of_party(context: typer.Context, party: str, when: ClockOptions) -> None:
    with asking(context, when) as (answers, question):
        who = recorded_thing(answers, party, question, "party")
        lines = statuses_of_party(answers, who, question.clocks, question.policy)
        listed = (
            [] if lines.rows else list_kind(answers, "agreement", question.clocks, question.policy)
        )
    signs = [one["subject"] for one in listed if who in (one.get("signatories") or ())]
    shown = [{**one, "status:shown": _or(one["status"], one["perhaps"])} for one in lines.rows]
    left, note = with_left({}, lines.left, "without --public-at and --policy all are")
    then = about(who)
    if several := [*(one["agreement"] for one in lines.rows), *signs]:
        then = about(several[0], "standing")
    signed = f"; it signed {', '.join(signs)}" if signs else ", and signed none"
    nothing = f"{who} has no status under an agreement{signed}"
    write_answer_rows(
        context,
        question,
        lines.excluded,
        _OF_A_PARTY,
        shown,
        notes=note,
        then=then,
        nothing=nothing,
        more={"party": who, **left},
    )


def rows_of_status(found: Document) -> list[Document]:
    """Return a row for each party, with its name where one is known."""
    return [
        {
            **one,
            "name": (name := found["names"].get(one["party"])),
            "party:shown": f"{name} ({one['party']})" if name else one["party"],
            "status:shown": _or(one["status"], one["perhaps"] and one["perhaps"]["status"]),
            "computed": one.get("computed"),
            "flags:shown": ", ".join((*one["flags"], *_by_rule(one), *territories_in_words(one))),
            "territories": [each["territory"] for each in one.get("territories", ())],
            "perhaps": one["perhaps"]["status"] if one["perhaps"] else None,
        }
        for one in found["answer"]["statuses"]
    ]


def _by_rule(one: Document) -> list[str]:
    """Return the day that the rule gives, where the party's own day is another."""
    computed = one.get("computed")
    return [f"by the rule since {computed}"] if computed else []


def status_page(found: Document, how: Look) -> list[str]:
    """Return the lines of the page: in force or not, how many, and each party's status."""
    perhaps = (("perhaps", text) for text in perhaps_in_words(found))
    lines = aligned((*_values(found["answer"]), *perhaps), 10, how)
    if found["answer"]["statuses"]:
        lines += ["", *table(STATUS_COLUMNS, rows_of_status(found), how)]
    for finding in found["findings"]:
        events = ", ".join(finding["events"])
        text = f"finding: {finding['check']}: {finding['sentence']} ({events})"
        lines += ["", named(text, how.names)]
    return answer_page(found, how, lines, "agreement show")


def _values(answer: Document) -> Iterator[tuple[str, str]]:
    yield "binding", answer["counts_as"]
    yield "phase", answer["phase"]
    operates = answer["mode"] == "operation"
    yield "operates" if operates else "in force", answer["in_force"]
    yield "claimed", answer["in_force_claimed"] or "no day"
    day, missing = answer["in_force_computed"], answer["in_force_waits_for"]
    none = f"unknown: missing {missing}" if missing else "no day"
    yield "computed", f"{day or none} (by {answer['computed_by']})"
    yield "recorded", ", ".join(_counts(answer["counts"], operates=operates))
    for text in outcomes_in_words(answer.get("contested", [])):
        yield "contested", text
    if ceased := answer.get("ceased"):
        yield "ceased", f"one side has ceased to exist: {', '.join(ceased)}"
    for each in answer["territories"]:
        since = f", since {each['since']}" if each["since"] else ""
        yield "extended", f"to {each['territory']}, by {each['party']}{since}"
    if not answer["certain"]:
        yield "certain", "no: what is presumed, or cannot be told for the day, is marked"


def _counts(counts: Document, *, operates: bool) -> Iterator[str]:
    """Yield how many are recorded; where none is, and none need be, that it is unknown."""
    words = [("signatories", "signatory", "signatories")]
    if operates:
        words.append(("participants", "participant", "participants"))
    else:
        words.append(("contracting", "contracting State", "contracting States"))
        words.append(("parties", "party", "parties"))
    for name, one, many in words:
        number = counts[name]
        presumed = counts["presumed"] if name == "parties" else 0
        marked = f" ({presumed} of them presumed)" if presumed else ""
        known = count_noun(number, one, many) if number is not None else f"{many} unknown"
        yield f"{known}{marked}"


def _or(status: str, other: str | None) -> str:
    return status if other in (None, status) else f"{status}, or {other}"


PAIR_COLUMNS = (
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
    found = answer_document(context, "agreement", name, when, agreement_reservations)
    write_answer_page(context, found, reservations_page, PAIR_COLUMNS, pair_rows(found))


def pair_rows(found: Document) -> list[Document]:
    """Return a row for each reservation and each other State that has consented."""
    answer = found["answer"]
    return [
        {
            **pair,
            "effect:shown": _or(pair["effect"], pair["perhaps"]),
            "since:shown": f"from {pair['since']}"
            if pair["effect"] == "pending"
            else pair["since"],
        }
        for pair in answer["pairs"] + answer["perhaps"]
    ]


def reservations_page(found: Document, how: Look) -> list[str]:
    """Return the lines of the page: each reservation in words, then the pairs."""
    answer = found["answer"]
    lines = [f"binding  {answer['counts_as']}"]
    if not answer["reservations"]:
        lines += ["", "no reservation is in effect"]
    for one in answer["reservations"]:
        told, *objections = reservation_in_words(one)
        lines += ["", *wrapped(named(told, how.names), how.room, "  ")]
        for text in objections:
            lines += wrapped(named(f"  {text}", how.names), how.room, "    ")
    laid = pair_rows(found)
    if laid:
        lines += ["", *table(PAIR_COLUMNS, laid, how)]
    elif answer["reservations"]:
        lines += ["", "no pair yet: a reservation has effects between States that have consented"]
    if not answer["certain"]:
        lines += ["", "some dates are imprecise; alternatives are marked 'or'"]
    return answer_page(found, how, lines, "agreement standing")
