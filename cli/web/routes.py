"""Say for each path which command answers it, and which page shows the answer."""

from collections.abc import Sequence
from functools import partial

from cli.errors.exit_codes import not_found
from cli.web import differences, ledger_pages, proofs, subjects
from cli.web.address import SUBJECTS, PageAddress, policy_option
from cli.web.view import View

_SUBJECT = ("{kind}/{name}",)
_DIFF = View(
    ("diff",), ("{first}", "{second}", "--axis", "{axis}"), "diff.html", differences.diff_page
)
_EXPLAIN = View(("explain",), _SUBJECT, "explain.html", differences.explain_page, csv=False)
ROUTES = {
    "": View((), (), "start.html", ledger_pages.start_page),
    "event/{event}": View((), (), "event.html", proofs.event_page),
    "proof": View((), (), "proof.html", proofs.proof_page),
    "help": View((), (), "help.html", ledger_pages.help_page),
    "help/{topic}": View((), (), "help.html", ledger_pages.help_page),
    "contested": View(("disputes",), build=ledger_pages.disputes_page),
    "findings": View(("findings",), build=ledger_pages.findings_page),
    "total": View(("reserve", "total"), (), "total.html", ledger_pages.total_page),
    "log": View(("log",), build=ledger_pages.log_page),
    "find": View(("find",), (), "find.html", ledger_pages.find_page),
    "diff": View((), (), "compare.html", differences.compare_page),
    "diff/{axis}/{first}/{second}": _DIFF,
    "diff/{axis}/{first}/{second}/{kind}/{name}": _DIFF._replace(given=(*_DIFF.given, *_SUBJECT)),
    "changes/{since}": View(
        ("changes",), ("--since", "{since}"), "diff.html", differences.changes_page
    ),
    "explain/{kind}/{name}": _EXPLAIN,
    "explain/{kind}/{name}/{field}": _EXPLAIN._replace(given=(*_SUBJECT, "{field}")),
    "cite/{kind}/{name}": View(("cite",), _SUBJECT, "cite.html", subjects.cite_page, csv=False),
    "blame/{kind}/{name}": View(
        ("blame",), _SUBJECT, build=partial(subjects.rows_page, what="Which claim set which value")
    ),
    "agreement/{name}/standing": View(
        ("agreement", "standing"), ("{name}",), "standing.html", subjects.standing_page
    ),
    "agreement/{name}/reservations": View(
        ("agreement", "reservations"),
        ("{name}",),
        "reservations.html",
        subjects.reservation_effects_page,
    ),
    "reserve/{name}/reconcile": View(
        ("reserve", "reconcile"), ("{name}",), "reconcile.html", subjects.reconciliation_page
    ),
    "reserve/{name}/series": View(("reserve", "series"), ("{name}",), build=subjects.series_page),
    "party/{name}/statements": View(
        ("party", "statements"),
        ("{name}",),
        build=partial(subjects.rows_page, what="What it asserts", hide=()),
    ),
    "party/{name}/named": View(
        ("timeline",),
        ("--party", "{name}"),
        build=partial(subjects.rows_page, what="What it asserts, and where it is named", hide=()),
    ),
    "party/{name}/agreements": View(
        ("agreement", "standing"), ("--party", "{name}"), build=subjects.agreements_page
    ),
    "{kind}": View(("{kind}", "list"), build=ledger_pages.list_page),
    "{kind}/{name}": View(
        ("{kind}", "show"), ("{name}",), "subject.html", subjects.subject_page, csv=False
    ),
    "{kind}/{name}/timeline": View(
        ("timeline",), _SUBJECT, build=partial(subjects.rows_page, what="Timeline on three clocks")
    ),
    "{kind}/{name}/history": View(
        ("history",), _SUBJECT, build=partial(subjects.rows_page, what="History")
    ),
}


def view_of(address: PageAddress) -> View:
    """Return the page of a path; exit 3 where there is none."""
    for pattern, view in ROUTES.items():
        if (found := _matched(pattern.split("/") if pattern else [], address.parts)) is not None:
            if found.get("axis") == "policy":
                found |= {name: policy_option(found[name]) for name in ("first", "second")}
            return view._replace(
                words=tuple(word.format(**found) for word in view.words),
                given=tuple(word.format(**found) for word in view.given),
            )
    return not_found("there is no such page", address.path, "/help/ on this server")


def _matched(pattern: Sequence[str], parts: Sequence[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    found = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            found[wanted[1:-1]] = part
        elif wanted != part:
            return None
    return found if found.get("kind", "reserve") in SUBJECTS else None
