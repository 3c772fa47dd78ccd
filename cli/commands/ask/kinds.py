"""Name the commands of each kind of subject: list, show, history, and those of it alone."""

from cli.app import OneByOne
from events.text import plural

# What is asked of one kind alone: the command's name, and where it stands.
OWN = {
    "agreement": {"standing": "ask.standing:standing", "reservations": "ask.standing:reservations"},
    "reserve": {
        "reconcile": "ask.reconcile:reconcile",
        "value": "ask.value:value",
        "total": "ask.total:total",
        "series": "ask.series:series",
    },
    "party": {
        "add": "record.add:party_add",
        "find": "ask.party:party_find",
        "statements": "ask.party:party_statements",
    },
    "source": {"add": "record.source_add:add"},
}
EXAMPLES = {
    "agreement": "pk-sv-bitcoin-2025",
    "reserve": "sv",
    "party": "onbtc",
    "source": "article",
    "programme": "pk-eff-2024",
    "allocation": "pk-2000mw",
    "proposal": "pk-marginal-tariff",
    "law": "sv-bitcoin-law-2021",
    "meeting": "saylor-2025",
    "price": "btc-usd",
}


def __getattr__(kind: str) -> OneByOne:
    """Return the commands of a kind, each imported when it is asked for."""
    if kind not in EXAMPLES:
        raise AttributeError(kind)
    example = EXAMPLES[kind]
    of_each = {name: f"ask.{name}:{kind}" for name in ("list", "show", "history")}
    own = {**of_each, **OWN.get(kind, {})}
    examples = [f"depositary {kind} list", f"depositary {kind} show {example}"]
    return OneByOne(f"{plural(kind).capitalize()}: {', '.join(own)}.", own, examples)
