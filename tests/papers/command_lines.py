"""The commands whose output is written down, in chapters that each start from the bundled story.

A chapter is given a function that runs a command and returns what it printed, and yields lines:
the words after `depositary`; `at later`, from which on the hour is a later one; or a file to be
written, for the commands after it.
"""

import json
from collections.abc import Callable, Iterator

from cli.app import COMMANDS

Ask = Callable[[str], str]

AT_LATER = "at later"
FILE = "file "
PAPER, SV = "agreement/pk-sv-bitcoin-2025", "reserve/sv"
DAYS = ("2024-03-15", "2025-07-18", "2026-12-01")
POLICIES = ("primary-first", "latest", "strict", "prefer:party/article-publisher")
CLOCKS = (
    "--as-of 2025-07-18 --public-at 2025-07-17",
    "--as-of 2025-07-31 --public-at 2025-07-31 --policy latest",
    "--as-of 2024-03-15 --known-at @200",
    "--known-at 2026-12-01 --policy strict",
)
MANY = ("party", "source")  # kinds of which the story has dozens


def is_one_of_many(command: str) -> bool:
    """Say whether a command is one of dozens alike, of which a digest is enough."""
    words = command.split()
    if command == "demo story":  # each chapter begins with it
        return True
    if words[0] in TYPED:
        return len(words) > 1 and words[1] not in SHOWN
    is_help = "--help" in words or words[0] == "help"
    formats = {"--json", "--csv", "--format"}.intersection(words)
    return not is_help and (
        bool(formats) or (words[0] in MANY and len(words) > 2 and words[2] not in OF_MANY)
    )


TYPED = ("schema", "template", "record")  # one output for each of the types
SHOWN = ("--help", "--json", "--csv", "reserve", "reserve.acquired", "agreement.signed")
OF_MANY = ("sv", "pk", "onbtc", "imf", "article", "article-publisher")


def _things(ask: Ask) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for event in json.loads(ask("log --json"))["rows"]:
        kind, _, name = event["subject"].partition("/")
        found.setdefault(kind, {})[name] = None
    found.pop("ledger")
    return {kind: list(names) for kind, names in found.items()}


def help_(ask: Ask) -> Iterator[str]:
    """Yield the helps of every command, and what needs no ledger."""
    yield from ("--help", "--version", "help", "help --json", "help --csv")
    for name in COMMANDS:
        yield f"{name} --help"
        for below in _listed(ask(f"{name} --help")):
            yield f"{name} {below} --help"
    for topic in json.loads(ask("help --json")):
        yield f"help {topic['topic']}"
        yield f"help {topic['topic']} --json"
    yield from ("help reserve", "help append", "help exit-codes --csv")
    yield from ("completion bash", "completion zsh", "completion fish")
    yield from ("schema", "schema --json", "schema --csv", "schema reserve")
    for name in json.loads(ask("schema --json")):
        yield f"schema {name}"
        yield f"template {name}"
        yield f"record {name} --help"
    yield from ("correct @173 --help", "correct @253 --help", "where", "where --json")


def _listed(text: str) -> list[str]:
    _, _, below = text.partition("\nCommands:\n")
    return [line.split()[0] for line in below.splitlines() if line[:2] == "  " and line[2:3] != " "]


def lists(ask: Ask) -> Iterator[str]:
    """Yield the lists of every kind, and what is asked of the whole ledger."""
    yield from ("status", "status --json", "where", "where --json")
    for kind in _things(ask):
        for form in ("", " --json", " --csv", " --format ndjson"):
            yield f"{kind} list{form}"
        for day in DAYS:
            yield f"{kind} list --as-of {day}"
        for policy in POLICIES:
            yield f"{kind} list --as-of 2025-07-31 --policy {policy} --json"
        for clocks in CLOCKS:
            yield f"{kind} list {clocks}"
            yield f"{kind} list {clocks} --csv"
        yield f"{kind} list --party sv"
        yield f"{kind} list --party imf --json"
    yield from ("log -n 10", "log", "log --json", "log --csv", "log --format ndjson")
    yield from ("log --type reserve.acquired", "log --as-of 2021-12-31 --csv")
    yield from ("log --public-at 2025-07-17", "log --known-at @20", f"log --subject {PAPER} --json")
    for words in ("bitcoin office", "pakistan", "memorandum", "tariff", "IMF", "6,242", "zzz"):
        for form in ("", " --json", " --csv", " --public-at 2025-07-17"):
            yield f"find '{words}'{form}"
    yield from (
        "find '\"letter of intent\"' --kind agreement",
        "find bitcoin office --party onbtc --limit 2",
    )
    yield from ("findings --list", "findings --list --json", "findings --list --csv")
    yield from ("findings", "findings --json", "findings --csv", f"findings --subject {SV}")
    for check in ask("findings --list --csv").splitlines()[1:]:
        yield f"findings --check {check.split(',')[0]}"
    yield from (f"findings {clocks}" for clocks in CLOCKS)
    yield from (f"findings --subject {SV} --as-of {day} --json" for day in DAYS)
    yield from (
        "findings --wanted",
        f"findings --wanted {SV} --json",
        "disputes --since @200 --csv",
        "log --since @330 --party bukele",
        "timeline --from 2024-03 --to 2024-03 -n 10",
        "timeline --from 2024-03 --to 2024-03 --skip 10 --csv",
        "timeline reserve/sv --party bukele --json",
        "changes --since @330",
        "changes --since @200 --since-as-of 2025-06-30 --as-of 2025-07-31",
        "changes --since @200 --since-as-of 2025-06-30 --as-of 2025-07-31 --csv",
        "changes --mark week --as-of 2025-07-15",
        "changes --mark week --as-of 2025-07-18 --set --json",
        "changes --mark week --as-of 2025-07-18",
        "changes --marks",
        "changes --mark week --delete",
    )
    for question in (
        "disputes",
        "reserve total",
        "reserve total --by holder",
        "reserve series sv",
        "reserve series sv --every quarter",
        "agreement standing --party onbtc",
        "party statements bukele --changed",
        "party statements --changed",
    ):
        yield from (f"{question} {clocks}" for clocks in CLOCKS)
        yield from (f"{question} --json", f"{question} --csv")


def queries(ask: Ask) -> Iterator[str]:
    """Yield queries in SQL, exports, replays."""
    yield from ("query --views", "query --views --json", "query --views --csv")
    views = dict.fromkeys(row["view"] for row in json.loads(ask("query --views --json")))
    for view in views:
        yield f"query 'select * from {view}' --json"
        yield f"query 'select * from {view} limit 5'"
        yield f"query 'select * from {view}' --csv --as-of 2025-07-18 --public-at 2025-07-31"
        yield f"query 'select count(*) as n from {view}' --known-at @200 --policy latest"
    for sql in (
        "select subject, reported from reserves order by ledger_balance_sat",
        "select type, count(*) as n from claims group by 1 order by 2 desc, 1",
        "select c.source, s.title from citations c join sources s on s.subject = c.source limit 20",
        "select thing, claims from things order by claims desc, thing limit 3",
        "with a as (select 1 as one) select one, null as nothing from a",
        "select json_extract(data, '$.amount.words') as w from claims where subject = 'reserve/sv'",
    ):
        for form in ("", " --json", " --csv", " --format ndjson"):
            yield f'query "{sql}"{form}'
    yield from ("export --format ndjson", "export --format csv", "export")
    for kind in _things(ask):
        yield f"export --format csv --kind {kind}"
    yield f"export --format csv --kind reserve {CLOCKS[0]}".replace(" --policy latest", "")
    yield "export --format ndjson --kind agreement --kind law --known-at @200"
    yield from ("replay", "replay --compare", "replay --until @100", "replay --json")
    yield from ("replay --as-of 2025-07-18", "replay --as-of 2025-07-18 --public-at 2025-07-18")
    yield from (f"replay --as-of 2026-01-01 --policy {policy} --json" for policy in POLICIES)
    yield from ("follow --until @345", "follow --until @345 --json")


def pages(ask: Ask) -> Iterator[str]:
    """Yield the page and the history of every thing, and the pages of some at many clocks."""
    for kind, names in _things(ask).items():
        for name in names:
            yield f"{kind} show {name}"
            yield f"{kind} show {name} --json"
            yield f"{kind} history {name}"
            if kind not in MANY or name in OF_MANY:
                yield f"{kind} show {name} --claims"
                yield f"{kind} history {name} --json"
                yield f"{kind} history {name} --csv"
                yield f"{kind} history {name} --as-of 2024-03-15 --known-at @300"
                yield from (f"{kind} show {name} {clocks}" for clocks in CLOCKS)
                yield from (f"{kind} show {name} {clocks} --json" for clocks in CLOCKS)
                yield from (
                    f"{kind} show {name} --as-of {day} --policy {policy} --json"
                    for day, policy in zip(DAYS, POLICIES[1:], strict=True)
                )


def questions(ask: Ask) -> Iterator[str]:
    """Yield what is asked of one thing: why, since when, by whom."""
    things = {f"{kind}/{name}": kind for kind, names in _things(ask).items() for name in names}
    for thing, kind in things.items():
        if kind in MANY and thing.partition("/")[2] not in OF_MANY:
            yield f"timeline {thing} --json"
            yield f"explain {thing} --json"
            continue
        for verb in ("timeline", "explain", "blame", "history"):
            yield f"{verb} {thing}"
            yield f"{verb} {thing} --json"
            yield f"{verb} {thing} {CLOCKS[1]}"
            yield f"{verb} {thing} {CLOCKS[2]} --json"
        yield f"timeline {thing} --csv"
        yield f"history {thing} --csv"
        yield f"blame {thing} --csv"


def numbers(ask: Ask) -> Iterator[str]:
    """Yield what is asked of agreements and reserves alone, and what differs between two times."""
    del ask
    for field in ("kind", "signed", "parties", "in_force"):
        yield f"explain {PAPER} {field}"
    for field in ("reported", "ledger_balance", "status", "observed"):
        yield f"explain {SV} {field} --as-of 2025-07-19"
        yield f"explain {SV} {field} --policy latest --json"
    yield from ("timeline", "timeline --json", "timeline --kind law --as-of 2025-12-31")
    yield from ("timeline --party imf --contested", f"timeline {SV} --late 30d --csv")
    yield from ("timeline --future --as-of 2025-01-01", "timeline --party sv --csv")
    for agreement in (PAPER, "agreement/pcc-wlf-2025"):
        for verb in ("standing", "reservations"):
            for rest in ("", " --json", " --as-of 2025-07-16", f" {CLOCKS[1]}", f" {CLOCKS[0]}"):
                yield f"agreement {verb} {agreement}{rest}"
        yield f"agreement standing {agreement} --csv"
    for reserve in ("sv", "pk", "us", "strategy"):
        for day in ("2022-01-01", "2024-03-12", "2024-03-14", "2025-07-19", "2025-08-30"):
            yield f"reserve reconcile {reserve} --as-of {day}"
            yield f"reserve reconcile {reserve} --as-of {day} --policy latest --json"
            yield f"reserve value {reserve} --price price/btc-usd --as-of {day}"
            yield f"reserve value {reserve} --price btc-usd --as-of {day} --json"
        yield f"reserve reconcile {reserve} {CLOCKS[1]}"


def differences(ask: Ask) -> Iterator[str]:
    """Yield what differs between two times on each clock, and single events."""
    del ask
    for a, b in (("2021-01-01", "2022-06-30"), ("2024-03-13", "2024-03-15")):
        yield f"diff {a} {b} {SV}"
        yield f"diff {a} {b} --json"
    for axis, a, b in (
        ("as-of", "2025-07-15", "2025-07-31"),
        ("public-at", "2025-07-17", "2025-07-31"),
        ("known-at", "@100", "@345"),
        ("known-at", "@200", "@300"),
    ):
        for rest in ("", " --json", " --csv", " --exit-code", " --policy strict"):
            yield f"diff {a} {b} --axis {axis}{rest}"
    for position in range(1, 346, 7):
        yield f"event show @{position}"
        yield f"event show @{position} --json"


def written(ask: Ask) -> Iterator[str]:
    """Yield what is recorded after the story, on a later day, and what is answered then."""
    yield AT_LATER
    told = "--asserted-by onbtc --basis own-publication --source onbtc,published=2026-12-02"
    bought = f'record reserve.acquired {SV} --amount "1 BTC" --mode purchase'
    yield f"{bought} --effective 2026-12-02 {told} --dry-run"
    yield f"{bought} --effective 2026-12-02 {told}"
    yield f"{bought} --effective 2026-12-02 {told}"
    yield f"{bought} --effective 2026-12-03 {told} --json"
    yield f"{bought} --effective 2026-12-03 {told} --json"
    yield f"source add note --publisher onbtc --title 'A note' {told}".replace(f" {told}", "")
    yield (
        "record party.established party/fr --name France --type state --asserted-by recorder "
        "--basis recorder"
    )
    yield FILE + "facts.toml\n" + FACTS
    yield from ("check facts.toml", "check facts.toml --json", "check facts.toml --csv")
    yield from ("append facts.toml --dry-run", "append facts.toml", "append facts.toml --json")
    yield "check facts.toml"
    yield 'correct @346 --amount "2 BTC" --reason recording-error'
    yield "event show @346"
    yield "retract @348 --reason duplicate"
    yield f"deny @169 --ground 'It was the sixteenth.' {told}"
    yield f"deny {SV} --type reserve.disposed --span 2025-01/2025-07 --ground 'None sold.' {told}"
    yield f"resolve @173 @169 @170 --ground 'The office says so.' {told} --json"
    yield "same @227 @229"
    yield "distinct @227 @231"
    yield "retract @353 --reason recording-error --json"
    yield FILE + "rows.csv\n" + ROWS
    yield FILE + "map.toml\n" + MAP
    yield FILE + "prices.csv\nDate,BTC_USD,ETH_USD\n2026-12-01,90000.5,3000\n2026-12-02,x,3001\n"
    for words in ("csv rows.csv --map map.toml", "prices prices.csv --kind close"):
        yield from (f"import {words} --dry-run", f"import {words}", f"import {words} --json")
    yield "import csv rows.csv --map map.toml --as-reported --json"
    yield from ("status", "log --known-at 2026-12-31", "log --json", "findings", "findings --json")
    for words in ("reserve show sv", "agreement show pk-sv-bitcoin-2025", "party show fr"):
        yield from (words, f"{words} --json", f"{words} --claims", f"{words} --policy strict")
    yield "reserve show sv --known-at 2026-12-01 --as-of 2026-12-24"
    yield from ("reserve list", "reserve history sv", "agreement history pk-sv-bitcoin-2025")
    yield from (
        f"timeline {SV}",
        f"blame {SV}",
        f"explain {SV} ledger_balance",
        f"history {SV} --csv",
    )
    yield from ("reserve reconcile sv", "agreement standing pk-sv-bitcoin-2025 --json")
    yield "reserve value sv --price btc-usd --json"
    for rest in ("", " --json", " --csv"):
        yield f"diff 2026-12-01 2026-12-31 --axis known-at --as-of 2026-12-24{rest}"
    yield from ("export --format csv --kind reserve", "export --format ndjson", "replay --compare")
    yield from ("replay --json", "replay --as-of 2026-12-24")


FACTS = """[[fact]]
type = "reserve.holding-reported"
subject = "reserve/sv"
amount = "about 7,600 BTC"
scope = "whole"
effective = "2026-12-05"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = ["source/onbtc"]

[[fact]]
type = "agreement.terminated"
subject = "agreement/pk-sv-bitcoin-2025"
effective = "2026-12"
ground = "by-agreement"
asserted_by = "party/article-publisher"
basis = "press"
sources = ["source/article"]

[[fact]]
type = "reserve.announced"
subject = "reserve/fr"
holder = "party/fr"
effective = "2026-12-01"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = ["source/onbtc"]
"""
ROWS = """day,btc,note
2026-12-06,1.5,first
2026-12-07,0.25,
2026-12-32,1,no such day
2026-12-08,many,no amount
"""
MAP = """[defaults]
asserted_by = "party/onbtc"
basis = "own-publication"
sources = ["source/onbtc"]

[[fact]]
type = "reserve.acquired"
subject = "reserve/sv"
when = "day"

[fact.fields]
effective = { column = "day", as = "date" }
amount = { column = "btc", as = "amount", unit = "BTC" }
mode = "purchase"
note = "{note}"
"""


def proofs(ask: Ask) -> Iterator[str]:
    """Yield keys, checkpoints, proofs, and what is made of a ledger."""
    yield from ("checkpoint", "prove @7", "publish web", "audit", "audit --json", "audit --quick")
    yield from ("key new --no-passphrase", "key new --no-passphrase", "audit")
    yield from ("prove @7", "checkpoint", "checkpoint --json", "status", "status --json")
    vkey = next(
        event["data"]["vkey"]
        for line in ask("log --type ledger.key-named --format ndjson").splitlines()
        for event in [json.loads(line)["event"]]
    )
    yield from ("prove @7 -o 7.proof", "prove @7 -o 7.proof", "prove @346 --json", "prove @999")
    yield from (f"verify 7.proof --vkey {vkey}", f"verify 7.proof --vkey {vkey} --json")
    yield from ("verify 7.proof", f"verify 7.proof --vkey {vkey} --entry story/depositary.toml")
    yield from ("prove @12 --bundle court", f"verify court --vkey {vkey}", "prove @12 --json")
    yield from ("publish web", "publish web", "audit --against web", "audit --against 7.proof")
    yield from (f"audit --vkey {vkey} --against court", "pin list", "pin list --json")
    yield from (f"verify --published web --vkey {vkey}", "verify --published web")
    yield AT_LATER
    yield (
        "record party.established party/fr --name France --type state --asserted-by recorder "
        "--basis recorder"
    )
    yield from ("audit", "key new --recovery --no-passphrase --json", "checkpoint", "publish web")
    yield from ("prove --from 346 --to 348", "prove --from 346 --to 348 -o grown.proof")
    yield from (f"verify grown.proof 7.proof --vkey {vkey}", "prove --from 400")
    yield from ("key rotate --no-passphrase", "checkpoint", "audit --json", "audit --quick --json")
    yield from (f"key revoke {vkey} --last-good-size 346", "checkpoint", "audit")
    ledger_id = ask("pin list").partition(" ")[0]
    yield from (f"pin show {ledger_id}", f"pin delete {ledger_id}", "pin show nothing", "audit")
    yield from ("backup story.copy", "backup story.copy", "restore story.copy again --json")
    yield from ("--ledger again status", "--ledger again audit --json", "restore story.copy again")
    yield from ("copy story clone", "copy story clone", "--ledger clone replay --json")
    yield from ("--ledger clone log --format ndjson", "--ledger clone audit")
    yield from ("export --format csv -o out.csv", "export --format csv -o out.csv")
    yield from ("export --format sqlite -o out.db", "export --format sqlite", "init new --json")
    yield from ("--ledger new status", "--ledger new reserve list", "--ledger new audit")
    yield from ("demo new", "init new", "init story", "demo story --json", "demo demo-2 --json")
    yield from ("--ledger new log --json", "export --format ndjson -o all.ndjson")
    yield from ("--ledger new import ndjson all.ndjson --as-reported", "--ledger new replay --json")


def mistakes(ask: Ask) -> Iterator[str]:
    """Yield what is refused, each with its exit code, and the facts that come near."""
    told = "--asserted-by onbtc --basis own-publication --source onbtc"
    bought = f"record reserve.acquired {SV} --mode purchase --effective 2026-12-02 {told}"
    yield from ("nonsense", "reserv list", "reserve", "reserve shov sv", "reserve show", "event")
    yield from (
        "reserve show unheard-of",
        "reserve show svv",
        "agreement show pk-sv",
        "party show SV",
    )
    yield from ("reserve show agreement/pcc-wlf-2025", "history unheard-of", "history thing/x")
    yield from (
        "timeline reserve/unheard-of",
        "explain reserve/unheard-of",
        "blame reserve/unheard-of",
    )
    yield from (f"explain {SV} nothing", "reserve reconcile unheard-of", "reserve value sv")
    yield from ("reserve value sv --price unheard-of", "reserve value sv --price price/btc-eur")
    yield from (
        "agreement standing unheard-of",
        "agreement reservations unheard-of",
        "log --subject unheard-of",
    )
    for when in (
        "tomorrow",
        "2025-02-30",
        "2025-13",
        "18.07.2025",
        "2025-07/2025-08",
        "2025~",
        "''",
    ):
        yield from (f"reserve list --as-of {when}", f"reserve show sv --public-at {when}")
        yield f"reserve list --known-at {when}"
    yield from ("reserve list --known-at @0", "reserve list --known-at @346", "log --known-at 2020")
    yield from ("reserve list --policy best", "reserve list --policy prefer:party/unheard-of")
    yield from (
        "reserve list --policy prefer:sv",
        "reserve list --party unheard-of",
        "reserve list x",
    )
    yield from ("reserve list --format xml", "reserve list --colour", "reserve show sv --csv")
    yield from ("reserve list --as-of", "log -n 0", "log -n x", "log --type reserve.bought")
    yield from ("event show 7", "event show @346", "event show @x", "event show reserve/sv/1")
    yield from (
        "findings --check nothing",
        "findings --subject unheard-of",
        "timeline --kind nothing",
    )
    yield from (f"timeline {SV} --late soon", "timeline --late 30d --party unheard-of", "find ''")
    yield from ("diff 2025 2024", "diff 2024 2025 --axis sideways", "diff @1 @2", "diff 2024")
    yield from (
        "diff 2024 2025 reserve/unheard-of",
        "query",
        "query 'select'",
        "query 'drop table x'",
    )
    yield from (
        "query 'select * from nothing'",
        "query 'select thing from claims'",
        "query 'select 1; select 2'",
        "query 'select nope'",
    )
    yield from ("query 'delete from claims'", "query \"select load_extension('x')\"")
    yield from ("schema reserve.bought", "schema nothing", "template reserve", "template bought")
    yield from ("help nothing", "help polices", "completion cmd", "replay --until @999")
    yield from (
        "replay --public-at 2025",
        "follow --until @x",
        "import xml x",
        "import csv none.csv",
    )
    yield from ("import csv story/depositary.toml", "import un-mtdsg nowhere", "import ndjson none")
    yield from ("export --format xml", "export --kind nothing", "backup story/record.sqlite3")
    yield from ("restore none.sqlite3 x", "copy nowhere x", "copy story story", "verify none.proof")
    yield from ("--ledger nowhere status", "--ledger postgresql://u:secret@h/d status", "publish x")
    yield from ("key revoke x --last-good-size 1", "key rotate", "prove @1", "prove --from 3")
    yield from (f"{bought}", f"{bought} --amount", f"{bought} --amount '1 furlong'")
    for amount in ("1", "BTC", "1,00 BTC", "-1 BTC", "1.123456789 BTC", "about BTC", "22e6 BTC"):
        yield f"{bought} --amount='{amount}'"
    yield f"{bought} --amount '22000000000 BTC' --json"
    yield f"{bought} --amount '1 BTC' --mode theft".replace("--mode purchase ", "")
    yield f"{bought} --amount '1 BTC' --price 5"
    yield f"{bought} --amount '1 BTC' --nothing 5"
    yield f"{bought} --amount '1 BTC'".replace("2026-12-02", "2026-12-32")
    yield f"{bought} --amount '1 BTC'".replace("onbtc --basis", "unheard-of --basis")
    yield f"{bought} --amount '1 BTC'".replace("own-publication", "hearsay")
    yield f"{bought} --amount '1 BTC'".replace("--source onbtc", "--source nothing")
    yield f"{bought} --amount '1 BTC'".replace("--source onbtc", "--source onbtc,published=soon")
    yield f"{bought} --amount '1 BTC'".replace(SV, "reserve/Sv!")
    yield f"{bought} --amount '1 BTC'".replace(SV, "party/sv")
    yield f"{bought} --amount '1 BTC'".replace(SV, "sv")
    yield from ("record reserve.bought reserve/sv", "record", "record reserve.acquired", "append")
    yield f"record agreement.signed {PAPER} --party unheard-of --effective 2025-07-16 {told}"
    yield f"record agreement.signed {PAPER} --party fr --effective 2025-07-16 {told}"
    yield f"record agreement.described {PAPER} --kind treaty-of-peace {told}"
    yield f"record agreement.entered-into-force agreement/new --effective 2025-07-16 {told}"
    yield f"record party.established party/sv --name Elsewhere --type state {told}"
    yield f"record law.ceased law/nothing --effective 2025-01-01 {told}"
    yield "record ledger.opened ledger/self"
    yield from ("retract @1 --reason duplicate", "retract @999 --reason duplicate", "retract @7")
    yield from ("retract @7 --reason boredom", "retract @7 --reason other", "correct @7")
    yield from ("correct @173 --reason recording-error", "correct @173 --nothing 1 --reason other")
    yield from ("deny @999 --ground x", f"deny @169 {told}", f"deny {SV} --ground x {told}")
    yield from (f"resolve @173 @173 --ground x {told}", f"resolve @173 @249 --ground x {told}")
    yield from ("same @173 @249", "same @173 @173", "distinct @173 @999", "same @173")
    yield from ("source add article", "source add new --publisher unheard-of", "source add 'A b'")
    for number, text in enumerate(FILES, 1):
        yield f"{FILE}{number}.toml\n{text}"
        yield from (f"append {number}.toml", f"append {number}.toml --json", f"check {number}.toml")
        yield f"append {number}.toml --as-reported --dry-run"
    yield from ("append none.toml", "check none.toml", "append story", "audit", "status --json")
    yield "log -n 1"


FACT = FACTS.partition("\n\n")[0]
FILES = (
    "",
    "this is = = no toml",
    "[[facts]]\n",
    "[[fact]]\n",
    FACT.replace('"about 7,600 BTC"', "7600"),
    FACT.replace("holding-reported", "holding-rumoured"),
    FACT.replace("reserve/sv", "reserve/"),
    FACT.replace("reserve/sv", "reserve/unheard-of"),
    FACT.replace("2026-12-05", "2026-02-30"),
    FACT.replace("party/onbtc", "party/unheard-of"),
    FACT.replace("source/onbtc", "source/nothing"),
    FACT.replace("source/onbtc", "onbtc"),
    FACT.replace("own-publication", "recorder"),
    FACT.replace('"whole"', '"some"'),
    FACT + '\nwords = "nothing"\n',
    FACT + '\nasserted_by = "party/sv"\n',
    f"{FACT}\n\n{FACT}\n",
    f"{FACT}\n\n{FACT.replace('7,600', '7,601')}\n",
    f'{FACT}\nkey = "one"\n\n{FACT.replace("7,600", "7,601")}\nkey = "one"\n',
    FACT.replace('"party/onbtc"', '"party/onbtc"\nrelayed = false'),
    f"{FACT}\nnote = {'x' * 40!r}\nsources_ = []\n",
)
CHAPTERS: dict[str, Callable[[Ask], Iterator[str]]] = {
    "help": help_,
    "lists": lists,
    "queries": queries,
    "pages": pages,
    "questions": questions,
    "numbers": numbers,
    "differences": differences,
    "written": written,
    "proofs": proofs,
    "mistakes": mistakes,
}
