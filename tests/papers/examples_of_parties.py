"""What is an example of every type about the ledger, a party and a source?"""

from events.amounts import read_quantity
from events.kinds import ledger, party, source
from tests.papers.examples_told import Example, barely, by_recorder, fully

LEDGER, BUREAU, SAQIB, ARTICLE = "ledger/self", "party/onbtc", "party/saqib", "source/article"

# Of the first two key pairs in RFC 8032, 7.1: whose private halves everybody knows.
KEY = "example.org/pk-sv+0d7e78ff+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
OTHER_KEY = "example.org/pk-sv+7154b22d+AT1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM"

CLOCK = "2025-07-16T09:30:00.000000Z"

OF_THE_LEDGER = (
    fully(
        LEDGER,
        ledger.Opened,
        id="0f8fad5b-d9cb-469f-a165-70867728950e",
        origin="example.org/pk-sv",
        format=1,
    ),
    by_recorder(
        LEDGER,
        ledger.Opened,
        id="0f8fad5b-d9cb-469f-a165-70867728950e",
        origin="localhost/0f8fad5b-d9cb-469f-a165-70867728950e",
        format=1,
    ),
    fully(
        LEDGER,
        ledger.Forked,
        id="7c9e6679-7425-40de-944b-e07fc1f90ae7",
        origin="example.org/pk-sv-2",
        format=1,
        parent="0f8fad5b-d9cb-469f-a165-70867728950e",
        parted_at=413,
    ),
    by_recorder(
        LEDGER,
        ledger.Forked,
        id="7c9e6679-7425-40de-944b-e07fc1f90ae7",
        origin="localhost/7c9e6679-7425-40de-944b-e07fc1f90ae7",
        format=1,
        parent="0f8fad5b-d9cb-469f-a165-70867728950e",
        parted_at=1,
    ),
    fully(LEDGER, ledger.Titled, title="Agreements and bitcoin of El Salvador"),
    by_recorder(LEDGER, ledger.Titled, title="Verträge, 2015–2026"),
    fully(LEDGER, ledger.KeyNamed, vkey=KEY, role="signing"),
    by_recorder(LEDGER, ledger.KeyNamed, vkey=OTHER_KEY, role="recovery"),
    fully(LEDGER, ledger.KeyRotated, old=KEY, new=OTHER_KEY),
    by_recorder(LEDGER, ledger.KeyRotated, old=KEY, new=OTHER_KEY),
    fully(LEDGER, ledger.KeyRevoked, vkey=KEY, last_good_size=2**53 - 1),
    by_recorder(LEDGER, ledger.KeyRevoked, vkey=KEY, last_good_size=0),
    fully(LEDGER, ledger.ClockAccepted, reason="The battery of the clock ran out.", clock=CLOCK),
    by_recorder(LEDGER, ledger.ClockAccepted, reason="Its battery ran out.", clock=CLOCK),
    fully(
        LEDGER,
        ledger.Imported,
        format="csv",
        files=("purchases.csv", "sales.csv"),
        spans=("12-400", "402"),
        updates=(1, 3),
    ),
    by_recorder(LEDGER, ledger.Imported, format="csv", files=("lots.csv",), spans=("2",)),
)
OF_PARTIES = (
    fully(
        BUREAU,
        party.Established,
        name="Oficina Nacional del Bitcoin (ONBTC) – Bitcoin Office of El Salvador",
        type="agency",
        state="party/sv",
        under="party/sv-presidency",
    ),
    by_recorder("party/sv", party.Established, name="El Salvador", type="state"),
    fully("party/strategy", party.Renamed, name="Strategy", effective="2025-02-05", acted="2025"),
    barely("party/strategy", party.Renamed, name="Strategy"),
    fully("party/pcc", party.Dissolved, effective="2025-07", acted="2025-07"),
    barely("party/pcc", party.Dissolved),
    fully("party/su", party.ContinuedBy, party="party/ru", effective="1991-12-24", acted="1991-12"),
    barely("party/su", party.ContinuedBy, party="party/ru"),
    fully(
        SAQIB,
        party.Appointed,
        office="Special Assistant to the Prime Minister on Blockchain and Crypto",
        body="party/pk-pmo",
        rank="minister of state",
        effective="2025-05-26/..",
        acted="2025-05-26",
        zone="Asia/Karachi",
        place="Islamabad",
    ),
    barely(SAQIB, party.Appointed, office="CEO"),
    fully(
        SAQIB, party.OfficeEnded, office="CEO", body="party/pcc", effective="2026~", acted="2026~"
    ),
    barely(SAQIB, party.OfficeEnded, office="CEO"),
    fully(
        SAQIB,
        party.Stated,
        about=("reserve/pk", "reserve/sv"),
        gist="Says that a national wallet is to hold what the State has in custody already.",
        quantity=read_quantity("about 2,000 MW"),
        effective="2025-05-28",
        acted="2025-05-28",
        zone="America/Los_Angeles",
        place="Las Vegas",
    ),
    barely(SAQIB, party.Stated, gist="Praises the president of El Salvador."),
    fully("party/microstrategy", party.SameAs, party="party/strategy"),
    by_recorder("party/microstrategy", party.SameAs, party="party/strategy"),
)
OF_SOURCES = (
    fully(
        ARTICLE,
        source.Cited,
        publisher="party/article-publisher",
        title="The article that the story starts from",
        locator="https://example.org/pakistan-el-salvador",
        published="[2025-07-18..]",
        via=("source/newsbit", "source/cointelegraph"),
    ),
    by_recorder(ARTICLE, source.Cited),
    fully(ARTICLE, source.Archived, sha256="9f" * 32, media_type="text/plain", bytes=2**53 - 1),
    by_recorder(ARTICLE, source.Archived, sha256="00" * 32, media_type="text/plain", bytes=0),
    fully(ARTICLE, source.Rechecked, outcome="changed"),
    by_recorder(ARTICLE, source.Rechecked, outcome="gone"),
)

EXAMPLES: tuple[Example, ...] = (*OF_THE_LEDGER, *OF_PARTIES, *OF_SOURCES)
