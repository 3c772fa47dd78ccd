"""Keep documents under their SHA-256, once, and never changed."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from events.store.atomic_files import commit_file, make_folder, open_unnamed, sweep_unnamed
from events.store.plain_files import open_plain, refuse_link

CHUNK_BYTES = 2**20
DEFAULT_MEDIA_TYPE = "application/octet-stream"

# By the file's ending and by no list of the machine's: the same file is recorded alike anywhere.
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".htm": "text/html",
    ".html": "text/html",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".md": "text/markdown",
    ".mhtml": "multipart/related",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".txt": "text/plain",
    ".warc": "application/warc",
    ".webp": "image/webp",
    ".xml": "application/xml",
    ".zip": "application/zip",
}


class ArchivedCopy(NamedTuple):
    """A document as it would be kept: its SHA-256 (64 hexadecimal digits) and size in bytes."""

    sha256: str
    size_bytes: int


def media_type_of(path: Path) -> str:
    """Return the media type that a file's name speaks of."""
    return _MEDIA_TYPES.get(path.suffix.lower(), DEFAULT_MEDIA_TYPE)


def measure_document(path: Path, *, follow: bool = True) -> ArchivedCopy:
    """Return the digest and size of a document; raise OSError, NotAFileError for a link too."""
    with open_plain(path, follow=follow) as file:
        return _copied(file, None)


@contextmanager
def keep_document(path: Path, folder: Path) -> Iterator[ArchivedCopy]:
    """Keep a copy of a document in a folder, readable by its owner alone, and yield what was kept.

    It is written under another name, made durable, and only then given its digest as its name: a
    file of that name is always whole. A copy that was not there before is taken away again if
    what is done with it fails.
    """
    make_folder(folder)
    refuse_link(folder)
    sweep_unnamed(folder)
    with open_unnamed(folder) as target, open_plain(path) as source:
        copy = _copied(source, target)
        final = folder / copy.sha256
        was_there = final.exists()
        commit_file(target, final)
    try:
        yield copy
    except BaseException:
        if not was_there:
            final.unlink(missing_ok=True)
        raise


def check_documents(source: Path) -> list[Path]:
    """Return the documents of a folder; none where there is no folder.

    A link is followed nowhere: it would bring in what stands outside. Raises NotAFileError for one,
    and for whatever else is no file.
    """
    if not source.exists() and not source.is_symlink():
        return []
    refuse_link(source)
    files = sorted(source.iterdir())
    for file in files:
        open_plain(file, follow=False).close()
    return files


def copy_documents(source: Path, target: Path) -> int:
    """Copy the documents of a folder into another, byte for byte; return how many there are.

    Raises what `check_documents` does, before anything is copied.
    """
    files = check_documents(source)
    if not files:
        return 0
    make_folder(target)
    refuse_link(target)
    sweep_unnamed(target)
    for file in files:
        with open_unnamed(target) as new, open_plain(file, follow=False) as old:
            _copied(old, new)
            commit_file(new, target / file.name)
    return len(files)


def _copied(source: BinaryIO, target: BinaryIO | None) -> ArchivedCopy:
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        size_bytes += len(chunk)
        if target is not None:
            target.write(chunk)
    return ArchivedCopy(digest.hexdigest(), size_bytes)
