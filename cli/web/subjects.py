"""Make the pages about one subject: what holds, where claims differ, figures, parties."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from cli.output.claim_words import (
    basis_in_words,
    claim_in_words,
    effective_date,
    is_detail,
    published_in_words,
    support_in_words,
)
from cli.output.formats import Column
from cli.output.page_values import value_pairs
from cli.web.charts import Line, Point, chart, counts_chart
from cli.web.page import Page, Piece
from cli.web.questions import Document, ask_text
from cli.web.view import Context, Visit, command_again, heading, rows_context
from events.dates import parse_date
from projections.queries.selection import rule_between


def rows_page(visit: Visit, what: str, hide: Sequence[str] = ("subject",)) -> Context:
    """Make a page of rows about one subject; which claim set what is shown without details."""
    answer = visit.answer()
    rows = answer.rows
    if visit.view.words == ("blame",):
        rows = [row for row in rows if not is_detail(row["field"], row["value"])]
    found = rows_context(visit, answer, rows=rows, hide=hide, key="position")
    return {**found, **heading(visit.page, visit.subject, what)}


def cite_page(visit: Visit) -> Context:
    """Make the page of references to an answer: as text, BibTeX and CSL-JSON."""
    page, subject = visit.page, visit.subject
    told = {
        name: ask_text(page.app, page.clock, "table", "cite", given=(subject, "--format", form))
        for name, form in {"Text": "text", "BibTeX": "bibtex", "CSL-JSON": "csl-json"}.items()
    }
    again = command_again(page, f"depositary cite {subject}")
    return {**heading(page, subject, "References"), "told": told, "reproduce": again}


def document_page(visit: Visit) -> Context:
    """Make the page of a document about one subject."""
    page = visit.page
    found = visit.answer().document
    subject = found["subject"]
    what = {"reservations": "Reservations", "reconcile": "Reported figures and the ledger balance"}
    return {
        "found": found,
        **heading(page, subject, what[visit.view.words[1]]),
        "reproduce": found["reproduce"],
        "excluded": found["excluded"],
        "amount": _amount,
    }


def _amount(lower: int | None, upper: int | None) -> str:
    """Return a range of satoshis in words; None is an end that is not known."""
    if lower == upper:
        return "unknown" if lower is None else _btc(lower)
    if lower is None:
        return f"at most {_btc(upper or 0)}"
    return f"at least {_btc(lower)}" if upper is None else f"{_btc(lower)} to {_btc(upper)}"


def _btc(sat: int) -> str:
    whole, rest = divmod(abs(sat), 100_000_000)
    tail = f".{rest:08d}".rstrip("0") if rest else ""
    return f"{'−' if sat < 0 else ''}{whole:,}{tail} BTC"


def series_page(visit: Visit) -> Context:
    """Make the page of the figures reported of a reserve."""
    page, answer = visit.page, visit.answer()
    columns, rows = _figures(answer["rows"])
    return {
        **rows_context(visit, answer, columns=columns, rows=rows, key="position"),
        **heading(page, visit.subject, "Reported figures"),
        "chart": _reserve_chart(page, visit.subject, answer["rows"]),
    }


def _figures(rows: Sequence[Document]) -> tuple[tuple[Column, ...], list[Document]]:
    columns = (
        Column("mark", "mark"),
        Column("effective", "as of", fixed=True),
        Column("amount", "amount", number=True),
        Column("type", "what"),
        Column("asserted_by", "asserted by"),
        Column("basis", "basis"),
        Column("support", "support"),
        Column("published", "published", fixed=True),
        Column("position", "event", number=True),
    )
    shown = [
        {
            **row,
            "mark": "selected" if row["selected"] else "",
            "amount": row["says"].get("amount"),
            "type:shown": "reported" if row["type"].endswith("reported") else "observed",
            "basis:shown": basis_in_words(row),
            "effective:shown": row["effective"] or "undated",
            "published:shown": published_in_words(row.get("published")),
        }
        for row in rows
    ]
    return columns, shown


def point_of(page: Page, row: Document, until: date) -> Point | None:
    """Return a reported figure as a point; None where its day or its amount is unknown."""
    amount = row["says"].get("amount")
    if not isinstance(amount, dict) or not row["effective"]:
        return None
    edtf = parse_date(row["effective"])
    first, last = edtf.earliest, edtf.latest
    lower, upper = amount.get("lower"), amount.get("upper")
    if (first is None and last is None) or (lower is None and upper is None):
        return None
    begins = first if first is not None else last
    ends = last if last is not None else first
    assert begins is not None
    assert ends is not None
    ends = min(ends, until)
    who = page.title(row["asserted_by"])
    said = "selected" if row["selected"] else "not selected"
    label = f"{row['effective']}: {amount['text']}, asserted by {who}, {said}, @{row['position']}"
    high = upper / 1e8 if upper is not None else None
    return Point(
        min(begins, ends),
        ends,
        (lower or 0) / 1e8,
        high,
        label,
        page.link(f"/event/{row['position']}/"),
        bool(row["selected"]),
        row.get("support") == "contested",
    )


def _reserve_chart(page: Page, subject: str, rows: Sequence[Document]) -> Any:
    until = page.asked.clocks.as_of
    wanted = (row for row in rows if row["type"] == "reserve.holding-reported" and not row["scope"])
    reported = [point for row in wanted if (point := point_of(page, row, until))]
    steps = page.ask("history", given=(subject,)).document["rows"]
    booked = [
        Point(
            day,
            day,
            step["balance_lower_sat"] / 1e8,
            step["balance_lower_sat"] / 1e8,
            "",
            page.link(f"/event/{step['position']}/"),
        )
        for step in steps
        if step["balance_lower_sat"] is not None and (day := _last_day(step, until))
    ]
    reported.sort(key=lambda one: one.last)
    lines = [Line("reported", reported)]
    if booked:
        unknown = steps[-1].get("balance_unknown_flows")
        lines.append(
            Line("ledger balance" + (", at least" if unknown else ""), booked, dashed=True)
        )
    described = (
        f"{len(reported)} reported figures up to {until}; a full dot is selected, an open one is"
        " not; a triangle is a lower bound. The dashed line is the sum of the recorded flows. "
        "The table of reported figures holds every point."
    )
    return chart(lines, until, "BTC", f"{page.title(subject)}: bitcoin over time", described)


def _last_day(step: Document, until: date) -> date | None:
    text = step["effective"] or step.get("acted")
    day = parse_date(text).latest if text else None
    return min(day, until) if day else None


def subject_page(visit: Visit) -> Context:
    """Make the page of a subject: what holds, and where claims differ."""
    page, address = visit.page, visit.address
    found = visit.answer().document
    subject = found["subject"]
    many = len(page.answers.claims(subject, page.asked.position)) > _TRACED
    blame = [] if many else page.ask("blame", given=(subject,)).rows
    blamed = {row["field"]: row for row in blame if row.get("position")}
    doubted = [one for one in found["occurrences"] if _in_doubt(one)]
    plain = [one for one in found["occurrences"] if one not in doubted]
    rules = _rules(page, subject) if doubted else {}
    context: Context = {
        **heading(page, subject),
        "found": found,
        "untraced": page.link(f"/blame/{subject}/") if many else None,
        "values": _values(page, subject, value_pairs(found), blamed),
        "contested": [_occurrence(page, one, rules) for one in doubted],
        "undisputed": [claim_told(page, claim) for one in plain for claim in one["selected"]],
        "denials": [claim_told(page, one) for one in found["denials"]],
        "resolutions": [claim_told(page, one) for one in found["resolutions"]],
        "excluded": found["excluded"],
        "reproduce": found["reproduce"],
        "strips": page.strips(subject, address.path),
    }
    if found["kind"] == "reserve":
        rows = page.ask("reserve", "series", given=visit.view.given).document["rows"]
        columns, shown = _figures(rows)
        context["figures"] = page.table(
            columns, shown, key="position", hide=("basis",), most=_FIGURES
        )
        context["chart"] = _reserve_chart(page, subject, rows)
    else:
        context["series"] = [_series_told(page, one) for one in found["series"]]
    for name in ("asserts", "cited_by", "named_in"):
        if beside := found.get(name):
            context[name] = {
                **beside,
                "claims": [claim_told(page, one) for one in beside.get("newest", ())],
            }
    if found["kind"] == "party":
        context["believes"] = page.at(address.path, policy=f"prefer:{address.parts[1]}")
    return context


def _in_doubt(one: Document) -> bool:
    supports = {one["support"], one.get("support_perhaps")}
    return bool(supports & {"contested", "resolved"} or "others_since" in one or one.get("perhaps"))


_TRACED = 100  # with more claims than this, /blame/ alone says which claim set what
_FIGURES = 20  # beside a chart; their own page has every one
_ALIKE = 6  # values of one name, of which a page shows no more


_FIELDS = {"address": "locator"}  # what a page calls otherwise


def _values(
    page: Page, subject: str, pairs: Sequence[tuple[str, str]], blamed: dict[str, Document]
) -> list[Document]:
    """Return values for a page: words, support, the claim that set each, and why.

    Of a name with very many values the first are shown, and how many more there are.
    """
    kind, _, slug = subject.partition("/")
    counts = Counter(name for name, _ in pairs)
    seen: Counter[str] = Counter()
    found: list[Document] = []
    for name, text in pairs:
        seen[name] += 1
        if seen[name] > _ALIKE:
            continue
        words, bracket, support = text.partition("  [")
        field = _FIELDS.get(name, name.replace(" ", "_"))
        keys = (key for key in blamed if key == field or key.startswith(f"{field}."))
        set_by = blamed.get(next(keys, "")) if counts[name] == 1 else None
        value = {
            "name": name,
            "pieces": page.pieces(" ".join(words.split())),
            "support": support.rstrip("]") if bracket else "",
            "event": page.position(set_by["position"]) if set_by else None,
            "why": page.link(f"/explain/{kind}/{slug}/{field}/") if set_by else None,
        }
        found.append(value)
        if seen[name] == _ALIKE and counts[name] > _ALIKE:
            more = f"and {counts[name] - _ALIKE} more"
            path = "standing/" if kind == "agreement" else "timeline/"
            rest = [Piece(more, page.link(f"/{kind}/{slug}/{path}"))]
            found.append({"name": "", "pieces": rest, "support": "", "event": None, "why": None})
    return found


def claim_told(page: Page, claim: Document) -> Document:
    """Return a claim for a card: what it says, from when, by whom, on what basis and sources."""
    return {
        "says": page.pieces(claim_in_words(claim, verb=claim["type"] != "agreement.described")),
        "day": effective_date(claim),
        "by": page.subject(claim["asserted_by"], short=True),
        "prefer": page.at("", policy=f"prefer:{claim['asserted_by'].removeprefix('party/')}"),
        "basis": basis_in_words(claim),
        "event": page.position(claim["position"]),
        "public": published_in_words(claim["published"]) or "day unknown",
        "sources": [page.subject(source, short=True) for source in claim["sources"]],
        "note": claim["note"],
        "corrected_by": claim["corrected_by"] and page.event(claim["corrected_by"]),
        "ground": claim.get("ground"),
    }


def rule_told(rule: str, first: Sequence[Document], second: Sequence[Document]) -> str:
    """Return the rule that put some claims before others; of two bases both are named."""
    bases = [one[0]["basis"].replace("-", " ") for one in (first, second) if one]
    if rule.startswith("on a stronger basis") and len(set(bases)) == 2:
        return f"{bases[0]} outranks {bases[1]}"
    return rule


def occurrence_title(type_: str, fields: Iterable[str]) -> str:
    """Return what an occurrence is called: of a description or a citation, its field."""
    verb = type_.partition(".")[2].replace("-", " ")
    own = [name for name in fields if name not in ("effective", "acted")]
    described = type_ in ("agreement.described", "source.cited")
    return ", ".join(own).replace("_", " ") if described and own else verb


def _occurrence(page: Page, one: Document, rules: dict[str, str]) -> Document:
    differing = [name for name, support in one["fields"].items() if support == "contested"]
    words = {"effective": "effective date", "acted": "day of the act"}
    rule = rules.get(one["id"])
    return {
        "title": occurrence_title(one["type"], one["fields"]).capitalize(),
        "support": support_in_words(one),
        "fields": ", ".join(words.get(name, name.replace("_", " ")) for name in differing),
        "selected": [claim_told(page, claim) for claim in one["selected"]],
        "others": [claim_told(page, claim) for claim in one["others"]],
        "denied_by": [claim_told(page, claim) for claim in one["denied_by"]],
        "rule": rule and rule_told(rule, one["selected"], one["others"]),
    }


def _rules(page: Page, subject: str) -> dict[str, str]:
    """Return by occurrence the rule that put what is selected before the next."""
    view = page.answers.view(subject, page.asked.clocks, page.asked.policy)
    return {
        one.id: rule_between(view, one, one.ranked[0], one.ranked[1])
        for one in view.occurrences
        if len(one.ranked) > 1 and one.pick
    }


def _series_told(page: Page, one: Document) -> Document:
    type_ = one["type"].partition(".")[2].replace("-", " ")
    key = ", ".join(part for part in one["key"] if part)
    selected = one["selected"]["id"] if one["selected"] else None
    claims = [*one["certain"], *one["cannot_tell"]]
    return {
        "title": type_.capitalize() + (f", {key}" if key else ""),
        "support": support_in_words(one),
        "claims": [
            {**claim_told(page, claim), "selected": claim["id"] == selected} for claim in claims
        ],
    }


def standing_page(visit: Visit) -> Context:
    """Make the page of the status of each party to an agreement."""
    page, address = visit.page, visit.address
    answer = visit.answer()
    found = answer.document
    subject, statuses = found["subject"], found["answer"]["statuses"]
    tiles: dict[str, list[Document]] = {}
    for one in statuses:
        tiles.setdefault(one["status"], []).append(
            {
                "piece": page.subject(one["party"], short=True),
                "perhaps": one["perhaps"],
                "code": one["party"].removeprefix("party/").upper()[:3],
                "since": one["since"] or "unknown",
            }
        )
    columns = (
        Column("party", "party"),
        Column("status", "status"),
        Column("since", "since", fixed=True),
        Column("flags", "and"),
        Column("perhaps", "or perhaps"),
    )
    rows = [
        {
            **one,
            "since": one["since"] or "unknown",
            "flags": ", ".join([*one["flags"], *_bounded(one["since"])]),
            "perhaps": one["perhaps"] and one["perhaps"]["status"],
        }
        for one in statuses
    ]
    consents = _consents(page, subject)
    until = page.asked.clocks.as_of
    bounded = sum(first != last for first, last in consents)
    described = f"{len(consents)} consents up to {until}; the day of {bounded} is only bounded."
    return {
        **heading(page, subject, "Status of the parties"),
        "found": found,
        "tiles": tiles,
        "table": page.table(columns, rows, key="party", after=address.option("after"), most=200),
        "chart": counts_chart(
            consents, until, "Consents to be bound, over time", described, page.link(address.path)
        )
        if consents
        else None,
        "bounded": bounded,
        "reproduce": found["reproduce"],
        "excluded": found["excluded"],
        "strips": page.strips(subject, address.path),
    }


def _bounded(since: str | None) -> list[str]:
    """Return a word for a date that is no one day: between which days it lies is all there is."""
    return ["date only bounded"] if since and ".." in since else []


def _consents(page: Page, subject: str) -> list[tuple[date, date]]:
    """Return the first and last possible day of each consent that had begun, or may have."""
    view = page.answers.view(subject, page.asked.clocks, page.asked.policy)
    until, found = page.asked.clocks.as_of, []
    for one in view.occurrences:
        if one.holds == "no" or not one.pick or one.pick[0].type != "agreement.consent-expressed":
            continue
        dates = one.pick[0].dates
        first, last = dates.first, dates.last
        if first is not None and first <= until:
            found.append((first, last or until))
        elif last is not None and first is None:
            found.append((last, last))
    return [pair for pair in found if pair[0] > date.min]


def agreements_page(visit: Visit) -> Context:
    """Make the list of the agreements of a party, with its status under each."""
    found = rows_context(visit, visit.answer(), key="agreement")
    return {**found, **heading(visit.page, visit.subject, "Its agreements")}
