"""Where is the ledger?

A ledger is a folder: `depositary.toml` (what it is), `record.sqlite3` (the truth),
`answers.sqlite3` (made from the record, disposable) and `sources/` (archived copies).
"""

import os
from pathlib import Path
from typing import NamedTuple

from cli.errors import CANNOT, CounterError

SETTINGS = "depositary.toml"
VARIABLE = "DEPOSITARY_LEDGER"


class Place(NamedTuple):
    """A ledger's folder, and how it was found."""

    folder: Path
    found_by: str

    @property
    def record(self) -> Path:
        """Return where the events are."""
        return self.folder / "record.sqlite3"

    @property
    def answers(self) -> Path:
        """Return where the answers made from them are."""
        return self.folder / "answers.sqlite3"

    @property
    def sources(self) -> Path:
        """Return where archived copies are."""
        return self.folder / "sources"


def find(option: Path | None) -> Place:
    """Return the ledger named by `--ledger`, by the variable, or the nearest above; or exit 7."""
    if option is not None:
        return _checked(Place(option, "--ledger"))
    if named := os.environ.get(VARIABLE):
        return _checked(Place(Path(named), VARIABLE))
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SETTINGS).is_file():
            return Place(folder, SETTINGS)
    raise CounterError(
        CANNOT,
        "there is no ledger here",
        f"no {SETTINGS} in {here} or above it, no --ledger, no {VARIABLE}",
        "depositary init, or depositary --ledger DIR ..., or depositary demo for an example",
    )


def _checked(place: Place) -> Place:
    if place.folder.is_file():
        raise CounterError(
            CANNOT,
            "that is no ledger",
            f"{place.folder} ({place.found_by}) is a file, and a ledger is a folder",
            f"name the folder: {place.folder.parent}",
        )
    if not (place.folder / SETTINGS).is_file():
        raise CounterError(
            CANNOT,
            "there is no ledger there",
            f"{place.folder} ({place.found_by}) has no {SETTINGS}",
            f"depositary init {place.folder}",
        )
    return place
