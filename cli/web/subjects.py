"""Make the pages about one subject: what holds, where claims differ, figures, parties."""

import re
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
from cli.output.page_values import AGREE, difference, reservation_in_words, value_pairs
from cli.web.charts import Line, Point, chart, counts_chart
from cli.web.page import Page, Piece
from cli.web.questions import Document, ask_text
from cli.web.view import Context, Visit, command_again, heading, rows_context
from events.dates import parse_date
from events.identifiers import kind_of
from projections.queries.blame import trace_values
from projections.queries.selection import rule_between, selected_claims


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


def reservation_effects_page(visit: Visit) -> Context:
    """Make the page of what each reservation does between States."""
    page, answer = visit.page, visit.answer()
    return {
        **rows_context(visit, answer, key="reserving"),
        **heading(page, visit.subject, "Reservations"),
        "answer": answer["answer"],
        "told": [
            [page.pieces(text) for text in reservation_in_words(one)]
            for one in answer["answer"]["reservations"]
        ],
    }


def reconciliation_page(visit: Visit) -> Context:
    """Make the page of the reported figure beside the observed one and the ledger balance."""
    page, answer = visit.page, visit.answer()
    found = answer["answer"]
    return {
        **rows_context(visit, answer, key="position"),
        **heading(page, visit.subject, "Reported figures and the ledger balance"),
        "answer": found,
        "agree": AGREE[found["agree"]],
        "differences": [
            (
                f"{one['of']} less {one['less']}".replace("_", " "),
                difference(one["lower_sat"], one["upper_sat"]),
            )
            for one in found["differences"]
        ],
    }


def series_page(visit: Visit) -> Context:
    """Make the page of the figures reported of a reserve."""
    page, answer = visit.page, visit.answer()
    return {
        **rows_context(visit, answer, key="position"),
        **heading(page, visit.subject, "Reported figures"),
        "chart": _reserve_chart(page, visit.subject, answer["rows"]),
    }


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
    balances = [(_last_day(step, until), step["balance_lower_sat"]) for step in steps]
    booked = [
        Point(day, day, low / 1e8, low / 1e8) for day, low in balances if day and low is not None
    ]
    reported.sort(key=lambda one: one.last)
    lines = [Line("reported", reported)]
    if booked:
        unknown = steps[-1].get("balance_unknown_flows")
        label = "ledger balance, at least" if unknown else "ledger balance"
        lines.append(Line(label, booked, dashed=True, dots=False))
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
    blamed = {} if many else _setting_events(page, subject)
    doubted = [one for one in found["occurrences"] if _in_doubt(one)]
    plain = [one for one in found["occurrences"] if one not in doubted]
    rules = _rules(page, subject) if doubted else {}
    context: Context = {
        **heading(page, subject),
        "found": found,
        "series": [_series_told(one) for one in found["series"] if one["type"] not in _IN_FIGURES],
        "ranked": page.is_ranked(subject),
        "untraced": page.link(f"/blame/{subject}/") if many else None,
        "values": _values(page, subject, value_pairs(found), blamed),
        "contested": [_occurrence(one, rules) for one in doubted],
        "rivals": {
            f"prefer:{claim['asserted_by'].removeprefix('party/')}"
            for one in doubted
            for claim in (*one["selected"], *one["others"])
        },
        "undisputed": [claim for one in plain for claim in one["selected"]],
        "excluded": found["excluded"],
        "reproduce": found["reproduce"],
        "strips": page.strips(subject, address.path),
    }
    if found["kind"] == "reserve":
        series = page.ask("reserve", "series", given=visit.view.given)
        context["figures"] = page.table(
            series.columns, series.rows, key="position", hide=("basis",), most=_FIGURES
        )
        context["chart"] = _reserve_chart(page, subject, series["rows"])
    if found["kind"] == "party":
        context["believes"] = page.at(address.path, policy=f"prefer:{address.parts[1]}")
    return context


def _in_doubt(one: Document) -> bool:
    supports = {one["support"], one.get("support_perhaps")}
    return bool(supports & {"contested", "resolved"} or "others_since" in one or one.get("perhaps"))


_TRACED = 200  # with more claims than this, /blame/ alone says which claim set what
_IN_FIGURES = ("reserve.holding-reported", "reserve.holding-observed")
_FIGURES = 20  # beside a chart; their own page has every one
_ALIKE = 6  # values of one name, of which a page shows no more


# What a page calls otherwise; of a value in several fields, each with whom it is of in its name.
_FIELDS = {
    "address": "locator",
    "binding": "counts_as",
    "disbursed": "known_drawn",
    "policy": "policies",
    "reviews": "reviews_completed",
}


def _values(
    page: Page, subject: str, pairs: Sequence[tuple[str, str]], blamed: dict[str, int]
) -> list[Document]:
    """Return values for a page: words, support, the claim that set each, and why.

    Of a name with very many values the first are shown, and how many more there are.
    """
    kind = kind_of(subject)
    names: list[str] = []
    for title, _ in pairs:
        names.append(title or names[-1])
    totals, counts = Counter(names), Counter[str]()
    found: list[Document] = []
    for name, (title, text) in zip(names, pairs, strict=True):
        counts[name] += 1
        if counts[name] > _ALIKE:
            continue
        words, bracket, support = text.partition("  [")
        key = _set_by(blamed, name, words, kind)
        value = {
            "name": title,
            "pieces": page.pieces(" ".join(words.split())),
            "support": support.rstrip("]") if bracket else "",
            "event": page.position(blamed[key]) if key else None,
            "why": page.link(f"/explain/{subject}/{key.split('.')[0]}/") if key else None,
        }
        found.append(value)
        if counts[name] == _ALIKE and (more := totals[name] - _ALIKE):
            path = "standing/" if kind == "agreement" else "timeline/"
            rest = Piece(f"and {more} more", page.link(f"/{subject}/{path}"))
            found.append({**dict.fromkeys(value, ""), "pieces": [rest]})
    return found


def _setting_events(page: Page, subject: str) -> dict[str, int]:
    """Return by field the position of the claim that set the value, as `blame` does."""
    view = page.answers.view(subject, page.asked.clocks, page.asked.policy)
    traced = [(one.field, one.by[-1]) for one in trace_values(subject, view) if one.by]
    return {field: claims[0].position for field, u in traced if (claims := selected_claims(u))}


def _set_by(blamed: dict[str, int], name: str, text: str, kind: str) -> str | None:
    """Return the field of a value that has a name and a text on a page; None for none."""
    fields = [_FIELDS.get(name, name.replace(" ", "_"))]
    if name == "status":
        fields = {"agreement": ["statuses"], "reserve": text.split(", ")[::-1]}.get(kind, fields)
    for key in blamed:
        root, *of = key.split(".")
        of = of[:-1]
        told = (part for one in of for part in (one, one.replace("-", " ")))
        if root in fields and (not of or any(_names(text, part) for part in told)):
            return key
    return None


def _names(text: str, part: str) -> bool:
    """Say whether a text has words or an id that ends where they do: not `party/pk-mof`."""
    return re.search(rf"{re.escape(part)}(?![\w-])", text) is not None


def claim_told(page: Page, claim: Document) -> Document:
    """Return a claim for a card: what it says, from when, by whom, on what basis and sources."""
    day = effective_date(claim)
    return {
        "says": page.pieces(claim_in_words(claim, verb=claim["type"] != "agreement.described")),
        "about": page.subject(claim["subject"]) if claim.get("subject") else None,
        "day": day if day == "undated" else f"effective {day}",
        "by": page.subject(claim["asserted_by"], short=True),
        "basis": basis_in_words(claim),
        "event": page.position(claim["position"]),
        "published": published_in_words(claim["published"]) or "on an unknown day",
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


def _occurrence(one: Document, rules: dict[str, str]) -> Document:
    differing = [name for name, support in one["fields"].items() if support == "contested"]
    words = {"effective": "effective date", "acted": "day of the act"}
    rule = rules.get(one["id"])
    return {
        **one,
        "title": occurrence_title(one["type"], one["fields"]).capitalize(),
        "support": support_in_words(one),
        "differing": " and ".join(words.get(name, name.replace("_", " ")) for name in differing),
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


def _series_told(one: Document) -> Document:
    type_ = one["type"].partition(".")[2].replace("-", " ")
    return {
        "title": ", ".join([type_.capitalize(), *filter(None, one["key"])]),
        "support": support_in_words(one),
        "claims": [*one["certain"], *one["cannot_tell"]],
        "selected": one["selected"] and one["selected"]["id"],
    }


def standing_page(visit: Visit) -> Context:
    """Make the page of the status of each party to an agreement."""
    page, address = visit.page, visit.address
    answer = visit.answer()
    found = answer.document
    subject = found["subject"]
    tiles: dict[str, list[Document]] = {}
    for one in found["answer"]["statuses"]:
        tiles.setdefault(one["status"], []).append(one)
    rows = [
        {**row, "flags:shown": ", ".join(filter(None, (row["flags:shown"], _bounded(row))))}
        for row in answer.rows
    ]
    consents = _consents(page, subject)
    until = page.asked.clocks.as_of
    bounded = sum(first != last for first, last in consents)
    described = f"{len(consents)} consents up to {until}; the day of {bounded} is only bounded."
    return {
        **heading(page, subject, "Status of the parties"),
        "found": found,
        "tiles": tiles,
        "table": page.table(
            answer.columns, rows, key="party", after=address.option("after"), most=200
        ),
        "chart": counts_chart(consents, until, "Consents to be bound, over time", described),
        "bounded": bounded,
        "reproduce": found["reproduce"],
        "excluded": found["excluded"],
        "strips": page.strips(subject, address.path),
    }


def _bounded(row: Document) -> str:
    """Return words for a status whose day is not one day: all that is known is between which."""
    since = row["since"]
    return "date unknown" if since is None else "date only bounded" if ".." in since else ""


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
