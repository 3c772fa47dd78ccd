"""Say which answers changed since a time, or since a mark, and why."""

import shlex
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from cli.arguments import flag, option
from cli.clocks import (
    AskedAt,
    ClockOptions,
    position_since,
    read_clocks,
    read_first_day,
    understand_since,
)
from cli.commands.ask.diff import COLUMNS as DIFF_COLUMNS
from cli.commands.ask.diff import beside_lines, difference_lines, is_quiet, write_differences
from cli.context import AppContext, app_context
from cli.errors.exit_codes import DONE, NO, CommandError, cannot, settle, usage_failure
from cli.output.answer_rows import look_with_names
from cli.output.claim_words import Document
from cli.output.formats import write_rows
from cli.output.look import Column, Look, for_scripts
from cli.output.rerun_command import clocks_document, rerun_command
from cli.policies import chosen_policy
from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, Policy, PolicyError
from events.dates import parse_date
from events.serialization import ledger_id_of
from events.store import reader_marks as kept
from events.store.sqlite.reader import RecordReader
from events.value import replace
from projections.queries.diff import DiffRange, list_changes, recorded_beside

COLUMNS = (*DIFF_COLUMNS[:4], *for_scripts("axes"), *DIFF_COLUMNS[4:])
_MARKS = (
    Column("name", "mark"),
    Column("as_of", "as of", fixed=True),
    Column("position", "known at", number=True),
    Column("policy", "policy"),
    Column("set_at", "set", fixed=True),
)


def changes(
    context: typer.Context,
    since: Annotated[
        str | None, option("--since", "DAY|@N", "What changed from that day or event on.")
    ] = None,
    since_as_of: Annotated[
        str | None,
        option("--since-as-of", "WHEN", "With --since @N: the day for the answers before."),
    ] = None,
    mark: Annotated[
        str | None, option("--mark", "NAME", "What changed since you set this mark.")
    ] = None,
    set_: Annotated[
        bool, flag("--set", "Move the mark to this answer, once it is printed.")
    ] = False,
    delete: Annotated[bool, flag("--delete", "Delete the mark.")] = False,
    list_: Annotated[bool, flag("--marks", "List the marks of this ledger.")] = False,
    *,
    when: ClockOptions,
) -> None:
    """Show which answers changed since a date, before and after, and why.

    An answer changes because more was recorded, or because a day was reached on which something
    takes effect. Without --since: since the day of the last event.

    A mark keeps the position and day that you looked at last. Its first use sets it; later the
    command prints the changes since, and names the events that changed no value, with exit code 1;
    or nothing, with 0. --set moves it. Marks are kept for each ledger in $XDG_STATE_HOME or
    ~/.local/state, below depositary/.

    \b
    Examples:
      depositary changes --since @330
      depositary changes --since 2025-07-01 --json
      depositary changes --mark week --set
      depositary changes --marks
    """
    app = app_context(context)
    _check_options(since, since_as_of, mark, set_=set_, delete=delete, list_=list_)
    if list_ or delete:
        _write_marks(app, mark if delete else None)
        return
    with app.answers() as answers:
        record, ledger_id = answers.record, ledger_id_of(answers.record.first())
        if mark is None:
            question = read_clocks(record, when)
            before, first_run = _since(record, since, since_as_of, question), False
        else:
            marked = kept.marks(ledger_id).get(kept.check_name(mark))
            typed = context.get_parameter_source("policy")
            if marked is not None and (typed is None or typed.name == "DEFAULT"):
                when = when._replace(policy=_policy_of_mark(app, str(mark), marked.policy))
            question, before, first_run = _since_mark(record, marked, mark, when)
        here = _here(record, question)
        rows, excluded = list_changes(answers, before, question.clocks, question.policy)
        between = DiffRange("known-at", before, question.clocks)
        beside = recorded_beside(answers, between, rows)
        how = look_with_names(app, question, rows)
    place = {"as_of": before.as_of_text, "known_at": before.known_at}
    given = {"since": f"@{(before.known_at or 0) + 1}", "since_as_of": before.as_of_text}
    again = rerun_command(context, question, given={**given, "mark": None, "set_": None})
    head = {**clocks_document(question, excluded), "since": place, "mark": mark}
    head["without_difference"] = beside
    ends = NO if mark is not None and (rows or beside) else DONE
    settle(ends)
    _write(how, {**head, "reproduce": again}, rows, moves=set_)
    if mark is not None and (set_ or first_run):
        sys.stdout.flush()  # what was not printed was not looked at
        kept.set_mark(ledger_id, mark, here)
        if first_run:
            sys.stderr.write(f"note: mark '{mark}' is set: {_in_words(place)}\n")
    if ends:
        raise typer.Exit(ends)


def _check_options(
    since: str | None,
    since_as_of: str | None,
    mark: str | None,
    *,
    set_: bool,
    delete: bool,
    list_: bool,
) -> None:
    """Exit 2 for options that do not go together."""
    alone = [list_, delete, set_].count(True) > 1 or (list_ and mark is not None)
    if (set_ or delete) and mark is None:
        name = "--set" if set_ else "--delete"
        usage_failure("no mark is named", f"{name} needs --mark NAME", "depositary changes --marks")
    if alone or ((mark is not None or list_) and (since or since_as_of)):
        why = "--since, --mark and --marks are asked one at a time, as are --set and --delete"
        usage_failure("these do not go together", why, "depositary changes --help")
    if since_as_of is not None and not (since or "").startswith("@"):
        why = "a day in --since is the day already"
        usage_failure(
            "--since-as-of needs --since @N", why, "depositary changes --since 2025-07-01"
        )


def _since(record: RecordReader, since: str | None, as_of: str | None, question: AskedAt) -> Clocks:
    """Return the clocks before a day, or before an event was recorded; exit 2 for later ones."""
    clocks, last = question.clocks, record.event(question.position)
    text = since or (last.time[:10] if last else clocks.as_of_text)
    text = understand_since(record, text)
    known = position_since(record, text) - 1
    if known > question.position:
        why = f"it is @{known + 1}, and the answers are known at @{question.position}"
        usage_failure(f"--since {text} lies after --known-at", why, "depositary changes --since @1")
    if not text.startswith("@"):
        day = read_first_day(text, "--since")
        moment = parse_date(text).instant
        return _no_later(clocks._replace(as_of=day if moment else _before(day)), known, clocks)
    if as_of is not None:
        asked = read_clocks(record, ClockOptions(as_of=as_of)).clocks
        if asked.as_of > clocks.as_of:
            why = f"the answers after are as of {clocks.as_of_text}"
            usage_failure(f"--since-as-of {as_of} is later", why, f"--as-of {as_of}")
        return clocks._replace(as_of=asked.as_of, moment=asked.moment, known_at=known)
    row = record.event(known + 1)
    day = date.fromisoformat(row.time[:10]) if row else clocks.as_of
    return _no_later(clocks._replace(as_of=day), known, clocks)


def _before(day: date) -> date:
    return day - timedelta(1) if day > date.min else day


def _no_later(before: Clocks, known: int, after: Clocks) -> Clocks:
    """Return the clocks before, at a position; as of no later day than the clocks after."""
    if before.as_of >= after.as_of:
        return after._replace(known_at=known)
    return before._replace(moment=None, known_at=known)


def _since_mark(
    record: RecordReader, mark: kept.Mark | None, name: str, when: ClockOptions
) -> tuple[AskedAt, Clocks, bool]:
    """Return the question, the clocks at a mark, and whether it is set for the first time.

    Where the day asked for is earlier than
    the mark's, both answers are as of that day. Raises PartedError.
    """
    if mark is None:
        question = read_clocks(record, when)
        return question, question.clocks, True
    kept.check_mark(record, name, mark)
    question = read_clocks(record, when)
    if question.position < mark.position:
        why = f"'{name}' stands at @{mark.position}, --known-at is @{question.position}"
        usage_failure("--known-at lies before the mark", why, "depositary changes --marks")
    marked = read_clocks(record, ClockOptions(as_of=mark.as_of)).clocks
    before = question.clocks._replace(as_of=marked.as_of, moment=marked.moment)
    if (before.as_of, before.as_of_text) > (question.clocks.as_of, question.clocks.as_of_text):
        before = question.clocks
    return question, before._replace(known_at=mark.position), False


def _policy_of_mark(app: AppContext, mark: str, text: str) -> Policy:
    """Return the policy that a mark was set with; exit 7 where its text is not there any more.

    Then neither "changed" nor "nothing changed" would be true of the answers looked at last.
    """
    name = text.partition("@sha256:")[0]
    try:
        return chosen_policy(app, text)
    except CommandError:
        why = f"{name} says something else than when the mark was set"
    except OSError as error:
        why = f"{name}: {error.strerror}"
    except PolicyError as error:
        why, name = str(error), DEFAULT
    then = f"depositary changes --mark {mark} --policy {shlex.quote(name)} --set"
    return cannot(f"the policy of mark '{mark}' is not what it was", why, then)


def _here(record: RecordReader, question: AskedAt) -> kept.Mark:
    """Return the place of an answer, to be kept as a mark."""
    entry = kept.entry_at(record, question.position)
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    policy = question.policy
    if policy.digest and ("/" in policy.name or policy.name.endswith(".toml")):
        policy = replace(policy, name=str(Path(policy.name).absolute()))  # cron asks elsewhere
    as_of = question.clocks.as_of_text
    return kept.Mark(as_of, question.position, entry or "", str(policy), now)


def _write(how: Look, head: Document, rows: list[Document], *, moves: bool) -> None:
    """Write what changed; since a mark, where nothing did, nothing but the document of JSON."""
    beside = head["without_difference"]
    if head["mark"] is not None and not rows and how.format != "json":
        if not beside:
            return
        if not how.for_people:
            sys.stderr.write("".join(f"note: {line}\n" for line in beside_lines(beside)))
            return
    place = _in_words(head["since"])
    lines = difference_lines(_told(rows), how, details=True)
    what = "no value" if beside else "nothing"
    lines = [*(lines if rows else [f"{what} changed since {place}"]), ""]
    lines += [*beside_lines(beside), f"since: {place}"]
    set_it = f"next: depositary changes --mark {head['mark']} --set"
    then = [set_it] if head["mark"] is not None and not moves else []
    write_differences(how, head, rows, lines, COLUMNS, then)


def _in_words(place: Document) -> str:
    known = f"known at @{place['known_at']}" if place["known_at"] else "nothing recorded"
    return f"as of {place['as_of']}, {known}"


def _told(rows: list[Document]) -> list[Document]:
    """Return what a person is told: of each subject what differs, details where nothing else."""
    found: list[Document] = []
    for _, of_subject in groupby(rows, lambda one: one["subject"]):
        several = list(of_subject)
        found += [one for one in several if not is_quiet(one)] or several
    return found


def _write_marks(app: AppContext, deleted: str | None) -> None:
    """List the marks of the ledger, or delete one."""
    with app.record() as record:
        ledger_id = ledger_id_of(record.first())
    if deleted is not None:
        found = kept.delete_mark(ledger_id, deleted)
        row = {"name": deleted, **found._asdict()}
        write_rows(_MARKS, [row], app.look)
        return
    rows = [{"name": name, **one._asdict()} for name, one in sorted(kept.marks(ledger_id).items())]
    shown = [{**row, "position:shown": f"@{row['position']}"} for row in rows]
    nothing = "no mark is set for this ledger: depositary changes --mark NAME sets one"
    write_rows(_MARKS, shown, app.look, nothing=nothing)
