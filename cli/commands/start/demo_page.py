"""Lay out what the bundled story comes to, on one page for a journalist.

Every line is worked out from the answers to the questions named beside it; nothing of the story
stands here but which things to ask about.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from cli.output.formats import Look, wrapped
from cli.output.formatting import Document, enumeration, value_in_words
from cli.output.page_values import booked_in_words

if TYPE_CHECKING:
    from projections.read_model.database import ReadModel

MID_JULY, END_OF_JUNE = date(2025, 7, 19), date(2025, 6, 30)
ASKED = {
    "agreement show pk-sv-bitcoin-2025": ("agreement/pk-sv-bitcoin-2025", None),
    "allocation show pk-2000mw": ("allocation/pk-2000mw", None),
    "proposal show pk-marginal-tariff": ("proposal/pk-marginal-tariff", None),
    "programme show pk-eff-2024 --as-of 2025-06-30": ("programme/pk-eff-2024", END_OF_JUNE),
    "programme show sv-eff-2025 --as-of 2025-06-30": ("programme/sv-eff-2025", END_OF_JUNE),
    "reserve show sv --as-of 2025-07-19": ("reserve/sv", MID_JULY),
    "reserve show pk --as-of 2025-07-19": ("reserve/pk", MID_JULY),
    "reserve show strategy --as-of 2025-07-19": ("reserve/strategy", MID_JULY),
}
TITLES = {
    "agreement": "The paper",
    "allocation": "The power",
    "proposal": "The proposal",
    "programme": "The programmes",
    "reserve": "The reserves",
}


def answers_to(answers: "ReadModel") -> dict[str, Document]:
    """Return what the ledger answers to each of the questions."""
    from domain.claims.claim import Clocks
    from domain.claims.ranking import DEFAULT, policy
    from projections.queries.show import show_subject

    today = datetime.now(UTC).date()
    return {
        question: show_subject(answers, thing, Clocks(as_of or today), policy(DEFAULT))
        for question, (thing, as_of) in ASKED.items()
    }


def page(found: dict[str, Document], how: Look) -> list[str]:
    """Return the lines of the page: a title for each kind, the question, what is answered."""
    lines: list[str] = []
    before = ""
    for question, document in found.items():
        kind = document["kind"]
        if kind != before:
            lines += ["", TITLES[kind].upper()]
        before = kind
        lines.append(f"  $ depositary {question}")
        for sentence in _SAID[kind](document):
            lines += wrapped(f"    {sentence}", how.width or 80, "      ")
    return [*lines, "", "CONTESTED", *_contested(found, how)]


def _agreement(found: Document) -> Iterator[str]:
    answer = found["answer"]
    rivals = _rivals(found, "#kind", "kind")
    yield f"{_a(enumeration(answer['kind'] or 'paper'))}; {answer['counts_as']}.{rivals}"
    for signature in found["occurrences"]:
        if signature["type"] == "agreement.signed" and signature["picked"]:
            claim = signature["picked"][0]
            side = claim["says"].get("for", claim["says"]["party"])
            others = "; ".join(
                f"{c['effective']} says {_name(found, c['asserted_by'])}"
                for c in signature["others"]
            )
            place = f" at {claim['place']}" if claim["place"] else ""
            yield (
                f"Signed {claim['effective']}{place} by {_name(found, claim['says']['party'])} "
                f"for {_name(found, side)}, says {_name(found, claim['asserted_by'])}."
                + (f" Contested: {others}." if others else "")
            )


def _allocation(found: Document) -> Iterator[str]:
    answer = found["answer"]
    power = answer["power"]["text"] if answer["power"] else "power"
    purposes = " and ".join(map(enumeration, answer["purposes"]))
    authority = f" by {_name(found, answer['authority'])}" if answer["authority"] else ""
    yield f"{power} {answer['stage']} for {purposes} since {answer['since']}{authority}."
    yield from _denied(found)


def _proposal(found: Document) -> Iterator[str]:
    answer = found["answer"]
    yield f"{answer['terms'] or 'Terms unsaid.'} Put to {_name(found, answer['to'] or 'unsaid')}."
    for act in answer["acts"]:
        if act["act"] != "submitted":
            yield f"{act['act'].capitalize()} by {_name(found, act['by'])}."
    yield from _denied(found)


def _programme(found: Document) -> Iterator[str]:
    answer = found["answer"]
    drawn = answer["known_drawn"]["text"] if answer["known_drawn"] else "none shown"
    yield (
        f"{answer['facility'] or 'Programme'}, {answer['stage']} {answer['approved']}: "
        f"access {value_in_words(answer['access'])}."
    )
    yield f"Made available {answer['made_available']['text']}; known to be drawn: {drawn}."


def _reserve(found: Document) -> Iterator[str]:
    answer = found["answer"]
    holder = _name(found, answer["holder"] or found["thing"])
    if answer["reported"] is None:
        stage = "announced" if answer["announced"] else "spoken of"
        yield f"{holder}: {stage}, and nothing in it is reported or booked."
        return
    reported = answer["reported"]
    yield (
        f"{holder}: {reported['amount']['text']} as of {reported['as_of']}, says "
        f"{_name(found, reported['asserted_by'])} ({reported['status']}); "
        f"booked {booked_in_words(answer['booked'])}."
    )
    for series in found["series"]:
        if series["type"] == "reserve.holding-reported" and series["picked"]:
            beside = [
                f"{c['says']['amount']['text']} ({_name(found, c['asserted_by'])})"
                for c in series["certain"] + series["cannot_tell"]
                if c["same_days_as_picked"] and c["id"] != series["picked"]["id"]
            ]
            if beside:
                yield f"Beside it: {', '.join(beside)}."


def _denied(found: Document) -> Iterator[str]:
    for denial in found["denials"]:
        what = denial["says"].get("type") or denial["says"].get("target")
        yield f"Denied by {_name(found, denial['asserted_by'])}: {what}."


def _contested(found: dict[str, Document], how: Look) -> Iterator[str]:
    for document in found.values():
        told = [
            f"{o['type'].partition('.')[2]} ({', '.join(_fields(o)) or 'denied'})"
            for o in document["occurrences"]
            if o["status"] == "contested"
        ]
        if told:
            text = f"  {document['thing']}: {', '.join(dict.fromkeys(told))}"
            yield from wrapped(text, how.width or 80, "    ")


def _fields(occurrence: Document) -> list[str]:
    return [name for name, status in occurrence["fields"].items() if status == "contested"]


def _rivals(found: Document, suffix: str, field: str) -> str:
    for occurrence in found["occurrences"]:
        if occurrence["id"].endswith(suffix) and occurrence["status"] == "contested":
            others = [
                f"{enumeration(c['says'][field])} says {_name(found, c['asserted_by'])}"
                for c in occurrence["others"]
            ]
            return f" Contested: {'; '.join(others)}."
    return ""


def _name(found: Document, party: str) -> str:
    return str(found["names"].get(party, party))


def _a(noun: str) -> str:
    return f"{'An' if noun[0] in 'aeiou' else 'A'} {noun}"


_SAID = {
    "agreement": _agreement,
    "allocation": _allocation,
    "proposal": _proposal,
    "programme": _programme,
    "reserve": _reserve,
}
