"""Cite a document as a source of the ledger, and keep a copy of it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import DryRun, argument, offer_parties, option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import usage_failure
from cli.typed_input import understand_date
from domain.facts import MAX_DERIVED, address_slug
from events.body import RECORDER
from events.identifiers import check_thing

if TYPE_CHECKING:
    from domain.ledger import Command
    from events.store.source_archive import ArchivedCopy

_ADDRESS = re.compile(
    r"(?:https?|ftp)://[^\s/]+\S*|(?!https?:|ftp:)[A-Za-z][A-Za-z0-9+.-]+:\S+"
).fullmatch


def add(
    context: typer.Context,
    what: Annotated[
        str | None, argument("[FILE|URL]", "The document to archive, or its address.")
    ] = None,
    url: Annotated[str | None, option("--url", "URL", "Where it is; nothing is fetched.")] = None,
    id_: Annotated[
        str | None, option("--id", "ID", "The source's id; default: from the file's name.")
    ] = None,
    title: Annotated[str | None, option("--title", "TEXT", "Its title.")] = None,
    publisher: Annotated[
        str | None, option("--publisher", "PARTY", "The party that published it.", offer_parties)
    ] = None,
    published: Annotated[
        str | None, option("--published", "DATE", "When it was made public.")
    ] = None,
    via: Annotated[
        str | None, option("--via", "ID,...", "The sources that it quotes, nearest first.")
    ] = None,
    media_type: Annotated[
        str | None, option("--media-type", "TYPE", "Such as text/html; default: from its name.")
    ] = None,
    note: Annotated[str | None, option("--note", "TEXT", "A remark.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Cite a document, and archive a copy of it under its SHA-256.

    The copy goes into the ledger's folder sources/; the log keeps its digest, size and media type.
    With --url alone the document is cited without a copy: depositary fetches nothing. The claim is
    asserted by the recorder.

    \b
    Examples:
      depositary source add https://example.org/post
      depositary source add report.pdf --publisher imf --published 2025-07-15
      depositary source add post.html --url https://example.org/post --via arab-news
    """
    app = app_context(context)
    if what is None and url is None:
        usage_failure(
            "nothing is cited", "neither FILE nor URL is given", "depositary source add --help"
        )
    if what is not None and _ADDRESS(what) and not Path(what).exists():
        if url not in (None, what):
            why = f"{what[:60]} and --url {str(url)[:60]}"
            usage_failure("two addresses are given", why, f"depositary source add {what[:60]}")
        what, url = None, what
    file = Path(what) if what is not None else None
    if url is not None and not _ADDRESS(url):
        what, then = (
            "that is not an address",
            "depositary source add --url https://example.org/post",
        )
        usage_failure(what, f"--url {url[:60]!r} does not begin with a scheme such as https:", then)
    fields = {
        "title": title,
        "locator": url,
        "publisher": publisher,
        "published": published and understand_date(published),
        "via": via.split(",") if via else None,
        "note": note,
    }
    cited = {name: value for name, value in fields.items() if value is not None}
    _record(app, _thing(id_, file, url), cited, file, media_type, dry_run=dry_run)


def _record(
    app: AppContext,
    thing: str,
    cited: dict[str, Any],
    file: Path | None,
    media_type: str | None,
    *,
    dry_run: bool,
) -> None:
    from cli.commands.record.recording import record_all, rehearse
    from events.store.source_archive import keep_document, measure_document, media_type_of

    if file is None:
        record_all(app, _drafts(app, thing, cited), dry_run=dry_run)
        return
    kind = media_type or media_type_of(file)
    drafts = _drafts(app, thing, cited, (measure_document(file), kind))
    if dry_run:
        record_all(app, drafts, dry_run=True)
        return
    rehearse(app, drafts)  # what is refused leaves no copy behind
    with keep_document(file, app.place.sources) as copy:
        record_all(app, _drafts(app, thing, cited, (copy, kind)))


def _drafts(
    app: AppContext,
    thing: str,
    cited: dict[str, Any],
    copy: "tuple[ArchivedCopy, str] | None" = None,
) -> "list[Command]":
    """Return the facts: a citation, unless there is nothing new to cite, and the copy kept."""
    from domain.facts import drafts, positions

    said = {"subject": thing, "asserted_by": RECORDER, "basis": "recorder"}
    tables: list[dict[str, Any]] = []
    if cited or copy is None or not _is_known(app, thing):
        tables.append({"type": "source.cited", **said, **cited})
    if copy is not None:
        (sha256, size_bytes), kind = copy
        archived = {"sha256": sha256, "media_type": kind, "bytes": size_bytes}
        tables.append({"type": "source.archived", **said, **archived})
    return drafts(tables, positions(app.record))


def _is_known(app: AppContext, thing: str) -> bool:
    with app.record() as record:
        return any(record.rows(thing=thing))


def _thing(id_: str | None, file: Path | None, url: str | None) -> str:
    name = id_ or (_slug(file.stem) if file else address_slug(url or "") or _slug(url or ""))
    return check_thing(name if "/" in name else f"source/{name}", ("source",))


def _slug(words: str) -> str:
    """Return a name made of the ASCII letters and digits of a file's name or an address."""
    address = re.sub(r"^[a-z]+://(www\.)?|[?#].*$", "", words.lower())
    found = "-".join(re.findall(r"[a-z0-9]+", address))[:MAX_DERIVED].strip("-")
    if not found:
        why = f"'{words[:40]}' holds no letters a-z or digits"
        usage_failure("the source has no name", why, "depositary source add --id source/NAME ...")
    return found
