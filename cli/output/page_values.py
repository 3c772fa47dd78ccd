"""Choose the values at the top of the page of each kind."""

from collections.abc import Callable, Iterator
from typing import Any

from cli.output.claim_words import (
    Document,
    effective_date,
    enumeration,
    outcomes_in_words,
    value_in_words,
)
from cli.output.formats import Look, wrapped

PageValue = tuple[str, str]


def programme(found: Document) -> Iterator[PageValue]:
    """Yield how far a programme has come, what was made available and what was disbursed."""
    answer = found["answer"]
    approved = f", approved {answer['approved']}" if answer["approved"] else ""
    months = f", for {answer['months']} months" if answer["months"] else ""
    status = answer["status"] if answer["status"] != "approved" else ""
    yield "status", f"{status}{approved}{months}".removeprefix(", ")
    yield "facility", answer["facility"] or ""
    access = [value_in_words(answer[name]) for name in ("access", "access_usd") if answer[name]]
    yield "access", ", ".join(access)
    available, drawn = answer["made_available"], answer["known_drawn"]
    yield "made available", available["text"] if available else "not stated"
    yield "disbursed", drawn["text"] if drawn else "none recorded"
    yield "may be one", _possible(found)
    reviews = answer["reviews_completed"]
    yield "reviews", f"completed: {', '.join(map(str, reviews))}" if reviews else ""
    for one in answer["conditions"]:
        yield "condition", f"{one['ref']}: {one['verdict'].replace('-', ' ')}, {one['claim']}"


def allocation(found: Document) -> Iterator[PageValue]:
    """Yield how much power is set aside, since when, for what and by whom."""
    answer = found["answer"]
    since = f" since {answer['since']}" if answer["since"] else ""
    yield "status", f"{answer['status']}{since}"
    yield "power", value_in_words(answer["power"]) if answer["power"] else "not stated"
    yield "flowing", value_in_words(answer["energised"]) if answer["energised"] else ""
    phases = [one["phase"] for one in answer["energised_phases"] if one["phase"]]
    yield "energised", ", ".join(f"phase {phase}" for phase in phases)
    yield "purposes", ", ".join(map(enumeration, answer["purposes"]))
    yield "phase", answer["phase"] or ""
    yield "authority", _named(found, answer["authority"])


def proposal(found: Document) -> Iterator[PageValue]:
    """Yield where a proposal stands, its terms, and every act on it in the order of days."""
    answer = found["answer"]
    yield "status", answer["status"]
    yield "terms", answer["terms"] or ""
    width = max((len(_day(act)) for act in answer["acts"]), default=0)
    for n, act in enumerate(answer["acts"]):
        whom = "to" if act["act"] == "submitted" else "by"
        by = "" if act["by"] in (None, "unsaid") else f" {whom} {_named(found, act['by'])}"
        yield "" if n else "acts", f"{_day(act).ljust(width)}  {act['act']}{by}"
    yield "law", answer["law"] or ""


def law(found: Document) -> Iterator[PageValue]:
    """Yield whether a law is in force and why, what it is, and its days."""
    answer = found["answer"]
    yield "in force", in_force_in_words(answer)
    number = f" {answer['number']}" if answer["number"] else ""
    yield "form", f"{enumeration(answer['form'])}{number}" if answer["form"] else ""
    for name in ("adopted", "published", "since", "until", "amends"):
        yield name, answer[name] or ""


def in_force_in_words(answer: Document) -> str:
    """Return whether a law is in force, with the reason where there is one."""
    said = answer["in_force"]
    if answer["ceased"]:
        return f"no (ceased: {answer['ceased']})"
    if not answer["began"]:
        why = " (no claim says that it came into force)" if answer.get("certain", True) else ""
        return f"{said}{why}"
    if answer["until"]:
        return f"{said} ({'lapsed' if said == 'no' else 'until'} {answer['until']})"
    return str(said)


def meeting(found: Document) -> Iterator[PageValue]:
    """Yield when, where and how a meeting was held, and who took part as what."""
    answer = found["answer"]
    place = f" at {answer['place']}" if answer["place"] else ""
    told = answer["mode"] not in (None, "unstated")
    mode = f", {enumeration(answer['mode'])}" if told else ""
    yield "held", f"{answer['held'] or 'on an unknown day'}{place}{mode}{_status_line(found)}"
    for n, one in enumerate(answer["participants"]):
        role = f", {one['role']}" if "role" in one else ""
        yield "" if n else "who", f"{_named(found, one['party'])}{role}"
    yield "topics", ", ".join(map(enumeration, answer["topics"]))


def price(found: Document) -> Iterator[PageValue]:
    """Yield the newest observation of each pair and kind."""
    for one in found["answer"]["newest"]:
        yield (
            one["pair"],
            f"{value_in_words(one['value'])}, {one['kind']} at {one['on'] or 'no known time'}",
        )


def _named(found: Document, party: str | None) -> str:
    if not party:
        return ""
    name = found["names"].get(party)
    return f"{name}, {party}" if name else party


def _day(act: Document) -> str:
    return act["on"] or "undated"


def _status_line(found: Document) -> str:
    held = (o["support"] for o in found["occurrences"] if o["type"] == "meeting.held")
    status = next(held, None)
    return f"  [{status}]" if status else ""


Line = tuple[str, str]


def page_values(found: Document, how: Look) -> list[str]:
    """Return the values of a thing, one a line, each with its status where it has one."""
    pairs = value_pairs(found)
    width = max((len(name) for name, _ in pairs), default=0) + 2
    lines = []
    for name, text in pairs:
        line = f"{name.ljust(width)}{text}"
        fits = how.width is None or len(line) <= how.width
        lines += [line] if fits else wrapped(line, how.width or 0, " " * width)
    return lines


def value_pairs(found: Document) -> list[PageValue]:
    """Return the values of a subject by name, each with its support where it has one."""
    held = [o for o in found["occurrences"] if o["holds"] != "no" and o["support"]]
    asked = _KINDS.get(found["kind"], _plainly)({**found, "occurrences": held})
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


def _plainly(found: Document) -> Iterator[Line]:
    """Yield an answer as it is: what a kind without a page of its own has to say."""
    for name, given in found["answer"].items():
        title = name.replace("_", " ")
        if name == "certain":
            yield title, "" if given else "no: the dates do not decide which"
        elif isinstance(given, list) and given and isinstance(given[0], dict):
            for one in given:
                yield title, value_in_words(one)
        elif given not in (None, []):
            yield title, enumeration(given)


def _status(found: Document, suffix: str) -> str:
    for occurrence in found["occurrences"]:
        if occurrence["id"].endswith(suffix):
            return f"  [{occurrence['support']}]"
    return ""


def _agreement(found: Document) -> Iterator[Line]:
    answer = found["answer"]
    for field in ("kind", "parties", "topics"):
        given = answer[field]
        text = (
            enumeration(given)
            if field == "kind" and given
            else value_in_words(given)
            if given
            else "-"
        )
        status = _status(found, f"#{field}")
        if given or status:
            yield field, f"{text}{status}"
    yield "binding", answer["counts_as"]
    for occurrence in found["occurrences"]:
        if occurrence["type"] == "agreement.signed":
            yield "signed", _signed(occurrence)
    yield "phase", _in_force(found)
    for standing in answer["statuses"]:
        yield "status", _status_of_party(standing)
        for included in territories_in_words(standing):
            yield "", included
    if ceased := answer.get("ceased"):
        yield "ceased", f"one side no longer exists: {', '.join(ceased)}"
    for declared in answer["declarations"]:
        day = f"{declared['on']} " if declared["on"] else ""
        yield "declared", f"{day}by {declared['party']}: {declared['gist']}"


def _status_of_party(standing: Document) -> str:
    flags = "".join(f", {flag}" for flag in standing["flags"])
    if standing.get("computed"):
        flags += f", by the rule since {standing['computed']}"
    since = f" since {standing['since']}" if standing["since"] else ""
    return f"{standing['party']}: {standing['status']}{since}{flags}"


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


def territories_in_words(standing: Document) -> list[str]:
    """Return the territories to which a party extended an agreement, each with its day."""
    return [
        f"includes {one['territory']}" + (f" since {one['since']}" if one["since"] else "")
        for one in standing.get("territories", ())
    ]


def _signed(occurrence: Document) -> str:
    if not occurrence["selected"]:
        return f"-  [{occurrence['support']}]"
    claim = occurrence["selected"][0]
    side = claim["says"].get("for")
    acting = f" for {side}" if side else ""
    dated = claim["effective"] or claim.get("effective_by_act")
    day = effective_date(claim) if dated else "on an unknown day"
    place = f" at {claim['place']}" if claim["place"] else ""
    return f"{day} by {claim['says']['party']}{acting}{place}  [{occurrence['support']}]"


def _in_force(found: Document) -> str:
    answer = found["answer"]
    claimed, computed = answer["in_force_claimed"], answer["in_force_computed"]
    days = [f"claimed {claimed}"] if claimed else []
    if computed:
        by_rule = any(one["type"] == _RULE for one in found["occurrences"])
        days.append(
            f"by its rule {computed}" if by_rule else f"computed {computed}, no rule recorded"
        )
    return f"{answer['phase']}{' (' + ', '.join(days) + ')' if days else ''}"


_HOLDING = "reserve.holding-reported"
_UNSURE = "cannot tell whether it is from that day or earlier"
_RULE = "agreement.entry-into-force-rule-set"
_BALANCES = {"ledger balance": "ledger_balance", "in custody": "custody", "pledged": "pledged"}


def _possible(found: Document) -> str:
    """Return how many claims may speak of the same event; nothing where none may."""
    groups = found["answer"]["possible_duplicates"]
    parts = [f"{len(one['claims'])} claims of {one['type'].partition('.')[2]}" for one in groups]
    check = f"depositary findings --check possible-duplicate --subject {found['subject']}"
    return f"{', '.join(parts)}: {check}" if parts else ""


def _reserve(found: Document) -> Iterator[Line]:
    answer = found["answer"]
    yield "holder", answer["holder"] or ""
    stages = [stage for stage in ("announced", "established") if answer[stage]]
    yield "status", ", ".join(stages)
    yield "reported", _holding(found)
    if answer["reported_perhaps"]:
        yield "perhaps", f"{_reported(answer['reported_perhaps'])} (perhaps published)"
    others: list[Document] = answer["reported_others"]
    ahead = [next((one for one in others if one[how]), None) for how in ("newer", "better_basis")]
    for n, one in enumerate(ahead):
        if one is not None and one not in ahead[:n]:
            yield "also", _other(one)
    for n, part in enumerate(answer["parts"]):
        yield "" if n else "parts", f"{part['scope']}: {_reported(part)}"
    yield "planned", value_in_words(answer["planned"]) if answer["planned"] else ""
    contested = {one["field"] for one in answer.get("contested", ())}
    for title, name in _BALANCES.items():
        balance, perhaps = answer[name], answer[f"{name}_perhaps"]
        if balance or perhaps or name == "ledger_balance" or name in contested:
            yield title, balance_words(balance)
        if perhaps:
            yield "or", f"{balance_words(perhaps)}: {why_not_certain(found)}"
    yield "may be one", _possible(found)
    yield "legal basis", answer["legal_basis"] or ""
    yield "custodian", answer["custodian"] or ""
    if answer["policies"]:
        yield "policy", ", ".join(p["policy"].replace("-", " ") for p in answer["policies"])
    if answer["addresses"]:
        yield "addresses", f"{len(answer['addresses'])} disclosed"


def _holding(found: Document) -> str:
    """Return what is reported of the whole; under strict a contested figure has no value."""
    whole = (o for o in found["series"] if o["type"] == _HOLDING and o["key"] == [""])
    if found["answer"]["reported"] is None and "contested" in (one["support"] for one in whole):
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


def balance_words(balance: Document | None) -> str:
    """Return a balance in words; without a flow nothing is known of it."""
    return str(balance["text"]) if balance else "no flows recorded"


def _party(found: Document) -> Iterator[Line]:
    answer = found["answer"]
    yield "type", answer["type"] or ""
    yield "state", answer["state"] or ""
    yield "under", answer["under"] or ""
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
        yield "continued", f"by {_named(found, successor)}{days.get(successor, '')}"
    for office in answer["offices"]:
        body = f" of {office['body']}" if office["body"] else ""
        yield "office", f"{office['office']}{body}"
    yield "same as", ", ".join(answer["same_as"])
    yield "statements", f"{answer['statements']} asserted" if answer["statements"] else ""


def _source(found: Document) -> Iterator[Line]:
    answer = found["answer"]
    for field in ("publisher", "locator"):
        yield field, answer[field] or ""
    cited = [o for o in found["occurrences"] if o["type"] == "source.cited"]
    cited = [claim for one in cited for claim in one["selected"]]
    yield "published", answer["published"] or ("unknown" if cited else "")
    yield "rechecked", answer["rechecked"] or ""
    for note in dict.fromkeys(claim["note"] for claim in cited if claim["note"]):
        yield "note", note
    yield "via", ", ".join(answer["via"])
    yield "copies", ", ".join(answer["copies"])


_MEMBERS: dict[str, Callable[[Any], str]] = {
    "statuses": _status_of_party,
    "reported_others": _other,
}
_ACCOUNTS = {"in custody": "custody"}
_IN_PLACE = ("reported", *_BALANCES.values())  # said beside what is answered
_SAY_SO_THEMSELVES = ("agreement", "reserve")  # their pages show what may be so beside what is
_KINDS = {
    "agreement": _agreement,
    "reserve": _reserve,
    "party": _party,
    "source": _source,
    "programme": programme,
    "allocation": allocation,
    "proposal": proposal,
    "law": law,
    "meeting": meeting,
    "price": price,
}
