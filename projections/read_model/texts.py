"""Find the words of an event, and keep them so that events are selected by words.

The definition is docs/spec/answers.md, 21.11. What is kept is a full-text index with a row for
each event that bears a text, by its position. A row follows from its event alone and never
changes, so that it holds for all clocks: whether the text stands is asked for each question.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin
from unicodedata import category, combining, decimal, normalize

from msgspec import convert
from msgspec.msgpack import encode

from domain.claims.claim import Claim
from domain.claims.effective_claims import walk
from events.body import Body
from events.catalogue import FAMILIES, about_claims, body_class, type_of
from events.dates import Interned
from events.fields import EventId, Getter, Thing, getter
from events.kinds.claim_events import Corrected, Denied, Resolved, Retracted
from events.value import Value, hints, is_value, json_name
from projections.read_model.mentions import ASSERTS, Mention, ids_in

if TYPE_CHECKING:
    from projections.read_model.project_event import ProjectedEvent

NAMING = ("name", "title", "label", "id")  # fields that say what something is called
_UNREAD = frozenset(Body.__struct_fields__) - {"effective", "acted", "place", "note"}
_UNREAD |= {"unit", "sha256", "media_type"}
_STANDING = (Denied, Resolved)  # of the claims about claims, those that bear a text

INSERT_TEXT = "INSERT INTO texts (rowid, names, says, about) VALUES (?, ?, ?, ?)"
# What stands at the last position is kept with the claims: a text that fell is marked.
MARK_FALLEN = (
    "UPDATE claims SET fallen = iif(version IN (SELECT value FROM json_each(?1)), 1, NULL)"
    " WHERE thing = ?2 AND (fallen = 1 OR version IN (SELECT value FROM json_each(?1)))"
)
_VOCABULARY = "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'texts', 'instance')"
_INSTANCES = (
    "SELECT term, count(*), sum((doc * 4099 + offset * 17 + unicode(col)) * (doc % 8191 + 1)"
    " % 4294967291) FROM temp.vocabulary GROUP BY term ORDER BY term"
)

# Between two values: no word holds it, so that a phrase stands within one. Names have an edge of
# their own, which is in few events: what asks for it looks at these alone.
EDGE, NAME_EDGE = "§", "¦"
# Without spaces: Thai, Lao, Burmese, Khmer, Han, kana; and Hangul, whose words take endings.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
_UNSPACED += "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_FIGURES = r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])"
_plain_words = re.compile(rf"{_FIGURES}|[0-9a-z]+").findall  # of a text in ASCII


@cache
def _of_any_script() -> tuple[Callable[[str], list[str]], Callable[[str], object]]:
    """Return what finds the words of a text and what knows an unspaced one; long to compile."""
    words = rf"{_FIGURES}|[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[0-9a-z\x80-\U0010ffff])+"
    return re.compile(words).findall, re.compile(f"[{_UNSPACED}]").match


def _is_unspaced(word: str) -> bool:
    return not word.isascii() and _of_any_script()[1](word) is not None


# Letters that Unicode takes for no variant of another; the Arabic ones are written either way.
_LETTERS = dict(
    zip(
        "ıøłđðħŧ\u0649\u06cc\u0671\u06a9\u0629",
        "iolddht\u064a\u064a\u0627\u0643\u0647",
        strict=True,
    )
)
_LETTERS |= {"æ": "ae", "œ": "oe", "þ": "th", "\u0640": ""}


class _Letters(dict[int, str]):
    """What a character becomes when its accents are taken away; a space for what is no letter."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        found = _LETTERS.get(letter, letter)
        sort, mark = category(letter), combining(letter)
        if mark == 1 or 10 <= mark <= 36 or mark >= 200:
            found = ""  # an accent or a vowel point; marks of other scripts are letters of a word
        elif sort == "Nd":
            found = str(decimal(letter))
        elif sort[0] not in "LNM" and code >= 0x80:
            found = " "
        self[code] = found
        return found


_LETTER = _Letters()


def words_in(text: str) -> list[str]:
    """Return the words of a text, folded: without case, accents and vowel points.

    A day (`2025-07-16`) and a number with commas are a word each. A run of a script that is
    written without spaces is one word here.
    """
    if text.isascii():
        found = _plain_words(text.lower())
    else:
        whole = normalize("NFKD", normalize("NFKD", text).casefold())
        found = _of_any_script()[0](normalize("NFC", whole.translate(_LETTER)))
    return [
        word.replace("-", "").replace(",", "") if word[0] in "0123456789" else word
        for word in found
    ]


def pairs_of(word: str) -> list[str]:
    """Return what is kept of a word: itself; of a run without spaces, each two signs of it."""
    if len(word) < 3 or not _is_unspaced(word):
        return [word]
    return [word[at : at + 2] for at in range(len(word) - 1)]


def _indexed(text: str) -> str:
    """Return a text as it is kept: its words, between edges; last signs of runs stand behind."""
    words = words_in(text)
    if text.isascii():
        return f"{' '.join(words)} {EDGE}"
    kept = " ".join(part for word in words for part in pairs_of(word))
    ends = [word[-1] for word in words if len(word) > 1 and _is_unspaced(word)]
    return f"{kept} {EDGE} {' '.join(ends)} {EDGE}" if ends else f"{kept} {EDGE}"


_INDEXED = Interned(_indexed)  # a rebuild meets the same few words of an act in most events


def kept_words(text: str) -> list[str]:
    """Return a text as its words are kept, in their order."""
    return _INDEXED[text].split()


def token_of(name: str) -> str:
    """Return the one word by which an id, a kind or a type is kept beside a text.

    Of several, between spaces, each becomes one.
    """
    return name.replace("-", "\u2010").replace("/", "\u2044").replace(".", "\u2024")


Reader = Callable[[Any], Iterable[str]]


class _Plan(NamedTuple):
    """How to read the texts of a class of values: those that are a text, and what holds texts."""

    get: Getter
    names: tuple[str, ...]
    naming: bool
    within: tuple[tuple[str, str, Reader], ...]  # the attribute, its name in JSON


def texts_in(value: Any) -> list[tuple[str, str]]:
    """Return the texts of a body, each with the name of its field in JSON.

    No ids, no sources, and nothing of what only says who asserts it and on what basis.
    """
    get, names, _, within = _PLANS[type(value)]
    found = [pair for pair in zip(names, get(value), strict=True) if pair[1] is not None]
    for attribute, name, read in within:
        given = getattr(value, attribute)
        if given is not None:
            found += [(name, text) for text in read(given)]
    return found


def _plan(cls: type[Value]) -> _Plan:
    unread = _UNREAD if issubclass(cls, Body) else {"unit"}
    if issubclass(cls, (Corrected, Retracted)) or "with_" in getattr(cls, "__struct_fields__", ()):
        return _Plan(getter(()), (), False, ())
    readers = {
        name: read
        for name, hint in hints(cls).items()
        if name not in unread and (read := _reader(hint)) is not None
    }
    plain = [name for name, read in readers.items() if read is _itself]
    within = tuple((n, json_name(n), read) for n, read in readers.items() if read is not _itself)
    names = tuple(map(json_name, plain))
    return _Plan(getter(plain), names, not set(NAMING).isdisjoint(names), within)


def _reader(hint: Any) -> Reader | None:
    origin = get_origin(hint)
    if origin is Annotated:
        inner, *markers = get_args(hint)
        if any(isinstance(marker, (Thing, EventId)) for marker in markers):
            return None
        return _reader(inner)
    if origin in (Union, UnionType):
        several = [read for part in get_args(hint) if (read := _reader(part)) is not None]
        return several[0] if len(several) == 1 else _any if several else None
    if origin is tuple:
        each = _reader(get_args(hint)[0])
        return None if each is None else lambda several: (t for one in several for t in each(one))
    if origin is Literal:
        return _itself if isinstance(get_args(hint)[0], str) else None
    if is_value(hint):
        return lambda value: (text for _, text in texts_in(value))
    return _itself if hint is str else None


def _itself(text: str) -> Iterable[str]:
    return (text,)


def _any(given: Any) -> Iterable[str]:
    return (given,) if isinstance(given, str) else (text for _, text in texts_in(given))


_PLANS = Interned(_plan)  # one for each class of bodies; a rebuild asks for one an event


def own_texts(thing: str, body: Body, *, first: bool) -> list[tuple[str, str]]:
    """Return the texts of a claim about a thing; the id too of one that names it, and the `first`.

    A corrected claim counts as the first: a correction does not say of which claim it is the text.
    """
    found = texts_in(body)
    if first or any(name in NAMING for name, _ in found):
        found.insert(0, ("id", thing.partition("/")[2]))
    return found


TextRow = tuple[int, str, str, str]  # the position; names, other texts, and what is filtered by


def text_row(event: "ProjectedEvent", mentions: Iterable[Mention]) -> TextRow | None:
    """Return what is kept of an event's texts, None where it bears none.

    A correction bears the text that it puts in, which is found as that of the claim corrected.
    """
    row, claim = event
    if claim is None or row.kind == "ledger":
        return None
    thing, body, type_, first = row.thing, claim.body, claim.type, row.version == 1
    if isinstance(body, Corrected):
        type_, first = type_of(body.data_type), True  # it may be the text of the first
        named, body = sorted(ids_in(json.dumps(body.data))), convert(body.data, body_class(type_))
    else:
        named = [name for name, role, _, _, _ in mentions if role <= ASSERTS]
    if FAMILIES[type_] is about_claims and not isinstance(body, _STANDING):
        return None
    plan = _PLANS[type(body)]
    if first or plan.naming or plan.within:
        names = says = ""
        for name, text in own_texts(thing, body, first=first):
            if name in NAMING:
                names = f"{names or NAME_EDGE} {_INDEXED[text].replace(EDGE, NAME_EDGE)}"
            else:
                says = f"{says or EDGE} {_INDEXED[text]}"
    else:  # as of most
        texts = [_INDEXED[text] for text in plan.get(body) if text is not None]
        names, says = "", f"{EDGE} {' '.join(texts)}" if texts else ""
    if not names and not says:
        return None
    about = token_of(" ".join((row.kind, type_, thing, *named)))
    return row.position, names, says, about


def fallen_versions(thing: str, claims: Iterable[Claim]) -> list[int]:
    """Return the versions of the events about a thing whose text does not stand, sorted.

    That is what was retracted, what was replaced, and the corrections that are not the last or
    replace what does not stand. The claims about claims are enough for it.
    """
    about = [claim for claim in claims if claim.family is about_claims]
    revising = [claim for claim in about if isinstance(claim.body, (Corrected, Retracted))]
    if not revising:
        return []
    retracted, corrected = walk(about)
    known = {claim.id: claim for claim in about}
    last = set()
    for target, correction in corrected.items():
        root = known.get(target)
        bears = root is None or isinstance(root.body, _STANDING)
        if bears and target not in retracted and _is_before(target, thing, correction):
            newest = correction
            while newest.id in corrected:
                newest = corrected[newest.id]
            last.add(newest.id)
    fallen = {*retracted, *corrected}
    fallen |= {c.id for c in revising if isinstance(c.body, Corrected)} - last
    return sorted(int(id_.rpartition("/")[2]) for id_ in fallen if id_.startswith(f"{thing}/"))


def _is_before(target: str, thing: str, correction: Claim) -> bool:
    name, _, version = target.rpartition("/")
    return name == thing and int(version) < correction.version


def mark_fallen(connection: sqlite3.Connection, thing: str, about: Iterable[Claim]) -> None:
    """Mark the events about a thing whose text does not stand, given all claims about claims."""
    connection.execute(MARK_FALLEN, (json.dumps(fallen_versions(thing, about)), thing))


def texts_digest(connection: sqlite3.Connection) -> bytes:
    """Return SHA-256 over the words of the index, each with a sum over all its places."""
    found = sha256()
    connection.execute(_VOCABULARY)
    for word in connection.execute(_INSTANCES):
        found.update(encode(word))
    connection.execute("DROP TABLE temp.vocabulary")
    return found.digest()
