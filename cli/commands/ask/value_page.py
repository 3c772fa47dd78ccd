"""How is the value of a reserve laid out, beside what others say that it is worth?"""

from collections.abc import Iterator

from cli.output.formats import Column, Look, table, wrapped
from cli.output.formatting import Document, bold, says, where, who
from cli.output.rerun_command import clocks_lines

COLUMNS = (
    Column("effective", "effective", fixed=True),
    Column("value", "valued at"),
    Column("of", "of", drop=2),
    Column("asserted_by", "who says so"),
    Column("compared", "computed value is"),
    Column("says", "", drop=1),
    Column("id", ""),
    Column("position", "event", number=True, drop=3),
)
_COMPARED = {
    "other currency": "in another currency",
    "other days": "of other days",
}


def rows(found: Document) -> list[Document]:
    """Return a row for each valuation claimed, with how the computed value compares to it."""
    return [
        {
            **one,
            "value": one["says"]["value"]["text"],
            "of": one["says"]["of"]["text"] if "of" in one["says"] else None,
            "effective:shown": one["effective"] or "undated",
            "asserted_by:shown": who(one),
            "compared:shown": _COMPARED.get(one["compared"], one["compared"]),
            "says": says(one),
            "position:shown": where(one),
        }
        for one in found["beside"]
    ]


def page(found: Document, how: Look) -> list[str]:
    """Return the lines of the page: amount, price and value, then what others say."""
    lines = [bold(found["thing"], how), *clocks_lines(found), ""]
    for name, text in _values(found):
        lines += wrapped(f"{name.ljust(9)}{text}", how.width or 1000, " " * 9)
    if found["beside"]:
        lines += ["", bold("What others say it is worth", how), *table(COLUMNS, rows(found), how)]
    slug = found["thing"].partition("/")[2]
    return [*lines, "", f"again: {found['again']}", f"next: depositary reserve show {slug}"]


def _values(found: Document) -> Iterator[tuple[str, str]]:
    answer = found["answer"]
    amount, price = answer["amount"], answer["price"]
    yield "amount", f"{amount['says']['text']} as of {amount['as_of']}, {_said(found, amount)}"
    day = price["as_of"] or "an unknown moment"
    yield "price", f"{price['says']['text']}, {price['kind']} at {day}, {_said(found, price)}"
    yield "", f"{price['pair']} in {price['thing']}, {price['claim']}"
    if not answer["of_one_day"]:
        yield "", "not a price of the day of the amount"
    yield "value", f"{answer['value']['text']}, rounded {answer['rounded']}"


def _said(found: Document, one: Document) -> str:
    name = found["names"].get(one["asserted_by"], one["asserted_by"])
    status = f"  [{one['status']}]" if one["status"] else ""
    return f"says {name}{status}"
