"""Cite an answer, an event or a source in the references of a paper.

A reference to an answer names its clocks, position and policy, the ledger and the root of its log,
and the command that gives the answer again. CSL-JSON is that of CSL 1.0.2, BibTeX is UTF-8 in which
what TeX would read as a command is escaped.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated

import typer

from cli.arguments import argument, offer_things, offer_words, option
from cli.clocks import AskedAt, ClockOptions, asking
from cli.commands.ask.log import event_document, replaced_by, seen_event
from cli.context import AppContext, app_context
from cli.errors.exit_codes import usage_failure
from cli.output.answer import called
from cli.output.claim_words import Document, claim_in_words
from cli.output.formats import write_json, write_lines
from cli.output.look import no_table
from cli.output.party_names import named as party_names_in
from cli.output.party_names import parties_mentioned
from cli.output.rerun_command import about, clocks_document, clocks_lines, pinned_command
from cli.subjects import not_known, thing_named
from cli.typed_input import event_understood
from domain.claims.publication import Excluded
from events.dates import DateError, parse_date
from events.store.factory import open_tree
from events.transparency.keys import LedgerIdentity, read_identity
from events.transparency.merkle import leaf_hash
from events.transparency.tree import covered_root
from projections.queries.show import NotKnownError, party_names, show_subject
from projections.read_model.database import ReadModel
from projections.read_model.mentions import CITES

FORMATS = ("text", "bibtex", "csl-json")
_NEWEST = 20  # citations, as the page of a source lists them
_DATES = ("issued", "accessed")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_TEX = str.maketrans(
    {
        **{each: f"\\{each}" for each in "&%$#_"},
        "\\": r"{\textbackslash}",
        "{": r"{\textbraceleft}",
        "}": r"{\textbraceright}",
        "~": r"{\textasciitilde}",
        "^": r"{\textasciicircum}",
        "<": r"{\textless}",
        ">": r"{\textgreater}",
        "|": r"{\textbar}",
    }
)
_IN_URL = str.maketrans({each: f"%{ord(each):02X}" for each in '{}\\ "<>^`|'})


def cite(
    context: typer.Context,
    what: Annotated[str, argument("SUBJECT|@N", "A subject, a source or an event.", offer_things)],
    format_: Annotated[
        str | None, option("--format", "FORMAT", "text, bibtex or csl-json.", offer_words(*FORMATS))
    ] = None,
    *,
    when: ClockOptions,
) -> None:
    """Cite an answer, an event or a source in the references of a paper.

    The reference has the clocks, the position and the policy of the answer, the id and origin of
    the ledger, the root of the log at that position, the checkpoint that covers it, and the command
    that gives the same answer again. @N cites one event as it is stored; source/NAME cites the
    source itself. The key stays the same for the same answer of the same ledger.

    \b
    Examples:
      depositary cite reserve/sv --as-of 2025-07-18 --format bibtex
      depositary cite source/article --format csl-json
      depositary cite @7
    """
    app = app_context(context)
    chosen = _format(app, format_)
    with asking(context, when) as (answers, question):
        found = _cited(answers, event_understood(what), question, dated=when.as_of is not None)
    if chosen == "csl-json":
        write_json([csl_item(found)], app.look)
    elif chosen == "bibtex":
        write_lines(list(bibtex_entry(found)))
    else:
        write_lines(_text(found), app.look.prose)


def _format(app: AppContext, given: str | None) -> str:
    if given in (None, "table"):
        no_table(app.look)
        return "text" if app.look.format == "table" else "csl-json"
    if given not in (*FORMATS, "json"):
        why = f"'{given}' is none of {', '.join(FORMATS)}"
        usage_failure("no such format for a reference", why, "--format bibtex")
    return str(given).replace("csl-json", "json").replace("json", "csl-json")


def _cited(answers: ReadModel, what: str, question: AskedAt, *, dated: bool) -> Document:
    """Return what a reference says, in whichever format it is written."""
    identity = read_identity(answers.record)
    if what.startswith("@") or what.count("/") > 1:
        found = _event(answers, identity, what, question, dated=dated)
    else:
        found = _subject(answers, what, question)
    with open_tree(answers.record.where) as tree, tree.snapshot():
        root, checkpoint = covered_root(tree, question.position)
    row = answers.record.event(question.position)
    ledger = {"id": identity.ledger_id, "origin": identity.origin}
    key = f"{identity.ledger_id} {found['key']}"
    custom = {
        "subject": found["subject"],
        **clocks_document(question, found["excluded"], dated=found["dated"]),
        "ledger": ledger,
        "recorded": row.time if row else None,
        "root": root.hex(),
        "checkpoint": checkpoint,
        **found.get("more", {}),
        "reproduce": found["reproduce"],
    }
    name = found["subject"].replace("/", "-")
    return {
        "key": f"{name}-{sha256(key.encode()).hexdigest()[:16]}",
        "type": found["type"],
        "title": found["title"],
        "author": found.get("author", identity.origin),
        "url": found.get("url"),
        "issued": found.get("issued", row.time[:10] if row else None),
        "accessed": found.get("accessed", datetime.now(UTC).date().isoformat()),
        "version": f"@{question.position}" if found["type"] == "dataset" else None,
        "custom": {name: value for name, value in custom.items() if value is not None},
        "note": [
            f"{each[:1].upper()}{each[1:]}" for each in (*found.get("note", ()), *_note(custom))
        ],
    }


def _subject(answers: ReadModel, name: str, question: AskedAt) -> Document:
    thing = thing_named(answers, name, question)
    try:
        shown = show_subject(answers, thing, question.clocks, question.policy)
    except NotKnownError as error:
        not_known(answers, error, question)
    said, names = shown["answer"], shown["names"]
    title = called(answers, thing, question, said)
    found: Document = {
        "subject": thing,
        "type": "dataset",
        "title": f"{title} ({thing})" if title else thing,
        "excluded": Excluded(**shown["excluded"]),
        "dated": True,
        "reproduce": (reproduce := pinned_command(about(thing), question)),
        "key": reproduce,
    }
    if shown["kind"] != "source":
        return found
    return {
        **found,
        **_source(said, names, shown),
        "accessed": _retrieved(answers, thing, question),
    }


def _retrieved(answers: ReadModel, source: str, question: AskedAt) -> str | None:
    """Return the last day on which the newest citations say that a source was retrieved."""
    _, _, claims = answers.mentions(source, CITES, question.clocks, _NEWEST)
    cited = (ref for claim in claims for ref in claim.body.sources or () if ref.source == source)
    return max((ref.retrieved for ref in cited if ref.retrieved), default=None)


def _source(said: Document, names: Mapping[str, str], shown: Document) -> Document:
    """Return what a reference to a source itself says otherwise than one to an answer."""
    publisher, locator, title = said.get("publisher"), said.get("locator"), said.get("title")
    web = bool(locator) and str(locator).startswith(("https://", "http://"))
    published = said.get("published")
    note = [] if web or not locator else [f"found at {locator}"]
    if published and date_parts(published) is None:
        note.append(f"published {published}")
    note += [f"archived copy sha256:{each}" for each in said.get("copies") or ()]
    return {
        "key": shown["subject"],
        "type": "webpage" if web else "document",
        "title": title or str(locator or shown["subject"]),
        "author": names.get(publisher, publisher) if publisher else None,
        "url": str(locator) if web else None,
        "issued": published,
        "note": note,
    }


def _event(
    answers: ReadModel, identity: LedgerIdentity, named: str, question: AskedAt, *, dated: bool
) -> Document:
    row, excluded = seen_event(answers.record, named, question, dated=dated)
    now = replaced_by(answers.record, row, question)
    said = event_document(row, identity.ledger_id)
    by = str(said["asserted_by"] or "")
    words = claim_in_words(said) if "basis" in said else str(said["type"])
    names = party_names(answers, parties_mentioned([by, words]), question.clocks)
    words, who = (party_names_in(text, names) for text in (words, by))
    return {
        "key": row.id,
        "subject": row.id,
        "type": "dataset",
        "title": f"{row.thing}, {words}; asserted by {who} (event @{row.position})",
        "issued": row.time[:10],
        "excluded": excluded,
        "dated": False,
        "note": [f"{how.replace('_', ' ')} @{one.position}" for how, one in now.items()],
        "more": {
            "event": f"@{row.position}",
            "leaf": leaf_hash(row.state).hex(),
            **{how: one.id for how, one in now.items()},
        },
        "reproduce": f"depositary event show @{row.position}",
    }


def _note(custom: Document) -> Iterator[str]:
    """Yield the sentences that a reader needs to find the same answer in the same ledger."""
    policy = custom["policy"]
    ledger, position = custom["ledger"], f"@{custom['known_at']}"
    if custom["subject"].startswith("source/") and "leaf" not in custom:
        named = f"the depositary ledger {ledger['origin']}, {position}"
        yield f"cited as {custom['subject']} in {named}"
        return
    if "leaf" in custom:
        yield f"hash of the entry: {custom['leaf']}"
    else:
        first, *others = clocks_lines({**custom, "policy": {**policy, "digest": ""}})
        yield first.removesuffix(", ") + (f", {policy['digest']}" if policy.get("digest") else "")
        yield from others
    yield f"depositary ledger {ledger['origin']}, id {ledger['id']}"
    yield f"root of the log at {position}: {custom['root']}"
    signed = custom["checkpoint"]
    yield (
        f"covered by the checkpoint of {signed['size']} entries, root {signed['root']}"
        if signed
        else "no checkpoint covers it yet"
    )


def date_parts(text: str) -> list[list[int]] | None:
    """Return a date as CSL has it: a day, month or year, or the two ends; None of an open one."""
    try:
        edtf = parse_date(text)
    except DateError:
        return None
    first, last = edtf.earliest, edtf.latest
    if edtf.instant is not None:
        first = last = edtf.instant.astimezone(UTC).date()
    if first is None or last is None:
        return None
    begins, ends = ([day.year, day.month, day.day] for day in (first, last))
    year, month = begins[:2]
    if begins == ends:
        return [begins]
    if (begins, ends) == ([year, 1, 1], [year, 12, 31]):
        return [[year]]
    whole = ([year, month, 1], [year, month, monthrange(year, month)[1]])
    return [[year, month]] if (begins, ends) == whole else [begins, ends]


def csl_item(found: Document) -> Document:
    """Return a reference as an item of CSL-JSON 1.0.2."""
    item = {
        "id": found["key"],
        "type": found["type"],
        "title": found["title"],
        "author": [{"literal": found["author"]}] if found["author"] else None,
        **{name: {"date-parts": _dated(found, name)} for name in _DATES if _dated(found, name)},
        "URL": found["url"],
        "version": found["version"],
        "note": ". ".join(found["note"] + [f"reproduce: {again}" for again in _again(found)]),
        "custom": found["custom"],
    }
    return {name: value for name, value in item.items() if value is not None}


def bibtex_entry(found: Document) -> Iterator[str]:
    """Yield the lines of a reference as an entry of BibTeX; braces in it are balanced."""
    year, *month = (_dated(found, "issued") or [[0]])[0][:2]
    sentences = [tex(each) for each in found["note"]]
    sentences += [f"\\texttt{{{tex(again)}}}" for again in _again(found)]
    url, author = found["url"], found["author"]
    fields = {
        "author": author and f"{{{tex(author)}}}",  # one name, whatever words are in it
        "title": f"{{{tex(found['title'])}}}",
        "year": year,
        "version": found["version"],
        "url": url and url.translate(_IN_URL),
        "urldate": _day(found, "accessed"),
        "note": ". ".join(sentences),
    }
    yield f"@misc{{{found['key']},"
    yield from (f"  {name} = {{{text}}}," for name, text in fields.items() if text)
    yield from (f"  month = {_MONTHS[one - 1]}," for one in month)
    yield "}"


def _again(found: Document) -> list[str]:
    """Return the command that a reference gives to find the same again; none of a source itself."""
    return [found["custom"]["reproduce"]] if found["type"] == "dataset" else []


def _dated(found: Document, name: str) -> list[list[int]]:
    """Return a date of a reference as CSL has it; nothing where it is none."""
    return (date_parts(found[name]) if found[name] else None) or []


def _day(found: Document, name: str) -> str | None:
    parts = _dated(found, name)
    return "/".join("-".join(f"{n:02}" for n in each) for each in parts) or None


def tex(text: str) -> str:
    """Return a text in which nothing is a command of TeX or a brace of BibTeX."""
    return text.translate(_TEX).replace("--", "-{}-")


def _text(found: Document) -> list[str]:
    """Return a reference as lines to read."""
    day = _day(found, "issued") or "no date"
    head = f"{found['author']}, {day}" if found["author"] else day
    told = [f"{head}. {found['title']}.", *(f"{each}." for each in found["note"])]
    told += [found["url"]] if found["url"] else []
    told += [f"Accessed {found['accessed']}."] if found["accessed"] else []
    return [" ".join(told), f"reproduce: {found['custom']['reproduce']}"]
