"""Give the options that all claims about claims share: who says so, and on what basis.

A slip of the recorder is the recorder's to mend;
all else has an asserter, on a basis, in a source.
"""

from typing import Annotated, Any, NamedTuple, NoReturn

import typer

from cli.completion_values import offer_parties, offer_sources
from cli.errors.exit_codes import usage_failure
from events.body import RECORDER

REASONS = ("recording-error", "duplicate", "source-corrected", "source-retracted", "other")
SLIPS = REASONS[:2]

AssertedBy = Annotated[
    str | None,
    typer.Option(
        "--asserted-by", metavar="PARTY", help="Who says so.", autocompletion=offer_parties
    ),
]
BasisName = Annotated[
    str | None, typer.Option("--basis", metavar="WORD", help="On what basis, as in any fact.")
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="SOURCE",
        help="Where: source/x,published=DAY,origin=party/y; may be repeated.",
        autocompletion=offer_sources,
    ),
]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A remark.")]
Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        metavar="WORD",
        help="recording-error, duplicate, source-corrected, source-retracted or other. "
        "The first two are slips of the recorder, who then asserts it; the others need "
        "--asserted-by, --basis and --source, and other a --note.",
    ),
]


class ClaimOptions(NamedTuple):
    """Who says it, on what basis, from which sources, with which remark: as given, or None."""

    asserted_by: AssertedBy = None
    basis: BasisName = None
    sources: Sources = None
    note: Note = None

    def fields(self) -> dict[str, Any]:
        """Return what was given, as fields of a fact."""
        return {name: value for name, value in self._asdict().items() if value}

    def by_recorder(self, command: str) -> dict[str, Any]:
        """Return the fields; the recorder says it where no other is named."""
        if self.asserted_by is None and self.basis is None:
            return self._replace(asserted_by=RECORDER, basis="recorder").fields()
        return self.by_another(command)

    def by_another(self, command: str) -> dict[str, Any]:
        """Return the fields; exit 2 unless it is said who says it, on what basis, and where."""
        missing = [] if self.asserted_by else ["--asserted-by"]
        missing += [] if self.basis else ["--basis"]
        missing += [] if self.sources or self.basis == "recorder" else ["--source"]
        if missing:
            _missing(f"{', '.join(missing)}: who says so, on what basis, and where", command)
        return self.fields()

    def with_reason(self, reason: str, command: str) -> dict[str, Any]:
        """Return the fields for a reason, the reason among them."""
        if reason not in REASONS:
            allowed = ", ".join(REASONS)
            usage_failure(
                "no such reason", f"'{reason}' is none of {allowed}", f"depositary {command} --help"
            )
        if reason == "other" and not self.note:
            _missing("--note: the reason other needs words", command)
        slip = reason in SLIPS
        said = self.by_recorder(command) if slip else self.by_another(command)
        return {"reason": reason, **said}


def _missing(why: str, command: str) -> NoReturn:
    usage_failure("something is missing", why, f"depositary {command} --help")
