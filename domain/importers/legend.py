"""Read which act a cell of a UN status list is.

A list's header is its legend: "Ratification, Accession(a), Succession(d)" names three acts with
their suffixes, and a cell such as `12 Mar 1985 a` chooses by its own. No suffix chooses the act
that has none, wherever it stands; several such leave the mode open. It differs from list to list
(docs/spec/treaties.md, 10).
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, NamedTuple

_split = re.compile(r", (?=[A-Z])").split
_act = re.compile(r"(.*?) ?\(([A-Za-z]{1,2})\)").fullmatch
_cell = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4})(?: ([A-Za-z]{1,2}))?").fullmatch
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MODES = {
    "Acceptance": "acceptance",
    "Accession": "accession",
    "Approval": "approval",
    "Formal confirmation": "formal-confirmation",
    "Participation": "participation",
    "Ratification": "ratification",
    "Succession": "succession",
    "Definitive acceptance": "acceptance",
}
_PROVISIONAL = ("Provisional application", "Provisional acceptance")
_text_meant = re.compile(r" (?:to|of|in) (the (?:Convention|Agreement|Protocol)\b.*)").search


class Act(NamedTuple):
    """One act that a header names: its words, and the suffix of its cells (empty: none)."""

    words: str
    suffix: str


class Meaning(NamedTuple):
    """What a cell says: the type of event, its own fields, and what is odd about the cell."""

    type: str
    fields: dict[str, Any]
    notes: tuple[tuple[str, str], ...] = ()

    def noted(self, words: str) -> "Meaning":
        """Return it with the header's words beside it, where the type has no field for them."""
        return self._replace(fields={**self.fields, "note": words})


class IllegibleError(ValueError):
    """A cell is a day, and behind it a suffix that its header explains."""


@cache
def acts_of_cell(header: str) -> tuple[Act, ...]:
    """Return the acts that a column's header names, in their order."""
    found = []
    for words in _split(header):
        marked = _act(words)
        found.append(Act(marked[1], marked[2]) if marked else Act(words, ""))
    return tuple(found)


def read_cell(text: str) -> tuple[str, str]:
    """Return a cell's day in ISO 8601 and its suffix; raise IllegibleError."""
    match = _cell(text)
    if match is None or match[2] not in _MONTHS:
        raise IllegibleError(f"'{text}' is no day such as 12 Mar 1985, with a suffix or without")
    try:
        day = date(int(match[3]), _MONTHS.index(match[2]) + 1, int(match[1]))
    except ValueError:
        raise IllegibleError(f"'{text}' is no day of the calendar") from None
    return day.isoformat(), match[4] or ""


def meaning(header: str, text: str, *, alone: bool, agency: str = "") -> Meaning:
    """Return what a cell under a header says; raise IllegibleError.

    `alone`: the list has no other column, so that a signature need not wait for a ratification.
    `agency`: to which the list applies a convention, for cells of a column "Application".
    """
    day, suffix = read_cell(text)
    chosen = tuple(_chosen(header, suffix))
    if not chosen:
        raise IllegibleError(f"'{text}': the header '{header}' explains no suffix '{suffix}'")
    if len(chosen) > 1:
        return _ambiguous(header, day, chosen)
    return _meaning(chosen[0].words, suffix, day, alone, agency)


def _chosen(header: str, suffix: str) -> Iterator[Act]:
    named = acts_of_cell(header)
    if suffix == "" and all(act.suffix for act in named) and len(named) == 1:
        yield named[0]  # the only act there is needs no suffix
        return
    wanted = [act for act in named if act.suffix == suffix]
    if suffix == "s":
        # One list explains (s) for two acts in two columns; each column has one of them.
        wanted = wanted[:1]
    yield from wanted


def _ambiguous(header: str, day: str, chosen: tuple[Act, ...]) -> Meaning:
    words = " or ".join(act.words for act in chosen)
    note = ("ambiguous-act", f"the header leaves open which act it was: {words}")
    fields = {"effective": day, "acted": day, "mode": "unstated", "act_words": header[:300]}
    return Meaning("agreement.consent-expressed", fields, (note,))


def _meaning(words: str, suffix: str, day: str, alone: bool, agency: str) -> Meaning:
    if words.startswith("Succession to signature"):
        return _signed(day, "succession")
    if words.startswith("Signature"):
        if "ad referendum" in words:
            return _signed(day, "ad-referendum")
        signed = _signed(day, "unstated" if alone else "simple")
        return signed if words == "Signature" else signed.noted(words)
    if words.startswith("Definitive signature") and " or " not in words:
        return _signed(day, "definitive")
    if words.startswith("Confirmation of signature"):
        effect = "simple" if suffix == "C" else "definitive"
        return Meaning("agreement.signature-confirmed", {"effective": day, "effect": effect})
    if words.startswith("Notification under"):
        fields = {"effective": day, "purpose": f"entry into force: {words}"}
        return Meaning("agreement.notification-made", fields)
    if words.startswith(_PROVISIONAL):
        return Meaning("agreement.provisionally-applied", {"effective": day})
    if words == "Application":
        return _consent("notification", day, act_words=f"application to {agency or 'the agency'}")
    return _by_word(words, day)


def _by_word(words: str, day: str) -> Meaning:
    mode = next((m for w, m in _MODES.items() if re.match(rf"{w}\b", words)), "unstated")
    if " or " in words and words.partition(" or ")[2].split()[0] not in ("3", "succession"):
        mode = "unstated"
    plain = words in _MODES and words != "Definitive acceptance"
    return _consent(mode, day, **({} if plain else {"act_words": words[:300]}))


def _consent(mode: str, day: str, **more: str) -> Meaning:
    fields = {"effective": day, "acted": day, "mode": mode, **more}
    if mode == "succession":
        fields["effective"] = f"[..{day}]"  # when the States succeeded, the list does not say
    if (words := more.get("act_words")) and (text := _version(words)):
        fields["version"] = text
    return Meaning("agreement.consent-expressed", fields)


def _signed(day: str, mode: str) -> Meaning:
    return Meaning("agreement.signed", {"effective": day, "mode": mode})


def _version(words: str) -> str | None:
    """Return which text is bound by, where the header says (VCLT 40(5))."""
    found = _text_meant(words)
    return found[1][:300] if found and " by virtue " not in words else None
