"""Cite a document as a source of the ledger, and keep a copy of it."""

import re
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import DryRun, argument, offer_parties, option
from cli.context import AppContext, app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.typed_input import understand_date
from domain.facts import MAX_DERIVED, address_slug
from events.body import RECORDER
from events.identifiers import check_thing
from events.intake.field_parser import is_document_address

if TYPE_CHECKING:
    from domain.ledger import Command
    from events.store.source_archive import ArchivedCopy

_doi = re.compile(r"10\.[0-9]{4,9}/\S+").fullmatch
_host = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S*").fullmatch
_scheme = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):").match


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
    With a URL alone the document is cited without a copy: depositary fetches nothing. A URL is one
    of the web (https, http), also that of an archived copy, or a DOI (doi:10.1000/182). What has no
    address is cited by its --title and an --id. The claim is asserted by the recorder.

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
    if what is not None and _scheme(what) and not Path(what).exists():
        if url not in (None, what):
            why = f"{what[:60]} and --url {str(url)[:60]}"
            usage_failure("two addresses are given", why, f"depositary source add {quote(what)}")
        what, url = None, what
    file = Path(what) if what is not None else None
    if file is not None and not file.exists() and (meant := _as_address(str(what))):
        why = f"'{what}' is no file here, and an address begins with https:, http: or doi:"
        cannot("there is no such file", why, f"depositary source add {meant}")
    if url is not None:
        _check_address(url)
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


def _check_address(text: str) -> None:
    """Exit 2 unless a text is an address at which a reader can look a document up."""
    if is_document_address(text):
        return
    scheme = _scheme(text)
    why = f"'{text[:60]}' is no whole address" if scheme else f"'{text[:60]}' has no scheme"
    if scheme and scheme[1].lower() not in ("https", "http", "doi"):
        why = f"readers cannot open '{scheme[1][:20]}:' addresses"
    then = _as_address(text) or "https://example.org/post"
    what = "that is not the address of a document"
    usage_failure(what, f"{why}: https, http or doi is needed", f"depositary source add {then}")


def _as_address(text: str) -> str | None:
    """Return what may be meant: a DOI or a host without its scheme, or with another one."""
    if _doi(text):
        return quote(f"doi:{text}")
    path = text.rpartition("://")[2].lstrip("/")
    found = f"https://{path}"
    return quote(found) if _host(path) and is_document_address(found) else None


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
    with app.record() as record:
        known = any(record.rows(thing=thing))
    if cited or copy is None or not known:
        tables.append({"type": "source.cited", **said, **cited})
    if copy is not None:
        (sha256, size_bytes), kind = copy
        archived = {"sha256": sha256, "media_type": kind, "bytes": size_bytes}
        tables.append({"type": "source.archived", **said, **archived})
    return drafts(tables, positions(app.record))


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
