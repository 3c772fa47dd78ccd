"""Say in words and links what an answer says: names before ids, and each id a link.

A piece is a text and where it leads to, None for plain text. Every link keeps the clocks.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeGuard

from cli.clocks import AskedAt, ClockOptions, read_clocks
from cli.output.look import Column
from cli.policies import chosen_policy
from cli.web.address import SUBJECTS, Clock
from cli.web.charts import evenly
from cli.web.questions import Answer, Document, ask_command
from cli.web.snapshot import PageModel, ServedContext
from domain.claims.claim import Claim
from domain.claims.publication import published_on
from domain.claims.ranking import DEFAULT
from domain.kinds.registry import thing_states
from events.identifiers import KINDS, kind_of
from events.text import flat_text
from projections.kinds.agreement import RULE_SET, reckoned_days
from projections.kinds.registry import answer
from projections.queries.show import party_names, public_claims
from projections.read_model.list_cache import cached_titles
from projections.read_model.mentions import ASSERTS, agreements_of

PARTIES = frozenset(
    (
        *(
            "asserted_by",
            "claimants",
            "counts_with",
            "denied_by",
            "holder",
            "participants",
            "party",
        ),
        *("publisher", "reported_by", "selected_of", "signatories", "state", "under"),
    )
)
ROWS = 30  # each row is a stop of the tab key, and a page has at most 60
_PARTIES = 8  # in a cell
_NAMED = ("subject", "agreement")  # columns with subjects, each by its name and its id
_CALLED = ("agreement", "reserve", "source")  # kinds with a title or a label; parties have names
_ASSERTERS = 12
_MARKS = {">": "selected", "~": "perhaps published", "?": "date unsure", "!": "contested"}
_LINE = 26  # characters that stay in one line
_LONG = 64  # characters of a title in a list
_IDS = re.compile(rf"\b(?:{'|'.join(KINDS)})/[a-z0-9][a-z0-9-]*(?:/[0-9]+)?(?![\w/-])|@[0-9]+\b")


class Piece(NamedTuple):
    """A text, and the address that it leads to."""

    text: str
    href: str | None = None


class Cell(NamedTuple):
    """A cell of a table: the title of its column, what it says, and how it is set.

    `form` has `n` for a number, `d` for what stays in one line, `none` for an empty cell.
    """

    title: str
    pieces: list[Piece]
    form: str = ""


class PageTable(NamedTuple):
    """A table for a page; `after` is the key of the last row where more follow."""

    columns: list[Column]
    rows: list[list[Cell]]
    total: int
    after: str | None = None


class Tick(NamedTuple):
    """A point on a strip: where (0 to 1000), where it leads, and what it is called."""

    x: int
    href: str
    label: str


class Strip(NamedTuple):
    """One clock of a subject: its ticks, where the page stands, and the points beside it."""

    title: str
    ticks: list[Tick]
    now: int
    before: Piece | None
    after: Piece | None


class Page:
    """A page in the making: its clocks, its snapshot, and the names of what it mentions."""

    def __init__(self, app: ServedContext, clock: Clock) -> None:
        self.app, self.clock = app, clock
        with app.answers() as answers:
            self.answers: PageModel = answers
        given = Clock(*clock).options()
        when = dict(zip(given[::2], given[1::2], strict=True))
        self.asked: AskedAt = read_clocks(
            answers.record,
            ClockOptions(
                when.get("--as-of"),
                when.get("--public-at"),
                when.get("--known-at"),
                chosen_policy(app, when.get("--policy", DEFAULT)),
            ),
        )
        self._prefix = self.prefix(clock)
        self._names: dict[str, str | None] = {}
        self._recorded: dict[str, bool] = {}

    def ask(self, *words: str, given: Sequence[str] = ()) -> Answer:
        """Ask a command at the clocks of the page."""
        found = ask_command(self.app, self.clock, *words, given=given)
        if isinstance(found.document, dict):
            self._names |= found.document.get("names") or {}
        return found

    def link(self, path: str) -> str:
        """Return the address of another page at the same clocks."""
        return f"{self._prefix}{path}"

    def prefix(self, clock: Clock) -> str:
        """Return how addresses at some clocks begin; in a folder of files, without its own."""
        if (site := self.app.site) is None:
            return clock.prefix
        pairs = zip(clock, site, strict=True)
        return Clock(*(None if own == given else own for own, given in pairs)).prefix

    @property
    def is_stop(self) -> bool:
        """Say whether the page is of another day or policy than the folder of files it is in."""
        return self.app.site not in (None, self.clock)

    def name(self, subject: str) -> str | None:
        """Return the name or title of a subject at the clocks; of a reserve, its holder's."""
        if subject not in self._names:
            self._names[subject] = self._found_name(subject)
        return self._names[subject]

    def _found_name(self, subject: str) -> str | None:
        clocks, kind = self.asked.clocks, kind_of(subject)
        if kind == "party":
            return party_names(self.answers, {subject}, clocks).get(subject)
        if kind not in _CALLED:
            return None
        told = self._titles([subject])
        if subject not in told:
            view = self.answers.view(subject, clocks, self.asked.policy)
            told[subject] = answer(subject, view) if view.standing.claims else {}
        return self._called(subject, told[subject])

    def _titles(self, subjects: Sequence[str]) -> dict[str, Document]:
        """Return what subjects are called by their lines, where these are ready."""
        known = self.asked.clocks._replace(known_at=self.asked.position)
        by_default = self.asked.policy.is_default
        return cached_titles(self.answers.connection, subjects, known) if by_default else {}

    def _called(self, subject: str, told: Document) -> str | None:
        """Return the title or label that is told of a subject; of a reserve, its holder's name."""
        named = told.get("title") or told.get("label")
        if subject.startswith("reserve/") and not named and (holder := told.get("holder")):
            return self.name(holder)
        return named and str(named)

    def _look_up(self, rows: Sequence[Document]) -> None:
        """Take up the names that rows bring, and look up those of all others in them at once."""
        parties, others = set[str](), set[str]()
        for row in rows:
            subject = row.get("agreement") or row.get("subject")
            if subject and (title := row.get("title")):
                self._names.setdefault(subject, title)
            for name in PARTIES & row.keys():
                parties.update(_parties(row[name]))
            cited = row.get("sources")
            subjects = [subject, *(cited if isinstance(cited, list) else ())]
            others.update(s for s in subjects if isinstance(s, str) and kind_of(s) in _CALLED)
        others -= self._names.keys()
        told = self._titles([*others])
        parties.update(holder for one in told.values() if (holder := one.get("holder")))
        parties -= self._names.keys()
        found = party_names(self.answers, parties, self.asked.clocks)
        self._names |= {party: found.get(party) for party in parties}
        self._names |= {subject: self._called(subject, one) for subject, one in told.items()}

    def title(self, subject: str) -> str:
        """Return what a subject is called at the head of its page."""
        return self.name(subject) or subject.partition("/")[2]

    def subject(self, subject: str, *, short: bool = False, whole: bool = False) -> Piece:
        """Return a subject as a link: `El Salvador (reserve/sv)`; `short` leaves the id away.

        The title of a source is cut where it is long, unless all of it is wanted.
        """
        kind, _, slug = subject.partition("/")
        named = self.name(subject)
        label = named or (slug if short else subject)
        if named and not short and kind != "party":
            label = f"{named} ({subject})"
        if kind == "source" and not whole and len(label) > _LONG:
            label = f"{label[: _LONG - 2].rpartition(' ')[0]} …"
        return Piece(label, self.link(f"/{kind}/{slug}/") if self._has_page(subject) else None)

    def _has_page(self, subject: str) -> bool:
        """Say whether anything is recorded of a subject, which may only be named by others."""
        if kind_of(subject) not in SUBJECTS:
            return False
        if subject not in self._recorded:
            sql = "SELECT 1 FROM things WHERE thing = ? AND first_position <= ?"
            found = self.answers.connection.execute(sql, (subject, self.asked.position))
            self._recorded[subject] = found.fetchone() is not None
        return self._recorded[subject]

    def event(self, event_id: str) -> Piece:
        """Return an event, by its id, as a link by its position."""
        thing, _, version = event_id.rpartition("/")
        found = self.answers.connection.execute(
            "SELECT position FROM claims WHERE thing = ? AND version = ? AND position <= ?",
            (thing, version, self.asked.position),
        ).fetchone()
        return self.position(found[0]) if found else Piece(event_id)

    def position(self, position: int) -> Piece:
        """Return a position as a link."""
        return Piece(f"@{position}", self.link(f"/event/{position}/"))

    def pieces(self, text: str, *, short: bool = True) -> list[Piece]:
        """Return a text in which each id of a subject or event, and each position, is a link."""
        found, at = [], 0
        for match in _IDS.finditer(text):
            if match.start() > at:
                found.append(Piece(text[at : match.start()]))
            word, at = match[0], match.end()
            if word.startswith("@"):
                known = 1 <= int(word[1:16]) <= self.asked.position
                found.append(self.position(int(word[1:])) if known else Piece(word))
            elif word.count("/") == 2:
                found.append(self.event(word))
            else:
                found.append(self.subject(word, short=short))
        return [*found, Piece(text[at:])] if at < len(text) else found

    def cell(self, column: Column, row: Document) -> Cell:
        """Return a cell of a table as a person reads it."""
        value = row.get(column.name)
        shown = row.get(f"{column.name}:shown", value)
        if column.name in PARTIES and (several := _parties(value)):
            pieces = self._joined(several[:_PARTIES])
            more = len(several) - _PARTIES
            pieces += [Piece(f" and {more} more")] if more > 0 else []
        elif column.name in _NAMED and isinstance(value, str) and "/" in value:
            pieces = [self.subject(value, whole=True)]
        elif column.name == "mark" and isinstance(value, str):
            pieces = [Piece(", ".join(_MARKS[one] for one in value))] if value else []
        elif column.name == "position" and isinstance(value, int):
            pieces = [self.position(value)]
        elif column.name in ("sources", "claims", "events", "via") and isinstance(value, list):
            pieces = self._joined(value[:4])
            pieces += [Piece(f" and {len(value) - 4} more")] if len(value) > 4 else []
        elif isinstance(shown, list | tuple) and not any(isinstance(one, dict) for one in shown):
            pieces = self._joined([str(one) for one in shown])
        else:
            pieces = self.pieces(flat_text(shown).replace(" +?", ", some of unknown size"))
        short = sum(len(one.text) for one in pieces) < _LINE
        line = (column.fixed or column.number) and short
        forms = [*(["n"] if column.number else []), *(["d"] if line else [])]
        return Cell(column.title.strip() or "mark", pieces, " ".join(forms) if pieces else "none")

    def _joined(self, values: Iterable[str]) -> list[Piece]:
        found: list[Piece] = []
        for value in values:
            found += [Piece(", ")] if found else []
            found += self.pieces(value)
        return found

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Document],
        *,
        after: str | None = None,
        key: str = "subject",
        hide: Sequence[str] = (),
        most: int = ROWS,
    ) -> PageTable:
        """Return a page of a table: the rows behind the one whose key is `after`."""
        keys = list(_numbered(str(row.get(key)) for row in rows))
        start = keys.index(after) + 1 if after in keys else 0
        several = rows[start : start + most]
        self._look_up(several)
        if any(column.name in _NAMED for column in columns):
            hide = (*hide, "title")  # it is the name of what the row is about
        given = {name for row in several for name, one in row.items() if _is_said(one)}
        kept = [
            column
            for column in sorted(columns, key=lambda column: column.name not in _NAMED)
            if column.title
            and column.name not in hide
            and not given.isdisjoint((column.name, f"{column.name}:shown"))
        ]
        more = start + most < len(rows)
        return PageTable(
            kept,
            [[self.cell(column, row) for column in kept] for row in several],
            len(rows),
            keys[start + most - 1] if more else None,
        )

    # The clocks bar.

    def at(self, path: str, **given: str | None) -> str:
        """Return the address of a path at other clocks: those given stand for the page's own."""
        return f"{self.prefix(self.clock._replace(**given))}{path}"

    def strips(self, subject: str, path: str) -> list[Strip]:
        """Return the three clocks of a subject as strips that lead through its times.

        In a folder of files these are the days that have a page, and none beside a page of a past
        day.
        """
        if self.is_stop:
            return []
        claims = self.answers.claims(subject, self.asked.position)
        clocks, known = self.asked.clocks, self.asked.position
        effective = sorted(self._days_of_effect(subject, claims))
        public = sorted({day for claim in claims if _told(day := published_on(claim))})
        found = []
        for title, clock, days, here in (
            ("Effective", "as_of", effective, clocks.as_of),
            ("Published", "public_at", public, clocks.public_at or date.max),
        ):
            points = [(day.toordinal(), day.isoformat()) for day in days]
            last = min(here, clocks.as_of).toordinal()
            found.append(self._strip(title, path, clock, points, here.toordinal(), last))
        if self.app.site is None:
            points = [(n, f"@{claim.position}") for n, claim in enumerate(claims)]
            here_at = sum(claim.position < known for claim in claims)
            found.append(
                self._strip("Recorded", path, "known_at", points, here_at, len(claims) - 1)
            )
        return found

    def _days_of_effect(self, subject: str, claims: Sequence[Claim]) -> set[date]:
        """Return the days of the acts and of their effects, and those that a rule reckons."""
        found = {day for claim in claims for day in _days(claim)}
        if any(claim.type == RULE_SET for claim in claims):
            view = self.answers.view(subject, self.asked.clocks, self.asked.policy)
            found |= reckoned_days(thing_states(subject, view))
        return found

    def _strip(
        self, title: str, path: str, clock: str, points: list[tuple[int, str]], here: int, last: int
    ) -> Strip:
        """Return a strip of points, each where it is and what the clock is there; `here` is now."""
        if not points:
            return Strip(title, [], 1000, None, None)
        first, last = points[0][0], max(points[-1][0], last)

        def drawn(at: int) -> int:
            return min(1000, max(0, round(1000 * (at - first) / max(1, last - first))))

        def where(value: str) -> str:
            return self.at(path, **{clock: value})

        several = evenly(points, self.app.most_stops)
        earlier = [value for at, value in points if at < here]
        later = [value for at, value in points if at > here]
        return Strip(
            title,
            [Tick(drawn(at), where(value), value) for at, value in several],
            drawn(here),
            Piece(f"◀ {earlier[-1]}", where(earlier[-1])) if earlier else None,
            Piece(f"{later[0]} ▶", where(later[0])) if later else None,
        )

    def asserts(self, party: str) -> bool:
        """Say whether a party asserts anything that was recorded by then."""
        known = (party, ASSERTS, self.asked.position)
        sql = "SELECT 1 FROM mentions WHERE name = ? AND role = ? AND position <= ?"
        return self.answers.connection.execute(sql, known).fetchone() is not None

    def has_agreements(self, party: str) -> bool:
        """Say whether an agreement that was recorded by then names a party, or one before it."""
        ended = self.answers.ended_parties()
        known = self.asked.position
        return bool(agreements_of(self.answers.connection, party, ended, known))

    def is_ranked(self, subject: str) -> bool:
        """Say whether there are several claims about a subject: one needs no reason."""
        return len(self.answers.claims(subject, self.asked.position)) > 1

    def asserters(self, subject: str) -> list[str]:
        """Return who asserts something about a subject at the clocks: whom a policy may prefer.

        None where no two claims compete and none is denied: there is nothing to select.
        """
        view = self.answers.view(subject, self.asked.clocks, self.asked.policy)
        whole = view.perhaps or view
        rivals = any(len(one.ranked) > 1 or one.denials for one in whole.occurrences)
        if not rivals and all(len(one.certain) + len(one.maybe) < 2 for one in whole.series):
            return []
        claims = self.answers.claims(subject, self.asked.position)
        public = public_claims(claims, self.asked.clocks)
        return sorted({claim.body.asserted_by for claim in public})[:_ASSERTERS]

    def sentence(self) -> str:
        """Return the clocks in a sentence."""
        clocks = self.asked.clocks
        public = clocks.public_at_text
        published = f"published by {public}" if public else "published at any time"
        return (
            f"As of {clocks.as_of_text}, {published}, as recorded up to @{self.asked.position}, "
            f"by the policy {self.policy_name(str(self.asked.policy))}."
        )

    def policy_name(self, policy: str) -> str:
        """Return a policy in words: `prefer Bitcoin Office of El Salvador`."""
        name, _, of = policy.partition(":")
        if name == "prefer":
            return f"prefer {self.title(of)}"
        return f"{name.removesuffix('@sha256')} ({of[:12]})" if of else name.replace("-", " ")


def _numbered(keys: Iterable[str]) -> Iterator[str]:
    """Yield keys that are each another: the second `reserve/sv` is `reserve/sv+2`."""
    seen = Counter[str]()
    for key in keys:
        seen[key] += 1
        yield key if seen[key] == 1 else f"{key}+{seen[key]}"


def _is_said(value: Any) -> bool:
    return value not in (None, "", []) and value is not False


def _parties(value: Any) -> list[str]:
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, str) and one.startswith("party/")]


def _days(claim: Claim) -> Iterator[date]:
    """Yield the days from which a claim certainly holds, and by which its act was done."""
    acted = claim.dates.acted_on
    for day in (claim.dates.last, acted.last if acted else None):
        if _told(day):
            yield day


def _told(day: date | None) -> TypeGuard[date]:
    return day is not None and date.min < day < date(9999, 1, 1)
