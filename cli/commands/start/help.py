"""Explain the words and numbers of this program."""

import re
from importlib.resources import files
from pathlib import Path
from textwrap import wrap
from typing import Annotated, Any, NoReturn

import typer

from cli.arguments import argument, offer_words
from cli.context import AppContext, app_context
from cli.errors.exit_codes import EXIT_CODES, not_found
from cli.errors.usage import meant_by
from cli.output.formats import Column, write_json, write_lines, write_rows


def _exit_codes() -> list[str]:
    codes = [f"{code:>5}  {meaning}" for code, meaning in EXIT_CODES.items()]
    return [
        "Every command ends with one of these codes.",
        "",
        *codes,
        "",
        "The answer goes to standard output, messages to standard error. An error has",
        "three lines: what happened; where and why; the command to run next. With --json",
        'it is one object: {"error": {"exit": 3, "what": ..., "why": ..., "next": ...}}.',
        "4 is evidence that something was changed, and nothing else is 4.",
        "",
        "changes --mark NAME is made for cron: 1 and what changed since the mark, or 0",
        "and no output. It asks nothing. A first run sets the mark, --set moves it on.",
        "",
        "8 is not evidence of a change: up to some event the log is what was signed.",
        "Continue with the log that was signed last. Without one, or to keep both:",
        "depositary fork FROM TO, which makes a new ledger of this one.",
    ]


_DATES = """\
Dates are EDTF (ISO 8601-2) and are kept as written.

  2025-07-18, 2025-07, 2025     a day, a month, a year
  2025-05-2X, 202X              X stands for an unknown digit
  2025-07-16?, 2025-05~         uncertain, approximate; % is both
  [1981-09..1981-10]            one day within these bounds
  [..2025-07-18]                that day or earlier
  [2025-07-18..]                that day or later
  2025-11-17T18:01:00-05:00     an instant; an offset of zero is written Z
  2024-03-12/2024-03-14         a span of days; ../b and a/.. are open

An act has one day, perhaps not known exactly; only a measurement may have a
span. Files take no other form. An argument may also be 2025-7-18, today,
yesterday, 18/07/2025, 18 July 2025 or July 2025 (months in English); a note
says how it is read. 07/08/2025 may be two days and is refused, as 2025-02-30.

  effective  when it took effect
  acted      when it was done (signed, deposited), where that differs
  zone       IANA time zone of both, if a source or the place states it

The answer whether something held on a day is yes, no or cannot tell.
On the command line a WHEN is a day, a month or a year (meaning its last day),
or an instant; --known-at and --until also take a position: @413."""

_AMOUNTS = """\
Amounts are written with their unit.

  6,242 BTC or 100 sat                  exactly
  over 6,240 BTC or > 100 MW            more than
  at least 500 BTC or >= 500 BTC        not less
  under 500 BTC or < 500 BTC            less than
  up to 500 BTC or <= 500 BTC           not more
  about 740 million USD or ~ 740 m USD  approximately
  22-23 PKR/kWh or 100 to 120 BTC       between the two
  over 100 and under 120 BTC            between, without the ends
  14                                    a plain number: a count

A comma separates thousands, a point decimals. million, billion, m and bn may be
used. Units: BTC, sat, W, kW, MW, GW, %, bp, PKR/kWh, SDR, and currency codes
such as USD. Amounts are not rounded: 0.000000001 BTC is refused.

They are stored, and written in JSON and CSV, as whole numbers: bitcoin in
satoshis (1 BTC = 100,000,000), money in its smallest unit, power in watts. A
price keeps all its decimals: 0.0858 USD is 858 of usd-e4, 0.0001 USD."""

_POLICIES = """\
A policy is the rule by which one of several claims is selected. It selects a
whole claim; the others stay in the ledger, and the answer says if they differ.

  primary-first       the strongest basis first (the default)
  latest              the latest published first
  strict              contested where incompatible claims, each taken as
                      true in turn, give different answers
  prefer:party/...    the claims of that party first, then primary-first
  FILE.toml           your own: whom and what you trust, in what order
  NAME                one that the settings of the ledger's folder have

primary-first ranks
  acts      official record, audit, signed statement, own publication of the
            actor, of the other side, other public bodies, trackers, press
  holdings  the newest first, then audit, signed statement, addresses that the
            holder disclosed, own publication, trackers, press
  flows     signed statement, own publication, trackers; never on-chain alone
Equal ranks are decided by: direct before second-hand; more independent origins;
latest published; first recorded.

Support says how far sources agree:
  corroborated    two independent origins each give one figure or day, and agree
  single source   one origin; or the others give only bounds or ranges
  contested       claims are incompatible, or one is denied
  resolved        contested, and decided by a resolution that the policy follows

Outlets that repeat one post are one origin.

A file of your own says what it wants otherwise than primary-first, and no more.
depositary template --policy prints one with every key:

  parties          ["party/sv", "others", "party/x"]: whom to believe first; the
                   winners of their resolutions too; "others" are all not named
  bases            ["official-record", "tracker"]: what evidence counts first
  window           30: what is newer by more than 30 days outranks; 0: the
                   newest alone; "any": its age does not count
  window_agreeing  the same for figures that agree with the newest
  order            ["bases", "parties"]: which of these rules counts first
  contested        "select", or "no-value" as strict does
  for              [for.reserve], [for."reserve.acquired"]: the same keys, for
                   one kind or one type alone

    depositary reserve show sv --policy trust.toml

Each answer made with it has its digest, the SHA-256 of what it says: comments
and the order of keys do not change it. The line reproduce: asks for it behind
@sha256:, and a file of that name that says something else is refused. What
differs by it: depositary diff --axis policy primary-first trust.toml.

depositary.toml may name some, by a file of the folder or as a table:

  [policies]
  mine = "trust.toml"
  by-tracker = { bases = ["tracker"] }

Whoever made the folder chose what such a name means. So it counts only where
you name it, it is said on standard error, and no setting makes it the default."""

_CLOCKS = """\
A fact has three dates; a question may be asked for an earlier point of each.

  --as-of D       effective: what held in the world on that day (default: today)
  --public-at P   published: only what its sources had made public by that day;
                  what was perhaps public is shown apart, marked perhaps
  --known-at K    recorded: only what this ledger had recorded by that day, or
                  up to a position such as @100

  What did El Salvador hold in mid-July, by all that is known now?
      depositary reserve show sv --as-of 2025-07-19
  What was public about it in March 2024?
      depositary reserve show sv --as-of 2024-03-13 --public-at 2024-03-13
  What did this ledger answer before it recorded event @346?
      depositary reserve show sv --known-at @345

No later event affects such an answer: no count, no status, no suggestion. The
recorded clock belongs to the log: no command sets it, and it never runs back.
Before the first event the exit code is 3. If the log is ahead of this machine's
clock, because one of the two was wrong, nothing is recorded until a person
accepts it: depositary clock accept --by PARTY --reason TEXT.

Every reading command takes all three, and --policy. Below each answer are the
clocks, the number of claims excluded because their publication date is unknown,
and the command that gives the same answer at any later time (reproduce). Logs,
histories and timelines select nothing: the policy is only shown.

As JSON, a list is an array of rows; show, log, history, timeline, blame, find,
explain, diff, findings, disputes and query are one object: the clocks, the
command (reproduce) and the rows. NDJSON and CSV have only the rows."""

_LEDGERS = """\
A ledger is a folder, or a schema of a PostgreSQL database, or both. --ledger
names it, or the variable DEPOSITARY_LEDGER, or it is the folder you are in.

  depositary init DIR                  files: record.sqlite3, answers.sqlite3
  depositary init DIR --database URL   both: the log in PostgreSQL; archived
                                       copies and settings in the folder
  depositary init URL                  a database alone: no archived copies
  depositary copy FROM TO              between any two, compared byte by byte

An address is postgresql://user@host:port/database?schema=NAME as libpq reads
it: several hosts, target_session_attrs=read-write to find the primary, sslmode.
The schema is depositary if none is named. A database needs the extra:
pip install 'depositary[postgres]'.

An address in a depositary.toml is used only after you have trusted the folder
with it, by depositary trust DIR or init --database: the maker of the folder
chose it, and it receives your user's name and password. It may have host, port,
user, database, schema, sslmode, sslrootcert, connect_timeout and
application_name. An address in --ledger or the variable is trusted as given.

Beyond this machine TLS is required and no password is sent in clear text,
unless the address that you type sets sslmode or require_auth.

An address holds no password; one that does is refused. libpq finds passwords in
PGPASSWORD, in ~/.pgpass (or PGPASSFILE), or in a service file (?service=NAME).

The database holds only the log. Each user has a read model in a file of the
cache folder, $XDG_CACHE_HOME or ~/.cache, below depositary/ and the ledger's
id: it can be deleted, the first read makes it and the next ones catch it up.
The first read of a large ledger takes a while; depositary follow keeps it
caught up. Readers need USAGE on the schema and SELECT on its tables:
docs/scale.md has the statements.

depositary.toml has these keys and no others:

  format    1
  origin    the ledger's name, as its first event has it
  database  the address, for a ledger in PostgreSQL
  recorder  who records, unless --recorder NAME or the variable
            DEPOSITARY_RECORDER names it: each new event carries the name
  policies  names for --policy, each a file of the folder or a table: see
            depositary help policies"""

OVERVIEW = """\
  A ledger of what was claimed about agreements between States and about their
  bitcoin: by whom, on what evidence, and when.

Start
  demo, init               a ledger with the bundled story; an empty ledger
  serve, title             the ledger in a browser; what it is about
  status, where, trust     its size and files; its place; a folder to trust
  help, completion         topics, glossary, manual page; shell completion
Record
  add, record              one fact: asked for; by options: record TYPE --help
  template, append, check  a fact to fill in; record a file; preview a file
  schema, party|source add types and fields of facts; a party; a document
  correct, retract         replace the text of a claim; take a claim back
  deny, resolve            a party denies a claim, or decides between claims
  same, distinct           two claims are about one occurrence, or about two
Ask
  KIND list|show|history   KIND is agreement, reserve, party, source, programme,
                           allocation, proposal, law, meeting or price
  agreement standing       status of each party, and whether it is in force
  agreement reservations   effect of each reservation between every two States
  reserve reconcile        ledger balance beside the reported figure
  reserve value            what the reported holding is worth at a price
  explain, blame           why a value is the answer; the event that set it
  find, history, timeline  search; steps to an answer; claims in date order
Across
  reserve total, series    what States hold together; one reserve over time
  disputes, findings       what is contested; data-quality problems
  diff, changes            answers at two dates compared; what changed since
  cite                     a reference for a paper: text, BibTeX, CSL-JSON
  log, event, query        all events; one event as stored; answers by SQL
Prove
  key, checkpoint, prove   sign the log; prove that an event is in it
  publish, verify          files for a web server; check proofs offline
  audit, pin               check the whole log; keys that audits expect
Move data
  import, export           tables and data sets in; claims out
  backup, restore          the log as one file, and back
  copy, fork               the same ledger elsewhere; a new one from another
Maintain
  replay, follow, clock    rebuild tables; keep them ready; accept a clock

Every command takes --ledger DIR, --json, --csv, --help: depositary help man.
Examples: depositary demo; depositary help reserve; depositary help glossary"""

_FACTS = """\
A file of facts is TOML. Parties and sources may stand in it beside the facts:
each is made where the ledger has none of its id, all in one batch, or nothing.

  [[party]]
  name = "National Bitcoin Office"  # its id is made of it; or: id = "party/nbo"
  type = "agency"

  [[source]]
  url = "https://example.org/post"
  publisher = "National Bitcoin Office"
  published = "2025-07-18"

  [[fact]]
  type = "reserve.holding-reported"
  subject = "reserve/sv"
  amount = "6,242 BTC"
  effective = "2025-07-18"
  asserted_by = "National Bitcoin Office"
  basis = "own-publication"
  sources = ["https://example.org/post"]

A fact names a party by its id or by the name in the file, a source by its id or
its address. An address of no source makes one, retrieved today; nothing is
fetched. depositary template TYPE prints a fact to fill in; depositary check
FILE says what a file would change, and depositary append FILE records it."""

TOPICS = {
    "facts": "A file of facts, with parties and sources in it.",
    "ledgers": "Where a ledger is: folders, databases, passwords.",
    "exit-codes": "What the exit code of a command means.",
    "dates": "How dates are written, and what they mean.",
    "amounts": "How amounts are written, and how they are kept.",
    "policies": "Which of several claims is selected, and what support means.",
    "clocks": "Effective, published, recorded: asking about the past.",
    "map": "What the columns of a table mean, for import csv.",
    "glossary": "The words, one sentence each.",
    "man": "The manual page: depositary help man | man -l -",
}


def page(topic: str) -> list[str]:
    """Return the lines that explain a topic of TOPICS."""
    texts = {
        "facts": _FACTS,
        "ledgers": _LEDGERS,
        "dates": _DATES,
        "amounts": _AMOUNTS,
        "policies": _POLICIES,
        "clocks": _CLOCKS,
    }
    if topic == "map":
        from domain.importers.map_keys import explained

        return explained()
    if topic == "glossary":
        return _glossary()
    if topic == "man":
        from cli.commands.start.manual import manual_page

        return manual_page()
    return _exit_codes() if topic == "exit-codes" else texts[topic].splitlines()


def _glossary() -> list[str]:
    """Return docs/glossary.md as lines for a terminal; a wheel has it beside the commands."""
    packed = files("cli") / "glossary.md"
    here = packed if packed.is_file() else Path(__file__).parents[3] / "docs" / "glossary.md"
    lines: list[str] = []
    for line in here.read_text("utf-8").split("\n## ", 1)[1].splitlines():
        plain = re.sub(r"\*\*|`|\[([^]]*)\]\([^)]*\)", r"\1", line)
        if plain.startswith("- "):
            lines += wrap(plain[2:], 80, initial_indent="  ", subsequent_indent="    ")
        elif plain:
            lines += ["", plain.removeprefix("## ")]
    return lines[1:]


_COLUMNS = (Column("topic", "topic", fixed=True), Column("about", "what it explains"))


def help_(
    context: typer.Context,
    topic: Annotated[
        list[str] | None, argument("[TOPIC]", "A topic, or a command.", offer_words(*TOPICS))
    ] = None,
) -> None:
    """Explain a topic or a command; without one, list the topics.

    \b
    Examples:
      depositary help glossary
      depositary help reserve total
    """
    app = app_context(context)
    if not topic:
        rows = [{"topic": name, "about": line} for name, line in TOPICS.items()]
        write_rows(_COLUMNS, rows, app.look)
    elif topic[0] in TOPICS:
        _write(app, topic[0])
    else:
        _explain_command(context, topic)


def _write(app: AppContext, topic: str) -> None:
    if app.look.for_people:
        write_lines(page(topic), app.look)
    elif topic == "exit-codes":
        columns = (Column("code", "code", number=True), Column("meaning", "meaning"))
        rows = [{"code": code, "meaning": meaning} for code, meaning in EXIT_CODES.items()]
        write_rows(columns, rows, app.look)
    else:
        write_json({"topic": topic, "text": "\n".join(page(topic))}, app.look)


def _explain_command(context: typer.Context, words: list[str]) -> None:
    root = context.find_root()
    command: Any = root.command
    below: Any = root
    for name in words:
        known = command.list_commands(below) if hasattr(command, "list_commands") else []
        if name not in known:
            _no_topic(" ".join(words), meant_by(name, [*(TOPICS if below is root else ()), *known]))
        command = command.get_command(below, name)
        below = command.context_class(command, info_name=name, parent=below)
    write_lines(command.get_help(below).splitlines(), app_context(context).look)


def _no_topic(name: str, meant: list[str]) -> NoReturn:
    not_found(
        f"there is no topic '{name}'",
        f"did you mean {' or '.join(meant)}?"
        if meant
        else f"the topics are {', '.join(TOPICS)}, and every command",
        f"depositary help {meant[0]}" if meant else "depositary help",
    )
