"""What is a reserve worth at a named price?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.clocks import When
from cli.errors.exit_codes import cannot, not_found
from cli.output.answer import Name, answered, write
from events.identifiers import check_thing

if TYPE_CHECKING:
    from domain.claims.claim import Clocks
    from domain.claims.ranking import Policy
    from projections.read_model.database import Answers

Price = Annotated[
    str,
    typer.Option(
        "--price",
        metavar="SOURCE",
        help="By which price: its name, or the source/... it rests on; the newest by then.",
    ),
]


def value(
    context: typer.Context,
    name: Name,
    price: Price,
    *,
    when: When,
) -> None:
    """Say what is reported of a reserve is worth at a named price, and who values it otherwise.

    The price is shown with its kind and its instant. What others quoted stands beside the
    computed value, compatible with it or not, and is never replaced by it.

    \b
    Examples:
      depositary reserve value sv --price price/btc-usd --as-of 2025-07-19
      depositary reserve value sv --price price/btc-usd --as-of 2025-07-19 --json
    """
    from cli.commands.ask import value_page as laid

    named = check_thing(price if "/" in price else f"price/{price}", ("price", "source"))
    found = answered(context, "reserve", name, when, _asking(named))
    write(context, found, laid.page, laid.COLUMNS, laid.rows(found))


def _asking(price: str) -> Any:
    from domain.kinds.valuing import TooMuchError
    from projections.queries.valuation import NoAmountError, NoPriceError, value_reserve

    def ask(answers: "Answers", thing: str, clocks: "Clocks", chosen: "Policy") -> Any:
        slug = thing.partition("/")[2]
        try:
            return value_reserve(answers, thing, clocks, chosen, price=price)
        except NoAmountError:
            not_found(
                f"nothing of {thing} can be valued",
                f"policy {chosen} picks no reported holding by {clocks.as_of}",
                f"depositary reserve reconcile {slug}",
            )
        except NoPriceError:
            not_found(
                f"{price} gives no price",
                f"no price of it was certainly observed by {clocks.as_of}",
                "depositary price list",
            )
        except TooMuchError as error:
            cannot("the value cannot be counted", str(error), f"depositary reserve show {slug}")

    return ask
