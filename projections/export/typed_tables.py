"""Write a table with the types of its columns: Parquet by DuckDB, xlsx by XlsxWriter.

Both come with the extra `depositary[tables]`. A day is a day, a whole number a number, a mark true
or empty. A workbook has no days before 1900: there they are text, as in ISO 8601.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from events.errors import NotPossibleError
from projections.export.panel import COLUMNS
from projections.export.selection import DAYS, FIRST, columns_of

MOST_ROWS = 1_048_575  # of a sheet, beside its header
MOST_CHARACTERS = 32_767  # of a cell of a sheet
_FIRST_DAY = "1900-03-01"  # before it Excel counts a day that never was
# Rows go to the disk as they come, and a text stays a text, whatever it begins with.
_PLAIN = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


class TooLargeForSheetError(NotPossibleError):
    """A sheet has at most 1,048,576 rows, and a cell 32,767 characters."""


class TypedColumn(NamedTuple):
    """A column and its type: BIGINT, BOOLEAN, DATE or VARCHAR."""

    name: str
    type: str


PANEL = [
    TypedColumn("date", "DATE"),
    *(TypedColumn(name, "VARCHAR") for name in COLUMNS[1:-1]),
    TypedColumn("certain", "BIGINT"),
]


def typed_columns(kind: str | None) -> list[TypedColumn]:
    """Return the columns of a flat claim of a kind, of all kinds for None, with their types."""
    first = {"position": "BIGINT"} | dict.fromkeys(FIRST[1:], "VARCHAR")
    known = first | dict.fromkeys(DAYS, "DATE")
    kinds = {"TEXT": "VARCHAR", "INTEGER": "BIGINT"}
    fields = {c.name: "BOOLEAN" if c.mark else kinds[c.type] for c in columns_of(kind)}
    return [TypedColumn(*one) for one in (known | fields).items()]


def write_parquet(
    path: Path, columns: Sequence[TypedColumn], rows: Iterable[Sequence[Any]]
) -> None:
    """Write a table as Parquet, over what is there; raise NotPossibleError."""
    try:
        import duckdb
    except ImportError:
        raise _missing("Parquet", "duckdb") from None
    with TemporaryDirectory(prefix="depositary-") as folder:
        given = Path(folder) / "rows.csv"
        with given.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)  # no text is empty, so "" is none
        types = ", ".join(f"{_quoted(one.name)}: '{one.type}'" for one in columns)
        read = (
            f"read_csv({_quoted(given)}, columns = {{{types}}}, header = false, delim = ',',"
            " quote = '\"', escape = '\"', nullstr = '', auto_detect = false, parallel = false)"
        )
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
            connection.execute(f"COPY (FROM {read}) TO {_quoted(path)} (FORMAT parquet)")


def write_workbook(
    path: Path, columns: Sequence[TypedColumn], rows: Iterable[Sequence[Any]]
) -> None:
    """Write a table as xlsx, over what is there.

    Raises NotPossibleError and TooLargeForSheetError.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise _missing("xlsx", "XlsxWriter") from None
    with Workbook(str(path), _PLAIN) as book:
        sheet, day = book.add_worksheet("table"), book.add_format({"num_format": "yyyy-mm-dd"})
        for at, one in enumerate(columns):
            sheet.write_string(0, at, one.name)
        for number, row in enumerate(rows, 1):
            if number > MOST_ROWS:
                raise _too_large(f"more than {MOST_ROWS:,} rows")
            for at, value in enumerate(row):
                if isinstance(value, str) and len(value) > MOST_CHARACTERS:
                    raise _too_large(f"{columns[at].name} of row {number:,} is too long")
                if columns[at].type == "DATE" and (value or "") >= _FIRST_DAY:
                    sheet.write_datetime(number, at, date.fromisoformat(value), day)
                elif value is not None:
                    sheet.write(number, at, value)


def _quoted(text: object) -> str:
    doubled = str(text).replace("'", "''")
    return f"'{doubled}'"


def _missing(what: str, package: str) -> NotPossibleError:
    why, then = f"{what} needs {package}", "pip install 'depositary[tables]'"
    return NotPossibleError(f"{what} is written by an extra", why, then)


def _too_large(why: str) -> TooLargeForSheetError:
    return TooLargeForSheetError("a sheet has no room", why, "--format parquet or csv")
