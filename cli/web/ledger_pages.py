"""Make the pages about the whole ledger: the start, lists, events, disputes, totals, search."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from cli.errors.exit_codes import not_found, usage_failure
from cli.output.look import Column
from cli.web.address import SUBJECTS, Clock
from cli.web.charts import Line, Point, chart, evenly
from cli.web.page import ROWS, Page, Piece
from cli.web.proofs import signed_size
from cli.web.questions import Document, ask_text
from cli.web.view import Context, Visit, command_again, rows_context
from domain.ledger_names import title_of
from events.text import count_noun, plural
from projections.queries.holdings import totals_on

HELP = ("clocks", "policies", "dates", "amounts", "exit-codes")


def help_page(visit: Visit) -> Context:
    """Make the page of what one needs to know, or of a topic of `depositary help`."""
    topic = "".join(visit.address.parts[1:])
    app = visit.page.app
    return {
        "title": f"Help: {topic}" if topic else "Help",
        "text": ask_text(app, Clock(), "table", "help", given=(topic,)) if topic else None,
        "topics": HELP,
        "reproduce": f"depositary help {topic}".strip(),
    }


def findings_page(visit: Visit) -> Context:
    """Make the list of data-quality problems."""
    return {**rows_context(visit, visit.answer()), "title": "Data-quality problems"}


def list_page(visit: Visit) -> Context:
    """Make the list of a kind, by id or by a column: a `-` before its name sorts down."""
    page, address = visit.page, visit.address
    answer = visit.answer()
    rows, by = list(answer.rows), address.option("sort")
    name = (by or "").removeprefix("-")
    if by and name not in {column.name for column in answer.columns}:
        usage_failure("there is no such column", f"~sort={by}", f"/{address.parts[0]}/")
    if by:
        given = [row for row in rows if row.get(name) not in (None, "")]
        rest = [row for row in rows if row.get(name) in (None, "")]
        lower = f"{name}_lower_sat"
        numbers = any(lower in row for row in rows)
        given.sort(
            key=lambda row: (row.get(lower) or 0) if numbers else str(row[name]).casefold(),
            reverse=by.startswith("-"),
        )
        rows = [*given, *rest]
    kind = address.parts[0]
    sorts = {
        column.name: page.link(
            address._replace(
                options=(("sort", f"-{column.name}" if by == column.name else column.name),)
            ).path
        )
        for column in answer.columns
    }
    pinned = f"depositary {kind} list"
    found = rows_context(visit, answer, rows=rows)
    return {
        **found,
        "title": plural(kind).capitalize(),
        "kind": kind,
        "sorts": sorts,
        "sorted": by,
        "reproduce": command_again(page, pinned),
    }


_HITS = 150  # that are listed, the best first
_FIELDS = {"effective": "effective date", "acted": "day of the act"}
_CONTESTED = (
    Column("subject", "subject"),
    Column("differs", "what differs"),
    Column("claimants", "contradicted"),
    Column("position", "since", number=True),
)


def _dispute_rows(rows: Sequence[Document]) -> list[Document]:
    """Return disputes in words, the newest first."""
    return [
        {**one, "fields:shown": ", ".join(_FIELDS.get(name, name) for name in one["fields"])}
        for one in reversed(rows)
    ]


def _by_subject(rows: list[Document]) -> list[Document]:
    """Return a row for each subject in dispute: what differs, who differ, since when."""
    found: dict[str, Document] = {}
    for one in rows:
        row = found.setdefault(one["subject"], {**one, "differs": {}, "claimants": []})
        fields = row["differs"].setdefault(one["type:shown"], {})
        fields |= dict.fromkeys(_FIELDS.get(name, name) for name in one["fields"])
        told = (
            f"{of}: {', '.join(names)}" if names else of for of, names in row["differs"].items()
        )
        row["differs:shown"] = "; ".join(told)
        row["claimants"] = list(dict.fromkeys([*row["claimants"], *one["claimants"]]))
    return list(found.values())


def disputes_page(visit: Visit) -> Context:
    """Make the list of what is contested, the newest first."""
    page, answer = visit.page, visit.answer()
    rows = _dispute_rows(answer.rows)
    counts = (
        Column("party", "party"),
        Column("disputes", "contradicted in", number=True),
        Column("selected", "selected in", number=True),
    )
    return {
        **rows_context(visit, answer, rows=rows, hide=("recorded", "claims"), key="position"),
        "title": "Contested",
        "lead": "Claims that cannot both be right, or a claim and its denial. The newest first.",
        "second": page.table(counts, answer["claimants"], key="party"),
        "second_title": "Who is contradicted",
    }


def log_page(visit: Visit) -> Context:
    """Make the list of events, the newest first."""
    page, address = visit.page, visit.address
    after = address.option("after") or ""
    number = after.removeprefix("@")
    plain = number.isascii() and number.isdecimal() and len(number) < 16
    known = page.asked.position if not after else int(number) - 1 if plain else 0
    if not 1 <= known <= page.asked.position:
        not_found("there is no such page", f"~after={after}", "/log/")
    asked = Page(page.app, page.clock._replace(known_at=f"@{known}"))
    answer = asked.ask("log", given=("-n", str(ROWS)))
    rows = list(reversed(answer.rows))
    table = page.table(answer.columns, rows, key="position")
    last = rows[-1]["position"] if rows else 1
    return {
        "title": "Events",
        "lead": "The newest first. Nothing is edited: a correction is an event of its own.",
        "links": [Piece(f"What changed since @{last}", page.link(f"/changes/@{last}/"))]
        if last > 1
        else [],
        "table": table,
        "more": page.link(f"/log/~after=@{last}/") if last > 1 else None,
        "first": page.link("/log/") if after else None,
        "reproduce": answer["reproduce"],
    }


def find_page(visit: Visit) -> Context:
    """Make the page of what words are found in."""
    page, address = visit.page, visit.address
    text = address.option("q") or ""
    found: Context = {"title": f"Find: {text}" if text else "Find", "q": text}
    if page.app.site is not None:  # no server looks anything up
        return {**found, "title": "A to Z", "letters": _letters(page)}
    if text.strip():
        answer = page.ask("find", given=("--limit", str(_HITS), "--", text))
        found |= rows_context(visit, answer, key="position")
        many = f"{'' if answer['complete'] else 'At least '}{count_noun(answer['count'], 'claim')}"
        best = len(answer.rows)
        found["lead"] = f"{many}; the best {best} are listed." if best == _HITS else many
    return found


def _letters(page: Page) -> list[tuple[str, list[Piece]]]:
    """Return every subject at the clocks by the first letter of what it is called."""
    found: dict[str, list[Piece]] = {}
    for subject in page.answers.everything(page.asked.position):
        if not subject.startswith("ledger/"):
            piece = page.subject(subject)
            found.setdefault(piece.text[0].upper(), []).append(piece)
    return [(letter, sorted(found[letter])) for letter in sorted(found)]


def total_page(visit: Visit) -> Context:
    """Make the page of what States are reported to hold."""
    page = visit.page
    answer = visit.answer()
    return {
        **rows_context(visit, answer, hide=("counts_with",)),
        "title": "Held by States",
        "found": answer.document,
        "chart": total_chart(page),
        "both": [page.subject(one) for one in answer["custody_and_reported"]],
        "apart": [
            [page.subject(one[name]) for name in ("subject", "holder", "home")]
            for one in answer["not_counted"]
        ],
    }


def total_chart(page: Page, most: int = 24) -> Any:
    """Return what States are reported to hold over time, in at most so many steps."""
    clocks = page.asked.clocks
    days: set[date] = set()
    for reserve in page.answers.things("reserve", page.asked.position):
        for claim in page.answers.claims(reserve, page.asked.position):
            day = claim.dates.last if claim.type == "reserve.holding-reported" else None
            if day and day <= clocks.as_of:
                days.add(day)
    key = (page.asked.position, clocks.public_at, clocks.public_moment, str(page.asked.policy))
    kept = page.app.totals.setdefault(key, {})
    steps = evenly(sorted(days), most)
    missing = [day for day in steps if day not in kept]
    kept |= totals_on(page.answers, clocks, page.asked.policy, "state", missing)
    points = []
    for day in steps:
        sums = kept[day]
        if sums and sums["lower_sat"] is not None:
            low, high = sums["lower_sat"] / 1e8, sums["upper_sat"]
            points.append(
                Point(
                    day,
                    day,
                    low,
                    None if high is None else high / 1e8,
                    f"{day}: {sums['text']}",
                    page.at("/total/", as_of=day.isoformat()),
                )
            )
    described = f"{len(points)} steps up to {clocks.as_of}; each leads to the total of its day."
    return chart(
        [Line("reported by States", points)],
        clocks.as_of,
        "BTC",
        "Bitcoin that States are reported to hold",
        described,
    )


def start_page(visit: Visit) -> Context:
    """Make the start page."""
    page = visit.page
    disputes, total = page.ask("disputes"), page.ask("reserve", "total")
    rows = _dispute_rows(disputes.rows)
    reserves = [row for row in page.ask("reserve", "list").rows if "status" in row]
    log = page.ask("log", given=("-n", "10"))
    events = list(reversed(log.rows))
    site = page.app.site or Clock()
    counts = [
        (plural(kind) if count != 1 else kind, count, page.link(f"/{kind}/"))
        for kind in SUBJECTS
        if (count := len(page.answers.things(kind, page.asked.position)))
    ]
    columns = [
        c
        for c in log.columns
        if c.name in ("position", "recorded", "type", "subject", "asserted_by")
    ]
    recorded = [
        {
            **row,
            "recorded:shown": row["recorded"][:16].replace("T", " ") + " UTC",
            "type:shown": row["type"].partition(".")[2].replace("-", " "),
        }
        for row in events
    ]
    return {
        "title": title_of(page.answers.record, page.asked.position),
        "total": total.document,
        "reproduce": f"{disputes['reproduce']} && {total['reproduce']}",
        "chart": total_chart(page),
        "reserves": [
            {
                **row,
                "piece": page.subject(row["subject"], short=True),
                "by": row["reported_by"] and page.subject(row["reported_by"], short=True),
            }
            for row in sorted(reserves, key=lambda row: -(row["reported_lower_sat"] or 0))[:8]
        ],
        "disputes": page.table(_CONTESTED, _by_subject(rows), most=25),
        "count": len(rows),
        "since": f"@{events[-1]['position']}" if events and events[-1]["position"] > 1 else None,
        "latest": page.table(columns, recorded, key="position"),
        "counts": counts,
        # What is signed since is no part of what was known then.
        "signed": signed_size(page.app) if page.clock.known_at in (None, site.known_at) else 0,
    }
