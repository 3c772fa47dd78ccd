"""Lay out the history of a thing, and that of a reserve as a ledger of steps."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cli.output.claim_words import (
    Document,
    asserter_name,
    basis_in_words,
    claim_in_words,
    effective_date,
    position_label,
    published_in_words,
)
from cli.output.formats import Column
from events.amounts import write_amount

COLUMNS = (
    Column("position", "event", number=True),
    Column("recorded", "recorded", fixed=True, drop=2),
    Column("effective", "effective", fixed=True),
    Column("published", "published", fixed=True, drop=3),
    Column("says", "says"),
    Column("asserted_by", "who says so"),
    Column("basis", "basis", drop=1),
    Column("became", "became"),
    Column("id", "id", drop=4),
    Column("type", "type", drop=5),
    Column("sources", "sources", drop=6),
    Column("text", ""),
    Column("acted", ""),
    Column("about", ""),
    Column("retracted_by", ""),
    Column("corrected_by", ""),
    Column("recordedby", ""),
    Column("perhaps", ""),
)


def with_recorders(
    columns: Sequence[Column], rows: Iterable[dict[str, Any]], recorders: Mapping[int, str]
) -> tuple[Sequence[Column], list[dict[str, Any]]]:
    """Return columns and rows with who recorded each event, shown where any event says it."""
    found = [{**row, "recordedby": recorders.get(row["position"])} for row in rows]
    if any(row["recordedby"] for row in found):
        shown = Column("recordedby", "recorded by", drop=3)
        columns = [shown if column.name == shown.name else column for column in columns]
    return columns, found


def history_row(event: Document) -> dict[str, Any]:
    """Return an event as a row, with what became of it since."""
    about = f" ({', '.join(event['about'])})" if event["about"] else ""
    text = f"{claim_in_words(event)}{about}"
    published = published_in_words(event["published"])
    return {
        "perhaps": False,
        **event,
        "position:shown": position_label(event),
        "recorded:shown": event["recorded"][:10],
        "effective:shown": effective_date(event, short=True) if _is_dated(event) else None,
        "published:shown": f"{published}, perhaps" if event.get("perhaps") else published,
        "says:shown": text,
        "text": text,
        "basis:shown": basis_in_words(event),
        "became": _became(event),
    }


def _is_dated(event: Document) -> bool:
    return bool(event["effective"] or event.get("effective_by_act"))


def _became(event: Document) -> str:
    if event["retracted_by"]:
        return f"retracted by {event['retracted_by']}"
    return f"corrected by {event['corrected_by']}" if event["corrected_by"] else ""


STEP_COLUMNS = (
    Column("effective", "in effect", fixed=True),
    Column("says", "step", drop=2),
    Column("change", "change", number=True),
    Column("balance", "balance", number=True),
    Column("custody_change", "custody change", number=True, drop=6),
    Column("custody", "in custody", number=True, drop=5),
    Column("basis", "basis", drop=4),
    Column("sources", "source", drop=1),
    Column("asserted_by", "who says so", drop=3),
    Column("mark", " ", fixed=True),
    Column("position", "event", number=True),
    Column("change_lower_sat", ""),
    Column("change_upper_sat", ""),
    Column("balance_lower_sat", ""),
    Column("balance_upper_sat", ""),
    Column("balance_unknown_flows", ""),
    Column("custody_change_lower_sat", ""),
    Column("custody_change_upper_sat", ""),
    Column("custody_lower_sat", ""),
    Column("custody_upper_sat", ""),
    Column("custody_unknown_flows", ""),
    Column("support", ""),
    Column("holds", ""),
    Column("against", ""),
    Column("id", ""),
    Column("type", ""),
    Column("text", ""),
    Column("acted", ""),
    Column("published", ""),
    Column("recorded", ""),
    Column("corrected_by", ""),
    Column("recordedby", ""),
)


def step_row(step: Document) -> dict[str, Any]:
    """Return a step as a row; `!` marks what is contested, `?` what the day asked cannot tell.

    A step that may not have come changes nothing, and has no balance after it.
    """
    text = claim_in_words(step)
    row = {
        **step,
        "effective:shown": effective_date(step, short=True),
        "says:shown": text,
        "text": text,
        "basis:shown": basis_in_words(step),
        "sources:shown": [name.removeprefix("source/") for name in step["sources"]],
        "asserted_by:shown": asserter_name(step),
        "mark": ("!" if step["contested"] else "") + ("?" if step["holds"] != "yes" else ""),
        "position:shown": position_label(step),
    }
    for name in ("change", "balance", "custody_change", "custody"):
        moved = step[name] if step["holds"] == "yes" else None
        row[name] = moved and (_signed(moved) if name.endswith("change") else _text(moved))
        for end in ("lower_sat", "upper_sat", "unknown_flows"):
            row[f"{name}_{end}"] = moved and moved[end]
    return row


def step_notes(steps: list[Document]) -> list[str]:
    """Return what the marks of these steps mean."""
    found = []
    if any(step["contested"] for step in steps):
        found.append("! contested: others say otherwise, or deny it")
    if any(step["holds"] != "yes" for step in steps):
        found.append("? cannot tell whether by then: moves nothing here")
    if any(step["balance"] and step["balance"]["unknown_flows"] for step in steps):
        found.append("+? and flows of unknown size")
    return ["", *found] if found else []


def _signed(change: Document) -> str:
    lower, upper = change["lower_sat"], change["upper_sat"]
    if change["unknown_flows"] or lower is upper is None:
        return "unknown"
    if lower is None or upper is None:  # of an open end, the sign is that of the flow
        known = upper if lower is None else lower
        return f"{'-' if lower is None else '+'}{_btc(abs(known))} or more"
    if lower == upper:
        return f"{_sign(lower)}{_btc(abs(lower))}"
    return f"{_sign(lower)}{_btc(abs(lower))} to {_sign(upper)}{_btc(abs(upper))}"


def _text(balance: Document) -> str:
    """Return a balance in BTC for a table; `+?` are flows of unknown size."""
    text, more, _ = str(balance["text"]).partition(";")
    return f"{text} +?" if more else text


def _sign(sat: int) -> str:
    return "-" if sat < 0 else "+" if sat else ""


def _btc(sat: int) -> str:
    sign = "-" if sat < 0 else ""
    return sign + write_amount(abs(sat), "sat")
