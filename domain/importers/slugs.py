"""Make names for ids out of titles, without losing a letter.

Letters of every script are written in Latin ones (anyascii, ISC): `Łódź` is `lodz`. A title in
which a letter has no such form has no name.
"""

import re

from events.identifiers import MAX_ID

_gaps = re.compile(r"[^a-z0-9]+").sub


class SlugError(ValueError):
    """An id keeps every letter and digit of what it is made of, in at most 120 characters."""

    name = "id-loses-letters"
    at: int | None = None  # the column of the title


def title_slug(text: str) -> str:
    """Return a title as the name in an id; raise SlugError."""
    plain = text
    if not text.isascii():
        from anyascii import anyascii  # imported late: most titles do without

        plain = anyascii(text)
        lost = [mark for mark in text if mark.isalnum() and not anyascii(mark).strip()]
        if lost:
            raise SlugError(f"'{text:.60}': {lost[0]!r} cannot be written in an id")
    slug = _gaps("-", plain.lower()).strip("-")
    if not slug and text.strip():
        raise SlugError(f"'{text:.60}' has no letter or digit for an id")
    if len(slug) > MAX_ID - 10:
        raise SlugError(
            f"'{text:.60}…' is too long for an id: it would have {len(slug)} characters"
        )
    return slug
