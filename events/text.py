"""Check recorded text, and write words in sentences.

Recorded text is in normal form C and has no hidden characters (events/hidden_text): two readers
must see the same text, and one text must have one encoding (UAX #15).
"""

import unicodedata
from typing import Any

from events.hidden_text import hidden_characters


class TextError(ValueError):
    """Text is NFC, without hidden characters, not blank, not longer than its field."""


def check_text(text: str, longest: int = 2_000) -> str:
    """Return the text unchanged, or raise TextError; `longest` counts characters."""
    if len(text) > longest:
        raise TextError(f"the text has {len(text):,} characters, {longest:,} are allowed")
    if not text or text != text.strip():
        raise TextError("the text is blank, or begins or ends with white space")
    if text.isascii() and text.isprintable():
        return text
    return _check_characters(text)


def check_recorder(name: str) -> str:
    """Return the name of who records unchanged; raise TextError for more than 120 characters."""
    return check_text(name, 120)


def _check_characters(text: str) -> str:
    at = next(hidden_characters(text), None)
    if at is not None:
        name = unicodedata.name(text[at], f"U+{ord(text[at]):04X}")
        raise TextError(f"character {at + 1} is {name}, which no recorded text may hold there")
    if not unicodedata.is_normalized("NFC", text):
        raise TextError("the text is not in Unicode normal form C (NFC)")
    return text


def a_or_an(word: str) -> str:
    """Return a word with its article: `an agreement`, `a party`."""
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def count_noun(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 party`, `2 parties`."""
    return f"{n:,} {one if n == 1 else many or plural(one)}"


def plural(noun: str) -> str:
    """Return a noun in the plural: `parties`, `days`."""
    ies = noun[-1] == "y" and noun[-2:-1] not in "aeiou"
    return f"{noun[:-1]}ies" if ies else f"{noun}s"


def flat_text(given: Any) -> str:
    """Return a value as a cell's text, never as JSON: amounts in words, `a; b`, `name: value`."""
    if given is None:
        return ""
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, dict):
        if words := given.get("text") or ("unit" in given and _amount(given)):
            return str(words)
        return ", ".join(f"{n}: {flat_text(one)}" for n, one in given.items() if one is not None)
    if isinstance(given, (list, tuple)):
        return "; ".join(map(flat_text, given))
    return str(given)


def _amount(given: dict[str, Any]) -> str:
    from events.amounts import write_amount_data  # 3 ms with the fields, for what shows an amount

    return write_amount_data(given)


def amount_parts(name: str, given: Any) -> dict[str, Any]:
    """Return an amount as flat columns: in words, its unit, and its bounds as whole numbers."""
    amount = given if isinstance(given, dict) else {}
    bounds = {f"{name}_{part}": amount.get(part) for part in AMOUNT_PARTS}
    return {name: flat_text(given) or None, **bounds}


AMOUNT_PARTS = ("unit", "lower", "upper")
