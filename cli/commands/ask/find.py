"""Find things by words, and the id of a party by a name or a code, in the register."""

from typing import Annotated, Any

import typer

from cli.arguments import argument
from cli.clocks import ClockOptions, read_clocks
from cli.context import app_context
from cli.errors.exit_codes import not_found, usage_failure
from cli.output.answer import write_answer_rows
from cli.output.claim_words import Document, claim_in_words
from cli.output.formats import Column, for_scripts, write_rows
from cli.output.rerun_command import excluded_in_words
from events.text import count_noun

_COLUMNS = (
    Column("subject", "subject"),
    Column("position", "event", number=True),
    Column("says", "says"),
    Column("asserted_by", "who says so", drop=1),
    *for_scripts("effective published recorded text acted basis id type"),
)


def find(
    context: typer.Context,
    text: Annotated[str, argument("TEXT", "Words, in any case.")],
    *,
    when: ClockOptions,
) -> None:
    """Find things by what is said of them: names, titles, gists, ids.

    \b
    Examples:
      depositary find "bitcoin office"
      depositary find pakistan --format json
      depositary find memorandum --public-at 2025-07-18
    """
    from projections.queries.lists import find_claims

    app = app_context(context)
    if not text.split():
        usage_failure("nothing is looked for", "TEXT holds no word", "depositary find --help")
    with app.answers() as answers:
        question = read_clocks(answers.record, when)
        claims, excluded = find_claims(answers, text, question.clocks, question.policy)
    if not claims:
        unknown = f"; {excluded_in_words(excluded)}" if sum(excluded) else ""
        why = f"{count_noun(question.position, 'event')} were looked through, in any case{unknown}"
        then = "depositary find with fewer or other words"
        not_found(f"nothing speaks of '{text[:60]}'", why, then)
    write_answer_rows(context, question, excluded, _COLUMNS, [_row(claim) for claim in claims])


def _row(claim: Document) -> Document:
    thing = str(claim["id"]).rpartition("/")[0]
    position, text = f"@{claim['position']}", claim_in_words(claim)
    return {**claim, "subject": thing, "says:shown": text, "text": text, "position:shown": position}


_REGISTER_COLUMNS = (
    Column("id", "id", fixed=True),
    Column("name", "name"),
    Column("type", "type"),
    Column("by", "found by"),
)


def party_find(
    context: typer.Context, name: Annotated[str, argument("NAME", "A name, or a code of a State.")]
) -> None:
    """Tell the id that imports give to a name: States, organisations, former States, codes.

    Names are those of ISO 3166-1 and the UN and the others under which lists know a State; codes
    are of ISO 3166-1, of the Correlates of War (cow) and of Gleditsch and Ward (gw). What a ledger
    itself calls a party, depositary find tells.

    \b
    Examples:
      depositary party find "Korea, Republic of"
      depositary party find RUS
      depositary party find 260
    """
    from domain.importers.country_codes import schemes_with
    from domain.importers.register import Register

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
        near = register.near(name)
        why = f"did you mean {' or '.join(near)}?" if near else "nothing in the register comes near"
        not_found(f"no register knows '{name:.60}'", why, f"depositary find '{name:.60}'")
    write_rows(_REGISTER_COLUMNS, rows, app_context(context).look)
