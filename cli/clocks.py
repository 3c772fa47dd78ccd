"""Read the clocks and the policy that a question is asked at: options of every reading command."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from cli.arguments import offer_policies, option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import not_found, usage_failure
from cli.typed_input import echo_understood, is_position, refuse_date, understand_date
from domain.claims.claim import Clocks
from domain.claims.ranking import BUILT_IN, DEFAULT, Policy, policy
from events.dates import DateError, parse_date
from events.store.clock import last_recorded_before
from events.value import replace

if TYPE_CHECKING:
    from events.store.sqlite.reader import RecordReader
    from projections.read_model.database import ReadModel

_position = re.compile(r"@([0-9]{1,15})").fullmatch

AsOf = Annotated[str | None, option("--as-of", "WHEN", "What held on that day; without it, today.")]
PublicAt = Annotated[str | None, option("--public-at", "WHEN", "Only what was public by that day.")]
KnownAt = Annotated[
    str | None, option("--known-at", "WHEN", "Only what was recorded up to a day, or up to @N.")
]


def _take_policy(context: typer.Context, given: str | Policy) -> Policy:
    """Return the policy of an option, and have rows say it that have no head to say it in."""
    app = context.obj
    if isinstance(given, Policy) or not isinstance(app, AppContext):
        return given if isinstance(given, Policy) else policy(given)
    if given in BUILT_IN:
        return policy(given)
    from cli.policies import chosen_policy  # of a file or a folder: it reads TOML

    found = chosen_policy(app, given)
    if found.digest:
        context.obj = replace(app, look=replace(app.look, policy=str(found)))
    return found


class _Days(NamedTuple):
    """The first and the last day that a date says, and its moment where it is an instant."""

    first: date
    last: date
    moment: datetime | None


def read_day(text: str, option: str) -> date:
    """Return the last day that a date says; exit 2 for what is no single date."""
    return _read_days(text, option).last


def read_first_day(text: str, option: str) -> date:
    """Return the first day that a date says; exit 2 for what is no single date."""
    return _read_days(text, option).first


def _read_days(text: str, option: str) -> _Days:
    try:
        edtf = parse_date(text := understand_date(text))
    except DateError as error:
        refuse_date(text, option, str(error))
    single = not (edtf.is_span or text.startswith("[") or edtf.margin_unit)
    if not single or edtf.earliest is None or edtf.latest is None:
        why = f"'{text}' is not one day, month or year"
        usage_failure(f"{option} needs a date", why, f"{option} 2025-07-18")
    if (moment := edtf.instant) is not None:
        day = moment.astimezone(UTC).date()
        return _Days(day, day, moment)
    return _Days(edtf.earliest, edtf.latest, None)


def position_recorded_by(record: "RecordReader", text: str, option: str = "--known-at") -> int:
    """Return the last position recorded by a WHEN; exit 2 for none, 3 before the first record."""
    text = understand_since(record, text)
    if match := _position(text):
        wanted, last = int(match[1]), record.last_position()
        if not 1 <= wanted <= last:
            why = f"@{wanted} is asked for; the log has @1 to @{last}"
            usage_failure(
                f"{option} names a position that does not exist", why, f"{option} @{last}"
            )
        return wanted
    _, day, moment = _read_days(text, option)
    instant = f"{day.isoformat()}T23:59:59.999999Z"
    if moment is not None:
        instant = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.999999Z")
    found = record.position_at(instant)
    ahead = last_recorded_before(record, instant, found, datetime.now(UTC))
    if found:
        if ahead:
            say_ahead(f"{option} {text}", found + 1, ahead)
        return found
    if ahead:
        what = "the log was ahead of the clock at that time"
        why = f"{option} {text}: @1 to @{ahead} were recorded earlier, with later times"
        not_found(what, why, f"{option} @{ahead}")
    first = record.first()
    opened = first.time if first else "no time yet"
    why = f"{option} {text}, but its first event was recorded at {opened}"
    return not_found("the ledger did not exist at that time", why, f"{option} @1")


def position_since(record: "RecordReader", text: str, option: str = "--since") -> int:
    """Return the first position recorded on a day or at an instant, or later; of `@N`, N.

    It may be the one that is recorded next: from there on there is nothing yet.
    """
    text = understand_since(record, text)
    if _position(text):
        following = f"@{record.last_position() + 1}"
        return int(text[1:]) if text == following else position_recorded_by(record, text, option)
    day, _, at = _read_days(text, option)
    moment = at or datetime.combine(day, time(), UTC)
    before = (moment.astimezone(UTC) - timedelta(microseconds=1)).isoformat()
    return record.position_at(f"{before.removesuffix('+00:00')}Z") + 1


def understand_since(record: "RecordReader", text: str) -> str:
    """Return a WHEN as it is written: a bare number that is no year is a position."""
    if text.isdecimal():
        first = record.first()
        opened = date.fromisoformat(first.time[:10]) if first else None
        if is_position(text, opened, last := record.last_position()):
            return echo_understood(text, f"@{text}") if int(text) <= last else f"@{text}"
    return text if _position(text) else understand_date(text)


def say_ahead(asked: str, first: int, last: int) -> None:
    """Say on standard error which positions a day leaves out because the log lay ahead of it."""
    positions = f"@{first}" if first == last else f"@{first} to @{last}"
    sys.stderr.write(
        f"note: {asked} excludes {positions}: the log was ahead of the clock;"
        f" --known-at @{last} includes them\n"
    )


PolicyName = Annotated[
    Policy,
    option(
        "--policy",
        "NAME",
        "primary-first, latest, strict, prefer:party/... or FILE.toml: what selects a claim.",
        offer_policies,
        parser=lambda text: text,
        callback=_take_policy,
    ),
]
PRIMARY = policy(DEFAULT)


class ClockOptions(NamedTuple):
    """The clocks and the policy as they were typed: the options of every reading command."""

    as_of: AsOf = None
    public_at: PublicAt = None
    known_at: KnownAt = None
    policy: PolicyName = PRIMARY


class AskedAt(NamedTuple):
    """The clocks and the policy of a question, and the position it is answered at."""

    clocks: Clocks
    policy: Policy
    position: int


def read_clocks(record: "RecordReader", when: ClockOptions) -> AskedAt:
    """Return the question; exit 2 when a date is none, 3 before the first record."""
    known_at, chosen = when[2:]
    position = (
        record.last_position() if known_at is None else position_recorded_by(record, known_at)
    )
    today = datetime.now(UTC).date()
    as_of = when.as_of
    _, day, moment = _read_days(as_of, "--as-of") if as_of is not None else (today, today, None)
    clocks = Clocks(as_of=moment.date() if moment else day, known_at=position, moment=moment)
    if when.public_at is not None:
        _, day, moment = _read_days(when.public_at, "--public-at")
        day = moment.date() if moment else day
        clocks = clocks._replace(public_at=day, public_moment=moment)
    if chosen.parties:
        from cli.policies import check_parties

        check_parties(record, chosen)
    return AskedAt(clocks, chosen, position)


@contextmanager
def asking(context: typer.Context, when: ClockOptions) -> Iterator[tuple["ReadModel", AskedAt]]:
    """Open the answers, caught up with the log, and read the clocks at which they are asked."""
    with app_context(context).answers() as answers:
        yield answers, read_clocks(answers.record, when)
