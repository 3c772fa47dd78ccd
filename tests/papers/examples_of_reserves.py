"""What is an example of every type about a reserve?

Mostly El Salvador's and Pakistan's, in the words of the story; what nobody reported of them
happens to a model reserve.
"""

from events.amounts import Quantity, read_quantity
from events.kinds import reserve as r
from tests.papers.examples_told import Example, barely, by_recorder, fully

SV, PK, MODEL = "reserve/sv", "reserve/pk", "reserve/model"
WALLET = "32ixEdVJWo3kmvJGMTZq5jAQVZZeuwnqzo"
NEXT_WALLET = "3Fh6QjPzfu2LWYxVYqRZ45QPTja1PrFmNC"
COLD = read_quantity("5,689.68 BTC")
RECEIVED = (NEXT_WALLET, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")

FLOWS = (
    fully(
        SV,
        r.Acquired,
        amount=read_quantity("1,090 BTC"),
        mode="purchase",
        price=read_quantity("about 92,000 USD"),
        counterparty="party/exchange",
        spent=read_quantity("about 100 million USD"),
        effective="2025-11-17T18:01:00-05:00",
    ),
    barely(SV, r.Acquired, mode="purchase"),
    fully(
        MODEL,
        r.Disposed,
        amount=read_quantity("under 12.5 BTC"),
        mode="auction",
        proceeds=read_quantity("2.6–2.7 million EUR"),
        account="custody",
    ),
    barely(MODEL, r.Disposed, mode="return"),
    fully(
        SV,
        r.Transferred,
        amount=read_quantity("6,274 BTC"),
        from_="the cold wallet of March 2024",
        to=RECEIVED,
        to_count=14,
        each=read_quantity("≤ 500 BTC"),
        fee=Quantity(unit="sat", lower=1, upper=21_000),
        reason="split",
        account="owned",
        effective="2025-08-29",
        acted="2025-08-29",
    ),
    barely(SV, r.Transferred, reason="consolidation"),
    fully(MODEL, r.Seized, amount=read_quantity("over 69,370 BTC and under 69,371 BTC")),
    barely(MODEL, r.Seized),
    fully(
        MODEL,
        r.Forfeited,
        amount=read_quantity("at least 69,370 BTC"),
        seizures=("reserve/model/2", "reserve/model/3"),
    ),
    barely(MODEL, r.Forfeited),
    fully(
        MODEL,
        r.Lost,
        amount=read_quantity("1 sat"),
        cause="a key that nobody has",
        account="custody",
    ),
    barely(MODEL, r.Lost, cause="a key that nobody has"),
    fully(
        MODEL,
        r.Pledged,
        amount=read_quantity("up to 1,000 BTC"),
        to="party/lender",
        purpose="collateral for a loan",
    ),
    barely(MODEL, r.Pledged),
    fully(
        MODEL,
        r.Released,
        amount=read_quantity("250 BTC"),
        to="party/lender",
        purpose="a part of the loan was paid back",
    ),
    barely(MODEL, r.Released),
)
SAYINGS = (
    fully(
        PK,
        r.Announced,
        label="Strategic Bitcoin Reserve",
        holder="party/pk",
        planned=read_quantity("up to 1 billion USD"),
        asserted_by="party/saqib",
        effective="2025-05-28",
        acted="2025-05-28",
        zone="America/Los_Angeles",
        place="Las Vegas",
    ),
    barely(PK, r.Announced),
    fully(
        "reserve/us",
        r.Established,
        label="Strategic Bitcoin Reserve",
        legal_basis="Executive Order 14233",
        holder="party/us",
        asserted_by="party/us",
        basis="official-record",
        effective="2025-03-06",
        acted="2025-03-06",
        zone="America/New_York",
        place="Washington",
    ),
    by_recorder(SV, r.Established),
    fully(
        SV,
        r.PolicySet,
        policy="buy-one-bitcoin-a-day",
        words="one bitcoin is bought every day",
        effective="2022-11-18/..",
        acted="2022-11-17",
    ),
    barely(PK, r.PolicySet, policy="no-sale", words="never, ever sell"),
    fully(SV, r.AddressDisclosed, addresses=(WALLET, NEXT_WALLET), to="public"),
    barely(SV, r.AddressDisclosed, to="party/imf"),
    fully(MODEL, r.CustodianChanged, from_="party/sv", to="party/custodian"),
    barely(MODEL, r.CustodianChanged, to="party/custodian"),
)
COUNTS = (
    fully(
        SV,
        r.HoldingReported,
        amount=read_quantity("over 6,240 BTC"),
        scope="unstated",
        asserted_by="party/bitcointreasuries",
        basis="tracker",
        effective="2025-07-17/2025-07-19",
    ),
    barely(SV, r.HoldingReported, amount=read_quantity("6,242 BTC")),
    fully(
        SV,
        r.HoldingObserved,
        amount=COLD,
        addresses=(WALLET,),
        height=834_615,
        basis="on-chain",
        effective="[2024-03-12..2024-03-14]",
    ),
    barely(SV, r.HoldingObserved, amount=COLD),
    fully(
        SV,
        r.Valued,
        value=read_quantity("about 740 million USD"),
        of=read_quantity("over 6,240 BTC"),
        price=read_quantity("118,698 USD"),
        method="quoted",
        effective="2025-07~",
    ),
    barely(SV, r.Valued, value=read_quantity("over 62 billion USD"), method="computed"),
    fully(
        SV,
        r.Reconciled,
        expected=read_quantity("2,861 BTC"),
        observed=COLD,
        explanation="What a tracker had added up was less than what the holder disclosed.",
    ),
    barely(
        SV,
        r.Reconciled,
        expected=read_quantity("0 BTC"),
        observed=COLD,
        explanation="Nothing was booked.",
    ),
)

EXAMPLES: tuple[Example, ...] = (*FLOWS, *SAYINGS, *COUNTS)
