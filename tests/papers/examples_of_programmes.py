"""What is an example of every type about a programme, power, a proposal, a law, a meeting, a price?

The programmes with the Fund, the 2,000 megawatts, the tariff, the Bitcoin Law.
"""

from events.amounts import read_quantity
from events.kinds import allocation, law, meeting, price, programme, proposal
from tests.papers.examples_told import Example, barely, fully

EFF, MEGAWATTS, TARIFF = (
    "programme/sv-eff-2025",
    "allocation/pk-2000mw",
    "proposal/pk-marginal-tariff",
)
LAW, MEETING, PRICE = "law/sv-bitcoin-law-2021", "meeting/saqib-bukele-2025", "price/btc-usd"
TRANCHE = read_quantity("SDR 86.16 million")
TERMS = "Power at its marginal cost, for what is over and above last year's use."

OF_PROGRAMMES = (
    fully(EFF, programme.StaffLevelAgreementReached, review=1, effective="2025-05-27"),
    barely(EFF, programme.StaffLevelAgreementReached),
    fully(
        EFF,
        programme.Approved,
        facility="Extended Fund Facility",
        months=40,
        access=read_quantity("SDR 1,033.92 million"),
        access_usd=read_quantity("about 1.4 billion USD"),
        available=TRANCHE,
        effective="2025-02-26",
    ),
    barely(EFF, programme.Approved),
    fully(
        EFF,
        programme.ConditionSet,
        ref="bitcoin-unchanged",
        kind="performance-criterion",
        about=("party/sv", "reserve/sv"),
        words="The bitcoin in all wallets of the government stays what it is.",
        due="2025-12",
    ),
    barely(EFF, programme.ConditionSet, ref="wallet", kind="commitment", words="Leave the wallet."),
    fully(EFF, programme.ConditionAssessed, ref="bitcoin-unchanged", verdict="met"),
    barely(EFF, programme.ConditionAssessed, ref="wallet", verdict="delayed"),
    fully(EFF, programme.ReviewCompleted, n=1, available=TRANCHE, effective="2025-06-27"),
    barely(EFF, programme.ReviewCompleted, n=1),
    fully(EFF, programme.Disbursed, amount=TRANCHE, received_by="party/sv-bcr", review=1),
    barely(EFF, programme.Disbursed, amount=TRANCHE),
    fully(EFF, programme.Modified, access=read_quantity("up to SDR 1.2 billion"), months=48),
    barely(EFF, programme.Modified),
    fully(EFF, programme.Cancelled),
    barely(EFF, programme.Cancelled),
    fully(EFF, programme.Expired),
    barely(EFF, programme.Expired),
)
OF_POWER = (
    fully(
        MEGAWATTS,
        allocation.Allocated,
        power=read_quantity("2,000 MW"),
        purposes=("ai-data-centres", "bitcoin-mining"),
        phase="first",
        authority="party/pk-mof",
        effective="2025-05-25",
        zone="Asia/Karachi",
        place="Islamabad",
    ),
    barely(MEGAWATTS, allocation.Allocated, purposes=("bitcoin-mining",)),
    fully(MEGAWATTS, allocation.Amended, power=read_quantity("up to 2 GW")),
    barely(MEGAWATTS, allocation.Amended),
    fully(MEGAWATTS, allocation.Energised, power=read_quantity("about 150 kW"), phase="first"),
    barely(MEGAWATTS, allocation.Energised),
    fully(MEGAWATTS, allocation.Withdrawn),
    barely(MEGAWATTS, allocation.Withdrawn),
)
OF_PROPOSALS = (
    fully(TARIFF, proposal.Submitted, to="party/imf", terms=TERMS, about=(MEGAWATTS,)),
    barely(TARIFF, proposal.Submitted),
    fully(TARIFF, proposal.TakenUp, by="party/world-bank"),
    barely(TARIFF, proposal.TakenUp),
    fully(TARIFF, proposal.Endorsed, by="party/imf", in_part=True),
    barely(TARIFF, proposal.Endorsed),
    fully(TARIFF, proposal.Rejected, by="party/imf"),
    barely(TARIFF, proposal.Rejected),
    fully(TARIFF, proposal.Returned, by="party/imf"),
    barely(TARIFF, proposal.Returned),
    fully(TARIFF, proposal.Withdrawn),
    barely(TARIFF, proposal.Withdrawn),
    fully(TARIFF, proposal.Enacted, law="law/pk-tariff"),
    barely(TARIFF, proposal.Enacted),
)
OF_LAWS = (
    fully(
        "law/sv-bitcoin-law-reform-2025",
        law.Adopted,
        form="act",
        number="Decree 199",
        body="party/sv-legislative-assembly",
        votes="55 to 2",
        amends=LAW,
        effective="2025-01-29",
    ),
    barely(LAW, law.Adopted, form="act"),
    fully(LAW, law.Published, gazette="Diario Oficial, 9 June 2021", effective="2021-06-09"),
    barely(LAW, law.Published),
    fully(
        LAW,
        law.InForce,
        rule="ninety days after publication",
        until="[2025-05-01..]",
        effective="2021-09-07/2025-04-30",
    ),
    barely(LAW, law.InForce),
    fully("law/pk-virtual-assets-ordinance-2025", law.Extended, until="2026-03-05"),
    barely("law/pk-virtual-assets-ordinance-2025", law.Extended, until="2026"),
    fully(LAW, law.Ceased, how="It was repealed."),
    barely(LAW, law.Ceased, how="It was repealed."),
)
OF_MEETINGS_AND_PRICES = (
    fully(
        MEETING,
        meeting.Held,
        participants=(
            meeting.Participant(party="party/bukele", role="President"),
            meeting.Participant(party="party/saqib"),
        ),
        mode="in-person",
        topics=("blockchain", "crypto"),
    ),
    barely(
        MEETING,
        meeting.Held,
        participants=(meeting.Participant(party="party/saqib"),),
        mode="unstated",
    ),
    fully(
        PRICE,
        price.Observed,
        pair="btc-usd",
        value=read_quantity("118,698 USD"),
        kind="open",
        effective="2025-07-17T00:00:00Z",
    ),
    fully(
        PRICE,
        price.Observed,
        "finer-unit",
        pair="btc-usd",
        value=read_quantity("over 0.0645 and under 0.07 USD", ("price",)),
        kind="close",
        effective="2010-07-18",
    ),
    barely(PRICE, price.Observed, pair="btc-usd", value=read_quantity("118,698 USD"), kind="spot"),
)

EXAMPLES: tuple[Example, ...] = (
    *OF_PROGRAMMES,
    *OF_POWER,
    *OF_PROPOSALS,
    *OF_LAWS,
    *OF_MEETINGS_AND_PRICES,
)
