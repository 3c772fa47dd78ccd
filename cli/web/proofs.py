"""Show one event as it is stored, with its proof, and say how the log is signed."""

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from cli.errors.exit_codes import not_found
from cli.output.claim_words import claim_in_words
from cli.web.page import Page, Piece
from cli.web.questions import Document
from cli.web.snapshot import ServedContext
from cli.web.view import Context, Visit
from events.envelope import open_envelope
from events.errors import ExplainedError
from events.store.rows import Row
from events.text import flat_text
from events.transparency.checkpoint import parse_checkpoint
from events.transparency.keys import keys_at, read_identity
from events.transparency.merkle import leaf_hash
from events.transparency.proofs import make_bundle, prove_event
from events.transparency.stored_checkpoint import stored_note
from projections.queries.document import claim_document
from projections.read_model.project_event import project_event

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class EventProof(NamedTuple):
    """The proof of an event: its bytes, where it leads to; or why there is none."""

    proof: bytes | None
    size: int = 0
    origin: str = ""
    why: str = ""


def shown_event(page: Page, text: str) -> Row:
    """Return the event of a position or an id; exit 3 where the page's clocks have none."""
    reader, found = page.answers.record, None
    if text.isascii() and text.isdecimal() and len(text) < 16:
        found = reader.event(int(text))
    if found is None:
        why = f"the log has @1 to @{page.asked.position}"
        not_found(f"there is no event @{text}", why, "depositary log -n 5")
    return found


def proof_of_event(page: Page, position: int) -> EventProof:
    """Return the proof of an event, or why there is none yet."""
    with page.app.tree() as tree, tree.snapshot():
        try:
            proof, _ = prove_event(tree, position)
        except ExplainedError as error:
            return EventProof(None, why=error.what)
    checkpoint, _ = parse_checkpoint(proof.note.encode())
    return EventProof(proof.encode(), checkpoint.size, checkpoint.origin)


def event_page(visit: Visit) -> Context:
    """Return what the page of an event shows."""
    page = visit.page
    row = shown_event(page, visit.address.parts[1])
    opened = open_envelope(row.state)
    page.ask("event", "show", given=(f"@{row.position}",))  # exits 3 where the clocks hide it
    told = None
    claim = project_event(row, opened.source.removeprefix("urn:uuid:")).claim
    if claim is not None:
        told = claim_in_words(claim_document(claim))
        verb = claim.type.partition(".")[2].replace("-", " ")
        told = told if told.startswith(verb) else f"{verb}: {told}"
    return {
        "title": f"@{row.position}",
        "row": row,
        "type": row.topic,
        "told": page.pieces(told or ""),
        "about": page.subject(row.thing),
        "recorded": opened.time,
        "recordedby": opened.recordedby,
        "fields": [
            (_FIELDS.get(name, name.replace("_", " ")), _said(page, name, given))
            for name, given in opened.data.items()
        ],
        "became": _became(page, row),
        "stored": row.text,
        "bytes": len(row.state),
        "leaf": leaf_hash(row.state).hex(),
        "signed": proof_of_event(page, row.position),
        "before": page.position(row.position - 1) if row.position > 1 else None,
        "after": page.position(row.position + 1) if row.position < page.asked.position else None,
        "stem": page.link(f"/event/{row.position}"),
        "reproduce": f"depositary event show @{row.position} --format ndjson",
    }


_FIELDS = {"relayed": "second-hand"}


def _said(page: Page, name: str, given: Any) -> list[Piece]:
    """Return the value of a field of an event; of a source its title, with the day."""
    if name != "sources":
        words = given.replace("-", " ") if name in ("basis", "kind", "mode") else given
        return page.pieces(flat_text(words))
    found: list[Piece] = []
    for one in given:
        rest = [f"{key.replace('_', ' ')} {text}" for key, text in one.items() if key != "source"]
        found += [Piece("; ")] if found else []
        found += [page.subject(one["source"]), Piece("".join(f", {text}" for text in rest))]
    return found


def _became(page: Page, row: Row) -> list[Document]:
    """Return what was recorded about the event since: corrections, retractions, denials."""
    own = f"{row.thing}/{row.version}"
    return [
        {
            "event": page.position(one.position),
            "how": one.type.partition(".")[2].replace("-", " "),
            "by": page.subject(one.body.asserted_by, short=True),
        }
        for one in page.answers.claims(row.thing, page.asked.position)
        if own in (getattr(one.body, "target", None), *(getattr(one.body, "among", None) or ()))
    ]


def bundle(page: Page, text: str) -> bytes:
    """Return a bundle for one event as a ZIP file whose bytes depend on nothing else."""
    row = shown_event(page, text)
    with page.app.tree() as tree, tree.snapshot():
        proof, entry = prove_event(tree, row.position)
    keys = _vkeys(page)
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(packed, "w") as archive:
        made = Path(folder) / f"event-{row.position}"
        make_bundle(made, proof, entry, keys)
        for file in sorted(made.iterdir()):
            name = zipfile.ZipInfo(f"{made.name}/{file.name}", _ZIP_TIME)
            name.external_attr = 0o644 << 16
            archive.writestr(name, file.read_bytes())
    return packed.getvalue()


def signed_size(app: ServedContext) -> int:
    """Return how many events the newest checkpoint covers, 0 where none is signed."""
    with app.tree() as tree, tree.snapshot():
        found = tree.checkpoint()
    return found[0] if found else 0


def proof_page(visit: Visit) -> Context:
    """Return what the page about proofs shows: checkpoint, keys, witnesses, how to audit."""
    page = visit.page
    keys = _vkeys(page)
    with page.app.tree() as tree, tree.snapshot():
        found = tree.checkpoint()
        note = None
        if found is not None:
            note = stored_note(tree, *found)
    checkpoint = parse_checkpoint(note.encode())[0] if note else None
    return {
        "title": "Proof",
        "note": note.encode().decode() if note else None,
        "checkpoint": checkpoint,
        "unsigned": page.asked.position - checkpoint.size if checkpoint else page.asked.position,
        "keys": keys,
        "cosigned": [
            one.name
            for one in (note.signatures if note else ())
            if checkpoint and one.name != checkpoint.origin
        ],
        "reproduce": "depositary audit",
    }


def _vkeys(page: Page) -> list[str]:
    record = page.answers.record
    return [str(key) for key in keys_at(read_identity(record).keys, record.last_position()).named]
