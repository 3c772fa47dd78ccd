"""Lay out the answer about one thing on a page.

First what was asked and under which clocks; then the values; then, where claims differ, who says
which, the selected one marked `>`. The page of each kind says what its values are.
"""

import re

from cli.output.answer import aligned, subject_heading
from cli.output.claim_words import (
    Document,
    bold,
    claim_cells,
    claim_columns,
    denial_in_words,
    position_label,
    support_in_words,
)
from cli.output.look import Column, Look
from cli.output.page_values import value_pairs
from cli.output.party_names import named
from cli.output.rerun_command import clocks_lines
from cli.output.table import table
from events.text import count_noun
from events.value import replace

_CLAIM_COLUMNS = claim_columns("mark effective says asserted_by basis:2 sources:1 position")


def page(found: Document, how: Look, *, claims: bool = False) -> list[str]:
    """Return the lines of the page; `claims` shows all claims, not only where they differ."""
    how = replace(how, names=found["names"])
    lines = [bold(subject_heading(found), how), *clocks_lines(found), ""]
    pairs = value_pairs(found)
    lines += aligned(pairs, max((len(name) for name, _ in pairs), default=0) + 2, how)
    lines += _series(found, how)
    differing = [o for o in found["occurrences"] if claims or _is_in_doubt(o)]
    if differing:
        words = {one["support"] for one in differing}
        title = {(None,): "Perhaps published", ("resolved",): "Resolved"}.get(
            tuple(words), "Contested"
        )
        lines += ["", bold("All claims" if claims else title, how)]
    for occurrence in differing:
        lines += ["", *_occurrence(occurrence, how), *_resolved(occurrence, found, how)]
    lines += [*_denials(found, how), *_perhaps_note(found), *_mentions(found, how)]
    told = [pairs, differing, differing and found["resolutions"], *map(found.get, _TABLES)]
    return [*lines, *_names(found["names"], str(told)), "", *_footer(found, claims)]


def _is_in_doubt(occurrence: Document) -> bool:
    """Say whether claims differ, decided or not, perhaps do, or say that it has happened."""
    supports = {occurrence["support"], occurrence.get("support_perhaps")}
    in_doubt = supports & {"contested", "resolved"} or "others_since" in occurrence
    return bool(in_doubt or occurrence.get("perhaps"))


def _series(found: Document, how: Look) -> list[str]:
    lines: list[str] = []
    for series in found["series"]:
        title = series["type"].partition(".")[2].replace("-", " ")
        scope = _scope(series)
        status = support_in_words(series)
        lines += ["", bold(f"{title.capitalize()}{scope}{f': {status}' if status else ''}", how)]
        rows = [_claim_row(c, _series_mark(series, c)) for c in series["certain"]]
        rows += [_claim_row(c, _series_mark(series, c)) for c in series["cannot_tell"]]
        rows += [_denial_row(c) for c in series["denied_by"]]
        rows += _perhaps_rows(series)
        lines += table(_CLAIM_COLUMNS, rows, how)
    if any(series["cannot_tell"] for series in found["series"]):
        lines.append(f"? cannot tell whether it is from {found['as_of']} or earlier")
    if any(
        "=" in _series_mark(s, c) for s in found["series"] for c in s["certain"] + s["cannot_tell"]
    ):
        lines.append("= same date as the selected claim (>), or one day apart")
    return lines


def _perhaps_note(found: Document) -> list[str]:
    marked = any(one.get("perhaps") for one in found["series"] + found["occurrences"])
    return [f"~ perhaps published by {found['public_at']}"] if marked else []


def _scope(series: Document) -> str:
    if series["type"] == "price.observed":
        pair, kind = series["key"]
        return f" {pair}, {kind}"
    name = "condition" if series["type"] == "programme.condition-assessed" else "part"
    return "".join(f", {name} {key}" for key in series["key"] if key)


def _series_mark(series: Document, claim: Document) -> str:
    unsure = "" if claim in series["certain"] else "?"
    if series["selected"] and claim["id"] == series["selected"]["id"]:
        return f">{unsure}"
    return unsure + ("=" if claim["same_days_as_selected"] else "")


def _occurrence(occurrence: Document, how: Look) -> list[str]:
    contested = [name for name, status in occurrence["fields"].items() if status == "contested"]
    why = f" ({', '.join(contested)})" if contested else ""
    denied = ", denied" if occurrence["denied_by"] else ""
    verb = occurrence["type"].partition(".")[2].replace("-", " ")
    types = {c["type"] for c in occurrence["selected"] + occurrence["others"]}
    differ = len(types) > 1
    rows = [_claim_row(c, ">", verb=differ) for c in occurrence["selected"]]
    rows += [_claim_row(c, "", verb=differ) for c in occurrence["others"]]
    rows += [_denial_row(c) for c in occurrence["denied_by"]]
    rows += _perhaps_rows(occurrence)
    support = support_in_words(occurrence)
    head = f"{verb}, {occurrence['id']}: {support}{why}{denied}{_when(occurrence)}"
    return [head, *table(_CLAIM_COLUMNS, rows, how)]


def _when(occurrence: Document) -> str:
    if since := occurrence.get("others_since"):
        return f"; not begun by the selected claim; by others since {', '.join(since)}"
    return "" if occurrence["holds"] == "yes" else ", cannot tell whether it had begun"


def _perhaps_rows(found: Document) -> list[Document]:
    """Return the rows of the claims that perhaps were public, marked `~`."""
    rows = []
    for claim in found.get("perhaps", ()):
        row = _denial_row(claim) if claim["type"] == "claim.denied" else _claim_row(claim, "~")
        rows.append({**row, "mark": "~"})
    return rows


def _resolved(occurrence: Document, found: Document, how: Look) -> list[str]:
    """Return who said of one of the claims that it is the right one, and why."""
    selected = {claim["id"] for claim in occurrence["selected"]}
    claims = {claim["id"]: claim for claim in occurrence["selected"] + occurrence["others"]}
    lines: list[str] = []
    for one in found["resolutions"]:
        if winner := claims.get(one["says"]["winner"]):
            by = one["asserted_by"]
            said = f"resolved for {position_label(winner)} by {by} in {position_label(one)}"
            beaten = "" if winner["id"] in selected else " (the policy selects another claim)"
            lines.append(named(f"{said}{beaten}: {one['ground']}", how.names))
    return lines


def _claim_row(claim: Document, mark: str, *, verb: bool = False) -> Document:
    return {**claim, **claim_cells(claim, verb=verb), "mark": mark}


def _denial_row(claim: Document) -> Document:
    said = {"effective:shown": claim["says"].get("span", ""), "says:shown": denial_in_words(claim)}
    return {**_claim_row(claim, "x"), **said}


def _denials(found: Document, how: Look) -> list[str]:
    """Return the denials of what no claim states: a party says that it did not happen."""
    shown = {c["id"] for o in found["occurrences"] + found["series"] for c in o["denied_by"]}
    rows = [_denial_row(c) for c in found["denials"] if c["id"] not in shown]
    return ["", bold("Denied", how), *table(_CLAIM_COLUMNS, rows, how)] if rows else []


_MENTION_COLUMNS = (Column("subject", "subject"), *_CLAIM_COLUMNS[1:], Column("became", "became"))


def _mentions(found: Document, how: Look) -> list[str]:
    """Return what rests on a source, its copies and checks; or what a party says."""
    lines: list[str] = []
    for name, title in (("copies", "Copies"), ("checks", "Checks")):
        if rows := found.get(name):
            lines += ["", bold(title, how)]
        for one in rows or ():
            what = one.get("outcome") or f"{one['sha256']}  {one['media_type']}"
            lines.append(f"{one['effective'] or 'undated'}  {what}  @{one['position']}")
    told = found.get("cited_by") or found.get("asserts")
    if told and told["events"]:
        verb = "Cited by" if "cited_by" in found else "Asserts"
        of = (
            f"{count_noun(told['events'], 'event')} about {count_noun(told['subjects'], 'subject')}"
        )
        newest = ", the newest" if told["events"] > len(told["newest"]) else ""
        rows = [
            {
                **_claim_row(one, "", verb=True),
                "became:shown": "" if one["became"] == "stands" else one["became"],
            }
            for one in told["newest"]
        ]
        lines += ["", bold(f"{verb} {of}{newest}", how), *table(_MENTION_COLUMNS, rows, how)]
    return lines


_TABLES = ("series", "denials", "cited_by", "asserts")
_PARTY = re.compile(r"party/[a-z0-9-]+")


def _names(known: dict[str, str], told: str) -> list[str]:
    """Return the lines of the parties that a page mentions, of what it is made from as text."""
    mentioned = set(_PARTY.findall(told))
    names = {party: name for party, name in known.items() if party in mentioned}
    if not names:
        return []
    width = max(map(len, names.values()))
    by_name = sorted(names.items(), key=lambda pair: pair[1].casefold())
    return ["", "Names", *(f"{name.ljust(width)}  {party}" for party, name in by_name)]


def _footer(found: Document, claims: bool) -> list[str]:
    lines = [f"{r}: the resolution lapsed" for r in found["lapsed_resolutions"]]
    lines += [f"reproduce: {found['reproduce']}"] if "reproduce" in found else []
    short = f"depositary {found['kind']} {{}} {found['subject'].partition('/')[2]}"
    follow = short.format("history") if claims else f"{short.format('show')} --claims"
    return [*lines, f"next: {follow}"]
