"""Put a claim or a value into a few words: amounts as people write them, dates as written."""

from typing import Any

from cli.output.look import Column, Look
from cli.output.streams import Bold
from events.amounts import write_amount_data
from events.body import Body
from events.text import count_noun
from events.value import replace

Document = dict[str, Any]

_COLUMNS = {
    column.name: column
    for column in (
        Column("mark", " ", fixed=True),
        Column("position", "event", number=True),
        Column("recorded", "recorded", fixed=True),
        Column("effective", "effective", fixed=True),
        Column("published", "published", fixed=True),
        Column("subject", "subject"),
        Column("type", "type"),
        Column("says", "claim"),
        Column("asserted_by", "asserted by"),
        Column("basis", "basis"),
        Column("sources", "sources", fixed=True),
        Column("support", "support"),
        Column("id", "id"),
    )
}
_OWN_WORDS = {
    "agreement.reservation-formulated": (
        *("party", "ref", "articles", "gist", "notified", "confirms"),
    ),
    "agreement.reservation-objected": ("by", "ref", "precludes"),
    "agreement.reservation-withdrawn": ("ref",),
    "agreement.objection-withdrawn": ("by", "ref"),
    "agreement.resumed": ("between",),
    "agreement.suspended": ("between",),
    "agreement.signed": ("party", "mode", "signatory"),
    "programme.condition-assessed": ("ref", "verdict"),
    "programme.condition-set": ("ref", "kind", "about", "words", "due"),
    "party.appointed": ("office", "body", "rank"),
    "reserve.valued": ("value", "of", "price", "method"),
    "price.observed": ("value", "kind"),
}
_FOR_ONE = frozenset(("agreement.amended", "agreement.resumed", "agreement.suspended"))
_MARKS = {"in_part": "in part", "precludes": "precludes entry into force between the two"}
_NAMELESS = frozenset(("act", "office", "party", "policy", "ref"))
_COMMON = frozenset(Body.__struct_fields__)
_UNSAID = frozenset(("scope", "for", "ref"))
_DETAILS = (".claim", ".asserted_by", ".basis", ".support", "certain")


def claim_columns(names: str) -> tuple[Column, ...]:
    """Return the columns of a table of claims: `says basis:1`, with when each is left out."""
    named = (word.partition(":") for word in names.split())
    return tuple(replace(_COLUMNS[name], drop=int(drop or 0)) for name, _, drop in named)


def value_in_words(given: Any) -> str:
    """Return a value in words: an amount as people write it, `letter of intent`."""
    if isinstance(given, dict):
        if "text" in given:
            return str(given["text"])
        # An amount as a correction stores it has the words of its source beside its bounds.
        if text := "unit" in given and write_amount_data(given):
            return text
        return ", ".join(
            value_in_words(inner) if name in _NAMELESS else f"{name} {value_in_words(inner)}"
            for name, inner in given.items()
            if name != "claim" and inner is not None
        )
    if isinstance(given, list):
        return ", ".join(map(value_in_words, given)) if len(given) <= 4 else f"{len(given)} of them"
    if isinstance(given, bool):
        return "yes" if given else "no"
    return str(given)


def enumeration(given: Any) -> str:
    """Return an enumeration's or slug's value with spaces for hyphens."""
    text = given if isinstance(given, str) else value_in_words(given)
    return text if "/" in text or not text.replace("-", "").isalpha() else text.replace("-", " ")


def claim_in_words(claim: Document, *, verb: bool = True) -> str:
    """Return what a claim says beside its date, in one line; `verb` names what happened too."""
    if claim["type"] == "claim.corrected":
        return _corrected(claim["says"])
    own = claim["says"]
    happened = claim["type"].partition(".")[2].replace("-", " ")
    if whom := claim["type"] in _FOR_ONE and own.get("for"):
        happened = f"{happened} for {whom}"  # and not as a whole
        verb = True
    names = _OWN_WORDS.get(claim["type"], tuple(n for n in own if n not in _UNSAID))
    parts = [_part(name, own[name]) for name in names if name in own]
    if parts and (claim["type"] == "agreement.described" or not verb):
        return "; ".join(parts)
    return f"{happened}: {'; '.join(parts)}" if parts else happened


def denial_in_words(claim: Document) -> str:
    """Return what a denial denies, a claim or that something happened, and on what ground."""
    what = claim["says"].get("target")
    if not what:
        kind, _, verb = claim["says"].get("type", "").partition(".")
        what = f"that {'any' if kind == 'reserve' else 'it'} was {verb.replace('-', ' ')}"
    return f"denies {what}{': ' if claim.get('ground') else ''}{claim.get('ground', '')}"


def _corrected(told: Document) -> str:
    """Return why a claim was corrected, and what it says from then on."""
    data: Document = told["data"]
    own = {name: given for name, given in data.items() if name not in _COMMON}
    text = claim_in_words({"type": str(told["data_type"]).removesuffix(".v1"), "says": own})
    return f"corrected, {enumeration(told['reason'])}: {text}, {data.get('effective', 'undated')}"


def _part(name: str, given: Any) -> str:
    labelled = {
        "price": "at",
        "of": "of",
        "to_count": "to",
        "each": "each",
        "fee": "fee",
        "height": "block",
        "between": "between",
        "articles": "to article",
        "notified": "others notified",
        "confirms": "confirms",
        "until": "until",
        "due": "due",
        "votes": "votes",
        "volume": "volume",
        "available": "available",
        "review": "review",
    }
    if name in _MARKS:
        return _MARKS[name]
    if name == "months":
        return count_noun(given, "month", "months")
    text = str(given) if name == "ref" else enumeration(given)
    if name in labelled:
        many = count_noun(given, "address", "addresses") if name == "to_count" else text
        return f"{labelled[name]} {many}"
    return text


def basis_in_words(claim: Document) -> str:
    """Return on what basis, and whether it is quoted second-hand."""
    second_hand = ", second-hand" if claim["relayed"] else ""
    return f"{claim['basis'].replace('-', ' ')}{second_hand}"


def effective_date(claim: Document, *, short: bool = False) -> str:
    """Return the effective date as written, or the act's day, so marked; else `undated`."""
    if claim.get("effective_by_act"):
        return f"{claim['acted']} ({'acted' if short else 'by the day of the act'})"
    return str(claim["effective"] or "undated")


def acted_date(claim: Document) -> str:
    """Return the day of the act, where it is another than the one that answers; else nothing."""
    acted = claim.get("acted")
    return (
        acted if acted and acted != claim["effective"] and not claim.get("effective_by_act") else ""
    )


def unmet_mark(claim: Document) -> str:
    """Return what took back a notice of withdrawal, or gave it another day, before its day came."""
    if (by := claim.get("unmet")) is None:
        return ""
    return f"; {by['type'].rpartition('-')[2]} by @{by['position']}"


def published_in_words(published: str | None) -> str:
    """Return when a claim was published; a bound is no day: `by 2026-11-24`."""
    text = published or ""
    if not text.startswith("["):
        return text
    first, _, last = text[1:-1].partition("..")
    return f"by {last}" if last else f"{first} or later"


def claim_cells(claim: Document, *, verb: bool = True) -> Document:
    """Return what a table shows of a claim in the place of its values, and its `text`.

    `verb` names what happened too.
    """
    text = f"{claim_in_words(claim, verb=verb)}{correction_mark(claim)}"
    published = published_in_words(claim["published"])
    return {
        "text": text,
        "says:shown": text,
        "effective:shown": effective_date(claim, short=True),
        "published:shown": f"perhaps {published}" if claim.get("perhaps") else published,
        "recorded:shown": claim["recorded"][:10],
        "basis:shown": basis_in_words(claim),
        "sources:shown": [one.removeprefix("source/") for one in claim.get("sources", ())],
        "position:shown": position_label(claim),
    }


def balance_cell(words: str | None) -> str:
    """Return a balance for a table; `+?` are flows of unknown size."""
    text, more, _ = (words or "no flows").partition(";")
    return f"{text} +?" if more else text


def support_in_words(found: Document) -> str:
    """Return how far sources agree, and with what was perhaps published: `perhaps contested`."""
    words = [found["support"] or ""]
    if bounds := found.get("compatible_lower_bounds"):
        words.append(f"compatible with {bounds} lower bound{'' if bounds == 1 else 's'}")
    if perhaps := found.get("support_perhaps"):
        words.append(f"perhaps {perhaps}")
    if found.get("perhaps_retracted"):
        words.append("perhaps retracted")
    return ", ".join(word for word in words if word)


def outcomes_in_words(contested: list[Document]) -> list[str]:
    """Return what each contested value may be: `status of party/x: signatory or none`."""
    return [
        f"{one['field'].replace('_', ' ')}: "
        + " or ".join("none" if v in (None, []) else value_in_words(v) for v in one["outcomes"])
        for one in contested
        if not one["field"].endswith(".claim")
    ]


def position_label(claim: Document) -> str:
    """Return the position people type."""
    return f"@{claim['position']}"


def correction_mark(claim: Document) -> str:
    """Return by which event the text of a claim was given, where a correction replaced it."""
    return f", corrected by @{at}" if (at := claim.get("corrected_at")) else ""


def bold(text: str, how: Look) -> str:
    """Return a heading: bold where colour may be used."""
    return Bold(text) if how.colour or how.on_paper else text


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
    """Return a field's name for a person: `signed party/pcc on`."""
    return field.replace("_", " ").replace(".", " ")


_DATED_BY_THE_WORLD = frozenset(
    (
        "disclosed",
        "is no longer in effect",
        "may have taken effect",
        "notice given",
        "passed",
        "superseded",
        "time passed, as reckoned from",
        "took effect",
    )
)
_SAYING = frozenset(
    ("described", "holding observed", "holding reported", "observed", "reconciled", "stated")
) | {"valued"}
_FOR_SOME = frozenset(("resumed", "suspended"))  # an act upon the parties named, not of theirs


def cause_sentence(cause: Document) -> str:
    """Return a cause in words: what happened, which event, by whom, its days, and its reason.

    The day of what was recorded is called so, beside that of its publication: neither is a day on
    which anything happened.
    """
    when, days = "", ""
    if cause["how"] in _DATED_BY_THE_WORLD:
        when = f" {cause['when']}" if cause["when"] else ""
    else:
        told = (("recorded", cause["when"]), ("published", cause["published"]))
        days = "".join(f", {word} {day}" for word, day in told if day)
    if when and cause["how"] in _DATED_BY_THE_WORLD and cause["acted"] not in (None, cause["when"]):
        when += f" (acted {cause['acted']})"
    kind, _, verb = cause["type"].partition(".")
    verb, by = verb.replace("-", " "), cause["asserted_by"]
    actors = ", ".join(one for one in cause["actors"] if one != by)
    reason = f" ({cause['reason'].replace('-', ' ')})" if cause["reason"] else ""
    event = f"@{cause['position']}"
    # Who asserts an act did not do it, unless it says so of itself; figures and words are its own.
    own = cause["actors"] and not actors
    if verb in _FOR_SOME and cause["actors"]:
        said = f"{verb} for {', '.join(cause['actors'])}, asserted by {by}"
    elif own or kind == "claim" or verb in _SAYING:
        said = f"{verb} by {by}"
    else:
        said = f"{verb}{f': {actors}' if actors else ''}, asserted by {by}"
    day = "day reached, " if cause.get("axis") == "as-of" else ""
    how = "" if cause["how"] == verb else f"{cause['how']}{when}: "
    return f"{day}{how}{said}, {event}{days}{reason}"


def selection_sentence(difference: Document) -> str | None:
    """Return what was selected before, what is now, and the rule; None where the same is."""
    if difference["rule"] is None:
        return None
    ends = (difference["selected_before"], difference["selected_after"])
    before, after = map(claims_in_words, ends)
    return f"selected before: {before}; now: {after}: {difference['rule']}"


def claims_in_words(claims: list[Document]) -> str:
    """Return who asserts the first of some claims, on what, as which event, and how many more."""
    first = claims[0]
    more = f" and {len(claims) - 1} more" if len(claims) > 1 else ""
    return f"{first['asserted_by']}, {basis_in_words(first)}, {position_label(first)}{more}"
