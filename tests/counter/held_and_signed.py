"""Which facts may be told on the small ledger of these tests, as people write them?"""

HELD = """
[[fact]]
type = "reserve.holding-reported"
subject = "sv"
amount = "over 6,240 BTC"
scope = "unstated"
effective = 2025-07-17
asserted_by = "onbtc"
basis = "own-publication"
sources = "onbtc"
"""

SIGNED = """
[[fact]]
label = "signed"
type = "agreement.signed"
subject = "agreement/a-paper"
party = "party/onbtc"
for = "sv"
mode = "unstated"
effective = "2025-07-16"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = [{ source = "source/onbtc", published = 2025-07-16 }]

[[fact]]
type = "claim.retracted"
subject = "agreement/a-paper"
target = "signed"
reason = "recording-error"
asserted_by = "party/recorder"
basis = "recorder"
"""
