"""Choose the values at the top of the page of each kind.

A party stands by its id: who prints a value puts the party's name in its place.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cli.output.claim_words import (
    Document,
    effective_date,
    enumeration,
    outcomes_in_words,
    value_in_words,
)
from events.amounts import write_amount

PageValue = tuple[str, str | None]  # one without a text is not shown

AGREE = {
    "yes": "yes: the ledger balance and the reported figure can both be right",
    "no": "no: the ledger balance and the reported figure differ",
    "contested": "contested: differing claims about a flow give different answers",
    "cannot tell": "cannot tell whether the ledger balance is the reported figure",
}
_UNSURE = "cannot tell whether it is from that day or earlier"
_BALANCES = {"ledger balance": "ledger_balance", "in custody": "custody", "pledged": "pledged"}
_ACCOUNTS = {"in custody": "custody"}
_FLOWS = tuple(
    f"reserve.{one}"
    for one in ["acquired", "disposed", "transferred", "seized", "forfeited", "lost"]
)
_IN_PLACE = ("reported", *_BALANCES.values())  # said beside what is answered
_SAY_SO_THEMSELVES = ("agreement", "reserve")  # their pages show what may be so beside what is


def value_pairs(found: Document) -> list[tuple[str, str]]:
    """Return the values of a subject by name, each with its support where it has one."""
    held = [o for o in found["occurrences"] if o["holds"] != "no" and o["support"]]
    asked = _KINDS[found["kind"]]({**found, "occurrences": held})
    contested = found["answer"].get("contested", [])
    nameless = {one["field"].replace("_", " ") for one in contested}
    pairs = [
        (name, "contested" if name in nameless or _ACCOUNTS.get(name) in nameless else text)
        for name, text in asked
        if text
    ]
    pairs += [("contested", text) for text in outcomes_in_words(contested)]
    pairs += [("perhaps", text) for text in perhaps_in_words(found)]
    sure = found["answer"].get("certain", True) or contested
    if not sure and found["kind"] not in _SAY_SO_THEMSELVES:
        pairs.append(("certain", "no: the dates do not decide all for the day asked"))
    return pairs


def perhaps_in_words(found: Document) -> Iterator[str]:
    """Yield what differs with all that perhaps was public; of members those that differ."""
    for name, value in (found.get("perhaps") or {}).items():
        if value in (None, []) or (found["kind"] == "reserve" and name in _IN_PLACE):
            continue
        title = name.replace("_", " ")
        if isinstance(value, list) and isinstance(value[0], dict):
            words = _MEMBERS.get(name, value_in_words)
            same = found["answer"][name] or ()
            yield from (f"{title}: {words(one)}" for one in value if one not in same)
        else:
            yield f"{title}: {value_in_words(value)}"


def _under(title: str, texts: Iterable[str]) -> Iterator[PageValue]:
    """Yield several values below one name."""
    yield from ((title if not n else "", text) for n, text in enumerate(texts))


def _words(given: Any, missing: str | None = None) -> str | None:
    return value_in_words(given) if given else missing


def _after(words: str, given: str | None) -> str:
    return f"{words}{given}" if given else ""


def _agreement(found: Document) -> Iterator[PageValue]:
    answer = found["answer"]
    occurrences = found["occurrences"]
    supports = {o["id"].rpartition("#")[2]: f"  [{o['support']}]" for o in reversed(occurrences)}
    for field in ("kind", "parties", "topics"):
        given, support = answer[field], supports.get(field, "")
        text = enumeration(given) if field == "kind" and given else _words(given, "-")
        yield field, f"{text}{support}" if given or support else None
    yield "binding", answer["counts_as"]
    for occurrence in occurrences:
        if occurrence["type"] == "agreement.signed":
            yield "signed", _signed(occurrence)
    yield "phase", _in_force(found)
    contested = found.get("contested_statuses", {})
    for one in answer["statuses"]:
        other = f", contested: {contested[one['party']]}" if one["party"] in contested else ""
        yield "status", f"{_status_of_party(one)}{other}"
        yield from (("", included) for included in territories_in_words(one))
    if ceased := answer.get("ceased"):
        yield "ceased", f"one side no longer exists: {', '.join(ceased)}"
    for declared in answer["declarations"]:
        day = f"{declared['on']} " if declared["on"] else ""
        yield "declared", f"{day}by {declared['party']}: {declared['gist']}"


def _status_of_party(one: Document) -> str:
    flags = "".join(f", {flag}" for flag in one["flags"])
    flags += _after(", by the rule since ", one.get("computed"))
    return f"{one['party']}: {one['status']}{_after(' since ', one['since'])}{flags}"


def territories_in_words(standing: Document) -> list[str]:
    """Return the territories to which a party extended an agreement, each with its day."""
    several = standing.get("territories", ())
    return [f"includes {one['territory']}{_after(' since ', one['since'])}" for one in several]


def _signed(occurrence: Document) -> str:
    if not occurrence["selected"]:
        return f"-  [{occurrence['support']}]"
    claim = occurrence["selected"][0]
    acting = _after(" for ", claim["says"].get("for"))
    dated = claim["effective"] or claim.get("effective_by_act")
    day = effective_date(claim) if dated else "on an unknown day"
    place = _after(" at ", claim["place"])
    return f"{day} by {claim['says']['party']}{acting}{place}  [{occurrence['support']}]"


def _in_force(found: Document) -> str:
    answer = found["answer"]
    days = [f"claimed {answer['in_force_claimed']}"] if answer["in_force_claimed"] else []
    if computed := answer["in_force_computed"]:
        rule = "agreement.entry-into-force-rule-set"
        by_rule = any(one["type"] == rule for one in found["occurrences"])
        days += [f"by its rule {computed}" if by_rule else f"computed {computed}, no rule recorded"]
    return f"{answer['phase']}{' (' + ', '.join(days) + ')' if days else ''}"


def _reserve(found: Document) -> Iterator[PageValue]:
    answer = found["answer"]
    yield "holder", answer["holder"]
    yield "status", ", ".join(one for one in ("announced", "established") if answer[one])
    yield "reported", _holding(found)
    if answer["reported_perhaps"]:
        yield "perhaps", f"{_reported(answer['reported_perhaps'])} (perhaps published)"
    others: list[Document] = answer["reported_others"]
    ahead = [next((one for one in others if one[how]), None) for how in ("newer", "better_basis")]
    for n, one in enumerate(ahead):
        if one is not None and one not in ahead[:n]:
            yield "also", _other(one)
    yield from _under("parts", (f"{one['scope']}: {_reported(one)}" for one in answer["parts"]))
    yield "planned", _words(answer["planned"])
    contested = {one["field"] for one in answer.get("contested", ())}
    stated = _stated_amount(found["occurrences"])
    for title, name in _BALANCES.items():
        balance, perhaps = answer[name], answer[f"{name}_perhaps"]
        if balance or perhaps or name == "ledger_balance" or name in contested:
            words = balance_words(balance, beside=answer["custody"] or answer["pledged"])
            flow = balance is not None and name != "pledged"
            yield title, f"{words}{_after(', stated as ', stated if flow else None)}"
        if perhaps:
            yield "or", f"{balance_words(perhaps)}: {why_not_certain(found)}"
    yield from _under("transferred", _transferred(found["occurrences"]))
    yield "may be one", _possible(found)
    yield "legal basis", answer["legal_basis"]
    yield "custodian", answer["custodian"]
    yield "policy", ", ".join(p["policy"].replace("-", " ") for p in answer["policies"])
    yield "addresses", f"{len(answer['addresses'])} disclosed" if answer["addresses"] else None


def _transferred(occurrences: list[Document], most: int = 3) -> list[str]:
    """Return the newest transfers: they move bitcoin that stays in the balance."""
    moved = [one for one in occurrences if one["type"] == "reserve.transferred" and one["selected"]]
    moved.sort(key=lambda one: one["selected"][0]["effective"] or "")
    texts = []
    for one in reversed(moved[-most:]):
        claim = one["selected"][0]
        amount = claim["says"].get("amount")
        how_much = amount["text"] if amount else "an unknown amount"
        reason = enumeration(claim["says"]["reason"])
        texts.append(f"{how_much}, {reason}, {effective_date(claim)}  [{one['support']}]")
    left = len(moved) - most
    return [*texts, f"and {left} earlier"] if left > 0 else texts


def _stated_amount(occurrences: list[Document]) -> str | None:
    """Return what a reserve's only flow states, such as `about 61,000 BTC`, where it is no figure.

    A balance shows the bounds between which such words are added up.
    """
    flows = [one["selected"] for one in occurrences if one["type"] in _FLOWS]
    only = [claim["says"].get("amount") or {} for claim in flows[0]] if len(flows) == 1 else []
    return str(only[0]["text"]) if len(only) == 1 and only[0].get("approximate") else None


def _possible(found: Document) -> str | None:
    """Return how many claims may be about the same event; nothing where none may."""
    groups = found["answer"]["possible_duplicates"]
    parts = [f"{len(one['claims'])} claims of {one['type'].partition('.')[2]}" for one in groups]
    check = f"depositary findings --check possible-duplicate --subject {found['subject']}"
    return f"{', '.join(parts)}: {check}" if parts else None


def _holding(found: Document) -> str:
    """Return what is reported of the whole; under strict a contested figure has no value."""
    of = "reserve.holding-reported"
    whole = (o["support"] for o in found["series"] if o["type"] == of and o["key"] == [""])
    if found["answer"]["reported"] is None and "contested" in whole:
        return "contested: no figure is selected"
    return _reported(found["answer"]["reported"])


def _reported(reported: Document | None) -> str:
    if reported is None:
        return "none"
    unsure = "" if reported["holds"] == "yes" else f" ({_UNSURE})"
    return (
        f"{reported['amount']['text']} as of {reported['as_of'] or 'an unknown day'}{unsure},"
        f" asserted by {reported['asserted_by']}  [{reported['support']}]"
    )


def _other(one: Document) -> str:
    """Return a figure that is not selected, and what it has before the one that is."""
    ahead = ", ".join(word.replace("_", " ") for word in ("newer", "better_basis") if one[word])
    sure = _UNSURE if one["holds"] != "yes" else ""
    says = f"{one['amount']['text']} as of {one['as_of'] or 'an unknown day'}"
    beside = ", ".join(filter(None, (ahead, sure)))
    about = "; ".join(filter(None, (enumeration(one["basis"]), beside)))
    return f"{says}, asserted by {one['asserted_by']} ({about})"


def why_not_certain(found: Document) -> str:
    """Return why another value stands beside one: by the dates, or by what perhaps was public."""
    if found["excluded"]["perhaps"]:
        return f"with what was perhaps published by {found['public_at']}, or by imprecise dates"
    return f"cannot tell which held on {found['as_of']}"


def balance_words(balance: Document | None, *, beside: Document | None = None) -> str:
    """Return a balance in words; without a flow nothing is known of it.

    `beside` is what is in custody or pledged: its flows are recorded, and are not the holder's own.
    """
    return str(balance["text"]) if balance else f"no flows {'of its own ' * bool(beside)}recorded"


def difference(lower: int | None, upper: int | None) -> str:
    """Return a difference of satoshis in BTC, from its least to its most."""
    if lower is not None and lower == upper:
        return write_amount(lower, "sat")
    if lower is None and upper is None:
        return "unbounded"
    if upper is None:
        return f"at least {write_amount(lower or 0, 'sat')}"
    if lower is None:
        return f"at most {write_amount(upper, 'sat')}"
    return f"{write_amount(lower, 'sat')} to {write_amount(upper, 'sat')}"


def reservation_in_words(one: Document) -> list[str]:
    """Return a reservation in a sentence, and a sentence for each objection to it."""
    articles = f" to article {', '.join(one['articles'])}" if one["articles"] else ""
    day = f"{one['formulated']}" if one["formulated"] else "on an unknown day"
    waits = ", not confirmed at consent" if one["waits_for_confirmation"] else ""
    notice = one["notified"] or "on an unrecorded day"
    made = f"{one['ref']}{articles}, by {one['party']} {day}{waits}"
    return [
        f"{made}, others notified {notice}: {one['gist']}",
        *(
            f"objected to by {objection['by']} {objection['on']}"
            + "; the agreement is not in force between the two" * objection["precludes"]
            for objection in one["objections"]
        ),
    ]


def _party(found: Document) -> Iterator[PageValue]:
    answer = found["answer"]
    yield from ((name, answer[name]) for name in ("type", "state", "under"))
    if answer["dissolved"]:
        contested = "dissolved_on" in (one["field"] for one in answer.get("contested", ()))
        unknown = "on a contested day" if contested else "on an unknown day"
        on = answer["dissolved_on"]
        yield "dissolved", f"{on}, its last day" if on else unknown
    days = {
        claim["says"]["party"]: f", from {effective_date(claim)}"
        for one in found["occurrences"]
        if one["type"] == "party.continued-by"
        for claim in one["selected"]
        if claim["effective"] or claim.get("effective_by_act")
    }
    for successor in answer["continued_by"]:
        yield "continued", f"by {successor}{days.get(successor, '')}"
    for office in answer["offices"]:
        yield "office", f"{office['office']}{_after(' of ', office['body'])}"
    yield "same as", ", ".join(answer["same_as"])
    yield "statements", f"{answer['statements']} asserted" if answer["statements"] else None


def _source(found: Document) -> Iterator[PageValue]:
    answer = found["answer"]
    cited = [o for o in found["occurrences"] if o["type"] == "source.cited"]
    claims = [claim for one in cited for claim in one["selected"]]
    yield "publisher", answer["publisher"]
    yield "address", answer["locator"]
    yield "published", answer["published"] or ("unknown" if claims else None)
    yield "rechecked", answer["rechecked"]
    yield from (("note", text) for text in dict.fromkeys(one["note"] for one in claims))
    yield "via", ", ".join(answer["via"])
    yield "copies", ", ".join(answer["copies"])


def _programme(found: Document) -> Iterator[PageValue]:
    answer = found["answer"]
    status = answer["status"] if answer["status"] != "approved" else ""
    status += _after(" ", answer["ended"])
    months = f", for {answer['months']} months" if answer["months"] else ""
    approved = _after(", approved ", answer["approved"])
    yield "status", f"{status}{approved}{months}".removeprefix(", ")
    yield "facility", answer["facility"]
    yield "access", ", ".join(filter(None, (_words(answer[n]) for n in ("access", "access_usd"))))
    yield "made available", _words(answer["made_available"], "not stated")
    yield "disbursed", _words(answer["known_drawn"], "none recorded")
    yield "may be one", _possible(found)
    reviews = ", ".join(map(str, answer["reviews_completed"]))
    yield "reviews", reviews and f"completed: {reviews}"
    for one in answer["conditions"]:
        yield "condition", f"{one['ref']}: {one['verdict'].replace('-', ' ')}, {one['claim']}"


def _allocation(found: Document) -> Iterator[PageValue]:
    answer = found["answer"]
    joint = " since " if answer["status"] == "allocated" else ", allocated "
    ended = _after(" ", answer["withdrawn"])
    yield "status", f"{answer['status']}{ended}{_after(joint, answer['since'])}"
    yield "power", _words(answer["power"], "not stated")
    yield "flowing", _words(answer["energised"])
    phases = (one["phase"] for one in answer["energised_phases"] if one["phase"])
    yield "energised", ", ".join(f"phase {phase}" for phase in phases)
    yield "purposes", ", ".join(map(enumeration, answer["purposes"]))
    yield from ((name, answer[name]) for name in ("phase", "authority"))


def _proposal(found: Document) -> Iterator[PageValue]:
    """Yield where a proposal stands, its terms, and every act on it in the order of days."""
    answer = found["answer"]
    yield from ((name, answer[name]) for name in ("status", "terms"))
    days = [act["on"] or "undated" for act in answer["acts"]]
    width = max(map(len, days), default=0)
    acts = []
    for day, act in zip(days, answer["acts"], strict=True):
        whom = "to" if act["act"] == "submitted" else "by"
        by = "" if act["by"] in (None, "unsaid") else f" {whom} {act['by']}"
        acts.append(f"{day.ljust(width)}  {act['act']}{by}")
    yield from _under("acts", acts)
    yield "law", answer["law"]


def _law(found: Document) -> Iterator[PageValue]:
    answer = found["answer"]
    yield "in force", in_force_in_words(answer)
    number = _after(" ", answer["number"])
    yield "form", f"{enumeration(answer['form'])}{number}" if answer["form"] else None
    yield from ((name, answer[name]) for name in ("adopted", "published"))
    yield "since" if answer["in_force"] != "no" else "from", answer["since"]
    yield from ((name, answer[name]) for name in ("until", "amends"))


def in_force_in_words(answer: Document) -> str:
    """Return whether a law is in force, with the reason where there is one."""
    said = answer["in_force"]
    if answer["ceased"]:
        return f"{said} (ceased{_after(' ', answer['ceased_on'])}: {answer['ceased']})"
    if said == "no" and not answer["began"]:
        adopted, begins = answer["to_be_adopted"], answer["to_be_in_force"]
        days = (_after("adopted ", adopted), _after("in force from ", begins))
        return f"no (not {'adopted ' if adopted else ''}yet: {', '.join(filter(None, days))})"
    if not answer["began"]:
        why = " (no claim says that it came into force)" if answer.get("certain", True) else ""
        return f"{said}{why}"
    if answer["until"]:
        return f"{said} ({'lapsed' if said == 'no' else 'until'} {answer['until']})"
    return str(said)


def _meeting(found: Document) -> Iterator[PageValue]:
    """Yield when, where and how a meeting was held, and who took part as what."""
    answer = found["answer"]
    told = answer["mode"] not in (None, "unstated")
    mode = f", {enumeration(answer['mode'])}" if told else ""
    held = (f"  [{o['support']}]" for o in found["occurrences"] if o["type"] == "meeting.held")
    day, place = answer["held"] or "on an unknown day", _after(" at ", answer["place"])
    yield "held", f"{day}{place}{mode}{next(held, '')}"
    who = (f"{one['party']}{_after(', ', one.get('role'))}" for one in answer["participants"])
    yield from _under("who", who)
    yield "topics", ", ".join(map(enumeration, answer["topics"]))


def _price(found: Document) -> Iterator[PageValue]:
    for one in found["answer"]["newest"]:
        at = one["on"] or "no known time"
        yield one["pair"], f"{value_in_words(one['value'])}, {one['kind']} at {at}"


_MEMBERS: dict[str, Callable[[Any], str]] = {
    "statuses": _status_of_party,
    "reported_others": _other,
}
_KINDS = {
    "agreement": _agreement,
    "reserve": _reserve,
    "party": _party,
    "source": _source,
    "programme": _programme,
    "allocation": _allocation,
    "proposal": _proposal,
    "law": _law,
    "meeting": _meeting,
    "price": _price,
}
