"""Histories for the second naive fold: facts as JSON, with all that the second edition brought.

A history is made from a seed: acts, measurements and flows of one subject by few parties on few
days, then claims about them. Re-appointments, parts, denied figures, possible duplicates, custody,
instants, days known by a bound, undated claims and keys all come up often.
"""

from random import Random
from typing import Any

Fact = tuple[str, dict[str, Any]]

PARTIES = ("party/a", "party/b", "party/c")
BASES = ("official-record", "audit", "own-publication", "tracker", "press", "on-chain")
DAYS = tuple(f"2025-07-{day:02}" for day in range(10, 21))
ODD_DAYS = (
    "2025-07",
    "2025-07-16?",
    "2025-07-14~",
    "2025~",
    "[2025-07-12..2025-07-16]",
    "[..2025-07-15]",
    "[2025-07-15..]",
    "2025-07-15T12:00:00Z",
    "2025-07-15T23:00:00-06:00",
    None,
)
PUBLISHED = (
    "[2025-07-13..]",
    "[2025-07-12..2025-07-17]",
    "2025-07",
    "2025-07-15?",
    "[..2025-07-14]",
)
LASTING = ("2025-07-12/2025-07-16", "../2025-07-15", "2025-07-15/..")
SIDES = ("party/a", "party/d")
ACTS = (
    *("signed", "signed", "consent-expressed", "consent-expressed", "entered-into-force-for"),
    *("withdrawal-notified", "withdrawal-notified", "withdrawal-revoked", "consent-withdrawn"),
    *("described", "entered-into-force", "terminated"),
)
FLOWS = ("acquired", "acquired", "disposed", "seized", "forfeited", "lost", "transferred")
FIGURES = ("holding-reported",) * 4 + ("holding-observed",)
ADDRESS = "32ixEdVJWo3kmvJGMTZq5jAQVZZeuwnqzo"
AMOUNTS: tuple[dict[str, Any], ...] = (
    {"unit": "sat", "lower": 6_0000_0000, "upper": 6_0000_0000},
    {"unit": "sat", "lower": 7_0000_0000, "upper": 7_0000_0000},
    {"unit": "sat", "lower": 6_0000_0000, "lower_open": True},
    {"unit": "sat", "upper": 7_0000_0000, "upper_open": True},
    {"unit": "sat", "lower": 6_5000_0000, "upper": 6_5000_0000, "approximate": True},
    {"unit": "sat", "lower": 5_0000_0000, "upper": 8_0000_0000},
)


class History:
    """A history that grows by facts; `kind` is that of its subject."""

    def __init__(self, seed: int, kind: str, subject: str) -> None:
        self.random = Random(seed)  # noqa: S311 - the same histories every time
        self.kind, self.subject = kind, subject
        self.facts: list[Fact] = []

    def day(self, *, lasting: bool = False) -> str | None:
        """Return a day, now and then an odd one, or a state that lasted."""
        chance = self.random.random()
        if lasting and chance < 0.2:
            return self.random.choice(LASTING)
        return self.random.choice(ODD_DAYS if chance < 0.4 else DAYS)

    def common(self, *, lasting: bool = False) -> dict[str, Any]:
        """Return what every claim bears: asserted by, on what basis, from where, when."""
        found: dict[str, Any] = {
            "asserted_by": self.random.choice(PARTIES),
            "basis": self.random.choice(BASES),
            "sources": self.sources(),
        }
        day = self.day(lasting=lasting)
        if day is not None:
            found["effective"] = day
        elif self.random.random() < 0.5:
            found["acted"] = self.random.choice(DAYS)
        if self.random.random() < 0.25:
            found["relayed"] = True
        if self.random.random() < 0.15:
            found["key"] = f"row-{self.random.randrange(3)}"
        return found

    def sources(self) -> list[dict[str, Any]]:
        """Return a source or two, with a day of publication, a bound, or none."""
        found = []
        for name in sorted(
            self.random.sample(("source/x", "source/y", "source/z"), self.one_or_two())
        ):
            one: dict[str, Any] = {"source": name}
            chance = self.random.random()
            if chance < 0.6:
                one["published"] = self.random.choice(DAYS)
            elif chance < 0.85:
                one["published"] = self.random.choice(PUBLISHED)
            if self.random.random() < 0.3:
                one["retrieved"] = self.random.choice(DAYS[4:])
            if self.random.random() < 0.3:
                one["origin"] = self.random.choice(PARTIES)
            found.append(one)
        return found

    def one_or_two(self) -> int:
        """Return 1, or 2 in one case of four."""
        return 2 if self.random.random() < 0.25 else 1

    def amount(self, name: str = "amount") -> dict[str, Any]:
        """Return an amount, or none in one case of five."""
        return {} if self.random.random() < 0.2 else {name: dict(self.random.choice(AMOUNTS))}

    def act(self) -> Fact:
        """Return an act or a measurement of the subject's kind."""
        return getattr(self, f"{self.kind}_act")()  # type: ignore[no-any-return]

    def reserve_act(self) -> Fact:
        """Return a flow, a figure or what a reserve is of itself."""
        name = self.random.choice(FLOWS + FIGURES + ("address-disclosed", "established"))
        lasting = name in ("holding-reported", "holding-observed")
        common = self.common(lasting=lasting)
        if name == "address-disclosed":
            return f"reserve.{name}", {**common, "addresses": [ADDRESS], "to": "public"}
        if name == "established":
            return f"reserve.{name}", {**common, "holder": self.random.choice(PARTIES)}
        own = self.figure(name) if lasting else self.flow(name)
        return f"reserve.{name}", {**common, **own}

    def flow(self, name: str) -> dict[str, Any]:
        """Return the fields of a flow."""
        own = self.amount()
        if name == "acquired":
            own["mode"] = self.random.choice(("purchase", "mining"))
        elif name == "disposed":
            own["mode"] = self.random.choice(("sale", "return", "burn"))
            if own["mode"] == "sale" and self.random.random() < 0.4:
                own["account"] = self.random.choice(("custody", "owned"))
        elif name == "lost":
            own["cause"] = "theft"
        elif name == "transferred":
            own["reason"] = "move"
            if self.random.random() < 0.3:
                own["fee"] = {"unit": "sat", "lower": 1000, "upper": 1000}
        return own

    def figure(self, name: str) -> dict[str, Any]:
        """Return the fields of a measurement of what is held, of the whole or of a part."""
        own: dict[str, Any] = {"amount": dict(self.random.choice(AMOUNTS))}
        if name == "holding-observed" and self.random.random() < 0.5:
            own["addresses"] = [ADDRESS]
        scope = self.random.choice((None, "unstated", "total", "branch", "branch"))
        if name == "holding-reported" and scope:
            own["scope"] = scope
        return own

    def party_act(self) -> Fact:
        """Return what happens to a person or an agency."""
        name = self.random.choice(
            ("appointed",) * 3 + ("office-ended",) * 2 + ("established", "stated")
        )
        own: dict[str, Any] = {}
        if name in ("appointed", "office-ended"):
            own = {"office": self.random.choice(("minister", "adviser"))}
            if self.random.random() < 0.5:
                own["body"] = self.random.choice(("party/x", "party/y"))
        elif name == "established":
            own = {"name": self.random.choice(("One", "Two")), "type": "agency"}
        else:
            own = {"gist": self.random.choice(("this", "that"))}
        return f"party.{name}", {**self.common(lasting=name == "appointed"), **own}

    def law_act(self) -> Fact:
        """Return what happens to a law."""
        name = self.random.choice(("adopted", "in-force", "in-force", "ceased", "extended"))
        own: dict[str, Any] = {}
        if name == "adopted":
            own = {"form": self.random.choice(("act", "decree"))}
        elif name == "in-force" and self.random.random() < 0.4:
            own = {"until": self.random.choice(DAYS)}
        elif name == "ceased":
            own = {"how": "repealed"}
        elif name == "extended":
            own = {"until": self.random.choice(DAYS)}
        return f"law.{name}", {**self.common(lasting=name == "in-force"), **own}

    def agreement_act(self) -> Fact:
        """Return an act of a side, a description, an entry into force or an end."""
        name = self.random.choice(ACTS)
        own: dict[str, Any] = {}
        if name == "described":
            own = {"kind": self.random.choice(("treaty", "memorandum"))}
            if self.random.random() < 0.5:
                own["binding"] = self.random.choice(("binding", "non-binding", "unknown"))
            if self.random.random() < 0.5:
                own["parties"] = sorted(self.random.sample(SIDES, self.one_or_two()))
        elif name == "entered-into-force":
            own = {"mode": self.random.choice(("definitive", "provisional"))}
        elif name == "terminated":
            own = {"ground": "by-consent"}
        else:
            own = {"party": self.random.choice(SIDES)}
        if name == "signed":
            own["mode"] = self.random.choice(("simple", "definitive", "initialling", "unstated"))
        elif name == "consent-expressed":
            own["mode"] = self.random.choice(
                ("ratification", "accession", "succession", "unstated")
            )
        common = self.common()
        if name == "withdrawal-notified" and "effective" in common and self.random.random() < 0.6:
            common["acted"] = self.random.choice(DAYS)
        return f"agreement.{name}", {**common, **own}

    def text_act(self) -> Fact:
        """Return what a side does beside its consent, or what ends that."""
        name = self.random.choice(
            ("provisionally-applied", "reservation-formulated", "reservation-withdrawn") * 2
            + ("reservation-objected", "objection-withdrawn", "territory-included")
            + ("territory-excluded", "intention-not-to-become-party", "withdrawal-notified")
            + ("terminated", "registered", "consent-expressed")
        )
        own: dict[str, Any] = {"party": self.random.choice(SIDES)}
        if "objec" in name or "reservation" in name:
            own |= {"ref": self.random.choice(("one", "two"))}
            if name == "reservation-formulated":
                own["gist"] = self.random.choice(("this", "that"))
            elif "objec" in name:
                own["by"] = self.random.choice(SIDES)
            if name != "reservation-formulated":
                del own["party"]
        elif name.startswith("territory"):
            own["territory"] = self.random.choice(("party/x", "party/y"))
        elif name == "terminated":
            own = {"ground": "by-consent"}
        elif name == "registered":
            own = {"with": "party/un", "number": self.random.choice(("1", "2"))}
        elif name == "consent-expressed":
            own["mode"] = self.random.choice(("ratification", "accession"))
        return f"agreement.{name}", {**self.common(lasting=name == "provisionally-applied"), **own}

    def programme_act(self) -> Fact:
        """Return what happens to an arrangement with the IMF."""
        name = self.random.choice(
            ("disbursed", "condition-assessed", "review-completed") * 2
            + ("approved", "condition-set", "staff-level-agreement-reached", "cancelled")
        )
        some = {"unit": "xdr-minor", "lower": self.random.choice((5, 6)) * 100}
        amount = {**some, "upper": some["lower"]}
        own: dict[str, Any] = {}
        if name in ("staff-level-agreement-reached", "disbursed") and self.random.random() < 0.5:
            own["review"] = self.random.choice((1, 2))
        if name == "disbursed":
            own["amount"] = amount
        elif name == "review-completed":
            own["n"] = self.random.choice((1, 2))
        elif name == "approved":
            own["access"] = amount
        elif name.startswith("condition"):
            own["ref"] = self.random.choice(("one", "two"))
            if name == "condition-set":
                own |= {"kind": "commitment", "words": self.random.choice(("this", "that"))}
            else:
                own["verdict"] = self.random.choice(("met", "not-met"))
        return f"programme.{name}", {**self.common(), **own}

    def proposal_act(self) -> Fact:
        """Return what is done with a proposal, by whom it may be."""
        name = self.random.choice(
            ("taken-up", "returned") * 3 + ("submitted", "rejected", "endorsed", "withdrawn")
        )
        own: dict[str, Any] = {}
        if name in ("taken-up", "returned", "rejected", "endorsed") and self.random.random() < 0.6:
            own["by"] = self.random.choice(("party/x", "party/y"))
        return f"proposal.{name}", {**self.common(), **own}

    def price_act(self) -> Fact:
        """Return a price."""
        cents = self.random.choice((100, 101)) * 100_000
        value = {"unit": "usd-minor", "lower": cents, "upper": cents}
        own = {"pair": "btc-usd", "kind": self.random.choice(("close", "spot")), "value": value}
        return "price.observed", {**self.common(), **own}

    def about(self) -> Fact | None:
        """Return a claim about a claim; None where there is nothing to speak of."""
        acts = [n for n, (type_, _) in enumerate(self.facts) if not type_.startswith("claim.")]
        amends = [n for n, (type_, _) in enumerate(self.facts) if type_.startswith("claim.")]
        if not acts:
            return None
        choice = self.random.random()
        common = {k: v for k, v in self.common().items() if k not in ("key", "effective", "acted")}
        recorder = {"asserted_by": "party/recorder", "basis": "recorder"}
        one = self.random.choice(acts)
        if choice < 0.2:
            target = self.random.choice(acts + amends)
            reason = self.random.choice(("recording-error", "duplicate", "source-retracted"))
            who = recorder if reason != "source-retracted" else common
            return "claim.retracted", {**who, "target": self.id(target), "reason": reason}
        if choice < 0.4:
            return self.correction(one, common, recorder)
        if choice < 0.55:
            if self.random.random() < 0.6:
                return "claim.denied", {**common, "ground": "No.", "target": self.id(one)}
            type_ = self.facts[one][0]
            span = self.random.choice(("2025-07-12/2025-07-14", "2025-07-16", "2025-07"))
            return "claim.denied", {**common, "ground": "No.", "type": type_, "span": span}
        others = [n for n in acts if n != one and self.may_be_one(n, one)]
        if not others:
            return None
        other = self.random.choice(others)
        if choice < 0.7:
            among = sorted((self.id(one), self.id(other)))
            return "claim.resolved", {
                **common,
                "ground": "So.",
                "winner": self.id(one),
                "among": among,
            }
        linked: dict[str, Any] = {**recorder, "target": self.id(one), "with": self.id(other)}
        if choice < 0.85:
            return "claim.distinct-occurrence", linked
        if self.facts[one][0] == self.facts[other][0] and self.random.random() < 0.4:
            linked["part_of"] = self.random.choice((linked["target"], linked["with"]))
        return "claim.same-occurrence", linked

    def may_be_one(self, one: int, other: int) -> bool:
        """Say whether a link or a resolution may join two acts: no measurement is ever linked."""
        types = {self.facts[one][0], self.facts[other][0]}
        measured = ("holding", "observed", "assessed")
        return not any(word in type_ for type_ in types for word in measured)

    def correction(self, one: int, common: dict[str, Any], recorder: dict[str, Any]) -> Fact:
        """Return a correction of an act: the same type with another day, basis or amount."""
        type_, data = self.facts[one]
        new = {**data, "effective": self.random.choice(DAYS), "sources": self.sources()}
        new.pop("acted", None)
        reason = self.random.choice(("recording-error", "source-corrected"))
        who = recorder if reason == "recording-error" else common
        told = {"target": self.id(one), "reason": reason, "data_type": f"{type_}.v1", "data": new}
        return "claim.corrected", {**who, **told}

    def id(self, number: int) -> str:
        """Return the id of a fact by its number from 0."""
        return f"{self.subject}/{number + 1}"


def make_history(seed: int, kind: str, subject: str) -> list[Fact]:
    """Return the facts of a history, in the order recorded."""
    history = History(seed, kind, subject)
    for _ in range(history.random.randrange(2, 10)):
        found = history.about() if history.random.random() < 0.35 else None
        history.facts.append(found or history.act())
    return history.facts
