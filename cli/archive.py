"""How is a document kept: under its SHA-256, once, and never changed?"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

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


class Copy(NamedTuple):
    """A document as it would be kept: its SHA-256 (64 hexadecimal digits) and size in bytes."""

    sha256: str
    size_bytes: int


def media_type_of(path: Path) -> str:
    """Return the media type that a file's name speaks of."""
    return _MEDIA_TYPES.get(path.suffix.lower(), DEFAULT_MEDIA_TYPE)


def measured(path: Path) -> Copy:
    """Return the digest and size of a document; raise OSError."""
    with path.open("rb") as file:
        return _copied(file, None)


@contextmanager
def kept(path: Path, folder: Path) -> Iterator[Copy]:
    """Keep a copy of a document in a folder, readable by its owner alone, and yield what was kept.

    It is written under another name, made durable, and only then given its digest as its name: a
    file of that name is always whole. A copy that was not there before is taken away again if
    what is done with it fails.
    """
    folder.mkdir(0o700, exist_ok=True)
    new = folder / f".{secrets.token_hex(8)}.new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as target, path.open("rb") as source:
            copy = _copied(source, target)
            target.flush()
            os.fsync(target.fileno())
        final = folder / copy.sha256
        was_there = final.exists()
        new.replace(final)
        _sync_folder(folder)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    try:
        yield copy
    except BaseException:
        if not was_there:
            final.unlink(missing_ok=True)
        raise


def _copied(source: BinaryIO, target: BinaryIO | None) -> Copy:
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        size_bytes += len(chunk)
        if target is not None:
            target.write(chunk)
    return Copy(digest.hexdigest(), size_bytes)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
