"""What a page is made of: the command that answers it, its template, and what all pages share."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from cli.web.address import PageAddress
from cli.web.page import Page, Piece
from cli.web.questions import Answer, Document
from events.identifiers import kind_of

Context = dict[str, Any]


class View(NamedTuple):
    """A page: the command that answers it, its template, and what makes the rest of it."""

    words: tuple[str, ...]
    given: tuple[str, ...] = ()
    template: str = "rows.html"
    build: "Callable[[Visit], Context] | None" = None
    csv: bool = True


class Visit(NamedTuple):
    """A request for a page: its clocks and snapshot, what answers it, and its address."""

    page: Page
    view: View
    address: PageAddress

    def answer(self) -> Answer:
        """Return what the command of the page answers."""
        return self.page.ask(*self.view.words, given=self.view.given)

    @property
    def subject(self) -> str:
        """Return the id of the subject that the address is about."""
        parts = self.address.parts
        return "/".join(parts[1:3] if parts[0] in ("blame", "cite", "explain") else parts[:2])


def rows_context(
    visit: Visit,
    answer: Answer,
    *,
    rows: Sequence[Document] | None = None,
    hide: Sequence[str] = (),
    key: str = "subject",
) -> Context:
    """Return the table of an answer, a page of it, and the address of the next ones."""
    page, address = visit.page, visit.address
    rows = answer.rows if rows is None else rows
    table = page.table(answer.columns, rows, after=address.option("after"), key=key, hide=hide)
    more = (
        address._replace(options=with_option(address, "after", table.after))
        if table.after
        else None
    )
    first = address._replace(options=with_option(address, "after", None))
    document = answer.document if isinstance(answer.document, dict) else {}
    return {
        "table": table,
        "more": more and page.link(more.rest),
        "first": page.link(first.rest) if address.option("after") else None,
        "reproduce": document.get("reproduce"),
        "excluded": document.get("excluded"),
        "left": document.get("left"),
    }


def with_option(address: PageAddress, name: str, value: str | None) -> tuple[tuple[str, str], ...]:
    """Return the options of an address with one changed, or without it."""
    found = tuple(pair for pair in address.options if pair[0] != name)
    return (*found, (name, value)) if value else found


def heading(page: Page, subject: str, what: str = "") -> Context:
    """Return the heading of a page about a subject."""
    return {
        "subject": subject,
        "kind": kind_of(subject),
        "title": page.title(subject),
        "what": what,
        "home": page.subject(subject),
        "links": list(_links(page, subject)),
    }


def _links(page: Page, subject: str) -> Iterator[Piece]:
    kind, _, name = subject.partition("/")
    root = f"/{kind}/{name}/"
    yield Piece("Timeline", page.link(f"{root}timeline/"))
    yield Piece("History", page.link(f"{root}history/"))
    own: dict[str, tuple[tuple[str, str], ...]] = {
        "agreement": (("Status of the parties", "standing/"), ("Reservations", "reservations/")),
        "reserve": (("Reported figures", "series/"), ("Reconcile", "reconcile/")),
        "party": (
            *([("What it asserts", "statements/")] if page.asserts(subject) else ()),
            ("Where it is named", "named/"),
            *([("Its agreements", "agreements/")] if page.has_agreements(subject) else ()),
        ),
    }
    for title, path in own.get(kind, ()):
        yield Piece(title, page.link(f"{root}{path}"))
    if page.is_ranked(subject):
        yield Piece("Why", page.link(f"/explain/{kind}/{name}/"))
        yield Piece("Set by", page.link(f"/blame/{kind}/{name}/"))
    yield Piece("Compare", page.link(f"/diff/?subject={kind}/{name}"))
    yield Piece("Cite", page.link(f"/cite/{kind}/{name}/"))
    yield Piece("Follow (Atom)", page.link(f"{root}feed.atom"))


def command_again(page: Page, command: str) -> str:
    """Return a command with the clocks of the page, pinned."""
    asked = page.asked
    public = f" --public-at {asked.clocks.public_at_text}" if asked.clocks.public_at_text else ""
    chosen = f" --policy {asked.policy}" if str(asked.policy) != "primary-first" else ""
    return (
        f"{command} --as-of {asked.clocks.as_of_text}{public} --known-at @{asked.position}{chosen}"
    )


def web_address(text: str | None) -> str | None:
    """Return an address that a page may lead to: of http or https, and of nothing else."""
    return text if text and text.lower().startswith(("http://", "https://")) else None
