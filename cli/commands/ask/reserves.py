"""Say what holders hold together, tell the series of one reserve, reconcile it and value it."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from cli.arguments import Name, choice, offer_prices, option
from cli.clocks import ClockOptions, asking, read_first_day
from cli.commands.ask.diff import MOST
from cli.commands.ask.kinds import list_columns, list_row
from cli.errors.exit_codes import cannot, not_found, usage_failure
from cli.output.answer import aligned, answer_document, answer_page, write_answer_page
from cli.output.claim_words import Document, bold, claim_cells, claim_in_words, enumeration
from cli.output.formats import Column, Look, for_scripts, table
from cli.output.page_values import AGREE, balance_words, difference, why_not_certain
from cli.output.rerun_command import answer_head, clocks_lines
from events.dates import parse_date
from events.identifiers import is_thing, kind_of
from events.kinds.party import PartyType
from events.text import count_noun

if TYPE_CHECKING:
    from domain.claims.claim import Clocks
    from domain.claims.ranking import Policy
    from projections.read_model.database import ReadModel


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
_FIGURES = (
    Column("effective", "as of", fixed=True),
    Column("amount", "figure", number=True, amount=True),
    Column("type", "what", drop=1),
    Column("scope", "part"),
    Column("asserted_by", "asserted by"),
    Column("basis", "basis", drop=2),
    Column("support", "support", drop=3),
    Column("mark", " ", fixed=True),
    Column("position", "event", number=True),
    Column("published", "", drop=1),
    *for_scripts("selected holds perhaps support_perhaps no_support id"),
)
_NOT_AT_ENDS = ("subject", "holder", "status")
_PERIODS = ("month", "quarter", "year")
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
    from projections.queries.holdings import total_held

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


def series(
    context: typer.Context,
    name: Name,
    every: Annotated[
        str | None,
        choice(
            "--every",
            "PERIOD",
            "month, quarter or year: what was held at the end of each.",
            _PERIODS,
        ),
    ] = None,
    from_: Annotated[
        str | None, option("--from", "DAY", "Only what may be of that day or later.")
    ] = None,
    *,
    when: ClockOptions,
) -> None:
    """List the reported figures of a reserve, or its answer at the end of each period.

    \b
    Examples:
      depositary reserve series sv
      depositary reserve series sv --every month --from 2025-01 --as-of 2025-12-31 --csv
    """
    from projections.queries.holdings import reserve_series

    period: Any = every
    question = partial(reserve_series, every=period)
    first = read_first_day(from_, "--from") if from_ else date.min
    found = answer_document(context, "reserve", name, when, question)
    day = "effective" if every is None else "on"
    found["rows"] = [one for one in found["rows"] if _last_day(one[day]) >= first]
    if every is None:
        columns, rows = _FIGURES, [_figure_row(one) for one in found["rows"]]
    else:
        ends = [column for column in list_columns("reserve") if column.name not in _NOT_AT_ENDS]
        columns = (Column("on", "on", fixed=True), *ends)
        rows = [list_row("reserve", one) for one in found["rows"]]

    def page(one: Document, how: Look) -> list[str]:
        nothing = (
            "no figure is reported"
            if every is None
            else "nothing is reported, and no flow is recorded"
        )
        lines = table(columns, rows, how) if rows else [nothing]
        return answer_page(one, how, [*lines, *_legend(one, every)], "reserve show")

    write_answer_page(context, found, page, columns, rows)


def _last_day(text: str | None) -> date:
    """Return the last day that a date may be, of an open one the last of all."""
    return (parse_date(text).latest if text else None) or date.max


def _legend(found: Document, every: str | None) -> list[str]:
    """Return what the marks in the rows mean."""
    rows = found["rows"]
    if every is not None:
        unsure = any(row["reported_holds"] == "cannot tell" for row in rows)
        return ["", "? cannot tell whether it is from that day or earlier"] if unsure else []
    notes = [
        ("> selected for its own day", any(row["selected"] for row in rows)),
        (
            f"? cannot tell whether it is from {found['as_of']} or earlier",
            any(row["holds"] == "cannot tell" for row in rows),
        ),
        (f"~ perhaps published by {found['public_at']}", any(row["perhaps"] for row in rows)),
    ]
    told = [words for words, met in notes if met]
    return ["", *told] if told else []


def _figure_row(one: Document) -> Document:
    mark = ">" if one["selected"] else "~" if one["perhaps"] else ""
    return {
        **one,
        **claim_cells(one),
        "amount": one["says"]["amount"],
        "type:shown": one["type"].rpartition("-")[2],
        "support:shown": _figure_support(one),
        "mark": f"{mark}{'?' if one['holds'] == 'cannot tell' else ''}",
    }


def _figure_support(one: Document) -> str:
    perhaps = one["support_perhaps"]
    if perhaps:
        return ", ".join(filter(None, (one["support"], f"perhaps {perhaps}")))
    return one["support"] or f"none: {one['no_support']}"


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
    from projections.queries.reconcile import reconcile_reserve

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


VALUATIONS = (
    Column("effective", "effective", fixed=True),
    Column("value", "valued at"),
    Column("of", "of", drop=2),
    Column("asserted_by", "asserted by"),
    Column("compared", "computed value is"),
    Column("says", "", drop=1),
    *for_scripts("id"),
    Column("position", "event", number=True, drop=3),
)
_COMPARED = {"other currency": "in another currency", "other days": "of another date"}

Price = Annotated[
    str,
    option(
        "--price",
        "SOURCE",
        "The price: its name, or the source/... it rests on; the newest on that day.",
        offer_prices,
    ),
]


def value(context: typer.Context, name: Name, price: Price, *, when: ClockOptions) -> None:
    """Show what the reported holding of a reserve is worth at a named price.

    The price is shown with its kind and its time. Values that parties quoted are listed beside the
    computed value, with whether they are compatible with it; they are never replaced by it.

    \b
    Examples:
      depositary reserve value sv --price price/btc-usd --as-of 2025-07-19
      depositary reserve value sv --price price/btc-usd --as-of 2025-07-19 --json
    """
    named = price if "/" in price else f"price/{price}"
    if not is_thing(named) or kind_of(named) not in ("price", "source"):
        usage_failure(
            "--price names a recorded price",
            f"'{price:.60}' is none: write price/btc-usd, or the source/... that a price rests on",
            "depositary price list, or depositary template price.observed to record one",
        )
    found = answer_document(context, "reserve", name, when, _asking(named))
    write_answer_page(context, found, value_page, VALUATIONS, valuation_rows(found))


def _asking(price: str) -> Any:
    from domain.kinds.price import NoBoundError, WorthTooLargeError
    from projections.queries.valuation import NoAmountError, NoPriceError, value_reserve

    def ask(answers: "ReadModel", thing: str, clocks: "Clocks", chosen: "Policy") -> Any:
        slug = thing.partition("/")[2]
        try:
            return value_reserve(answers, thing, clocks, chosen, price=price)
        except NoAmountError:
            what, then = f"nothing of {thing} can be valued", f"depositary reserve reconcile {slug}"
            not_found(what, f"policy {chosen} selects no reported holding on {clocks.as_of}", then)
        except NoPriceError:
            why = f"no price of it was certainly observed on or before {clocks.as_of}"
            not_found(f"{price} gives no price", why, "depositary price list")
        except (NoBoundError, WorthTooLargeError) as error:
            cannot("the value cannot be computed", str(error), f"depositary reserve show {slug}")

    return ask


def valuation_rows(found: Document) -> list[Document]:
    """Return a row for each valuation claimed, with how the computed value compares to it."""
    return [
        {
            **one,
            "value": one["says"]["value"]["text"],
            "of": one["says"]["of"]["text"] if "of" in one["says"] else None,
            **claim_cells(one),
            "says": claim_in_words(one),
            "compared:shown": _COMPARED.get(one["compared"], one["compared"]),
        }
        for one in found["beside"]
    ]


def value_page(found: Document, how: Look) -> list[str]:
    """Return the lines of the page: amount, price and value, then what others say."""
    lines = aligned(_valued(found), 9, how)
    if found["beside"]:
        lines += ["", bold("Other valuations", how), *table(VALUATIONS, valuation_rows(found), how)]
    return answer_page(found, how, lines, "reserve show")


def _valued(found: Document) -> Iterator[tuple[str, str]]:
    answer = found["answer"]
    amount, price = answer["amount"], answer["price"]
    yield "amount", f"{amount['says']['text']} as of {amount['as_of']}, {_by(amount)}"
    day = price["as_of"] or "an unknown time"
    yield "price", f"{price['says']['text']}, {price['kind']} at {day}, {_by(price)}"
    yield "", f"{price['pair']} in {price['subject']}, {price['claim']}"
    if not answer["of_one_day"]:
        yield "", "the price is of another day than the amount"
    yield "value", f"{answer['value']['text']}, rounded {answer['rounded']}"


def _by(one: Document) -> str:
    support = f"  [{one['support']}]" if one["support"] else ""
    return f"asserted by {one['asserted_by']}{support}"
