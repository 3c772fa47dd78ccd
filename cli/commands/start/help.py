"""Explain the words and numbers of this program."""

from typing import Annotated, Any

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
        "The answer goes to standard output, all else to standard error. An error has",
        "three lines: what went wrong; where and why; what to run next. With --json it",
        'is one object: {"error": {"exit": 3, "what": ..., "why": ..., "next": ...}}.',
        "4 is evidence that something was changed, and nothing else is 4.",
        "",
        "8 is no evidence of a change: all that the record has, up to some event, is what",
        "was signed. Go on with the record that was signed last. Where there is none, or",
        "you want both: depositary fork FROM TO, which makes a ledger of its own of this.",
    ]


_DATES = """\
Dates are EDTF (ISO 8601-2), and are kept as they are written.

  2025-07-18, 2025-07, 2025     a day, a month, a year
  2025-05-2X, 202X              digits that nobody knows
  2025-07-16?, 2025-05~         uncertain, approximate; % is both
  [1981-09..1981-10]            some day within
  [..2025-07-18]                on that day or before
  [2025-07-18..]                on that day or after
  2025-11-17T18:01:00-05:00     an instant; with an offset of zero it ends in Z
  2024-03-12/2024-03-14         a state that lasted; ../b and a/.. are open

An act has one day, perhaps not known exactly; only a state may take a/b.
In a file nothing else is read. As an argument also: 2025-7-18, today, yesterday,
18/07/2025, 18 July 2025, July 2025, with months in English; how it is read is
said. 07/08/2025 may be two days and is refused, as is 2025-02-30.

  effective  when it took effect
  acted      when it was done (signed, deposited), where that differs
  zone       IANA time zone of both, only where a source or the place states it

Asked whether something held on a day, an answer is yes, no or cannot tell.
On the command line a WHEN is a day, a month or a year (then its last day), or
an instant; --known-at and --until take a position too: @413."""

_AMOUNTS = """\
Amounts are written as people write them, always with their unit.

  6,242 BTC or 100 sat                  exactly
  over 6,240 BTC or > 100 MW            more than
  at least 500 BTC or >= 500 BTC        that much or more
  under 500 BTC or < 500 BTC            less than
  up to 500 BTC or <= 500 BTC           that much at most
  about 740 million USD or ~ 740 m USD  approximately
  22-23 PKR/kWh or 100 to 120 BTC       between the two
  over 100 and under 120 BTC            between, without the ends
  14                                    a plain number: a count

Commas set thousands off, a point sets decimals off. million, billion, m and bn
are read. Units: BTC, sat, W, kW, MW, GW, %, bp, PKR/kWh, SDR, and the codes of
currencies such as USD. Nothing is rounded: 0.000000001 BTC is refused.

They are kept as whole numbers, and so they stand in JSON and CSV: bitcoin in
satoshis (1 BTC = 100,000,000), money in its smallest unit, power in watts."""

_POLICIES = """\
A policy says which of several claims is the answer. It picks a whole claim and
never mixes two; all others stay, and the answer says if they differ.

  primary-first       the strongest basis first (what counts if none is named)
  latest              the latest published first
  strict              contested where claims that contradict each other give
                      different answers, each taken in turn
  prefer:party/...    the claims of that party first, then primary-first

primary-first ranks
  acts      official record, audit, signed statement, what the actor published
            itself, then the other side, other public bodies, trackers, press
  holdings  the newest first, then audit, signed statement, addresses that the
            holder disclosed, own publication, trackers, press
  bought or moved   signed statement, own publication, trackers; never what a
            chain shows alone
and then: direct before relayed; more independent origins; latest published;
recorded first.

  corroborated    two independent origins give one figure or one day, and agree
  single source   one origin; or others that give bounds or ranges alone
  contested       claims that cannot both be right, or a denial
  resolved        contested, and decided by a resolution that the policy follows

Outlets that repeat one post are one origin."""

_CLOCKS = """\
Every fact stands on three clocks, and each may be turned back.

  --as-of D       effective: what held in the world on that day; today if left
                  out
  --public-at P   published: only what its sources had made public by that day;
                  what perhaps was public stands beside it, marked perhaps
  --known-at K    recorded: only what this ledger had recorded by then, a day
                  or a position such as @413

  What did El Salvador hold in mid-July, by all that is known now?
      depositary reserve show sv --as-of 2025-07-19
  What could anybody know of it in March 2024?
      depositary reserve show sv --as-of 2024-03-13 --public-at 2024-03-13
  What did this ledger say before a correction?
      depositary reserve show sv --known-at @413

Nothing later leaks into an answer: no count, no status, no suggestion. The
recorded clock is the ledger's own: no command sets it, and it never runs back.
Before the first record an answer is exit code 3. Where the log lies ahead of
this machine's clock, because one of the two was wrong, nothing is recorded
until that is accepted: depositary clock accept --by PARTY --reason TEXT.

Every command that answers takes all three, and --policy. Below each table stand
the clocks as they were resolved, how many claims were left out because nobody
knows when they were public, and the command that gives the same answer at any
later time. Logs, histories and timelines pick nothing: the policy is only said.

As JSON, the lists, histories, findings and the log of earlier versions are
arrays of rows, and so they stay; show, timeline, history, blame, explain, diff
and query are one object, with the clocks and the command (reproduce) beside the
rows. NDJSON and CSV are rows alone."""

_LEDGERS = """\
A ledger is a folder, or a schema of a PostgreSQL database, or both. --ledger
names it, or the variable DEPOSITARY_LEDGER, or it is the folder you are in.

  depositary init DIR                  files: record.sqlite3, answers.sqlite3
  depositary init DIR --database URL   both: the record in PostgreSQL; archived
                                       copies and settings in the folder
  depositary init URL                  a database alone: no archived copies
  depositary copy FROM TO              from any to any, compared to the byte

An address is postgresql://user@host:port/database?schema=NAME as libpq reads
it: several hosts, target_session_attrs=read-write to find the primary, sslmode.
The schema is depositary if none is named. A database needs the extra:
pip install 'depositary[postgres]'.

An address that depositary.toml names is used only once you have trusted the
folder with it, by depositary trust DIR or init --database: who made the folder
chose it, and it is given your user's name and password. It may say host, port,
user, database, schema, sslmode, sslrootcert, connect_timeout and
application_name. An address in --ledger or the variable is your own word.

Beyond this machine TLS is required and no password is sent in clear text,
unless the address that you type says sslmode or require_auth itself.

An address holds no password; one that does is refused. libpq finds passwords in
PGPASSWORD, in ~/.pgpass (or PGPASSFILE), or in a service file (?service=NAME).

The database holds the record alone. Each user keeps the answers made from it in
a file of the cache folder, $XDG_CACHE_HOME or ~/.cache, below depositary/ and
the ledger's id: disposable, made by the first read and caught up by the next.
The first read of a large ledger takes a while; depositary follow keeps them
caught up. Readers need USAGE on the schema and SELECT on its tables:
docs/scale.md has the statements.

depositary.toml says, and nothing else may stand there:

  format    1
  origin    the ledger's name, as its first event has it
  database  the address, for a ledger in PostgreSQL
  recorder  who records, where neither --recorder NAME nor the variable
            DEPOSITARY_RECORDER says it: each new event bears the name"""

_FACTS = """\
A file of facts is TOML. Parties and sources may stand in it beside the facts:
each is made where the ledger has none of its id, all in one batch, or nothing.

  [[party]]
  name = "National Bitcoin Office"   # the id is made of it, or: id = "party/nbo"
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
fetched. depositary template TYPE prints a fact to fill in, depositary check FILE
says what a file would change, and depositary append FILE records it."""

TOPICS = {
    "facts": "A file of facts, with parties and sources in it.",
    "ledgers": "Where a ledger is: folders, databases, passwords.",
    "exit-codes": "How a command says what became of it.",
    "dates": "How dates are written, and what they mean.",
    "amounts": "How amounts are written, and how they are kept.",
    "policies": "Which of several claims is the answer.",
    "clocks": "What held, what was public, what was known.",
    "map": "What the columns of a table mean, for import csv.",
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
    return _exit_codes() if topic == "exit-codes" else texts[topic].splitlines()


_COLUMNS = (Column("topic", "topic", fixed=True), Column("about", "what it explains"))


def help_(
    context: typer.Context,
    topic: Annotated[
        str | None, argument("[TOPIC]", "A topic, or a command.", offer_words(*TOPICS))
    ] = None,
) -> None:
    """Explain a topic or a command; without one, list the topics.

    \b
    Examples:
      depositary help
      depositary help exit-codes
      depositary help dates
    """
    app = app_context(context)
    if topic is None:
        rows = [{"topic": name, "about": line} for name, line in TOPICS.items()]
        write_rows(_COLUMNS, rows, app.look)
    elif topic in TOPICS:
        _write(app, topic)
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


def _explain_command(context: typer.Context, name: str) -> None:
    root = context.find_root()
    group: Any = root.command
    known = group.list_commands(root)
    if name in known:
        command = group.get_command(root, name)
        below = command.context_class(command, info_name=name, parent=root)
        write_lines(command.get_help(below).splitlines(), app_context(context).look)
        return
    meant = meant_by(name, [*TOPICS, *known])
    not_found(
        f"there is no topic '{name}'",
        f"did you mean {' or '.join(meant)}?"
        if meant
        else f"the topics are {', '.join(TOPICS)}, and every command",
        f"depositary help {meant[0]}" if meant else "depositary help",
    )
