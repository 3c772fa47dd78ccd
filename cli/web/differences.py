"""Make the pages that say why a value is what it is, and what differs between two points."""

from collections.abc import Sequence

from cli.output.claim_words import (
    cause_sentence,
    field_titles,
    is_detail,
    selection_sentence,
    write_fields,
)
from cli.web.address import policy_option
from cli.web.page import Page
from cli.web.questions import Document
from cli.web.subjects import claim_told, rule_told
from cli.web.view import Context, Visit, command_again, heading, web_address, with_option
from domain.claims.ranking import policy

_VALUES = 40  # that differ, on a page of several subjects


def explain_page(visit: Visit) -> Context:
    """Make the page that says why a value is what it is."""
    page = visit.page
    found = visit.answer().document
    subject = found["subject"]
    values = [
        {
            "name": field_titles(one["field"]),
            "value": page.pieces(write_fields(one["value"])),
            "support": one["support"] or "not stated",
            "events": [page.event(event) for event in one["events"][:6]],
            "more": max(0, len(one["events"]) - 6),
            "why": page.link(f"/explain/{subject}/{one['field'].partition('.')[0]}/"),
        }
        for one in found["values"]
        if not is_detail(one["field"], one["value"]) or len(found["values"]) == 1
    ]
    reasons = [
        {
            **one,
            "title": one["what"].partition(" ")[0].partition(".")[2].replace("-", " "),
            "places": [
                {
                    **place,
                    "claims": [claim_told(page, claim) for claim in place["claims"]],
                    "before_next_by": place["before_next_by"]
                    and rule_told(place["before_next_by"], place["claims"], following),
                }
                for place, following in zip(
                    one["ranked"][:12],
                    [*(after["claims"] for after in one["ranked"][1:12]), ()],
                    strict=False,
                )
            ],
            "more": max(0, len(one["ranked"]) - 12),
            "denials": [claim_told(page, claim) for claim in one["denied_by"]],
            "resolutions": [claim_told(page, claim) for claim in one["resolved_by"]],
            "origins": [
                {
                    **source,
                    "piece": page.subject(source["source"], short=True),
                    "origin": page.pieces(source["origin"] or ""),
                    "web": web_address(source["locator"]),
                    "chain": [page.pieces(link["source"]) for link in source["chain"]],
                }
                for source in one["sources"]
            ],
            "proofs": [page.position(proof["position"]) for proof in one["proofs"]],
        }
        for one in (found["reasons"] if found["field"] else ())
    ]
    what = f"Why: {field_titles(found['field'])}" if found["field"] else "Why"
    return {
        **heading(page, subject, what),
        "values": values,
        "reasons": reasons,
        "field": found["field"],
        "reproduce": found["reproduce"],
        "excluded": found["excluded"],
    }


def _groups(visit: Visit, rows: Sequence[Document]) -> Context:
    """Return what differs by subject, a page of them, and the address of the next."""
    page, address = visit.page, visit.address
    groups: dict[str, list[Document]] = {}
    for one in rows:
        empty = is_detail(one["field"], one["before"]) and is_detail(one["field"], one["after"])
        if not empty and not one["field"].endswith((".claim", ".basis")):
            told = {
                "name": field_titles(one["field"]),
                "before": page.pieces(write_fields(one["before"])),
                "after": page.pieces(write_fields(one["after"])),
                "rule": page.pieces(_rule(page, one)),
                "why": [
                    page.pieces(cause_sentence(_by_name(page, cause)))
                    for cause in one.get("why", ())[:6]
                ],
                "more": max(0, len(one.get("why", ())) - 6),
            }
            groups.setdefault(one["subject"], []).append(told)
    subjects = list(groups)
    start = subjects.index(after) + 1 if (after := address.option("after")) in groups else 0
    shown, values = list[str](), 0
    for subject in subjects[start:]:
        if values >= _VALUES:
            break
        shown.append(subject)
        values += len(groups[subject])
    left = start + len(shown) < len(subjects)
    more = address._replace(options=with_option(address, "after", shown[-1])) if left else None
    return {
        "groups": [(page.subject(one), groups[one]) for one in shown],
        "total": len(subjects),
        "more": more and page.link(more.path),
    }


def _by_name(page: Page, claim: Document) -> Document:
    return {**claim, "asserted_by": page.title(claim["asserted_by"])}


def _rule(page: Page, difference: Document) -> str:
    """Return what was selected before and now, by names, and the rule; empty where the same is."""
    if (rule := difference.get("rule")) is None:
        return ""
    ends = {
        name: [_by_name(page, claim) for claim in difference[name]]
        for name in ("selected_before", "selected_after")
    }
    if not all(ends.values()):
        return str(rule)
    told = rule_told(rule, ends["selected_after"], ends["selected_before"])
    return selection_sentence({**difference, **ends, "rule": told}) or ""


def diff_page(visit: Visit) -> Context:
    """Make the page of what differs between two points of a clock."""
    page, address = visit.page, visit.address
    _, axis, first, second, *subject = address.parts
    answer = visit.answer()
    clocks = {"as-of": "effective", "public-at": "published", "known-at": "recorded"}
    path = f"/{'/'.join(subject)}/" if subject else "/"
    return {
        **_groups(visit, answer["rows"]),
        "title": f"{page.title('/'.join(subject))}: {first} and {second}"
        if subject
        else f"What differs between {first} and {second}",
        "lead": f"Two points of the clock “{clocks.get(axis, axis)}”, and what differs.",
        "first": first,
        "second": second,
        "sides": [page.at(path, **{axis.replace("-", "_"): one}) for one in (first, second)],
        "reproduce": answer["reproduce"],
        "excluded": answer["excluded"],
    }


def changes_page(visit: Visit) -> Context:
    """Make the page of what changed since a day or a position, by the day and by the log."""
    answer = visit.answer()
    since = answer["since"]
    return {
        **_groups(visit, answer["rows"]),
        "title": f"What changed since {visit.address.parts[1]}",
        "lead": "Because more was recorded, or because a day was reached.",
        "first": f"{since['as_of']}, @{since['known_at']}",
        "second": f"{answer['as_of']}, @{answer['known_at']}",
        "sides": [],
        "reproduce": answer["reproduce"],
        "excluded": answer["excluded"],
    }


def compare_page(visit: Visit) -> Context:
    """Make the form that asks for two points."""
    address = visit.address
    found = {name: address.option(name) or "" for name in ("axis", "a", "b", "subject")}
    return {
        "title": "Compare",
        "given": found,
        "axes": ("as-of", "public-at", "known-at", "policy"),
    }


def policies_page(visit: Visit) -> Context:
    """Lay the values of a subject under two policies side by side."""
    page = visit.page
    first, second, subject = visit.view.given
    sides = []
    for name in (first, second):
        other = Page(page.app, page.clock._replace(policy=name))
        rows = other.ask("blame", given=(subject,)).rows
        sides.append(
            {row["field"]: row for row in rows if not is_detail(row["field"], row["value"])}
        )
    fields = list(dict.fromkeys([*sides[0], *sides[1]]))
    rows = []
    for field in fields:
        cells = [
            {
                "pieces": page.pieces(write_fields(row["value"])),
                "event": row.get("position") and page.position(row["position"]),
                "by": row.get("asserted_by") and page.subject(row["asserted_by"], short=True),
            }
            if (row := side.get(field))
            else None
            for side in sides
        ]
        values = [side[field]["value"] if field in side else None for side in sides]
        rows.append(
            {"name": field_titles(field), "cells": cells, "differs": values[0] != values[1]}
        )
    names = [page.policy_name(str(policy(policy_option(name)))) for name in (first, second)]
    return {
        **heading(page, subject, "Two policies side by side"),
        "rows": rows,
        "names": names,
        "reproduce": command_again(page, f"depositary blame {subject}"),
    }
