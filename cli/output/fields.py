"""Name and write the values of an answer in a table."""

from typing import Any

from cli.output.claim_words import enumeration

_DETAILS = (".claim", ".asserted_by", ".basis", ".support", "certain")


def write_fields(given: Any) -> str:
    """Return a value in words; a balance in BTC, nothing where there is no value."""
    if given is None:
        return "-"
    if isinstance(given, dict) and "lower_sat" in given:
        return str(given["text"])
    if isinstance(given, bool):
        return "yes" if given else "no"
    return enumeration(given)


def is_detail(field: str, value: Any) -> bool:
    """Say whether a value only says where another comes from, or that there is nothing."""
    return field.endswith(_DETAILS) or value in (None, False, 0)


def field_titles(field: str) -> str:
    """Return a field's name for a person: `signed pcc on`."""
    return field.replace("_", " ").replace("party/", "").replace(".", " ")
