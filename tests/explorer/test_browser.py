"""Can a page be read and used in a browser, without a script, by anybody?"""

import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.web.application import application
from cli.web.snapshot import Snapshots
from events.store.ledger_folder import existing_location
from tests.explorer.conftest import printed

uvicorn = pytest.importorskip("uvicorn", reason="the extra is not installed: depositary[web]")
sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

CHROMIUM = os.environ.get("PLAYWRIGHT_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PAGES = (
    *("/", "/reserve/", "/reserve/sv/", "/agreement/pk-sv-bitcoin-2025/", "/event/172/"),
    *("/agreement/pk-sv-bitcoin-2025/standing/", "/explain/agreement/pk-sv-bitcoin-2025/kind/"),
    *("/diff/as-of/2024-03-13/2024-03-15/reserve/sv/", "/contested/", "/find/?q=pakistan"),
    *("/reserve/sv/reconcile/", "/total/", "/help/", "/proof/", "/diff/", "/nowhere/"),
)
WIDTHS = {1280: 1000, 420: 900}
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],  # of what is well no list is made
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Give the machine's chromium, headless."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium here: PLAYWRIGHT_CHROMIUM names one")
    with sync_api.sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(story: Path) -> Iterator[str]:
    """Give the address of the story, served in this process."""
    with (
        Snapshots(existing_location(story, "here"), 60) as snapshots,
        socket.create_server(("127.0.0.1", 0)) as listening,
    ):
        config = uvicorn.Config(application(snapshots), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Give a page in which no script of a site runs."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("width", "scheme", "paths"),
    [
        (1280, "light", ("/reserve/sv/", "/party/", "/contested/")),
        (420, "dark", ("/", "/total/")),
        *(
            pytest.param(width, scheme, PAGES, marks=pytest.mark.long)
            for width in WIDTHS
            for scheme in ("light", "dark")
        ),
    ],
)
def test_no_page_breaks_a_rule_of_accessibility(
    width: int, scheme: str, paths: tuple[str, ...], browser: Any, address: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]}, color_scheme=scheme, bypass_csp=True
    )
    found: dict[str, Any] = {}
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    shown = context.new_page()
    for path in paths:
        shown.goto(address + path)
        wide = shown.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} wide"
        result = axe.Axe().run(shown, options=AXE).response
        for broken in result["violations"]:
            found[f"{path} {broken['id']}"] = broken["nodes"][0]["html"][:200]
    context.close()
    assert found == {}
    assert [url for url in asked if not url.startswith((address, "data:"))] == []


def test_the_content_is_three_keys_away_and_no_page_is_a_maze(browser: Any, address: str) -> None:
    shown = browser.new_page()
    for path in ("/", "/reserve/sv/", "/agreement/pk-sv-bitcoin-2025/"):
        shown.goto(address + path)
        shown.keyboard.press("Tab")
        assert shown.evaluate("document.activeElement.textContent") == "Skip to the content"
        shown.keyboard.press("Enter")
        shown.wait_for_url("**#main")
        stops = shown.evaluate(
            "[...document.querySelectorAll('a[href],input,select,button,summary')]"
            ".filter(e => e.tabIndex >= 0 && e.checkVisibility()).length"
        )
        assert stops <= 60, path
    shown.close()


def test_what_is_printed_says_its_clocks(page: Any, address: str) -> None:
    page.emulate_media(media="print")
    page.goto(f"{address}/~as-of=2025-07-18/reserve/sv/")
    assert page.locator(".clocks").is_visible()
    assert "As of 2025-07-18" in page.locator(".clocks").inner_text()
    assert not page.locator(".top").is_visible()
    assert not page.locator(".bar").is_visible()


# What a stranger must be able to do, with pages alone.


def test_what_was_public_on_a_day_and_why_it_differs_two_days_later(
    page: Any, address: str
) -> None:
    page.goto(f"{address}/reserve/sv/")
    for day, said in (("2024-03-13", "2,861 BTC"), ("2024-03-15", "5,689.68 BTC")):
        page.fill("input[name=as-of]", day)
        page.fill("input[name=public-at]", day)
        page.click(".bar button")
        assert f"/~as-of={day}/~public-at={day}/" in page.url
        assert said in page.locator("dl.values").first.inner_text()
    page.click("text=Compare >> nth=1")
    page.select_option("select[name=axis]", "public-at")
    page.fill("input[name=a]", "2024-03-13")
    page.fill("input[name=b]", "2024-03-15")
    page.click(".wide button")
    assert "/diff/public-at/2024-03-13/2024-03-15/reserve/sv/" in page.url
    row = page.locator("tbody", has_text="reported amount").inner_text()
    assert "5,689.68 BTC" in row
    assert "bukele" in row.lower()


def test_who_calls_it_a_memorandum_and_to_believe_them(page: Any, address: str) -> None:
    page.goto(f"{address}/agreement/pk-sv-bitcoin-2025/")
    card = page.locator(".claim", has_text="memorandum").first
    assert "the unnamed publisher of the article" in card.inner_text()
    assert "letter of intent" in page.locator("dl.values").inner_text()
    page.select_option("select[name=policy]", label="prefer the unnamed publisher of the article")
    page.click(".bar button")
    assert "/~policy=prefer:article-publisher/" in page.url
    assert "memorandum" in page.locator("dl.values div").first.inner_text()


def test_an_event_and_its_proof_are_downloaded_and_checked(
    page: Any, address: str, tmp_path: Path
) -> None:
    page.goto(f"{address}/proof/")
    key = page.locator("main pre").nth(1).inner_text().strip()
    page.goto(f"{address}/event/172/")
    for text in ("Download these bytes", "Download the proof"):
        with page.expect_download() as download:
            page.click(f"text={text}")
        download.value.save_as(tmp_path / download.value.suggested_filename)
    command = page.locator("pre", has_text="depositary verify").inner_text().replace("KEY", key)
    _, *words = command.split()
    words = [str(tmp_path / word) if word.startswith("172.") else word for word in words]
    assert re.search(r"@172|172", printed(*words))
    from cli.main import main

    assert main(words) == 0
    (tmp_path / "172.json").write_bytes(b"{}")
    assert main(words) != 0


def test_a_tick_of_a_strip_leads_to_its_day(page: Any, address: str) -> None:
    page.goto(f"{address}/reserve/sv/")
    before = page.locator(".strip .step a").first
    day = before.inner_text().removeprefix("◀ ")
    before.click()
    assert f"/~as-of={day}/" in page.url
    assert page.locator("input[name=as-of]").input_value() == day
    tick = page.locator(".strip svg a").nth(3)
    assert tick.get_attribute("tabindex") == "-1"
    assert (tick.get_attribute("href") or "").startswith("/~as-of=")


def test_a_link_that_was_sent_shows_the_same_later(page: Any, address: str) -> None:
    page.goto(f"{address}/reserve/sv/")
    link = page.locator("footer a", has_text="Permalink").get_attribute("href")
    assert re.fullmatch(r"/~as-of=[\d-]+/~known-at=@\d+/~policy=primary-first/reserve/sv/", link)
    page.goto(address + link)
    assert page.locator("footer a", has_text="Permalink").get_attribute("href") == link


def test_the_files_of_a_site_do_without_a_server(page: Any, small: Path, tmp_path: Path) -> None:
    printed("--ledger", small, "publish", tmp_path, "--site", "--as-of", "2026-01-01")
    page.goto((tmp_path / "index.html").as_uri())
    page.click("nav >> text=Agreements")
    page.click("table >> text=agreement/paper")
    assert "memorandum" in page.locator("dl.values").inner_text()
    page.click("text=prefer Pakistan")
    assert "treaty" in page.locator("dl.values").inner_text()
    page.click("text=Back to today")
    page.click("dl.values >> text=@5")
    with page.expect_download() as download:
        page.click("text=Download a bundle with verify.py")
    assert download.value.suggested_filename == "5.zip"
    page.goto((tmp_path / "reserve/sv/index.html").as_uri())
    page.locator(".strip svg a").first.click(force=True)
    assert "As of 2025-01-01" in page.locator(".clocks").inner_text()
    assert "100 BTC" in page.locator("dl.values").inner_text()
