"""Show the status of each party under an agreement."""

from collections.abc import Iterator
from typing import Annotated

import typer

from cli.arguments import argument, offer_parties, offer_things, option
from cli.clocks import ClockOptions, read_clocks
from cli.context import app_context
from cli.errors.exit_codes import usage_failure
from cli.output.answer import aligned, answer_document, answer_page, write_answer_page
from cli.output.claim_words import Document, outcomes_in_words
from cli.output.formats import Column, Look, for_scripts, table, wrapped, write_rows
from cli.output.page_values import perhaps_in_words, territories_in_words
from cli.output.rerun_command import about, answer_head, footer, with_left
from cli.subjects import known_party
from events.text import count_noun

COLUMNS = (
    Column("party", "party"),
    Column("name", "name", drop=1),
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
        str | None,
        option(
            "--party",
            "PARTY",
            "Instead of ID: all agreements under which it has a status.",
            offer_parties,
        ),
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
    from projections.queries.standing import agreement_standing

    if (name is None) == (party is None):
        why = "one of ID and --party is needed"
        then = "depositary agreement standing --party sv"
        usage_failure("which agreement, or which party?", why, then)
    if party is not None:
        _of_party(context, party, when)
        return
    assert name is not None
    found = answer_document(context, "agreement", name, when, agreement_standing)
    write_answer_page(context, found, page, COLUMNS, rows(found))


def _of_party(context: typer.Context, party: str, when: ClockOptions) -> None:
    from projections.queries.show import list_kind
    from projections.queries.standing import statuses_of_party

    app = app_context(context)
    with app.answers() as answers:
        question = read_clocks(answers.record, when)
        who = known_party(answers, party, question)
        lines = statuses_of_party(answers, who, question.clocks, question.policy)
        listed = (
            [] if lines.rows else list_kind(answers, "agreement", question.clocks, question.policy)
        )
    signs = [one["subject"] for one in listed if who in (one.get("signatories") or ())]
    shown = [{**one, "status:shown": _or(one["status"], one["perhaps"])} for one in lines.rows]
    head = {"party": who, **answer_head(context, question, lines.excluded)}
    head, note = with_left(head, lines.left, "without --public-at and --policy all are")
    then = about(who)
    if several := [*(one["agreement"] for one in lines.rows), *signs]:
        then = about(several[0], "standing")
    signed = f"; it signed {', '.join(signs)}" if signs else ", and signed none"
    nothing = f"{who} has no status under an agreement{signed}"
    write_rows(_OF_A_PARTY, shown, app.look, [*note, *footer(head, then)], head, nothing)


def rows(found: Document) -> list[Document]:
    """Return a row for each party, with its name where one is known."""
    return [
        {
            **one,
            "name": found["names"].get(one["party"]),
            "status:shown": _shown(one),
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


def page(found: Document, how: Look) -> list[str]:
    """Return the lines of the page: in force or not, how many, and each party's status."""
    perhaps = (("perhaps", text) for text in perhaps_in_words(found))
    lines = aligned((*_values(found["answer"]), *perhaps), 10, how)
    if found["answer"]["statuses"]:
        lines += ["", *table(COLUMNS, rows(found), how)]
    for finding in found["findings"]:
        events = ", ".join(finding["events"])
        text = f"finding: {finding['check']}: {finding['sentence']} ({events})"
        lines += ["", *wrapped(text, how.width or 1000, "  ")]
    return answer_page(found, how, lines, "agreement show", found["title"])


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


def _shown(one: Document) -> str:
    return _or(one["status"], one["perhaps"] and one["perhaps"]["status"])


def _or(status: str, other: str | None) -> str:
    return status if other in (None, status) else f"{status}, or {other}"
