"""Say how an answer is written: its columns, the format asked for, the colour and width there is.

A terminal may have colour, a pipe has none; nothing is cut off in a pipe, unless COLUMNS says how
wide it is.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from cli.errors.exit_codes import usage_failure
from events.value import replace

FORMATS = ("table", "json", "ndjson", "csv", "md", "html")
FOR_PEOPLE = ("table", "md", "html")
_PAPER = 100_000  # columns of a page that no terminal breaks


class Column(Struct, frozen=True):
    """A column: its name in JSON and CSV, its title, and how it behaves when room is short.

    `number` is set to the right and never wrapped; `drop` says when the column is left out on a
    narrow terminal (0: never; 1: first); `fixed` text is never wrapped; an `amount` is in CSV
    four columns: its words, and its unit and bounds. A column without a title is for scripts
    alone.
    """

    name: str
    title: str
    number: bool = False
    drop: int = 0
    fixed: bool = False
    amount: bool = False


def for_scripts(names: str) -> tuple[Column, ...]:
    """Return columns that no table shows; their names stand in one text."""
    return tuple(Column(name, "") for name in names.split())


class Look(Struct, frozen=True):
    """How to write: format, colour, width in columns (None: as wide as need be).

    `raw_csv` leaves formulas in CSV; `columns` are those that are asked for, by name or title.
    `policy` stands in each row where no head says it (NDJSON, CSV): that of a file, else none.
    `names` are those of parties, by id: a person reads them in the place of the ids.
    """

    format: str = "table"
    colour: bool = False
    width: int | None = None
    raw_csv: bool = False
    policy: str = ""
    columns: tuple[str, ...] = ()
    names: Mapping[str, str] = MappingProxyType({})

    @property
    def for_people(self) -> bool:
        """Say whether a page is written, and no document for scripts."""
        return self.format in FOR_PEOPLE

    @property
    def room(self) -> int:
        """Return how many characters a line may have."""
        return self.width or _PAPER

    @property
    def on_paper(self) -> bool:
        """Say whether a page is written that is pasted elsewhere: Markdown or HTML."""
        return self.format in ("md", "html")

    @property
    def prose(self) -> "Look":
        """Return the same for sentences, which a pipe has in lines of 80 characters too."""
        return replace(self, width=self.width or 80)

    def in_format(self, chosen: str) -> "Look":
        """Return the same in another format."""
        return replace(
            self, format=chosen, width=_PAPER if chosen in ("md", "html") else self.width
        )


AS_JSON = Look("json")
FOR_TERMINAL = Look()


def look() -> Look:
    """Return how to write to standard output as it is."""
    terminal = sys.stdout.isatty()
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    told = terminal or os.environ.get("COLUMNS", "").isdecimal()
    width = shutil.get_terminal_size().columns if told else None
    return Look(colour=terminal and not plain, width=width)


def no_table(how: Look, instead: str = "--json instead") -> None:
    """Exit 2 if CSV is asked for, of a command that writes one document and no rows."""
    if how.format == "csv":
        why = "it is one document, and CSV has rows"
        usage_failure("this answer has no CSV form", why, instead)


def no_columns(how: Look) -> None:
    """Exit 2 if columns are asked for, of a command that writes one document and no rows."""
    if how.columns:
        why = "a page has no columns to choose from"
        usage_failure("only a table has columns", why, "depositary reserve list --columns subject")
