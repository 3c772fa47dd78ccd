"""What do the tests of the pages start from?

The story as a signed ledger, and a client that asks its pages in the test's own process.
"""

import io
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra is not installed: depositary[web]")

from starlette.testclient import TestClient

from cli.main import main
from cli.web.application import application
from cli.web.snapshot import Snapshots
from events.store.ledger_folder import existing_location

HOST = "http://127.0.0.1"


def printed(*arguments: str | Path) -> str:
    """Run `depositary ARGUMENTS` in this process and return what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        main([str(argument) for argument in arguments])
    return out.getvalue()


@pytest.fixture(scope="session")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the story under an id of its own, by which what is signed is remembered."""
    folder = tmp_path_factory.mktemp("explorer") / "unsigned"
    printed("demo", folder)
    return folder


@pytest.fixture(scope="session")
def story(unsigned: Path) -> Path:
    """Give the story with a signed checkpoint: never to be touched."""
    folder = shutil.copytree(unsigned, unsigned.with_name("ledger"))
    printed("--ledger", folder, "key", "new", "--no-passphrase")
    printed("--ledger", folder, "checkpoint")
    return folder


@pytest.fixture(scope="session")
def client(story: Path) -> Iterator[TestClient]:
    """Give who asks the pages of the story, and follows no redirect."""
    with Snapshots(existing_location(story, "here"), 60) as snapshots:
        yield TestClient(application(snapshots), base_url=HOST, follow_redirects=False)


FACTS = """
[[fact]]
type = "party.established"
subject = "party/sv"
name = "El Salvador"
type_ = "state"
asserted_by = "party/recorder"
basis = "recorder"

[[fact]]
type = "party.established"
subject = "party/pk"
name = "Pakistan"
type_ = "state"
asserted_by = "party/recorder"
basis = "recorder"

[[fact]]
type = "source.cited"
subject = "source/gazette"
publisher = "party/sv"
title = "The <Gazette> & more"
locator = "https://gazette.example/1"
asserted_by = "party/recorder"
basis = "recorder"

[[fact]]
type = "agreement.described"
subject = "agreement/paper"
kind = "memorandum"
parties = ["party/sv", "party/pk"]
effective = "2025-07-16"
asserted_by = "party/sv"
basis = "own-publication"
sources = [{ source = "source/gazette", published = "2025-07-17" }]

[[fact]]
type = "agreement.described"
subject = "agreement/paper"
kind = "treaty"
parties = ["party/sv", "party/pk"]
effective = "2025-07-16"
asserted_by = "party/pk"
basis = "press"
sources = [{ source = "source/gazette", published = "2025-07-20" }]

[[fact]]
type = "reserve.holding-reported"
subject = "reserve/sv"
amount = "100 BTC"
effective = "2025-01-01"
asserted_by = "party/sv"
basis = "own-publication"
sources = [{ source = "source/gazette", published = "2025-01-02" }]

[[fact]]
type = "reserve.holding-reported"
subject = "reserve/sv"
amount = "over 120 BTC"
effective = "2025-03"
asserted_by = "party/pk"
basis = "press"
sources = [{ source = "source/gazette", published = "2025-04-01" }]
"""


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a signed ledger of seven facts, two of which contradict each other."""
    folder = tmp_path_factory.mktemp("small") / "ledger"
    facts = folder.with_name("facts.toml")
    facts.write_text(FACTS, "utf-8")
    printed("init", folder)
    printed("--ledger", folder, "append", facts)
    printed("--ledger", folder, "key", "new", "--no-passphrase")
    printed("--ledger", folder, "checkpoint")
    return folder
