"""`depositary replay`: make the answers anew from the record, or compare those stored."""

import sys
from typing import Annotated, Any

import typer

from cli.arguments import flag, option
from cli.clocks import PRIMARY, ClockOptions, PolicyName, position_recorded_by, read_clocks
from cli.context import AppContext, app_context
from cli.errors.exit_codes import INTEGRITY, CommandError, cannot, usage_failure
from cli.output.formats import write_page
from cli.progress import progress
from events.store.sqlite.reader import RecordReader
from events.text import count_noun
from events.transparency.checkpoint_checks import check_hashes
from projections.read_model.cache_folder import answers_file
from projections.read_model.connection import other_format
from projections.read_model.rebuild import make_answers
from projections.read_model.rows import AnswersDamagedError
from projections.read_model.stored_answers import broken_part, stored_answers

Until = Annotated[
    str | None, option("--until", "@N|WHEN", "Only events up to then; stores nothing.")
]
Compare = Annotated[
    bool, flag("--compare", "Compare the stored tables with the log; stores nothing.")
]
AsOf = Annotated[
    str | None, option("--as-of", "WHEN", "Fold each subject for that day instead; stores nothing.")
]
PublicAt = Annotated[
    str | None, option("--public-at", "WHEN", "With --as-of: only what was public by that day.")
]


def replay(
    context: typer.Context,
    until: Until = None,
    compare: Compare = False,
    as_of: AsOf = None,
    public_at: PublicAt = None,
    policy: PolicyName = PRIMARY,
) -> None:
    """Rebuild all derived tables from the event log.

    First every event is hashed again: where an event or a signed root differs from its hash,
    nothing is rebuilt, and the exit code is 4 with the place. The digest covers all rows of the
    tables: equal logs give equal digests. With --compare the exit code is also 4 if the stored
    tables differ from what the log gives.

    With --as-of nothing is rebuilt: each event is hashed and checked as when it was recorded, each
    subject is folded at the clocks, and the digest covers the hashes of all events and the lines
    of all lists. Two holders of one ledger, or two versions of this program, can compare their
    answers by it.

    \b
    Examples:
      depositary replay
      depositary replay --compare
    """
    app = app_context(context, no_csv=True)
    _look_at(until, compare, ClockOptions(as_of, public_at, None, policy))
    with progress("hashing", "events") as shown:
        check_hashes(app.place.record, shown)
    with app.record() as record:
        if as_of is not None:
            found = _folded(record, until, ClockOptions(as_of, public_at, None, policy))
        else:
            found = _compared(app, record) if compare else _made(app, record, until)
    write_page(_page(found), found, app.look)


def _look_at(until: str | None, compare: bool, when: ClockOptions) -> None:
    """Exit 2 where options exclude each other."""
    if compare and when.as_of is not None:
        what, then = "--as-of and --compare exclude each other", "depositary replay --compare"
        usage_failure(what, "stored tables hold for every day and are compared as a whole", then)
    if when.as_of is None and (when.public_at is not None or when.policy != PRIMARY):
        why = "without a day all tables are rebuilt, for all clocks and policies"
        then = "depositary replay --as-of 2025-07-18 --public-at 2025-07-18"
        usage_failure("--public-at and --policy need --as-of", why, then)
    if until is not None and compare:
        why = "stored tables are compared at the position that they have reached"
        then = "depositary replay --compare"
        usage_failure("--until and --compare exclude each other", why, then)


def _folded(record: RecordReader, until: str | None, when: ClockOptions) -> dict[str, Any]:
    from projections.read_model.replay import ReplayQuestion, replay_things

    clocks, chosen, last = read_clocks(record, when)
    if until is not None:
        last = position_recorded_by(record, until, "--until")
    with progress("replaying", "events") as shown:
        found = replay_things(record, ReplayQuestion(last, clocks, chosen), shown)
    return {
        "position": found.events,
        "as_of": clocks.as_of.isoformat(),
        "public_at": clocks.public_at_text,
        "policy": chosen.document,
        "subjects": found.subjects,
        "newer": found.newer,
        "digest": found.digest,
        "stored": False,
    }


def _made(app: AppContext, record: RecordReader, until: str | None) -> dict[str, Any]:
    wanted = None if until is None else position_recorded_by(record, until, "--until")
    path = None if until is not None else app.place.answers
    with progress("replaying", "events") as shown:
        position, digest = make_answers(record, path, until=wanted, progress=shown)
    return {"position": position, "digest": digest, "stored": path is not None}


def _compared(app: AppContext, record: RecordReader) -> dict[str, Any]:
    path = app.place.answers
    try:
        found = stored_answers(record, path)
    except AnswersDamagedError as error:
        return _made_anew(app, record, str(error))
    if found is None:
        others = other_format(answers_file(record, path)) is not None
        held = "tables that another version made" if others else "no derived tables"
        why = f"{app.place.name} holds {held}"
        cannot("there is nothing to compare with", why, "depositary replay")
    last = record.last_position()
    if found.position > last:
        raise CommandError(
            INTEGRITY,
            "the log has lost its last events",
            f"tables were derived from @1 to @{found.position}, and the log ends at @{last}",
            "depositary audit, before anything else; and compare with a backup",
        )
    with progress("replaying", "events") as shown:
        position, digest = make_answers(record, None, until=found.position, progress=shown)
    if (position, digest) != found and (broken := broken_part(record, path)):
        return _made_anew(app, record, broken)
    if (position, digest) != found:
        raise CommandError(
            INTEGRITY,
            "the stored tables differ from the log",
            f"at @{position} the log gives {digest}, and the stored tables have {found.digest}",
            "depositary audit; if the log holds, depositary replay rebuilds the tables",
        )
    return {"position": position, "digest": digest, "equal": True}


def _made_anew(app: AppContext, record: RecordReader, damage: str) -> dict[str, Any]:
    sys.stderr.write(f"note: the read model was damaged ({damage}) and is rebuilt\n")
    return {**_made(app, record, None), "equal": True}


def _page(found: dict[str, Any]) -> list[str]:
    if "as_of" in found:
        subjects = count_noun(found["subjects"], "subject")
        outcome = f"folded {subjects} as of {found['as_of']}, from @1 to @{found['position']}"
    elif found.get("equal"):
        outcome = f"the stored tables equal a replay of @1 to @{found['position']}"
    elif found["stored"]:
        outcome = f"all derived tables rebuilt from @1 to @{found['position']}"
    else:
        outcome = f"replayed @1 to @{found['position']}; nothing was stored"
    newer = found.get("newer")
    unread = f"{newer} of them have events of a newer version: counted, without a line"
    return [outcome, *([unread] if newer else []), f"digest {found['digest']}"]
