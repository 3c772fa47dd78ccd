"""Find characters that are not seen where they are printed, and write them so that they are.

Two readers must see the same text: a control or escape sequence moves the cursor, a bidirectional
one turns words round (Trojan Source, CVE-2021-42574), and what has no width, tags and fillers hide
words in plain sight. Joiners are letters of some scripts, and stand where the rules of IDNA for
them hold (RFC 5892, A.1 and A.2).
"""

import re
from collections.abc import Iterator
from unicodedata import category, combining

MAX_MARKS = 8  # on one base: no script needs more, and more grow over other lines

_NON_JOINER, _JOINER = "\u200c", "\u200d"
_VIRAMA = 9  # a canonical combining class (UAX #44)
# Letters and marks that are blank: Hangul fillers, the grapheme joiner, Khmer inherent vowels.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Of the format characters these are seen: signs that stand before numbers in Arabic and others.
_SEEN = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
_HIDDEN = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))
_MARKS = frozenset(("Mn", "Me", "Mc"))
_SUSPECT = _HIDDEN | _MARKS
_NUMBER = r"[+-]?[0-9][0-9,]*(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def hidden_characters(text: str) -> Iterator[int]:
    """Yield where each character stands that is not seen, or is a mark too many, from 0."""
    marks = 0
    for at, character in enumerate(text):
        sort = category(character)
        marks = marks + 1 if sort in _MARKS else 0
        if (
            (sort in _HIDDEN and character not in _SEEN and not _joins(text, at))
            or character in _BLANK
            or marks > MAX_MARKS
            or (_is_selector(character) and not _selects(text, at))
        ):
            yield at


def visible(text: str, keep: str = "") -> str:
    r"""Return a text with hidden characters, but those to keep, as \x1b, \u202e or \U000e0041."""
    if text.isascii() and (text if not keep else text.replace(keep, "")).isprintable():
        return text
    if not any(map(_is_suspect, set(text).difference(keep))):
        return text
    found = list(text)
    for at in hidden_characters(text):
        if text[at] not in keep:
            found[at] = _escape(text[at])
    return "".join(found)


def visible_json(text: str) -> str:
    r"""Return JSON of the same meaning in which hidden characters are written as \u001b.

    They stand within its strings alone, but for line breaks between its lines.
    """
    if text.isascii() and "\x7f" not in text:
        return text
    if not any(map(_is_suspect, set(text).difference("\n"))):
        return text
    found = list(text)
    for at in hidden_characters(text):
        if text[at] != "\n":
            units = text[at].encode("utf-16-be", "surrogatepass")
            pairs = (units[n : n + 2].hex() for n in range(0, len(units), 2))
            found[at] = "".join(f"\\u{pair}" for pair in pairs)
    return "".join(found)


def spreadsheet_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (CWE-1236); a number stays one."""
    if not text.startswith(_BEGINS_A_FORMULA):
        return text
    return text if re.fullmatch(_NUMBER, text) else f"'{text}"


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _is_suspect(character: str) -> bool:
    """Say whether a character is hidden, or may be where it stands."""
    return category(character) in _SUSPECT or character in _BLANK


def _joins(text: str, at: int) -> bool:
    """Say whether a joiner stands where its script needs it (RFC 5892, A.1 and A.2)."""
    if text[at] not in (_NON_JOINER, _JOINER) or at == 0:
        return False
    if combining(text[at - 1]) == _VIRAMA:
        return True
    if text[at] == _JOINER:
        return False
    before, behind = at - 1, at + 1
    while before >= 0 and _is_transparent(text[before]):
        before -= 1
    while behind < len(text) and _is_transparent(text[behind]):
        behind += 1
    return (
        before >= 0
        and behind < len(text)
        and _is_among(text[before], _JOINS_BOTH, _JOINS_AFTER)
        and _is_among(text[behind], _JOINS_BOTH, _JOINS_BEFORE)
    )


def _is_transparent(character: str) -> bool:
    return category(character) in ("Mn", "Me", "Cf") and character not in (_NON_JOINER, _JOINER)


def _is_among(character: str, *tables: tuple[range, ...]) -> bool:
    """Say whether a character is of one of the tables."""
    return any(ord(character) in one for table in tables for one in table)


def _ranges(table: str) -> tuple[range, ...]:
    ends = (each.partition("-") for each in table.split())
    return tuple(range(int(first, 16), int(last or first, 16) + 1) for first, _, last in ends)


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _selects(text: str, at: int) -> bool:
    """Say whether a variation selector follows what has variants: one, and no letter of ASCII."""
    if at == 0 or _is_selector(text[at - 1]):
        return False
    before = text[at - 1]
    if text[at] >= "\U000e0100":
        return category(before) == "Lo"  # ideographs alone (UTS #37)
    return not before.isascii() or before in "#*0123456789"


# Joining_Type of Unicode: D, R and L (ArabicShaping.txt); marks are transparent by their category.
_JOINS_BOTH = _ranges(
    "620 626 628 62a-62e 633-63f 641-647 649-64a 66e-66f 678-687 69a-6bf 6c1-6c2 6cc 6ce "
    "6d0-6d1 6fa-6fc 6ff 712-714 71a-71d 71f-727 729 72b 72d-72e 74e-758 75c-76a 76d-770 772 "
    "775-777 77a-77f 7ca-7ea 841-845 848 84a-853 855 860 862-865 868 886 889-88d 8a0-8a9 "
    "8af-8b0 8b3-8b8 8ba-8c8 1807 1820-1878 1887-18a8 18aa a840-a871 10ac0-10ac4 10ad3-10ad6 "
    "10ad8-10adc 10ade-10ae0 10aeb-10aee 10b80 10b82 10b86-10b88 10b8a-10b8b 10b8d 10b90 "
    "10bad-10bae 10d01-10d21 10d23 10f30-10f32 10f34-10f44 10f51-10f53 10f70-10f73 "
    "10f76-10f81 10fb0 10fb2-10fb3 10fb8 10fbb-10fbc 10fbe-10fbf 10fc1 10fc4 10fca "
    "1e900-1e943 "
)
_JOINS_BEFORE = _ranges(
    "622-625 627 629 62f-632 648 671-673 675-677 688-699 6c0 6c3-6cb 6cd 6cf 6d2-6d3 6d5 "
    "6ee-6ef 710 715-719 71e 728 72a 72c 72f 74d 759-75b 76b-76c 771 773-774 778-779 840 "
    "846-847 849 854 856-858 867 869-86a 870-882 88e 8aa-8ac 8ae 8b1-8b2 8b9 10ac5 10ac7 "
    "10ac9-10aca 10ace-10ad2 10add 10ae1 10ae4 10aef 10b81 10b83-10b85 10b89 10b8c "
    "10b8e-10b8f 10b91 10ba9-10bac 10d22 10f33 10f54 10f74-10f75 10fb4-10fb6 10fb9-10fba "
    "10fbd 10fc2-10fc3 10fc9 "
)
_JOINS_AFTER = _ranges("a872 10acd 10ad7 10d00 10fcb")
