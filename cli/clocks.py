"""Read the clocks and the policy that a question is asked at: options of every reading command."""

import re
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, NamedTuple

from cli.arguments import offer_policies, option
from cli.errors.exit_codes import not_found, usage_failure
from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, Policy, policy
from events.dates import DateError, parse_date

if TYPE_CHECKING:
    from events.store.sqlite.reader import RecordReader

_position = re.compile(r"@([0-9]{1,15})").fullmatch

AsOf = Annotated[str | None, option("--as-of", "WHEN", "What held on that day; without it, today.")]
PublicAt = Annotated[str | None, option("--public-at", "WHEN", "Only what was public by that day.")]
KnownAt = Annotated[
    str | None, option("--known-at", "WHEN", "Only what was recorded up to a day, or up to @N.")
]
PolicyName = Annotated[
    str,
    option(
        "--policy",
        "NAME",
        "primary-first, latest, strict or prefer:party/...: the rule that selects a claim.",
        offer_policies,
    ),
]


class ClockOptions(NamedTuple):
    """The clocks and the policy as they were typed: the options of every reading command."""

    as_of: AsOf = None
    public_at: PublicAt = None
    known_at: KnownAt = None
    policy: PolicyName = DEFAULT


class AskedAt(NamedTuple):
    """The clocks and the policy of a question, and the position it is answered at."""

    clocks: Clocks
    policy: Policy
    position: int


def read_clocks(record: "RecordReader", when: ClockOptions) -> AskedAt:
    """Return the question; exit 2 when a date is none, 3 before the first record."""
    as_of, public_at, known_at, policy_name = when
    position = (
        record.last_position() if known_at is None else position_recorded_by(record, known_at)
    )
    day = read_day(as_of, "--as-of") if as_of is not None else datetime.now(UTC).date()
    moment = parse_date(as_of).instant if as_of is not None else None
    public_day = read_day(public_at, "--public-at") if public_at is not None else None
    public_moment = parse_date(public_at).instant if public_at is not None else None
    clocks = Clocks(
        as_of=moment.date() if moment else day,
        public_at=public_moment.date() if public_moment else public_day,
        known_at=position,
        moment=moment,
        public_moment=public_moment,
    )
    chosen = policy(policy_name)
    if chosen.prefer and next(record.rows(until=position, thing=chosen.prefer), None) is None:
        why = f"--policy {chosen}: nothing was recorded of {chosen.prefer} by @{position}"
        not_found("no such party", why, "depositary party list")
    return AskedAt(clocks, chosen, position)


def read_day(text: str, option: str) -> date:
    """Return the last day that a date says; exit 2 for what is no single date."""
    return _read_days(text, option)[1]


def read_first_day(text: str, option: str) -> date:
    """Return the first day that a date says; exit 2 for what is no single date."""
    return _read_days(text, option)[0]


def _read_days(text: str, option: str) -> tuple[date, date]:
    try:
        edtf = parse_date(text)
    except DateError as error:
        usage_failure(f"{option} needs a date", str(error), "depositary help dates")
    single = not (edtf.is_span or text.startswith("[") or edtf.margin_unit)
    if not single or edtf.earliest is None or edtf.latest is None:
        why = f"'{text}' is not one day, month or year"
        usage_failure(f"{option} needs a date", why, f"write {option} 2025-07-18, 2025-07 or 2025")
    if edtf.instant is not None:
        day = edtf.instant.astimezone(UTC).date()
        return day, day
    return edtf.earliest, edtf.latest


def position_recorded_by(record: "RecordReader", text: str, option: str = "--known-at") -> int:
    """Return the last position recorded by a WHEN; exit 2 for none, 3 before the first record."""
    if match := _position(text):
        wanted, last = int(match[1]), record.last_position()
        if not 1 <= wanted <= last:
            why = f"@{wanted} is asked for; the log has @1 to @{last}"
            usage_failure(
                f"{option} names a position that does not exist", why, f"{option} @{last}"
            )
        return wanted
    instant = _instant(text, option)
    found = record.position_at(instant)
    ahead = _ahead(record, instant, found)
    if ahead and found:
        say_ahead(f"{option} {text}", found + 1, ahead)
    if not found:
        if ahead:
            not_found(
                "the log was ahead of the clock at that time",
                f"{option} {text}: @1 to @{ahead} were recorded earlier, with later times",
                f"{option} @{ahead}",
            )
        first = record.first()
        opened = first.time if first else "no time yet"
        why = f"{option} {text}, but its first event was recorded at {opened}"
        not_found("the ledger did not exist at that time", why, f"ask for a later {option}")
    return found


def position_since(record: "RecordReader", text: str, option: str = "--since") -> int:
    """Return the first position recorded on a day or at an instant, or later; of `@N`, N.

    It may be the one that is recorded next: from there on there is nothing yet.
    """
    if _position(text):
        following = f"@{record.last_position() + 1}"
        return int(text[1:]) if text == following else position_recorded_by(record, text, option)
    day = read_first_day(text, option)
    moment = parse_date(text).instant or datetime.combine(day, time(), UTC)
    before = (moment.astimezone(UTC) - timedelta(microseconds=1)).isoformat()
    return record.position_at(f"{before.removesuffix('+00:00')}Z") + 1


def say_ahead(asked: str, first: int, last: int) -> None:
    """Say on standard error which positions a day leaves out because the log lay ahead of it."""
    positions = f"@{first}" if first == last else f"@{first} to @{last}"
    sys.stderr.write(
        f"note: {asked} excludes {positions}: the log was ahead of the clock;"
        f" --known-at @{last} includes them\n"
    )


def _ahead(record: "RecordReader", instant: str, found: int) -> int | None:
    from events.store.ahead import last_recorded_before

    return last_recorded_before(record, instant, found, datetime.now(UTC))


def _instant(text: str, option: str) -> str:
    last_day = read_day(text, option)
    moment = parse_date(text).instant
    if moment is not None:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.999999Z")
    return f"{last_day.isoformat()}T23:59:59.999999Z"
