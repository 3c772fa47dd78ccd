"""Say how each party stands to an agreement."""

from collections.abc import Iterator

import typer

from cli.clocks import ClockOptions
from cli.output.answer import Name, answer_document, write_answer_page
from cli.output.claim_words import Document, bold
from cli.output.formats import Column, Look, table, wrapped
from cli.output.page_values import territories_in_words
from cli.output.rerun_command import clocks_lines
from events.text import count_noun

COLUMNS = (
    Column("party", "party"),
    Column("name", "name", drop=1),
    Column("status", "status"),
    Column("since", "since", fixed=True),
    Column("flags", "beside it"),
    Column("perhaps", ""),
    Column("territories", ""),
)


def standing(
    context: typer.Context,
    name: Name,
    *,
    when: ClockOptions,
) -> None:
    """Say where each party stands, how many they are, and whether the agreement is in force.

    The day computed by its rule stands beside the claimed one; where they differ, that is a
    finding.

    \b
    Examples:
      depositary agreement standing pk-sv-bitcoin-2025
      depositary agreement standing pk-sv-bitcoin-2025 --as-of 2025-07-16 --json
    """
    from projections.queries.standing import agreement_standing

    found = answer_document(context, "agreement", name, when, agreement_standing)
    write_answer_page(context, found, page, COLUMNS, rows(found))


def rows(found: Document) -> list[Document]:
    """Return a row for each party, with its name where one is known."""
    return [
        {
            **one,
            "name": found["names"].get(one["party"]),
            "status:shown": _shown(one),
            "flags:shown": ", ".join((*one["flags"], *territories_in_words(one))),
            "territories": [each["territory"] for each in one.get("territories", ())],
            "perhaps": one["perhaps"]["status"] if one["perhaps"] else None,
        }
        for one in found["answer"]["statuses"]
    ]


def page(found: Document, how: Look) -> list[str]:
    """Return the lines of the page: in force or not, how many, and each party's standing."""
    title = f"{found['subject']}: {found['title']}" if found["title"] else found["subject"]
    lines = [bold(title, how), *clocks_lines(found), ""]
    for name, text in _values(found["answer"]):
        lines += wrapped(f"{name.ljust(10)}{text}", how.width or 1000, " " * 10)
    if found["answer"]["statuses"]:
        lines += ["", *table(COLUMNS, rows(found), how)]
    for finding in found["findings"]:
        events = ", ".join(finding["events"])
        text = f"finding: {finding['check']}: {finding['sentence']} ({events})"
        lines += ["", *wrapped(text, how.width or 1000, "  ")]
    slug = found["subject"].partition("/")[2]
    return [
        *lines,
        "",
        f"reproduce: {found['reproduce']}",
        f"next: depositary agreement show {slug}",
    ]


def _values(answer: Document) -> Iterator[tuple[str, str]]:
    yield "binding", answer["counts_as"]
    yield "phase", answer["phase"]
    operates = answer["mode"] == "operation"
    yield "operates" if operates else "in force", answer["in_force"]
    yield "claimed", answer["in_force_claimed"] or "no day"
    day, missing = answer["in_force_computed"], answer["in_force_waits_for"]
    yield "computed", f"{day or f'no day, for want of {missing}'} (by {answer['computed_by']})"
    counts = answer["counts"]
    told = [count_noun(counts["signatories"], "signatory", "signatories")]
    if operates:
        told += [count_noun(counts["participants"], "participant")]
    else:
        told += [count_noun(counts["contracting"], "contracting State")]
        told += [count_noun(counts["parties"], "party", "parties")]
    yield "counts", ", ".join(told)
    if not answer["certain"]:
        yield "certain", "no: some days cannot tell, and what they may change is shown as 'or'"


def _shown(one: Document) -> str:
    perhaps = one["perhaps"]
    return f"{one['status']}, or {perhaps['status']}" if perhaps else str(one["status"])
