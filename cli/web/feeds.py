"""Write the newest events as an Atom feed, each with what it changed.

The id of an entry is `urn:uuid:LEDGER#N`: the same at whatever address the ledger is shown.
"""

from xml.sax.saxutils import escape, quoteattr

from cli.output.claim_words import claim_in_words, field_titles, is_detail, write_fields
from cli.web.address import PageAddress
from cli.web.page import Page
from cli.web.questions import Document
from events.hidden_text import visible
from events.serialization import ledger_id_of
from projections.queries.document import claim_document
from projections.read_model.project_event import project_event

ENTRIES = 50
_DIFFED = 10  # entries that say what they changed: the newest


def feed(page: Page, address: PageAddress) -> bytes:
    """Return the feed of the ledger, of one subject, or of what a party asserts or is named in."""
    record = page.answers.record
    ledger = ledger_id_of(record.first())
    subject = "/".join(address.parts[:-1]) or None
    given = ["-n", str(ENTRIES), *(("--subject", subject) if subject else ())]
    rows = list(reversed(page.ask("log", given=given).rows))
    title = f"{page.title(subject)} ({subject})" if subject else "All events"
    newest = rows[0]["recorded"] if rows else "1970-01-01T00:00:00Z"
    entries = "".join(_entry(page, row, ledger, n < _DIFFED) for n, row in enumerate(rows))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>urn:uuid:{ledger}{'#' + subject if subject else ''}</id>"
        f"<title>{_text(title)}</title><updated>{newest}</updated>\n{entries}</feed>\n"
    ).encode()


def _entry(page: Page, row: Document, ledger: str, diffed: bool) -> str:
    position = row["position"]
    stored = page.answers.record.event(position)
    claim = project_event(stored, ledger).claim if stored else None
    told = claim_in_words(claim_document(claim)) if claim else row["type"]
    changed = _changed(page, row["subject"], position) if diffed else ""
    named = f"@{position} {page.title(row['subject'])}: {told}"
    href = quoteattr(page.link(f"/event/{position}/"))
    return (
        f"<entry><id>urn:uuid:{ledger}#{position}</id><link href={href}/>"
        f"<updated>{row['recorded']}</updated>"
        f"<title>{_text(named)}</title>"
        f"<author><name>{_text(page.title(row['asserted_by'] or 'party/recorder'))}</name></author>"
        f"<summary>{_text(changed or told)}</summary></entry>\n"
    )


def _changed(page: Page, subject: str, position: int) -> str:
    """Return what the answer about a subject was before an event, and is after it."""
    if position < 2 or subject.startswith("ledger/"):
        return ""
    if not page.answers.claims(subject, position):
        return ""  # a newer version wrote of it
    given = (f"@{position - 1}", f"@{position}", subject, "--axis", "known-at")
    known = Page(page.app, page.clock._replace(known_at=None))
    rows = known.ask("diff", given=given).document["rows"]
    told = [
        f"{field_titles(one['field'])}: {write_fields(one['before'])}"
        f" → {write_fields(one['after'])}"
        for one in rows
        if not is_detail(one["field"], one["after"]) and not one["field"].endswith(".claim")
    ]
    return "; ".join(told[:8])


def _text(text: str) -> str:
    return escape(visible(text))
