"""Make the pages that say why a value is what it is, and what differs between two points."""

from collections import Counter

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
from cli.web.subjects import rule_told
from cli.web.view import Context, Visit, heading, with_option

_AXES = {"as-of": "effective", "public-at": "published", "known-at": "recorded"}
_VALUES = 40  # that differ, on a page of several subjects
_BESIDE = 12  # events that changed no value
_CAUSES = 7  # of a value, and the rule that decided


def explain_page(visit: Visit) -> Context:
    """Make the page that says why a value is what it is."""
    page = visit.page
    found = visit.answer().document
    field, values = found["field"], found["values"]
    what = f"Why: {field_titles(field)}" if field else "Why"
    return {
        **heading(page, found["subject"], what),
        "values": [v for v in values if not is_detail(v["field"], v["value"]) or len(values) == 1],
        "reasons": found["reasons"] if field else (),
        "field": field,
        "ranked": page.is_ranked(found["subject"]),
        "reproduce": found["reproduce"],
        "excluded": found["excluded"],
    }


def _groups(visit: Visit, answer: Document) -> Context:
    """Return what differs by subject and by reason, a page of subjects, and that of the next."""
    page, address = visit.page, visit.address
    beside = answer.get("without_difference") or ()
    groups: dict[str, dict[tuple[str, ...], list[Document]]] = {}
    counts = Counter[str]()
    for one in answer["rows"]:
        empty = is_detail(one["field"], one["before"]) and is_detail(one["field"], one["after"])
        if not empty and not one["field"].endswith((".claim", ".basis")):
            why = [cause_sentence(_by_name(page, cause)) for cause in one.get("why", ())]
            why += [_rule(page, one)]
            reasons = groups.setdefault(one["subject"], {})
            reasons.setdefault(tuple(filter(None, why)), []).append(one)
            counts[one["subject"]] += 1
    subjects = list(groups)
    start = subjects.index(after) + 1 if (after := address.option("after")) in groups else 0
    shown, values = list[str](), 0
    for subject in subjects[start:]:
        if values >= _VALUES:
            break
        shown.append(subject)
        values += counts[subject]
    left = start + len(shown) < len(subjects)
    more = address._replace(options=with_option(address, "after", shown[-1])) if left else None
    return {
        "groups": [
            (page.subject(one), [_reason(page, *reason) for reason in groups[one].items()])
            for one in shown
        ],
        "total": len(subjects),
        "more": more and page.link(more.path),
        "beside": page.pieces(", ".join(f"@{one}" for one in beside[:_BESIDE])),
        "beside_more": max(0, len(beside) - _BESIDE),
        "reproduce": answer["reproduce"],
        "excluded": answer["excluded"],
    }


def _reason(page: Page, why: tuple[str, ...], rows: list[Document]) -> Document:
    """Return the values that differ for one reason, and the reason in words and links."""
    return {
        "rows": [
            {
                "name": page.pieces(_words(field_titles(one["field"]))),
                "before": page.pieces(write_fields(one["before"])),
                "after": page.pieces(write_fields(one["after"])),
            }
            for one in rows
        ],
        "why": [page.pieces(text) for text in why[:_CAUSES]],
        "more": max(0, len(why) - _CAUSES),
    }


def _words(name: str) -> str:
    """Return the name of a value without the hyphens of a type: those of an id stay."""
    return " ".join(word if "/" in word else word.replace("-", " ") for word in name.split())


def _by_name(page: Page, claim: Document) -> Document:
    named: Document = {"asserted_by": page.title(claim["asserted_by"])}
    if "actors" in claim:
        named["actors"] = [page.title(one) for one in claim["actors"]]
    return {**claim, **named}


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
    path = f"/{'/'.join(subject)}/" if subject else "/"
    lead = f"Two points of the clock “{_AXES.get(axis)}”, what differs between them, and why."
    told = [first, second]
    if axis == "policy":
        lead = "Two policies, what they select differently, and by which rule."
        told = [page.policy_name(policy_option(one)) for one in told]
    return {
        **_groups(visit, answer.document),
        "title": f"{page.title('/'.join(subject))}: {' and '.join(told)}"
        if subject
        else f"What differs between {' and '.join(told)}",
        "lead": lead,
        "first": told[0],
        "second": told[1],
        "sides": [page.at(path, **{axis.replace("-", "_"): one}) for one in (first, second)],
    }


def changes_page(visit: Visit) -> Context:
    """Make the page of what changed since a day or a position, by the day and by the log."""
    answer = visit.answer()
    since = answer["since"]
    return {
        **_groups(visit, answer.document),
        "title": f"What changed since {visit.address.parts[1]}",
        "lead": "Because more was recorded, or because a day was reached.",
        "first": f"{since['as_of']}, @{since['known_at']}",
        "second": f"{answer['as_of']}, @{answer['known_at']}",
        "sides": [],
    }


def compare_page(visit: Visit) -> Context:
    """Make the form that asks for two points."""
    address = visit.address
    found = {name: address.option(name) or "" for name in ("axis", "a", "b", "subject")}
    return {"title": "Compare", "given": found, "axes": (*_AXES.items(), ("policy", "policy"))}
