"""Choose the values at the top of the page of each kind."""

from collections.abc import Iterator

from cli.output import more_page_values as more
from cli.output.formats import Look, wrapped
from cli.output.formatting import Document, enumeration, value_in_words
from events.amounts import write_amount

Line = tuple[str, str]


def page_values(found: Document, how: Look) -> list[str]:
    """Return the values of a thing, one a line, each with its status where it has one."""
    asked = _KINDS.get(found["kind"], _plainly)(found)
    pairs = [(name, text) for name, text in asked if text]
    if not found["answer"].get("certain", True) and found["kind"] not in _SAY_SO_THEMSELVES:
        pairs.append(("certain", "no: the day asked cannot tell all"))
    width = max((len(name) for name, _ in pairs), default=0) + 2
    lines = []
    for name, text in pairs:
        line = f"{name.ljust(width)}{text}"
        fits = how.width is None or len(line) <= how.width
        lines += [line] if fits else wrapped(line, how.width or 0, " " * width)
    return lines


def _plainly(found: Document) -> Iterator[Line]:
    """Yield an answer as it is: what a kind without a page of its own has to say."""
    for name, given in found["answer"].items():
        title = name.replace("_", " ")
        if name == "certain":
            yield title, "" if given else "no: D cannot tell which"
        elif isinstance(given, list) and given and isinstance(given[0], dict):
            for one in given:
                yield title, value_in_words(one)
        elif given not in (None, []):
            yield title, enumeration(given)


def _status(found: Document, suffix: str) -> str:
    for occurrence in found["occurrences"]:
        if occurrence["id"].endswith(suffix):
            return f"  [{occurrence['status']}]"
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
    yield "stage", _in_force(answer)
    for standing in answer["standings"]:
        flags = "".join(f", {flag}" for flag in standing["flags"])
        since = f" since {standing['since']}" if standing["since"] else ""
        yield "standing", f"{standing['party']}: {standing['standing']}{since}{flags}"


def _signed(occurrence: Document) -> str:
    if not occurrence["picked"]:
        return f"-  [{occurrence['status']}]"
    claim = occurrence["picked"][0]
    side = claim["says"].get("for")
    acting = f" for {side}" if side else ""
    day = claim["effective"] or "on an unknown day"
    place = f" at {claim['place']}" if claim["place"] else ""
    return f"{day} by {claim['says']['party']}{acting}{place}  [{occurrence['status']}]"


def _in_force(answer: Document) -> str:
    claimed, computed = answer["in_force_claimed"], answer["in_force_computed"]
    days = [f"claimed {claimed}"] if claimed else []
    days += [f"by its rule {computed}"] if computed else []
    return f"{answer['phase']}{' (' + ', '.join(days) + ')' if days else ''}"


def _reserve(found: Document) -> Iterator[Line]:
    answer = found["answer"]
    yield "holder", answer["holder"] or ""
    stages = [stage for stage in ("announced", "established") if answer[stage]]
    yield "stage", ", ".join(stages)
    yield "reported", _reported(answer["reported"])
    yield "booked", booked_in_words(answer["booked"])
    if answer["booked_perhaps"]:
        yield "or", f"{booked_in_words(answer['booked_perhaps'])}: cannot tell which by then"
    if answer["custody"]["upper_sat"] != 0:
        yield "in custody", booked_in_words(answer["custody"])
    yield "legal basis", answer["legal_basis"] or ""
    yield "custodian", answer["custodian"] or ""
    if answer["policies"]:
        yield "policy", ", ".join(p["policy"].replace("-", " ") for p in answer["policies"])
    if answer["addresses"]:
        yield "addresses", f"{len(answer['addresses'])} disclosed"


def _reported(reported: Document | None) -> str:
    if reported is None:
        return "nothing"
    return (
        f"{reported['amount']['text']} as of {reported['as_of']}, says {reported['asserted_by']}"
        f"  [{reported['status']}]"
    )


def booked_in_words(balance: Document) -> str:
    """Return a balance of satoshis in BTC, with the flows whose amounts are unknown."""
    lower, upper, unnamed = balance["lower_sat"], balance["upper_sat"], balance["unnamed"]
    if lower == upper:
        text = write_amount(lower, "sat")
    elif upper is None:
        text = f"at least {write_amount(lower, 'sat')}"
    else:
        text = f"{write_amount(lower, 'sat')} to {write_amount(upper, 'sat')}"
    flows = "flow whose amount" if unnamed == 1 else "flows whose amounts"
    return f"{text}, and {unnamed} {flows} nobody names" if unnamed else text


def _party(found: Document) -> Iterator[Line]:
    answer = found["answer"]
    yield "type", answer["type"] or ""
    yield "state", answer["state"] or ""
    yield "under", answer["under"] or ""
    yield "dissolved", "yes" if answer["dissolved"] else ""
    for office in answer["offices"]:
        body = f" of {office['body']}" if office["body"] else ""
        yield "office", f"{office['office']}{body}"
    yield "same as", ", ".join(answer["same_as"])
    yield "said", f"{answer['statements']} statements" if answer["statements"] else ""


def _source(found: Document) -> Iterator[Line]:
    answer = found["answer"]
    for field in ("publisher", "locator", "published", "rechecked"):
        yield field, answer[field] or ""
    yield "via", ", ".join(answer["via"])
    yield "copies", ", ".join(answer["copies"])


_SAY_SO_THEMSELVES = ("agreement", "reserve")  # their pages show what may be so beside what is
_KINDS = {
    "agreement": _agreement,
    "reserve": _reserve,
    "party": _party,
    "source": _source,
    "programme": more.programme,
    "allocation": more.allocation,
    "proposal": more.proposal,
    "law": more.law,
    "meeting": more.meeting,
    "price": more.price,
}
