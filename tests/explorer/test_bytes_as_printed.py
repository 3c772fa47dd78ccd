"""Are the JSON and CSV of a page what the command prints, to the byte?"""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.explorer.conftest import printed

ASKED: dict[str, tuple[str, ...]] = {
    "/reserve": ("reserve", "list"),
    "/agreement": ("agreement", "list"),
    "/reserve/sv": ("reserve", "show", "sv"),
    "/agreement/pk-sv-bitcoin-2025": ("agreement", "show", "pk-sv-bitcoin-2025"),
    "/reserve/sv/timeline": ("timeline", "reserve/sv"),
    "/reserve/sv/history": ("history", "reserve/sv"),
    "/reserve/sv/reconcile": ("reserve", "reconcile", "sv"),
    "/reserve/sv/series": ("reserve", "series", "sv"),
    "/agreement/pk-sv-bitcoin-2025/standing": ("agreement", "standing", "pk-sv-bitcoin-2025"),
    "/agreement/pk-sv-bitcoin-2025/reservations": (
        *("agreement", "reservations", "pk-sv-bitcoin-2025"),
    ),
    "/party/onbtc/statements": ("party", "statements", "onbtc"),
    "/party/pk/agreements": ("agreement", "standing", "--party", "pk"),
    "/explain/reserve/sv/reported": ("explain", "reserve/sv", "reported"),
    "/blame/reserve/sv": ("blame", "reserve/sv"),
    "/contested": ("disputes",),
    "/findings": ("findings",),
    "/total": ("reserve", "total"),
    "/log": ("log",),
}
CLOCKS: dict[str, tuple[str, ...]] = {
    "": (),
    "/~as-of=2025-07-19": ("--as-of", "2025-07-19"),
    "/~as-of=2025-12/~public-at=2025-11-30/~known-at=@300": (
        *("--as-of", "2025-12", "--public-at", "2025-11-30", "--known-at", "@300"),
    ),
}
POLICIES: dict[str, tuple[str, ...]] = {
    "": (),
    "/~policy=latest": ("--policy", "latest"),
    "/~policy=strict": ("--policy", "strict"),
    "/~policy=prefer:article-publisher": ("--policy", "prefer:party/article-publisher"),
}
ONE_DOCUMENT = ("show", "explain")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("clocks", CLOCKS)
def test_a_file_beside_a_page_is_what_the_command_prints(
    clocks: str, policy: str, client: TestClient, story: Path
) -> None:
    several = list(ASKED.items())
    # All at the defaults; else each clock and policy has a sixth of the questions.
    chosen = several[(len(clocks) + len(policy)) % 6 :: 6] if clocks or policy else several
    for path, words in chosen:
        asked: tuple[str | Path, ...] = (
            "--ledger",
            story,
            *words,
            *CLOCKS[clocks],
            *POLICIES[policy],
        )
        got = client.get(f"{clocks}{policy}{path}.json")
        assert got.status_code == 200, got.text
        assert got.text == printed(*asked, "--json")
        if not set(ONE_DOCUMENT) & set(words):
            assert client.get(f"{clocks}{policy}{path}.csv").text == printed(*asked, "--csv")


def test_what_differs_is_what_the_command_prints(client: TestClient, story: Path) -> None:
    asked = ("--ledger", story, "diff", "2024-03-13", "2024-03-15", "reserve/sv")
    got = client.get("/diff/as-of/2024-03-13/2024-03-15/reserve/sv.json")
    assert got.text == printed(*asked, "--json")


def test_what_is_found_is_what_the_command_prints(client: TestClient, story: Path) -> None:
    got = client.get("/find.json?q=bitcoin+office")
    assert got.text == printed("--ledger", story, "find", "bitcoin office", "--json")


def test_an_event_is_its_stored_bytes(client: TestClient, story: Path) -> None:
    stored = printed("--ledger", story, "event", "show", "@172", "--format", "ndjson")
    got = client.get("/event/172.json")
    assert got.text == stored.removesuffix("\n")
    assert got.headers["content-disposition"] == 'attachment; filename="172.json"'
