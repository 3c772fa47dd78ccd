"""Find who records: `--recorder`, else the variable, else the ledger's settings, else no name."""

import os
from pathlib import Path

from cli.errors.exit_codes import usage_failure

VARIABLE = "DEPOSITARY_RECORDER"


def who_records(option: str | None, folder: Path | None) -> str | None:
    """Return the name that new events bear; exit 2 for one that no event can bear."""
    for given, by in ((option, "--recorder"), (os.environ.get(VARIABLE) or None, VARIABLE)):
        if given is not None:
            return _checked(given, by)
    if folder is None:
        return None
    from events.store.settings import read_settings

    found = read_settings(folder)
    return found.recorder if found else None


def _checked(name: str, by: str) -> str:
    from events.envelope import check_recorder
    from events.text import TextError

    try:
        return check_recorder(name)
    except TextError as error:
        what, then = f"{by} needs a name of one line", f"{by} with 1 to 120 characters"
        usage_failure(what, str(error), then)
