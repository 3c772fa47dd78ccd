"""Offer names that come near to a wrong one."""

from collections.abc import Iterable

from events.identifiers import slug_of


def near(wrong: str, right: Iterable[str]) -> str:
    """Return `did you mean a or b?` for the names that come near, an empty text for none.

    Names are compared whole and without their kind; ISO 3166-1 alpha-3 codes are tried as alpha-2.
    """
    from difflib import get_close_matches

    known = list(right)
    slugs = {slug_of(name) or name: name for name in known}
    wanted = (slug_of(wrong) or wrong).lower()
    found = [slugs[s] for s in get_close_matches(wanted, slugs, n=3, cutoff=0.6)]
    found += [slugs[s] for s in (wanted[:2], wanted[0:1] + wanted[2:3]) if s in slugs]
    chosen = list(dict.fromkeys(found))[:3]
    return f"did you mean {' or '.join(chosen)}?" if chosen else ""
