"""Say why a value is what it is, where it comes from, and which event set each value."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Annotated, Any

import typer

from cli.arguments import Subject, argument, offer_values
from cli.clocks import AskedAt, ClockOptions, asking
from cli.context import AppContext, app_context
from cli.errors.exit_codes import not_found
from cli.errors.usage import near
from cli.output.answer import called, subject_heading
from cli.output.answer_rows import look_with_names, write_answer_rows
from cli.output.claim_words import (
    Document,
    basis_in_words,
    bold,
    claim_columns,
    claim_in_words,
    correction_mark,
    effective_date,
    field_titles,
    is_detail,
    position_label,
    write_fields,
)
from cli.output.formats import write_json, write_lines
from cli.output.look import Column, Look, for_scripts
from cli.output.party_names import named
from cli.output.rerun_command import answer_head, clocks_lines
from cli.subjects import known_thing, not_known
from cli.typed_input import echo_understood
from projections.queries.blame import blame_values
from projections.queries.explain import NoSuchFieldError, explain_values
from projections.queries.show import NotKnownError

MOST = 4


def explain(
    context: typer.Context,
    thing: Subject,
    field: Annotated[
        str | None, argument("[FIELD]", "The value: kind, ledger_balance, reported.", offer_values)
    ] = None,
    *,
    when: ClockOptions,
) -> None:
    """Show why a value is the answer: the selected claim, its rivals and its sources.

    From the value through the policy and the ranking to the events, their sources, what these
    quote, the origin, and the digest of the archived copy. Without a FIELD: all values.

    \b
    Examples:
      depositary explain agreement/pk-sv-bitcoin-2025 kind
      depositary explain reserve/sv reported --as-of 2025-07-19
    """
    app = app_context(context, no_csv=True, instead=f"depositary blame {thing} --csv")
    with asking(context, when) as (answers, question):
        name = known_thing(answers, thing, question)
        asked = question.clocks, question.policy
        try:
            found = explain_values(answers, name, *asked, field)
        except NoSuchFieldError as error:
            if not error.known:
                not_known(answers, NotKnownError(name, None), question)
            if meant := _field_meant(app, question, error):
                field = echo_understood(error.field, meant)
            else:
                first = dict.fromkeys(one.partition(".")[0] for one in error.known)
                why = near(error.field, error.known) or f"it has {', '.join(first)}"
                what = f"{name} has no value named {error.field}"
                not_found(what, why, f"depositary explain {name}")
            found = explain_values(answers, name, *asked, field)
        excluded = answers.view(name, question.clocks, question.policy).standing.excluded
        head = {**answer_head(context, question, excluded), "subject": name}
        title = subject_heading({**head, "called": called(answers, name, question)})
    if app.look.for_people:
        how = look_with_names(app, question, found).prose
        lines = [bold(title, how), *clocks_lines(head), "", *page(found, how)]
        write_lines([*lines, "", f"reproduce: {head['reproduce']}"], how, found)
    else:
        write_json({**head, **found}, app.look)


def _field_meant(app: AppContext, question: AskedAt, error: NoSuchFieldError) -> str | None:
    """Return the value, or the group of them, that the words name as they are printed."""
    groups: dict[str, str] = {}
    names = look_with_names(app, question, error.known).names
    for known in error.known:
        parts = known.split(".")
        for count in range(1, len(parts) + 1):
            group = ".".join(parts[:count])
            groups[_plain(group)] = groups[_plain(named(group, names))] = group
            groups[_plain(group.replace("party/", ""))] = group
    return groups.get(_plain(error.field))


def _plain(field: str) -> str:
    return " ".join(field_titles(field).casefold().split())


def page(found: Document, how: Look) -> list[str]:
    """Return the lines: the value, then claim by claim why, then the sources."""
    told = [*_values(found)]
    if found["field"] is None:
        told = [named(text, how.names) for text in told]
        fields = [one["field"] for one in found["values"]]
        example = next((f for f in fields if "." not in f), fields[0] if fields else "FIELD")
        return [*told, "", f"next: depositary explain {found['subject']} {example}"]
    for reason in found["reasons"]:
        told += ["", *_reason(reason)]
    return [named(text, how.names) for text in told]


def _values(found: Document) -> Iterator[str]:
    shown = [one for one in found["values"] if not is_detail(one["field"], one["value"])]
    for one in shown or found["values"]:
        support = one["support"] or "not stated"
        steps = len(one["events"])
        changes = f", changed by {steps} claims" if steps > 1 else ""
        perhaps = "perhaps: " if one["perhaps"] else ""
        value = write_fields(one["value"])
        yield f"{perhaps}{field_titles(one['field'])}: {value}  [{support}]{changes}"


def _reason(reason: Document) -> Iterator[str]:
    contested = [name for name, status in reason["fields"].items() if status == "contested"]
    fields = f" ({', '.join(contested)})" if contested else ""
    support = f": {reason['support']}{fields}" if reason["support"] else ""
    perhaps = "with what was perhaps published, " if reason["perhaps"] else ""
    yield f"{perhaps}{reason['what']}{support}"
    ranked = reason["ranked"]
    for place, following in zip_longest(ranked[:MOST], ranked[1 : MOST + 1]):
        yield from _place(place, following)
    if len(ranked) > MOST:
        yield f"  and {len(ranked) - MOST} more, after these"
    for denial in reason["denied_by"]:
        said = f"{position_label(denial)}, {basis_in_words(denial)}: {denial['ground']}"
        yield f"x {denial['asserted_by']} denies it, {said}"
    for resolution in reason["resolved_by"]:
        ground = resolution["ground"] or "no ground given"
        by = resolution["asserted_by"]
        yield f"= resolved by {by}, {position_label(resolution)}: {ground}"
    several = len({source["for"] for source in reason["sources"]}) > 1
    for source in reason["sources"]:
        yield from _source(source, several=several)
    for proof in reason["proofs"]:
        command = f"depositary prove @{proof['position']}"
        yield f"proof: in the signed tree of {proof['checkpoint']} events; {command}"


def _place(place: Document, following: Document | None) -> Iterator[str]:
    mark = ">" if place["selected"] else " "
    for claim in place["claims"]:
        text = (
            f"{mark} {effective_date(claim)}: {claim_in_words(claim, verb=False)},"
            f" asserted by {claim['asserted_by']} "
            f"({basis_in_words(claim)}), {position_label(claim)}{correction_mark(claim)}"
        )
        yield text
    if not place["may_be_selected"]:
        why = "a chain alone does not show whether it was bought or moved"
        yield f"    never selected: {why}"
    elif place["before_next_by"]:
        why, best = place["before_next_by"], place["claims"][0]["basis"]
        if why.startswith("on a stronger basis") and following is not None:
            second = following["claims"][0]["basis"]
            why = f"{best} outranks {second}".replace("-", " ") if second != best else why
        yield f"    {'selected' if place['selected'] else 'before the next'}: {why}"


def _source(source: Document, *, several: bool) -> Iterator[str]:
    title = f"“{source['title']}” ({source['source']})" if source["title"] else source["source"]
    if several:
        what = "correction " if source["corrects"] else ""
        title = f"{what}{position_label(source)}: {title}"
    parts = [title, f"published {source['published'] or 'on an unknown day'}"]
    if not source["selected"]:  # JSON has all that is known of it
        yield ", ".join(parts)
        return
    if source["publisher"]:
        parts.insert(1, f"by {source['publisher']}")
    if source["origin"] != source["publisher"]:
        parts.append(f"origin {source['origin']}")
    yield ", ".join(parts)
    if source["locator"]:
        yield f"  at {source['locator']}"
    elif source["note"]:  # where no address is known, what the recorder says of it
        yield f"  note: {source['note']}"
    for link in source["chain"]:
        title = f" “{link['title']}”" if link["title"] else ""
        yield f"  quotes {link['source']}{title}"
    for digest in source["copies"] or ():
        yield f"  copy {digest}"


BLAME_COLUMNS = (
    Column("field", "value"),
    Column("value", "is"),
    *claim_columns("support:4 position asserted_by:5 basis:2 sources:3"),
    Column("changes", "changes", number=True, drop=1),
    Column("rule", "selected because", drop=1),
    Column("rival", "instead of", drop=1),
    *for_scripts("event with corrected_by"),
)
_OF_CLAIM = ("position", "asserted_by", "basis", "sources", "corrected_by")


def blame(context: typer.Context, thing: Subject, *, when: ClockOptions) -> None:
    """Show which event and which source set each value of a subject.

    For a value that several claims made in turn, such as a balance, it names the last one and
    counts them.

    \b
    Examples:
      depositary blame reserve/sv
      depositary blame agreement/pk-sv-bitcoin-2025 --as-of 2025-07-31
    """
    app = app_context(context)
    with asking(context, when) as (answers, question):
        name = known_thing(answers, thing, question)
        lines = blame_values(answers, name, question.clocks, question.policy)
        excluded = answers.view(name, question.clocks, question.policy).standing.excluded
    if app.look.for_people:
        lines = [line for line in lines if not is_detail(line["field"], line["value"])]
    write_answer_rows(
        context, question, excluded, BLAME_COLUMNS, [blame_row(line) for line in lines]
    )


def blame_row(line: Document) -> dict[str, Any]:
    """Return a value as a row; a default where no claim states it."""
    claim = line["claim"]
    found = {
        **line,
        "field:shown": field_titles(line["field"]),
        "value:shown": write_fields(line["value"]),
        "changes:shown": line["changes"] if line["changes"] > 1 else None,
    }
    if claim is None:
        return {**found, "asserted_by:shown": "not stated"}
    return {
        **found,
        **{name: claim[name] for name in _OF_CLAIM},
        "position:shown": f"{position_label(claim)}{correction_mark(claim)}",
        "basis:shown": basis_in_words(claim),
        "sources:shown": _short(claim["sources"]),
        "event": claim["id"],
    }


def _short(sources: list[str]) -> str:
    """Return the first source, and how many more there are."""
    if not sources:
        return ""
    more = f" +{len(sources) - 1}" if len(sources) > 1 else ""
    return f"{sources[0].removeprefix('source/')}{more}"
