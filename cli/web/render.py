"""Make the page of an address: the same bytes for a server and for a folder of files."""

import hashlib
from functools import partial
from importlib.resources import files
from typing import NamedTuple

from jinja2 import Environment, FunctionLoader, StrictUndefined

from cli.errors.exit_codes import CommandError, message_of, not_found, usage_failure
from cli.output.claim_words import field_titles, write_fields
from cli.output.streams import captured
from cli.subjects import not_known
from cli.typed_input import understand_date
from cli.version import __version__
from cli.web import feeds, proofs
from cli.web.address import CLOCKS, SUBJECTS, Clock, PageAddress, http_status, is_fixed
from cli.web.page import Page
from cli.web.questions import Document, ask_text
from cli.web.routes import view_of
from cli.web.snapshot import NotReadyError, OverLimitError, ServedContext
from cli.web.subjects import claim_told, rule_told
from cli.web.view import View, Visit, web_address
from domain.claims.ranking import DEFAULT
from events.hidden_text import visible
from events.store.settings import read_settings
from events.text import plural
from events.transparency.keys import read_identity
from projections.queries.show import NotKnownError

HTML, CSS = "text/html; charset=utf-8", "text/css; charset=utf-8"
TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "tlog-proof": "text/plain; charset=utf-8",
    "atom": "application/atom+xml",
}
POLICIES = ("primary-first", "latest", "strict")
_NAV = (
    ("Reserves", "/reserve/"),
    ("Agreements", "/agreement/"),
    ("Parties", "/party/"),
    ("Sources", "/source/"),
    ("Contested", "/contested/"),
    ("Compare", "/diff/"),
    ("Events", "/log/"),
    ("Proof", "/proof/"),
)


_UNLESS_GIVEN = (
    *(
        "strips",
        "what",
        "home",
        "links",
        "excluded",
        "kind",
        "reproduce",
        "lead",
        "more",
        "first",
        "left",
    ),
)


_SIGNED = ("", "event", "proof")  # what says how far the newest checkpoint reaches


class Rendered(NamedTuple):
    """A response: its status, type and bytes; `where` is the address that a redirect leads to."""

    status: int
    type: str
    body: bytes
    where: str | None = None
    name: str | None = None  # of a file to be saved


def _template(name: str) -> str:
    return (files("cli.web") / "templates" / name).read_text("utf-8")


def _environment() -> Environment:
    """Return what reads the templates: all that is put into a page is escaped."""
    found = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(plural=plural, web_address=web_address, rule_told=rule_told)
    found.globals.update(field_titles=field_titles, write_fields=write_fields)
    found.filters["visible"] = visible
    return found


def _style() -> bytes:
    """Return the style sheet, without its comments and line breaks."""
    lines = _template("style.css").splitlines()
    return "".join(line for line in lines if not line.startswith("/*")).encode()


TEMPLATES, STYLE = _environment(), _style()


def etag(app: ServedContext, address: PageAddress, today: str) -> str:
    """Return what names the bytes of an address, at a head and on a day, unless it is pinned.

    What says how far the newest checkpoint reaches changes with that too.
    """
    seen = [__version__, str(address)]
    if not is_immutable(address):
        signed = proofs.signed_size(app) if "".join(address.parts[:1]) in _SIGNED else 0
        seen += [str(app.head), today, str(signed)]
    return f'"{hashlib.sha256(chr(0).join(seen).encode()).hexdigest()[:32]}"'


def is_immutable(address: PageAddress) -> bool:
    """Say whether neither a day nor an event changes the bytes of an address."""
    first, second, *rest = (*address.parts, "", "")
    policies = rest[:2] if (first, second) == ("diff", "policy") else ()
    stays = address.clock.pinned and all(is_fixed(name) for name in policies)
    return stays and first not in ("cite", "help", *_SIGNED)


def render(app: ServedContext, address: PageAddress) -> Rendered:
    """Return the response of an address; what goes wrong is a page too, of three lines."""
    try:
        with captured():  # a note on how a word was read has no terminal here
            return _rendered(app, address)
    except Exception as error:
        if (known := refused(error)) is None:
            raise
        return known


def refused(error: Exception) -> Rendered | None:
    """Return the page of what went wrong; None for what was not foreseen."""
    known = message_of(error)
    if known is None:
        return None
    waits = isinstance(error, NotReadyError | OverLimitError)
    return failed(known, 503 if waits else http_status(known))


def failed(error: CommandError, status: int) -> Rendered:
    """Return the page of an error: the three lines of the command line."""
    body = TEMPLATES.get_template("error.html").render(error=error, status=status)
    return Rendered(status, HTML, body.encode())


def _rendered(app: ServedContext, address: PageAddress) -> Rendered:
    if (better := _canonical(app, address)) != address:
        return Rendered(303, HTML, b"", str(better))
    if address.ending in ("tlog-proof", "zip"):
        return _proof_file(app, address)
    assert app.model is not None
    app.model.leave_out(leaves_out=False)
    if address.ending == "atom":
        app.model.leave_out(leaves_out=True)
        *subject, name = address.parts
        if name != "feed" or (subject and (len(subject) != 2 or subject[0] not in SUBJECTS)):
            not_found("there is no such file", address.path, "/feed.atom")
        return Rendered(200, TYPES["atom"], feeds.feed(Page(app, address.clock), address))
    if address.ending:
        return _file(app, address)
    page = Page(app, address.clock)
    _check_subject(page, address)
    app.model.leave_out(leaves_out=True)
    view = view_of(address)
    assert view.build is not None
    context = view.build(Visit(page, view, address))
    body = TEMPLATES.get_template(view.template).render(_frame(page, address, view) | context)
    return Rendered(200, HTML, body.encode())


def _canonical(app: ServedContext, address: PageAddress) -> PageAddress:
    """Return the one address of what was asked for: a day of `known-at` is a position."""
    from cli.clocks import position_recorded_by

    clock, options = address.clock, {n: v.strip() for n, v in address.query}
    if clock.known_at is not None:
        with app.record() as record:
            at = position_recorded_by(record, clock.known_at)
        clock = clock._replace(known_at=f"@{at}")
    # Tomorrow `today` is another day, and the page another page.
    clock = clock._replace(as_of=_as_date(clock.as_of), public_at=_as_date(clock.public_at))
    parts = address.parts
    days = {"diff": (2, 4), "changes": (1, 2)}.get(parts[0] if parts else "")
    if days and parts[1:2] != ("policy",):
        first, last = days
        parts = (*parts[:first], *(_as_date(one) or "" for one in parts[first:last]), *parts[last:])
    if parts == ("diff",) and all(options.get(name) for name in ("axis", "a", "b")):
        axis, subject = options["axis"], options.get("subject", "").strip("/")
        clock = clock._replace(**{axis.replace("-", "_"): None}) if axis in CLOCKS else clock
        return PageAddress(
            clock,
            (
                "diff",
                axis,
                options["a"],
                options["b"],
                *(part for part in subject.split("/") if part),
            ),
        )
    if parts[:1] == ("event",) and len(parts) == 4 and not address.ending:
        page = Page(app, clock)
        found = page.event("/".join(parts[1:])).text
        if found.startswith("@"):
            return PageAddress(clock, ("event", found[1:]))
    if parts[:1] == ("event",) and len(parts) == 2:
        number = parts[1].removeprefix("@")
        if number.isascii() and number.isdecimal():
            parts = ("event", str(int(number)))
    return address._replace(clock=clock, parts=parts)


def _as_date(text: str | None) -> str | None:
    """Return a date as typed where it is one, else as it is understood: of `today`, the day."""
    return understand_date(text) if text else None


def _check_subject(page: Page, address: PageAddress) -> None:
    """Exit 3 where a path names a subject that is not there: an address is not forgiven as typing.

    It would show another subject under this one's address.
    """
    skipped = {"blame": 1, "cite": 1, "explain": 1, "diff": 4}.get(
        address.parts[0] if address.parts else "", 0
    )
    parts = address.parts[skipped:]
    if len(parts) < 2 or parts[0] not in SUBJECTS:
        return
    subject = "/".join(parts[:2])
    if not page.answers.claims(subject, page.asked.position):
        # When it was first recorded is left unsaid: a page of the past says nothing of later.
        not_known(page.answers, NotKnownError(subject, None), page.asked)


def _file(app: ServedContext, address: PageAddress) -> Rendered:
    """Return what the command of a page prints as JSON or CSV, byte for byte."""
    if address.parts[:1] == ("event",) and len(address.parts) == 2:
        if address.ending != "json":
            not_found("there is no such file", address.path, f"/event/{address.parts[1]}.json")
        page = Page(app, address.clock)
        row = proofs.shown_event(page, address.parts[1])
        page.ask("event", "show", given=(f"@{row.position}",))
        name = f"{row.position}.json"
        return Rendered(200, TYPES["json"], row.state, name=name)
    bare = address._replace(ending="")
    _check_subject(Page(app, address.clock), bare)
    view = view_of(bare)
    given = view.given
    if view.words == ("find",):
        given = ("--", address.option("q") or "")
    if not view.words:
        usage_failure("this page is no answer of one command", address.path, "/help/")
    text = ask_text(app, address.clock, address.ending, *view.words, given=given)
    return Rendered(200, TYPES[address.ending], text.encode())


def _proof_file(app: ServedContext, address: PageAddress) -> Rendered:
    if address.parts[:1] != ("event",) or len(address.parts) != 2:
        not_found("there is no such file", address.path, "/")
    page = Page(app, address.clock)
    row = proofs.shown_event(page, address.parts[1])
    name = f"{row.position}.{address.ending}"
    if address.ending == "zip":
        return Rendered(200, TYPES["zip"], proofs.bundle(page, address.parts[1]), name=name)
    found = proofs.proof_of_event(page, row.position)
    if found.proof is None:
        not_found(found.why, f"@{row.position}", "depositary checkpoint")
    return Rendered(200, TYPES["tlog-proof"], found.proof, name=name)


def _policies(page: Page, address: PageAddress) -> list[tuple[str, str, str]]:
    """Return the policies that the bar offers: value, words and address."""
    parts = address.parts
    folder = page.app.place.folder
    settings = read_settings(folder) if folder else None
    found = [*POLICIES, *(sorted(settings.policies) if settings else ())]
    if len(parts) > 1 and parts[0] in SUBJECTS:
        asserters = page.asserters("/".join(parts[:2]))
        found += [f"prefer:{party.removeprefix('party/')}" for party in asserters]
    if page.clock.policy and page.clock.policy not in found:
        found.append(page.clock.policy)
    told = []
    for value in found:
        name, _, party = value.partition(":")
        words = page.policy_name(f"prefer:party/{party}" if party else name)
        told.append((value, words, page.at(address.path, policy=value)))
    return told


def _frame(page: Page, address: PageAddress, view: View) -> Document:
    """Return what stands around every page: its name, clocks, ways to go on, and addresses."""
    clock = address.clock
    pinned = clock._replace(
        as_of=page.asked.clocks.as_of_text,
        known_at=f"@{page.asked.position}",
        policy=str(page.asked.policy) if page.asked.policy.digest else clock.policy or DEFAULT,
    )
    is_subject = len(address.parts) > 1 and address.parts[0] in SUBJECTS
    feed = [*address.parts[:2], "feed.atom"] if is_subject else ["feed.atom"]
    asked = view.words and (view.words != ("find",) or address.option("q"))
    endings = ("json", "csv")[: 1 + view.csv] if asked else ()
    file, site = address._replace(clock=Clock(), options=()), page.app.site or Clock()
    return {
        "page": page,
        "address": address,
        "clock": clock,
        "static": page.app.site is not None,
        "stop": page.is_stop,
        "link": page.link,
        "as_told": partial(claim_told, page),
        "nav": [(title, page.link(path), address.path.startswith(path)) for title, path in _NAV],
        "origin": read_identity(page.answers.record).origin,
        "sentence": page.sentence(),
        "permalink": str(address._replace(clock=pinned)),
        "today": None if clock == site else str(address._replace(clock=Clock())),
        "files": [(one.upper(), page.link(str(file._replace(ending=one)))) for one in endings],
        "feed": page.link(f"/{'/'.join(feed)}"),
        "head": page.asked.position,
        "unread": [(page.subject(one), why) for one, why in [*page.answers.unread.items()]],
        "policies": _policies(page, address),
        "policy": clock.policy or DEFAULT,
        "action": address.path,
        **dict.fromkeys(_UNLESS_GIVEN),
    }
