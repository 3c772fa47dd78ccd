"""Choose the values at the top of the pages of programmes, power, proposals, laws and meetings."""

from collections.abc import Iterator

from cli.output.formatting import Document, enumeration, value_in_words

PageValue = tuple[str, str]


def programme(found: Document) -> Iterator[PageValue]:
    """Yield how far a programme has come, what was made available and what is known drawn."""
    answer = found["answer"]
    approved = f", approved {answer['approved']}" if answer["approved"] else ""
    months = f", for {answer['months']} months" if answer["months"] else ""
    stage = answer["stage"] if answer["stage"] != "approved" else ""
    yield "stage", f"{stage}{approved}{months}".removeprefix(", ")
    yield "facility", answer["facility"] or ""
    access = [value_in_words(answer[name]) for name in ("access", "access_usd") if answer[name]]
    yield "access", ", ".join(access)
    yield "made available", _available(answer["made_available"])
    drawn = answer["known_drawn"]
    yield "known drawn", value_in_words(drawn) if drawn else "nothing is shown"
    reviews = answer["reviews_completed"]
    yield "reviews", f"completed: {', '.join(map(str, reviews))}" if reviews else ""
    for one in answer["conditions"]:
        yield "condition", f"{one['ref']}: {one['verdict'].replace('-', ' ')}, {one['claim']}"


def allocation(found: Document) -> Iterator[PageValue]:
    """Yield how much power is set aside, since when, for what and by whom."""
    answer = found["answer"]
    since = f" since {answer['since']}" if answer["since"] else ""
    yield "stage", f"{answer['stage']}{since}"
    yield "power", value_in_words(answer["power"]) if answer["power"] else "unsaid"
    yield "flowing", value_in_words(answer["energised"]) if answer["energised"] else ""
    yield "purposes", ", ".join(map(enumeration, answer["purposes"]))
    yield "phase", answer["phase"] or ""
    yield "authority", _named(found, answer["authority"])


def proposal(found: Document) -> Iterator[PageValue]:
    """Yield where a proposal stands, its terms, and every act on it in the order of days."""
    answer = found["answer"]
    yield "stage", answer["stage"]
    yield "terms", answer["terms"] or ""
    width = max((len(_day(act)) for act in answer["acts"]), default=0)
    for n, act in enumerate(answer["acts"]):
        whom = "to" if act["act"] == "submitted" else "by"
        by = "" if act["by"] == "unsaid" else f" {whom} {_named(found, act['by'])}"
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
        return f"{said} (nobody says that it came into force)"
    if answer["until"]:
        return f"{said} ({'lapsed' if said == 'no' else 'until'} {answer['until']})"
    return str(said)


def meeting(found: Document) -> Iterator[PageValue]:
    """Yield when, where and how a meeting was held, and who took part as what."""
    answer = found["answer"]
    place = f" at {answer['place']}" if answer["place"] else ""
    told = answer["mode"] not in (None, "unstated")
    mode = f", {enumeration(answer['mode'])}" if told else ""
    yield "held", f"{answer['held'] or 'on an unknown day'}{place}{mode}{_status(found)}"
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


def _available(balance: Document) -> str:
    unnamed = balance["unnamed"]
    flows = "an amount" if unnamed == 1 else f"{unnamed} amounts"
    return f"{balance['text']}, and {flows} nobody names" if unnamed else str(balance["text"])


def _named(found: Document, party: str | None) -> str:
    if not party:
        return ""
    name = found["names"].get(party)
    return f"{name}, {party}" if name else party


def _day(act: Document) -> str:
    return act["on"] or "undated"


def _status(found: Document) -> str:
    held = (o["status"] for o in found["occurrences"] if o["type"] == "meeting.held")
    status = next(held, None)
    return f"  [{status}]" if status else ""
