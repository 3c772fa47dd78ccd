"""Lay out a table: titles, and rows that are wrapped to the width of the terminal.

Numbers are never wrapped; on a narrow terminal a table first wraps its text and then hides the
columns that say least, in the order in which they are marked, and says which.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from operator import le
from typing import Any

from cli.output.look import Column, Look
from cli.output.party_names import named
from cli.output.streams import Bold, TableLine
from events.hidden_text import visible
from events.text import count_noun, flat_text

MIN_TEXT, MAX_WORD = 12, 16  # of a column of text: it is never narrower, and for no word wider
MIN_AT_ALL = 6  # where nothing more can be hidden or go below
MOST_HIDDEN = 3  # the drop of columns that are hidden so that another has fewer lines
MOST_LINES = 4  # of a cell beside others: a longer one stands below its row


def table(columns: Sequence[Column], rows: Sequence[dict[str, Any]], how: Look) -> list[str]:
    """Return the lines of a table: titles, then rows; a column without values is left out.

    Where columns are hidden for want of room, the last line says which. A text that would be a
    narrow tower of words stands below its row instead, behind its title.
    """
    told = [(column, _shown(rows, column, how)) for column in columns if column.title]
    told = [(column, texts) for column, texts in told if any(texts) or not rows]
    columns, titles = [column for column, _ in told], [column.title for column, _ in told]
    cells = list(zip(*(texts for _, texts in told), strict=True))
    if how.on_paper:
        from cli.output.markdown_html import Grid

        return [Grid.of(titles, cells, [c.number for c in columns])]
    widths, below = _laid_out(columns, list(zip(titles, *cells, strict=True)), how.room)
    fitted = [columns[i] for i in widths]
    beside = ([row[i] for i in widths] for row in (titles, *cells))
    head, *body = _wrapped(beside, fitted, list(widths.values()))
    lines: list[str] = [Bold(line) if how.colour else TableLine(line) for line in head]
    for row, several in zip(cells, body, strict=True):
        lines += map(TableLine, several)
        for i in below:
            text = f"{titles[i]}: {row[i]}" if row[i] and titles[i].strip() else row[i]
            lines += map(TableLine, wrapped(text, how.room, "    ", "  "))
    if hidden := [c.title for i, c in enumerate(columns) if i not in (*widths, *below)]:
        many = count_noun(len(hidden), "column")
        note = f"{many} hidden: {', '.join(hidden)} (--wide, --columns)"
        lines += wrapped(note, how.width or len(note), "  ")
    return lines


def _laid_out(
    columns: Sequence[Column], texts: Sequence[tuple[str, ...]], room: int
) -> tuple[dict[int, int], list[int]]:
    """Return how wide each column is that stands beside others, and which stand below their rows.

    They are first narrowed, then some are hidden, and what is too long even so goes below: then
    those that were hidden in vain are shown again.
    """
    natural = [max(map(len, column)) for column in texts]
    if _total(natural) <= room:
        return dict(enumerate(natural)), []
    least = [_least(*column) for column in zip(columns, natural, texts, strict=True)]
    below: list[int] = []
    while True:
        kept = _fitting(columns, least, room, below)
        while True:
            narrowed = _narrowed([natural[i] for i in kept], [least[i] for i in kept], room)
            widths = dict(zip(kept, narrowed, strict=True))
            soft = {i: _most_lines(texts[i], widths[i]) for i in kept[1:] if _is_soft(columns[i])}
            longest = max(soft, key=soft.__getitem__, default=0)
            if not longest or (soft[longest] <= MOST_LINES and _total(narrowed) <= room):
                tight = [min(least[i], MIN_AT_ALL) if _is_soft(columns[i]) else 0 for i in kept]
                return dict(zip(kept, _narrowed(narrowed, tight, room), strict=True)), sorted(below)
            hideable = [i for i in kept if 0 < columns[i].drop <= MOST_HIDDEN and i != longest]
            if not hideable or soft[longest] > 2 * MOST_LINES:
                break
            kept.remove(min(hideable, key=lambda i: columns[i].drop))
        below.append(longest)


def _most_lines(texts: Sequence[str], width: int) -> int:
    """Return how many lines the longest cell of a column needs, its title aside."""
    return max((len(_broken(text, width)) for text in texts[1:]), default=0)


def _total(widths: Iterable[int]) -> int:
    return sum(width + 2 for width in widths) - 2


def _fitting(
    columns: Sequence[Column], least: Sequence[int], room: int, below: Sequence[int]
) -> list[int]:
    """Return which columns are shown: those that say least are dropped until the others fit."""
    kept = [i for i in range(len(columns)) if i not in below]
    while _total(least[i] for i in kept) > room:
        droppable = [i for i in kept if columns[i].drop]
        if not droppable:
            break
        kept.remove(min(droppable, key=lambda i: columns[i].drop))
    return kept


def _least(column: Column, natural: int, texts: Sequence[str]) -> int:
    """Return how narrow a column may be: of text as wide as its longest word, within limits."""
    if natural <= MIN_TEXT or not _is_soft(column):
        return natural
    word = max((len(part) for text in set(texts) for part in _parts(text)), default=0)
    return min(natural, max(MIN_TEXT, min(word, MAX_WORD)))


def _is_soft(column: Column) -> bool:
    return not (column.number or column.fixed)


def _narrowed(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return widths that fit, or come near: in turns the widest that may be narrower is made so."""
    widths = list(widths)
    while _total(widths) > room:
        soft = [i for i, width in enumerate(widths) if width > least[i]]
        if not soft:
            break
        widths[max(soft, key=widths.__getitem__)] -= 1
    return widths


def _wrapped(
    rows: Iterable[Sequence[str]], columns: Sequence[Column], widths: Sequence[int]
) -> Iterator[list[str]]:
    """Yield the lines of each row, each cell wrapped to the width of its column."""
    sides = [">" if column.number else "<" for column in columns]
    line = "  ".join(f"{{:{side}{n}}}" for side, n in zip(sides, widths, strict=True)).format
    for cells in rows:
        if all(map(le, map(len, cells), widths)):
            yield [line(*cells).rstrip()]
            continue
        parts = [
            _broken(cell, width) if len(cell) > width else [cell]
            for cell, width in zip(cells, widths, strict=True)
        ]
        yield [line(*several).rstrip() for several in zip_longest(*parts, fillvalue="")]


_IDS = ("subject", "id")  # columns of what a command takes
_parts = re.compile(r"[^\s/-]+[/-]?").findall
_breaks = re.compile(r"/|(?<=[a-z])\.(?=[a-z])")


def _broken(cell: str, width: int) -> Sequence[str]:
    """Return the lines of a cell: broken at spaces, hyphens, slashes, inner dots, or anywhere."""
    text = _breaks.sub(lambda found: f"{found[0]}\0 ", cell)
    words = text.split(" ")
    if "-" in text or not all(word.strip() and len(word) <= width for word in words):
        lines = textwrap.wrap(text, width)
    else:  # the same for words that stay whole, and a tenth of the time
        lines = words[:1]
        for word in words[1:]:
            if len(lines[-1]) + 1 + len(word) <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
    return [line.replace("\0 ", "").rstrip("\0") for line in lines] or [""]


def _shown(rows: Iterable[dict[str, Any]], column: Column, how: Look) -> list[str]:
    """Return what a table shows of rows in a column; of a list words, or names with commas."""
    names = {} if column.name in _IDS else how.names
    own, other = f"{column.name}:shown", column.name
    known: dict[str | tuple[str, ...], str] = {}  # many rows say the same

    def written(value: Any) -> str:
        if not isinstance(value, (list, tuple)) or any(isinstance(one, dict) for one in value):
            return visible(named(flat_text(value), names))
        texts = [named(str(one), names) for one in value]
        named_ones = any(" " in one or one.startswith("party/") for one in texts)
        return visible((", " if named_ones else " ").join(texts))

    found = []
    for row in rows:
        value = row[own] if own in row else row.get(other)
        key: str | tuple[str, ...] | None = value if type(value) is str else None
        if type(value) is list and value and type(value[0]) is str:
            key = tuple(value)
        if key is None:
            found.append(written(value))
        elif key in known:
            found.append(known[key])
        else:
            found.append(known.setdefault(key, written(value)))
    return found


def wrapped(text: str, width: int, indent: str, first: str = "") -> list[str]:
    """Return text broken at white space into lines of at most `width`, the later ones indented.

    The `first` line begins with what is given, which is not broken.
    """
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
