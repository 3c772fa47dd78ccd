"""Cite a document as a source of the ledger, and keep a copy of it."""

import re
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import DryRun, argument, option
from cli.commands.record.recording import record_all, rehearse
from cli.context import app_context
from cli.errors.exit_codes import cannot, usage_failure
from cli.event_options import BY_RECORDER, own_fields, takes_fields
from domain.facts import MAX_DERIVED, address_slug, drafts, positions
from events.identifiers import check_thing
from events.intake.field_parser import is_document_address
from events.store.source_archive import ArchivedCopy, keep_document, measure_document, media_type_of

if TYPE_CHECKING:
    from domain.ledger import Command

_doi = re.compile(r"10\.[0-9]{4,9}/\S+").fullmatch
_host = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/\S*").fullmatch
_scheme = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):").match


@takes_fields("source.cited", "title publisher published via note")
def add(
    context: typer.Context,
    what: Annotated[
        str | None, argument("[FILE|URL]", "The document to archive, or its address.")
    ] = None,
    url: Annotated[str | None, option("--url", "URL", "Where it is; nothing is fetched.")] = None,
    id_: Annotated[
        str | None, option("--id", "ID", "The source's id; default: from the file's name.")
    ] = None,
    media_type: Annotated[
        str | None, option("--media-type", "TYPE", "Such as text/html; default: from its name.")
    ] = None,
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
    app, cited = app_context(context), own_fields(context)
    file, url = _document(what, url)
    if file is None and url is None and id_ is None:
        why = "none of FILE, URL and --id is given"
        usage_failure("nothing is cited", why, "depositary source add --help")
    if url is not None:
        _check_address(url)
        cited["locator"] = url
    name = id_ or (_slug(file.stem) if file else address_slug(url or "") or _slug(url or ""))
    thing = check_thing(name if "/" in name else f"source/{name}", ("source",))
    with app.record() as record:
        known = any(record.rows(thing=thing))

    def facts(copy: ArchivedCopy | None = None) -> "list[Command]":
        """Return the facts: a citation, unless there is nothing new to cite, and the copy kept."""
        said, tables = {"subject": thing, **BY_RECORDER}, list[dict[str, Any]]()
        if cited or copy is None or not known:
            tables.append({"type": "source.cited", **said, **cited})
        if copy is not None and file is not None:
            kept = {"sha256": copy.sha256, "bytes": copy.size_bytes}
            kind = media_type or media_type_of(file)
            tables.append({"type": "source.archived", **said, **kept, "media_type": kind})
        return drafts(tables, positions(app.record))

    if file is None or dry_run:
        record_all(app, facts(measure_document(file) if file else None), dry_run=dry_run)
        return
    rehearse(app, facts(measure_document(file)))  # what is refused leaves no copy behind
    with keep_document(file, app.place.sources) as copy:
        record_all(app, facts(copy))


def _document(what: str | None, url: str | None) -> tuple[Path | None, str | None]:
    """Return the file and the address that are named; exit 2 for two addresses, 7 for no file."""
    if what is None:
        return None, url
    file = Path(what)
    if not file.exists():
        if _scheme(what):
            if url not in (None, what):
                why = f"{what[:60]} and --url {str(url)[:60]}"
                then = f"depositary source add {quote(what)}"
                usage_failure("two addresses are given", why, then)
            return None, what
        if meant := _as_address(what):
            why = f"'{what}' is no file here, and an address begins with https:, http: or doi:"
            cannot("there is no such file", why, f"depositary source add {meant}")
    return file, url


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


def _slug(words: str) -> str:
    """Return a name made of the ASCII letters and digits of a file's name or an address."""
    address = re.sub(r"^[a-z]+://(www\.)?|[?#].*$", "", words.lower())
    found = "-".join(re.findall(r"[a-z0-9]+", address))[:MAX_DERIVED].strip("-")
    if not found:
        why = f"'{words[:40]}' holds no letters a-z or digits"
        usage_failure("the source has no name", why, "depositary source add --id source/NAME ...")
    return found
