"""Can a stranger do with the site alone, and no script, what it is for?

The tasks (a) to (f) of the specification, by links and forms: on the server, and, of a small
ledger, in the folder that `publish --site` wrote. At the end one test goes through everything as
users do, from a list to a stranger who checks a fact with a pinned key.
"""

import html
import io
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urljoin

import pytest
from starlette.testclient import TestClient

from cli.main import main
from cli.web.application import application
from cli.web.snapshot import Snapshots
from events.store.ledger_folder import existing_location
from tests.explorer.conftest import HOST, printed

_TAG = re.compile(r"<[^>]+>")


class Shown(NamedTuple):
    """A page as one reads it: where it is, its bytes, and what leads to the next."""

    where: str
    body: bytes
    get: Callable[[str], "Shown"]

    @property
    def text(self) -> str:
        """Return the words of the page."""
        return " ".join(html.unescape(_TAG.sub(" ", self.body.decode())).split())

    def follow(self, words: str, to: str = "") -> "Shown":
        """Follow the first link with these words, of those whose address has a part."""
        for href, inner in re.findall(
            r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', self.body.decode()
        ):
            if to in href and " ".join(html.unescape(_TAG.sub("", inner)).split()) == words:
                return self.get(urljoin(self.where, html.unescape(href)))
        raise AssertionError(f"no link '{words}' on {self.where}")

    def send(self, action: str, **given: str) -> "Shown":
        """Send the form that leads to an action, with what is given."""
        assert f'action="{action}"' in self.body.decode(), self.where
        named = {name.replace("_", "-"): value for name, value in given.items()}
        return self.get(f"{action}?{urlencode(named)}")

    def row(self, words: str) -> str:
        """Return the row of a table, or the line of a list of values, that begins so."""
        rows = re.findall(r"<tr>.*?</tr>|<dt>.*?</dd>", self.body.decode(), re.DOTALL)
        read = (" ".join(html.unescape(_TAG.sub(" ", row)).split()) for row in rows)
        return next(row for row in read if row.startswith(words))

    def reason(self, words: str) -> str:
        """Return why a value differs, by its name: what stands above it and those that do too."""
        groups = re.findall(
            r'<tr class="because">(.*?)</tr>(.*?)</tbody>', self.body.decode(), re.S
        )
        why = next(why for why, rows in groups if f">{words}<" in rows)
        return " ".join(html.unescape(_TAG.sub(" ", why)).split())


def on(client: TestClient) -> Callable[[str], Shown]:
    """Return how a client asks for a page, going where it is sent."""

    def get(path: str) -> Shown:
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.text)
        return Shown(str(answer.url.path), answer.content, get)

    return get


def in_folder(folder: Path) -> Callable[[str], Shown]:
    """Return how a file of a folder is opened, as a plain file server would give it."""

    def get(path: str) -> Shown:
        file = folder / path.lstrip("/")
        return Shown(path, file.read_bytes(), get)

    return get


def test_a_what_was_public_on_two_days_and_why_it_differs(client: TestClient) -> None:
    page = on(client)("/").follow("El Salvador")
    for day, said in (("2024-03-13", "2,861 BTC"), ("2024-03-15", "5,689.68 BTC")):
        then = page.send("/reserve/sv/", as_of=day, public_at=day)
        assert said in then.row("reported")
    asked = page.follow("Compare").send(
        "/diff/", axis="public-at", a="2024-03-13", b="2024-03-15", subject="reserve/sv"
    )
    assert "2,861 BTC 5,689.68 BTC" in asked.row("reported amount")
    assert "Nayib Bukele" in asked.reason("reported amount")


def test_b_who_calls_it_a_memorandum_and_to_prefer_them(client: TestClient) -> None:
    page = on(client)("/").follow("2 agreements").follow("agreement/pk-sv-bitcoin-2025")
    assert "letter of intent" in page.row("kind")
    assert re.search(
        r"memorandum effective \S+ asserted by the unnamed publisher of the article", page.text
    )
    chosen = page.send(page.where, policy="prefer:article-publisher")
    assert "memorandum" in chosen.row("kind")


def test_c_an_event_and_its_proof_are_checked(client: TestClient, tmp_path: Path) -> None:
    get = on(client)
    key = re.findall(r"\S+\+[0-9a-f]{8}\+\S+", get("/").follow("Proof").text)[0]
    page = (
        get("/")
        .follow("2 agreements")
        .follow("agreement/pk-sv-bitcoin-2025")
        .follow("@172", "event/")
    )
    (tmp_path / "172.json").write_bytes(page.follow("Download these bytes").body)
    (tmp_path / "172.tlog-proof").write_bytes(page.follow("Download the proof").body)
    command = re.search(r"depositary (verify 172\S+ --entry \S+ --vkey KEY)", page.text)
    assert command is not None
    words = [word.replace("172.", f"{tmp_path}/172.") for word in command[1].split()]
    assert main([word.replace("KEY", key) for word in words]) == 0


def test_e_a_link_shows_the_same_bytes_after_more_events(small: Path, tmp_path: Path) -> None:
    ledger = shutil.copytree(small, tmp_path / "ledger")
    facts = tmp_path / "facts.toml"
    facts.write_text(
        '[[fact]]\ntype = "party.stated"\nsubject = "party/sv"\ngist = "again"\n'
        'asserted_by = "party/recorder"\nbasis = "recorder"\n'
    )
    with Snapshots(existing_location(ledger, "here"), 60) as snapshots:
        get = on(TestClient(application(snapshots), base_url=HOST))
        sent = get("/").follow("El Salvador").follow("Permalink")
        printed("--ledger", ledger, "append", facts)
        again = get(sent.where)
    with Snapshots(existing_location(ledger, "here"), 60) as snapshots:
        anew = on(TestClient(application(snapshots), base_url=HOST))(sent.where)
    assert sent.body == again.body == anew.body


LIST = """Participant,Signature,"Ratification, Accession(a), Succession(d)"
Albania,18 Apr 1961,8 Feb 1988
Algeria,,14 Apr 1964 a
Andorra,,3 Jul 1996 a
Austria,18 Apr 1961,28 Apr 1966
"""
BOUNDED = """
[[party]]
name = "Belize"
id = "party/bz"
type = "state"

[[fact]]
type = "agreement.consent-expressed"
subject = "agreement/un-mtdsg-3-3"
party = "party/bz"
mode = "accession"
effective = "[1985..1989]"
asserted_by = "party/recorder"
basis = "recorder"
"""


class Listed(NamedTuple):
    """A ledger of a list with its rules, and the folder that its list lies in."""

    ledger: Path
    table: Path


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Listed:
    """Give a ledger with a list of a treaty, its rule, and a date that is only bounded."""
    folder = tmp_path_factory.mktemp("list")
    ledger, table = folder / "ledger", folder / "3-3.csv"
    table.write_text(LIST)
    (folder / "facts.toml").write_text(BOUNDED)
    printed("init", ledger, "--title", "Diplomatic relations")
    said = printed(
        *("--ledger", ledger, "import", "un-mtdsg", table, "--rules"),
        *("--published", "2015-03-31"),
    )
    assert "import 1" in said
    printed("--ledger", ledger, "append", folder / "facts.toml")
    return Listed(ledger, table)


def test_d_who_had_consented_on_a_day_and_which_dates_are_bounded(listed: Listed) -> None:
    with Snapshots(existing_location(listed.ledger, "here"), 60) as snapshots:
        get = on(TestClient(application(snapshots), base_url=HOST))
        page = get("/").follow("1 agreement")
        page = page.follow(
            "Treaty 3 of chapter 3 of the Multilateral Treaties Deposited with the"
            " Secretary-General (agreement/un-mtdsg-3-3)"
        ).follow("Status of the parties")
        then = page.send(page.where, as_of="1990-01-01")
    assert then.row("Albania") == "Albania party 1988-03-09"
    assert then.row("Austria") == "Austria party 1966-05-28"
    assert then.row("Algeria") == "Algeria party 1964-05-14"
    assert then.row("Belize") == "Belize contracting, or party [1985..1989] date only bounded"
    assert "date only bounded" not in then.row("Albania")
    assert "Andorra" not in then.text.partition("Each party")[2]
    assert "consents whose day is only bounded (1)" in then.text


def test_from_a_list_to_a_stranger_who_checks_a_fact(
    listed: Listed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = shutil.copytree(listed.ledger, tmp_path / "ledger")
    table, site = tmp_path / "3-3.csv", tmp_path / "www"
    run = ("--ledger", ledger)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    # The list's next edition has another day.
    table.write_text(LIST.replace("8 Feb 1988", "18 Feb 1988"))
    said = printed(*run, "import", "un-mtdsg", table, "--update", "--published", "2016-01-01")
    assert "1 changed" in said
    # A dispute: the State itself says another day. And a correction of what was typed wrongly.
    facts = tmp_path / "facts.toml"
    facts.write_text(
        '[[fact]]\ntype = "agreement.consent-expressed"\nsubject = "agreement/un-mtdsg-3-3"\n'
        'party = "party/at"\nmode = "ratification"\neffective = "1966-04-27"\n'
        'asserted_by = "party/at"\nbasis = "press"\nsources = ["source/gazette"]\n'
        '[[source]]\nid = "source/gazette"\ntitle = "The gazette"\npublisher = "party/at"\n'
    )
    printed(*run, "append", facts)
    at = printed(*run, "log", "-n", "1", "--json")
    position = re.search(r'"position": (\d+)', at)
    assert position is not None
    assert printed(*run, "disputes", "--json").count('"occurrence"') == 1
    day = ("--effective", "1966-04-26", "--reason", "recording-error")
    assert main([str(word) for word in (*run, "correct", f"@{position[1]}", *day)]) == 0
    key = re.findall(r"\S+\+[0-9a-f]{8}\+\S+", printed(*run, "key", "new", "--no-passphrase"))[0]
    printed(*run, "checkpoint")
    printed(*run, "publish", site, "--site", "--as-of", "2026-01-01", "--stops", "0")
    # A stranger has the folder, and the key from elsewhere: no ledger.
    monkeypatch.chdir(tmp_path)
    start = in_folder(site)("index.html")
    assert "Diplomatic relations" in start.text
    party = start.follow("1 agreement").follow(
        "Treaty 3 of chapter 3 of the Multilateral Treaties Deposited with the"
        " Secretary-General (agreement/un-mtdsg-3-3)"
    )
    assert "1966-04-26" in party.text
    event = party.follow(f"@{position[1]}", "event/")
    assert "corrected by" in event.text
    entry, proof = tmp_path / "entry.json", tmp_path / "event.tlog-proof"
    entry.write_bytes(event.follow("Download these bytes").body)
    proof.write_bytes(event.follow("Download the proof").body)
    asked = ["verify", str(proof), "--entry", str(entry), "--vkey"]
    assert main([*asked, key]) == 0
    entry.write_bytes(entry.read_bytes().replace(b"1966-04-27", b"1966-04-28"))
    assert main([*asked, key]) == 4
