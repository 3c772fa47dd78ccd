"""What is an example of every type about an agreement?

The paper between Pakistan and El Salvador, the Paris Agreement, and for acts that neither knows a
model convention between parties whose codes ISO 3166 gives to nobody.
"""

from typing import Any

from events.kinds import agreement as a
from events.kinds.entry_into_force_rule import Later, Rule, Trigger
from tests.papers.examples_told import Example, barely, by_record, fully

PAPER, PARIS, MODEL = (
    "agreement/pk-sv-bitcoin-2025",
    "agreement/paris-2015",
    "agreement/model-convention",
)
# Article 21(1): thirty days after fifty-five Parties, for 55 % of the emissions in all.
ARTICLE_21 = Rule(
    when=Trigger(
        on="all-of",
        of=(
            Trigger(
                on="instruments",
                n=55,
                acts=("acceptance", "accession", "approval", "ratification"),
                not_counted=("party/eu",),
            ),
            Trigger(on="words", words="an estimated 55 per cent of the total emissions"),
        ),
    ),
    delay="P30D",
    snap="none",
    not_before="2016-04-22",
    later=Later(delay="P30D", snap="none"),
    clause="Article 21, paragraph 1; for those who join later, paragraph 3",
)
# Every trigger that there is, once: no treaty has them all.
EVERY_TRIGGER = Rule(
    when=Trigger(
        on="first-of",
        of=(
            Trigger(on="consents-of", whose="negotiating"),
            Trigger(on="signature", which="last"),
            Trigger(on="exchange"),
            Trigger(on="reply-note"),
            Trigger(on="notifications", counted="received", n=2),
            Trigger(on="date", day="2016-01-01"),
            Trigger(on="entry-into-force-of", thing=PARIS),
            Trigger(on="decision", by="party/un"),
        ),
    ),
    delay="P3M",
    snap="month-start:1",
    later=Later(same=True),
)


def model(cls: Any, **said: Any) -> tuple[Example, Example]:
    """Return both examples of a type whose own fields are all required."""
    return by_record(MODEL, cls, **said), barely(MODEL, cls, **said)


THE_PAPER = (
    fully(
        PAPER,
        a.Described,
        title="Letter of intent on cooperation in bitcoin",
        kind="letter-of-intent",
        binding="unknown",
        parties=("party/onbtc", "party/pcc"),
        topics=("bitcoin-education", "mining", "sovereign-reserves"),
        ground="The Bitcoin Office calls it so; no source says whether it binds.",
        effective="2025-07-16/..",
    ),
    barely(PAPER, a.Described, kind="memorandum"),
    fully(PAPER, a.Announced, by="party/saqib"),
    barely(PAPER, a.Announced),
    fully(PAPER, a.Concluded),
    barely(PAPER, a.Concluded),
    fully(
        PAPER,
        a.Signed,
        party="party/pcc",
        for_="party/pk",
        mode="unstated",
        signatory="party/saqib",
    ),
    barely(PAPER, a.Signed, party="party/onbtc", mode="unstated"),
)
CONCLUSION = (
    by_record(
        PARIS, a.TextAdopted, body="party/unfccc-cop", votes="by consensus", effective="2015-12-12"
    ),
    barely(PARIS, a.TextAdopted),
    by_record(PARIS, a.OpenedForSignature, until="2017-04-21", effective="2016-04-22"),
    barely(PARIS, a.OpenedForSignature),
    *model(a.SignatureConfirmed, party="party/xa", effect="definitive"),
    by_record(PARIS, a.EntryIntoForceRuleSet, rule=ARTICLE_21, effective="2015-12-12"),
    by_record(MODEL, a.EntryIntoForceRuleSet, "every-trigger", rule=EVERY_TRIGGER),
    barely(PAPER, a.EntryIntoForceRuleSet, rule=Rule(when=Trigger(on="signature", which="last"))),
    by_record(
        PARIS,
        a.ConsentExpressed,
        party="party/us",
        mode="acceptance",
        established_by="deposit",
        act_words="Acceptance(A)",
        version="authentic text in English",
        effective="2016-09-03",
        acted="2016-09-03",
    ),
    barely(PARIS, a.ConsentExpressed, party="party/us", mode="unstated"),
    by_record(
        MODEL,
        a.ConsentExpressed,
        "succession",
        party="party/xc",
        mode="succession",
        established_by="notification",
        act_words="Succession(d)",
        version="authentic text in French",
        predecessor="party/xd",
        effective="[..2016-10-05]",
    ),
    *model(a.ConsentWithdrawn, party="party/xa"),
    *model(a.IntentionNotToBecomeParty, party="party/xb"),
    *model(a.NotificationMade, party="party/xa", purpose="names its central authority"),
)
IN_FORCE = (
    by_record(MODEL, a.ProvisionallyApplied, party="party/xa", effective="2016-01/2016-11-03"),
    barely(MODEL, a.ProvisionallyApplied, party="party/xa"),
    by_record(PARIS, a.EnteredIntoForce, mode="definitive"),
    barely(PARIS, a.EnteredIntoForce, mode="definitive"),
    by_record(PARIS, a.EnteredIntoForceFor, party="party/us", effective="2016-11-04"),
    barely(PARIS, a.EnteredIntoForceFor, party="party/us"),
    by_record(
        MODEL,
        a.ReservationFormulated,
        party="party/xa",
        ref="xa-29-1",
        gist="Does not hold itself bound by the paragraph on the settlement of disputes.",
        articles=("29(1)", "29(2)"),
        notified="2016-10-05T17:00:00-04:00",
        confirms="xa-29",
    ),
    barely(MODEL, a.ReservationFormulated, party="party/xa", ref="xa-29", gist="Not article 29."),
    by_record(MODEL, a.ReservationObjected, ref="xa-29-1", by="party/xb", precludes=True),
    barely(MODEL, a.ReservationObjected, ref="xa-29-1", by="party/xb"),
    *model(a.ReservationWithdrawn, ref="xa-29-1"),
    *model(a.ObjectionWithdrawn, ref="xa-29-1", by="party/xb"),
    *model(a.DeclarationMade, party="party/xa", gist="Reads article 3 in the light of article 2."),
)
ENDINGS = (
    by_record(
        PARIS,
        a.WithdrawalNotified,
        party="party/us",
        effective="2020-11-04",
        acted="2019-11-04",
        note="Article 28: three years after the entry into force, then one year's notice.",
    ),
    barely(PARIS, a.WithdrawalNotified, party="party/us"),
    *model(a.WithdrawalRevoked, party="party/xa"),
    *model(a.WithdrawalPostponed, party="party/xa"),
    by_record(
        MODEL,
        a.Suspended,
        for_="party/xa",
        between=("party/xa", "party/xb"),
        effective="2017~/2018-05-XX",
    ),
    barely(MODEL, a.Suspended),
    by_record(MODEL, a.Resumed, for_="party/xa", between=("party/xa", "party/xb")),
    barely(MODEL, a.Resumed),
    by_record(MODEL, a.Amended, by="agreement/model-protocol", for_="party/xb"),
    barely(MODEL, a.Amended),
    by_record(MODEL, a.Terminated, ground="By consent of all parties.", by="party/xa"),
    barely(MODEL, a.Terminated, ground="By consent of all parties."),
    by_record(PARIS, a.Registered, with_="party/un", number="I-54113", volume=3156),
    barely(PARIS, a.Registered, with_="party/un", number="I-54113"),
    *model(a.TerritoryIncluded, party="party/xa", territory="party/xa-island"),
    *model(a.TerritoryExcluded, party="party/xa", territory="party/xa-island"),
)

EXAMPLES: tuple[Example, ...] = (*THE_PAPER, *CONCLUSION, *IN_FORCE, *ENDINGS)
