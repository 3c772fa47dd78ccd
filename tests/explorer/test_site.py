"""Are the files of a site the same pages, whole, and always the same bytes?"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import unquote

import pytest

from cli.main import main
from tests.explorer.conftest import FACTS, printed
from tests.explorer.test_pages import read

Run = Callable[..., CompletedProcess[str]]
DAY = ("--site", "--as-of", "2026-01-01")
FEW = ("--events", "none", "--stops", "0")
LATER = FACTS.split("[[fact]]")[-1].replace("over 120", "130").replace("2025-03", "2025-05")


@pytest.fixture(scope="module")
def site(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the site of the small ledger: never to be touched."""
    folder = tmp_path_factory.mktemp("site") / "www"
    said = printed("--ledger", small, "publish", folder, *DAY)
    assert "index.html" in said
    return folder


def hashes(folder: Path) -> dict[str, str]:
    """Return the digest of each file of a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_every_link_of_a_site_is_relative_and_leads_to_a_file(site: Path) -> None:
    dead, followed = [], 0
    for page in pages(site):
        text = page.read_text("utf-8")
        read(text)
        assert "Content-Security-Policy" in text
        assert "<form" not in text
        for link in re.findall(r'(?:href|src)="([^"]*)"', text):
            if link.startswith(("#", "data:", "https://gazette.example/")):
                continue
            followed += 1
            if link.startswith("/") or "?" in link or not (page.parent / unquote(link)).is_file():
                dead.append((page, link))
    assert dead == []
    assert followed > 1000


def test_a_site_has_its_days_its_policies_and_its_proofs(site: Path) -> None:
    there = hashes(site)
    for path in (
        *("index.html", "reserve/sv/index.html", "reserve/sv.json", "log.csv", "feed.atom"),
        *("~as-of=2025-01-01/reserve/sv/index.html", "~public-at=2025-01-02/reserve/sv/index.html"),
        "~policy=prefer:pk/agreement/paper/index.html",
        *("event/5/index.html", "event/5.json", "event/5.tlog-proof", "event/5.zip"),
        *("find/index.html", "checkpoint", "site.sha256", "style.css", "tile/entries/000.p/8"),
        "~as-of=2026-01-01/~known-at=@9/~policy=primary-first/reserve/sv/index.html",
    ):
        assert path in there or path.replace("000.p/8", "000.p/9") in there, path
    rows = [row.split("  ") for row in (site / "site.sha256").read_text("utf-8").splitlines()]
    listed = {name: digest for digest, name in rows}
    assert {name: there[name] for name in listed} == listed


def test_a_page_of_a_past_day_says_nothing_of_later(site: Path) -> None:
    past = (site / "~as-of=2025-01-01/reserve/sv/index.html").read_text("utf-8")
    assert "100 BTC" in past
    assert "120 BTC" not in past
    assert "2025-03" not in past


def test_the_same_ledger_and_day_give_the_same_bytes(
    small: Path, site: Path, tmp_path: Path
) -> None:
    printed("--ledger", small, "publish", tmp_path / "again", *DAY)
    assert hashes(tmp_path / "again") == hashes(site)


def test_a_check_names_the_pages_that_differ(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "www"
    asked = ["--ledger", str(small), "publish", str(folder), *DAY, *FEW]
    assert main(asked) == 0
    asked += ["--check"]
    assert main(asked) == 0
    (folder / "reserve/sv/index.html").write_text("7,777 BTC")
    (folder / "log.json").unlink()
    before = hashes(folder)
    capsys.readouterr()
    assert main(asked) == 1
    assert capsys.readouterr().out.splitlines() == ["log.json", "reserve/sv/index.html"]
    assert hashes(folder) == before


def test_a_pinned_page_is_never_written_with_other_bytes(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "www"
    asked = ["--ledger", str(small), "publish", str(folder), *DAY, *FEW]
    assert main(asked) == 0
    pinned = next(path for path in pages(folder) if "~known-at=@" in str(path))
    pinned.write_text("another")
    before = hashes(folder)
    assert main(asked) == 4
    assert hashes(folder) == before
    # Another version lists what it wrote: it is no sign that anything was changed.
    sums = folder / "site.sha256"
    name = pinned.relative_to(folder).as_posix()
    rows = [row for row in sums.read_text("utf-8").splitlines() if not row.endswith(f"  {name}")]
    sums.write_text("\n".join([*rows, f"{before[name]}  {name}"]), "utf-8")
    before = hashes(folder)
    assert main(asked) == 4
    assert "was made by another version" in capsys.readouterr().err
    assert hashes(folder) == before


def test_what_is_pinned_stays_when_the_ledger_grows(
    small: Path, site: Path, tmp_path: Path
) -> None:
    ledger, folder = shutil.copytree(small, tmp_path / "ledger"), tmp_path / "www"
    shutil.copytree(site, folder)
    facts = tmp_path / "later.toml"
    facts.write_text(f"[[fact]]{LATER}", "utf-8")
    printed("--ledger", ledger, "append", facts)
    printed("--ledger", ledger, "checkpoint")
    printed("--ledger", ledger, "publish", folder, *DAY)
    before, after = hashes(site), hashes(folder)
    kept = [name for name in before if name.startswith("~as-of=") and "~known-at=@" in name]
    assert kept
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert "130 BTC" in (folder / "reserve/sv/index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "code"), [(("--check",), 2), (("--site", "--events", "some"), 2)]
)
def test_options_of_the_pages_are_for_pages(
    words: tuple[str, ...], code: int, small: Path, tmp_path: Path
) -> None:
    assert main(["--ledger", str(small), "publish", str(tmp_path / "www"), *words]) == code
    assert not (tmp_path / "www").exists()


def test_a_site_may_have_no_page_of_an_event(small: Path, tmp_path: Path) -> None:
    printed("--ledger", small, "publish", tmp_path, *DAY, *FEW)
    there = hashes(tmp_path)
    assert "reserve/sv/index.html" in there
    assert [name for name in there if name.startswith(("event", "~public-at"))] == []


@pytest.mark.parametrize(
    ("options", "least"), [(FEW, 1000), pytest.param((), 2000, marks=pytest.mark.long)]
)
def test_the_site_of_the_story_has_no_dead_link(
    options: tuple[str, ...],
    least: int,
    unsigned: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every subject in every run; every day, policy and event too where time does not matter."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))  # nothing signed here yet
    ledger, folder = shutil.copytree(unsigned, tmp_path / "ledger"), tmp_path / "www"
    printed("--ledger", ledger, "key", "new", "--no-passphrase")
    printed("--ledger", ledger, "checkpoint")
    printed("--ledger", ledger, "publish", folder, *DAY, *options)
    seen, waiting = {folder / "index.html"}, [folder / "index.html"]
    while waiting:
        page = waiting.pop()
        for link in re.findall(r'(?:href|src)="([^"#]*)"', page.read_text("utf-8")):
            if link.startswith(("data:", "http")):
                continue
            to = Path(os.path.normpath(page.parent / unquote(link)))  # as a web server reads it
            assert to.is_file(), f"{page}: {link}"
            if to.suffix == ".html" and to not in seen:
                seen.add(to)
                waiting.append(to)
    assert len(seen) >= least
    assert not {page for page in pages(folder) if "~known-at=@" not in str(page)} - seen
