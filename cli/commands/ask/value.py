"""Say what the reported holding of a reserve is worth at a named price."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import Name, offer_prices, option
from cli.clocks import ClockOptions
from cli.errors.exit_codes import cannot, not_found, usage_failure
from cli.output.answer import aligned, answer_document, answer_page, write_answer_page
from cli.output.claim_words import Document, bold, claim_cells, claim_in_words
from cli.output.look import Column, Look, for_scripts
from cli.output.table import table
from domain.kinds.price import NoBoundError, WorthTooLargeError
from events.identifiers import is_thing, kind_of
from projections.queries.valuation import NoAmountError, NoPriceError, value_reserve
from projections.read_model.database import ReadModel

if TYPE_CHECKING:
    from domain.claims.claim import Clocks
    from domain.claims.ranking import Policy

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
    def ask(answers: ReadModel, thing: str, clocks: "Clocks", chosen: "Policy") -> Any:
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
