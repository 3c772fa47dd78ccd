"""Find the id of a party in the register, and list what a party asserts."""

from typing import Annotated, Any

import typer

from cli.arguments import argument, flag, offer_parties
from cli.clocks import ClockOptions, asking
from cli.context import app_context
from cli.errors.exit_codes import not_found, usage_failure
from cli.errors.usage import did_you_mean
from cli.output.answer_rows import write_answer_rows
from cli.output.claim_words import Document, claim_cells, claim_columns, claim_in_words
from cli.output.formats import write_rows
from cli.output.look import Column, for_scripts
from cli.output.rerun_command import about
from cli.subjects import known_party
from domain.importers.register import Register, schemes_with
from events.value import replace
from projections.queries.statements import list_statements

_COLUMNS = (
    Column("id", "id", fixed=True),
    Column("name", "name"),
    Column("type", "type"),
    Column("by", "found by"),
)


def party_find(
    context: typer.Context, name: Annotated[str, argument("NAME", "A name, or a code of a State.")]
) -> None:
    """Find the id that imports give to a name: States, organisations, former States, codes.

    Names are those of ISO 3166-1, of the UN and of other lists of States; codes are of ISO 3166-1,
    of the Correlates of War (cow) and of Gleditsch and Ward (gw). To search the parties of a
    ledger, use depositary find.

    \b
    Examples:
      depositary party find "Korea, Republic of"
      depositary party find RUS
    """
    register = Register()
    rows: list[dict[str, Any]] = []
    found = register.find(name)
    if found is not None:
        rows.append({**found._asdict(), "by": "name" if len(name) > 2 else "iso2"})
    for scheme, _ in schemes_with(name):
        party = register.find_code(name, scheme)
        if party is not None and not (scheme == "iso2" and party == found):
            rows.append({**party._asdict(), "by": f'codes = "{scheme}"'})
    if not rows:
        why = did_you_mean(register.near(name)) or "the register has no similar name"
        not_found(f"the register has no party '{name:.60}'", why, f"depositary find '{name:.60}'")
    write_rows(_COLUMNS, rows, app_context(context).look)


_STATEMENTS = (
    *claim_columns("subject effective says asserted_by:2"),
    Column("previous", "before"),
    Column("change", "what it is", drop=2),
    Column("changed", "changed", drop=1),
    *claim_columns("published:3 position"),
    *for_scripts("recorded acted basis corrected_by perhaps id type text"),
)


_CHANGES = {
    "later day": "a newer figure of a later day",
    "same day": "another figure of the same day",
    "unknown day": "another figure, its day unknown",
    "same happening": "another statement about the same occurrence",
    "corrected": "its text was corrected",
}


def party_statements(
    context: typer.Context,
    name: Annotated[str | None, argument("[ID]", "The party.", offer_parties)] = None,
    changed: Annotated[
        bool, flag("--changed", "Only statements that differ from an earlier one.")
    ] = False,
    *,
    when: ClockOptions,
) -> None:
    """List the live claims that a party asserts, by subject; with --changed the changed ones.

    A statement changed if its figure or a field is incompatible with an earlier claim of the party
    in the same series or occurrence, or if its text was corrected for another reason than a
    data-entry error. With --changed and no ID: of all parties.

    \b
    Examples:
      depositary party statements onbtc
      depositary party statements --changed --as-of 2025-12-31
    """
    if name is None and not changed:
        why = "an ID is needed without --changed"
        usage_failure("no party is named", why, "depositary party statements --changed")
    with asking(context, when) as (answers, question):
        who = known_party(answers, name, question)
        found, excluded = list_statements(
            answers, question.clocks, question.policy, who, changed=changed
        )
    columns = [replace(c, title="") if c.name == "asserted_by" and who else c for c in _STATEMENTS]
    rows = [_statement(one) for one in found]
    of = f"{who} asserts nothing" if who else "no party asserts anything"
    nothing = f"{of} that differs from an earlier claim" if changed else of
    then = _after_statements(rows, who, changed=changed)
    write_answer_rows(
        context, question, excluded, columns, rows, then=then, nothing=nothing, more={"party": who}
    )


def _after_statements(rows: list[Document], who: str | None, *, changed: bool) -> str:
    if rows:
        return about(rows[0]["subject"])
    if who is None:
        return "party list"
    return about(who, "statements" if changed else "show")


def _statement(one: Document) -> Document:
    before = one["previous"]
    said = claim_in_words({**one, "says": before["says"]}, verb=False) if before else ""
    return {
        **one,
        **claim_cells(one),
        "previous:shown": f"{said}, {before['effective'] or 'undated'}" if before else "",
        "change:shown": _CHANGES.get(one["change"], ""),
        "changed:shown": ", ".join(one["changed"]),
    }
