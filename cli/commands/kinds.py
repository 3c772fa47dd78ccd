"""How are things of a kind listed, shown, and followed through their history?"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from cli.app import OneByOne
from cli.clocks import Asked, AsOf, KnownAt, PolicyName, PublicAt, asked
from cli.counter import Counter, at_hand
from cli.errors import not_found, usage
from cli.output import write_json, write_lines, write_rows
from domain.policy import DEFAULT
from events.ids import IdError, check_thing, kind_of

if TYPE_CHECKING:
    from projections.answers import Answers
    from projections.show import NotKnownError

Name = Annotated[str, typer.Argument(metavar="ID", help="The thing: its name, or kind/name.")]
Party = Annotated[
    str | None, typer.Option("--party", metavar="PARTY", help="Only those that name this party.")
]
Claims = Annotated[
    bool, typer.Option("--claims", help="All claims behind each value, not only where they differ.")
]


def _group(kind: str, example: str) -> OneByOne:
    plural = "parties" if kind == "party" else f"{kind}s"

    def list_(
        context: typer.Context,
        party: Party = None,
        as_of: AsOf = None,
        public_at: PublicAt = None,
        known_at: KnownAt = None,
        policy: PolicyName = DEFAULT,
    ) -> None:
        _list(at_hand(context), kind, party, (as_of, public_at, known_at, policy))

    def show(
        context: typer.Context,
        name: Name,
        claims: Claims = False,
        as_of: AsOf = None,
        public_at: PublicAt = None,
        known_at: KnownAt = None,
        policy: PolicyName = DEFAULT,
    ) -> None:
        _show(at_hand(context), kind, name, claims, (as_of, public_at, known_at, policy))

    def history(
        context: typer.Context,
        name: Name,
        as_of: AsOf = None,
        public_at: PublicAt = None,
        known_at: KnownAt = None,
        policy: PolicyName = DEFAULT,
    ) -> None:
        _history(at_hand(context), kind, name, (as_of, public_at, known_at, policy))

    list_.__doc__ = _LIST.format(plural=plural, kind=kind)
    show.__doc__ = _SHOW.format(kind=kind, example=example)
    history.__doc__ = _HISTORY.format(kind=kind, example=example)
    functions: dict[str, Callable[..., None]] = {"list": list_, "show": show, "history": history}
    if kind == "source":
        from cli.commands.source_add import add

        functions["add"] = add
    return OneByOne(f"{plural.capitalize()}: {', '.join(functions)}.", functions)


_LIST = """List the {plural}, with what the policy answers about each.

\b
Examples:
  depositary {kind} list
  depositary {kind} list --as-of 2025-07-18 --format csv
"""
_SHOW = """Show what holds of one {kind}, who says so, and whether others say otherwise.

\b
Examples:
  depositary {kind} show {example}
  depositary {kind} show {example} --as-of 2025-07-19 --public-at 2025-07-31
  depositary {kind} show {example} --policy strict --json
"""
_HISTORY = """List every event about one {kind} in the order recorded, what was retracted too.

\b
Examples:
  depositary {kind} history {example}
  depositary {kind} history {example} --known-at @50
"""


def _list(counter: Counter, kind: str, party: str | None, when: tuple[Any, ...]) -> None:
    from cli.pages import lists
    from projections.show import listed

    with counter.answers() as answers:
        question = asked(answers.record, *when)
        wanted = check_thing(party if "/" in party else f"party/{party}") if party else None
        rows = listed(answers, kind, question.clocks, question.policy)
    if wanted:
        rows = [row for row in rows if wanted in _named(row)]
    write_rows(lists.columns(kind, rows), [lists.row(kind, row) for row in rows], counter.look)


def _show(counter: Counter, kind: str, name: str, claims: bool, when: tuple[Any, ...]) -> None:
    from cli.pages.thing import page
    from projections.show import NotKnownError, show

    with counter.answers() as answers:
        thing = _thing(answers, kind, name)
        question = asked(answers.record, *when)
        try:
            found = show(answers, thing, question.clocks, question.policy)
        except NotKnownError as error:
            _not_known(answers, error, question)
    if counter.look.format == "table":
        write_lines(page(found, counter.look, claims=claims))
    elif counter.look.format == "csv":
        usage("a page is no table", "csv holds rows", f"depositary {kind} history {name} --csv")
    else:
        write_json(found)


def _history(counter: Counter, kind: str, name: str, when: tuple[Any, ...]) -> None:
    from cli.pages import history
    from projections.show import NotKnownError
    from projections.show import history as followed

    with counter.answers() as answers:
        thing = _thing(answers, kind, name)
        question = asked(answers.record, *when)
        try:
            rows = followed(answers, thing, question.clocks)
        except NotKnownError as error:
            _not_known(answers, error, question)
    write_rows(history.COLUMNS, [history.row(row) for row in rows], counter.look)


def _thing(answers: "Answers", kind: str, name: str) -> str:
    thing = name if "/" in name else f"{kind}/{name}"
    try:
        return check_thing(thing, (kind,))
    except IdError as error:
        from cli.suggest import near

        meant = near(thing, answers.things(kind))
        if not meant:
            raise
        not_found(f"there is no {thing}", f"{error}: {meant}", f"depositary {kind} list")


def _not_known(answers: "Answers", error: "NotKnownError", question: Asked) -> NoReturn:
    from cli.suggest import near

    kind = kind_of(error.thing)
    if error.first is not None and error.first.position > question.position:
        not_found(
            f"{error.thing} was not recorded by then",
            f"@{question.position} is asked for, its first event is @{error.first.position}, "
            f"recorded at {error.first.time}",
            f"depositary {kind} show {error.thing} --known-at @{error.first.position}",
        )
    if answers.claims(error.thing, question.position):
        not_found(
            f"nothing about {error.thing} was public by {question.clocks.public_at}",
            f"{error.unknown} claims left out because nobody knows when they were public",
            f"depositary {kind} history {error.thing}",
        )
    things = answers.things(kind, question.position)
    not_found(
        f"there is no {error.thing}",
        near(error.thing, things) or f"{len(things)} things of the kind {kind} are recorded",
        f"depositary {kind} list",
    )


def _named(found: object) -> set[str]:
    if isinstance(found, dict):
        return set().union(*map(_named, found.values()))
    if isinstance(found, list):
        return set().union(*map(_named, found))
    return {found} if isinstance(found, str) else set()


def __getattr__(kind: str) -> OneByOne:
    """Return the commands of a kind, built when they are asked for."""
    if kind not in EXAMPLES:
        raise AttributeError(kind)
    return _group(kind, EXAMPLES[kind])


EXAMPLES = {
    "agreement": "pk-sv-bitcoin-2025",
    "reserve": "sv",
    "party": "onbtc",
    "source": "article",
    "programme": "pk-eff-2024",
    "allocation": "pk-2000mw",
    "proposal": "pk-marginal-tariff",
    "law": "sv-bitcoin-law-2021",
    "meeting": "saylor-2025",
    "price": "btc-usd",
}
