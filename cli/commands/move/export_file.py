"""Give a new file to write an export to, which gets its name when it is whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors.exit_codes import cannot
from cli.output.streams import write_exactly
from events.store.atomic_files import new_file

if TYPE_CHECKING:
    from projections.export.panel import Every

TYPED = ("parquet", "xlsx")  # by the extra depositary[tables]
PERIODS: tuple["Every", ...] = ("year", "quarter", "month", "day")  # of a panel

Write = Callable[[str], object]


@contextmanager
def opened_file(path: Path | None) -> Iterator[Write]:
    """Give what writes to a new file, or to standard output where none is named."""
    if path is None:
        yield write_exactly
        return
    with new_named_file(path) as work, work.open("w", encoding="utf-8", newline="") as file:
        yield file.write


@contextmanager
def new_named_file(path: Path) -> Iterator[Path]:
    """Give a file to write, which gets its name when it is whole; exit 7 if there is one."""
    try:
        with new_file(path) as work:
            yield work
    except FileExistsError:
        cannot("there is a file already", f"{path} is left as it is", "-o with another name")
