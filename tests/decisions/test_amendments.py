"""What may be corrected, retracted, denied, resolved or linked, and what not?"""

from typing import Any

import pytest

from tests.decisions.batches import Told, about, bought, btc, recorded, take, told

ONE, TWO = "reserve/sv/1", "reserve/sv/2"
AGREED = "agreement/x"


def retracted(target: str = ONE) -> Told:
    return about("retracted", target=target, reason="recording-error")


def corrected(target: str = ONE, type_: str = "reserve.acquired", **data: Any) -> Told:
    _, text = bought(3, **data)
    if type_ != "reserve.acquired":
        text = {key: value for key, value in text.items() if key != "mode"}
    what = {"data_type": f"{type_}.v1", "data": text}
    return about("corrected", target=target, reason="recording-error", **what)


def denied(target: str = ONE) -> Told:
    return about("denied", target=target, ground="It was never bought.")


def resolved(winner: str = ONE, other: str = TWO) -> Told:
    among = sorted((winner, other))
    return about("resolved", winner=winner, among=among, ground="The register has it so.")


def same(target: str = ONE, other: str = TWO, **more: str) -> Told:
    return about("same-occurrence", target=target, **{"with": other}, **more)


def distinct(target: str = ONE, other: str = TWO) -> Told:
    return about("distinct-occurrence", target=target, **{"with": other})


PURCHASES = [bought(1), bought(2, "2025-07-02")]
HELD = told("reserve.holding-reported", amount=btc(6_000))
SEIZED = told("reserve.seized", amount=btc(1))


def forfeited(*seizures: str) -> Told:
    return told("reserve.forfeited", amount=btc(1), seizures=list(seizures))


WRONG_TARGET = "no-such-target"
BEFORE = "retracted-before"
REFUSED: dict[str, tuple[list[Told], Told, str, str]] = {
    "of another subject": (
        PURCHASES,
        retracted("agreement/x/1"),
        WRONG_TARGET,
        "agreement/x/1 is no event of reserve/sv: a claim about it is recorded about agreement/x",
    ),
    "that is not there": (
        PURCHASES,
        retracted("reserve/sv/9"),
        WRONG_TARGET,
        "there is no event reserve/sv/9: reserve/sv has 2 events",
    ),
    "retracted, corrected": (
        [*PURCHASES, retracted()],
        corrected(),
        WRONG_TARGET,
        "reserve/sv/1 was retracted in reserve/sv/3 and cannot be corrected",
    ),
    "retracted, retracted": (
        [*PURCHASES, retracted()],
        about("retracted", target=ONE, reason="duplicate"),
        WRONG_TARGET,
        "reserve/sv/1 was retracted in reserve/sv/3 and cannot be retracted",
    ),
    "retracted, denied": (
        [*PURCHASES, retracted()],
        denied(),
        WRONG_TARGET,
        "reserve/sv/1 was retracted in reserve/sv/3 and cannot be denied",
    ),
    "retracted, declared right": (
        [*PURCHASES, same(), retracted()],
        resolved(),
        WRONG_TARGET,
        "reserve/sv/1 was retracted in reserve/sv/4 and cannot be declared right",
    ),
    "retracted, linked": (
        [*PURCHASES, retracted()],
        same(),
        WRONG_TARGET,
        "reserve/sv/1 was retracted in reserve/sv/3 and cannot be linked",
    ),
    "retracted, linked with": (
        [*PURCHASES, retracted(TWO)],
        distinct(),
        WRONG_TARGET,
        "reserve/sv/2 was retracted in reserve/sv/3 and cannot be linked",
    ),
    "retracted, retracted again after another was corrected": (
        [*PURCHASES, retracted(), corrected(TWO)],
        about("retracted", target=ONE, reason="duplicate"),
        WRONG_TARGET,
        "reserve/sv/1 was retracted in reserve/sv/3 and cannot be retracted",
    ),
    "corrected already, and another is retracted": (
        [*PURCHASES, corrected(), retracted(TWO)],
        corrected(on="2025-07-05"),
        WRONG_TARGET,
        "reserve/sv/1 is corrected already by reserve/sv/3: correct reserve/sv/3 instead",
    ),
    "corrected already": (
        [*PURCHASES, corrected()],
        corrected(on="2025-07-05"),
        WRONG_TARGET,
        "reserve/sv/1 is corrected already by reserve/sv/3: correct reserve/sv/3 instead",
    ),
    "into another type": (
        PURCHASES,
        corrected(type_="reserve.seized"),
        WRONG_TARGET,
        "reserve/sv/1 is a reserve.acquired: a correction cannot make it reserve.seized.v1",
    ),
    "a correction, into another type": (
        [*PURCHASES, corrected()],
        corrected("reserve/sv/3", "reserve.seized"),
        WRONG_TARGET,
        "reserve/sv/3 is a reserve.acquired: a correction cannot make it reserve.seized.v1",
    ),
    "of two happenings": (
        PURCHASES,
        resolved(),
        WRONG_TARGET,
        (
            "reserve/sv/1 and reserve/sv/2 are not about one occurrence, so there is nothing to"
            " resolve between them: if they are, record depositary same first"
        ),
    ),
    "a measurement, resolved": (
        [bought(1), HELD],
        resolved(),
        WRONG_TARGET,
        "reserve/sv/2 is a reserve.holding-reported, which is not an occurrence",
    ),
    "a measurement, linked": (
        [bought(1), HELD],
        distinct(),
        WRONG_TARGET,
        "reserve/sv/2 is a reserve.holding-reported, which is not an occurrence",
    ),
    "a retraction, linked": (
        [*PURCHASES, retracted(TWO)],
        same(ONE, "reserve/sv/3"),
        WRONG_TARGET,
        "reserve/sv/3 is a claim.retracted, which is not an occurrence",
    ),
    "forfeited, but bought": (
        PURCHASES,
        forfeited(ONE),
        WRONG_TARGET,
        "reserve/sv/1 is a reserve.acquired: only what was seized is forfeited",
    ),
    "forfeited, but the seizure is retracted": (
        [SEIZED, retracted()],
        forfeited(ONE),
        WRONG_TARGET,
        "reserve/sv/1 was retracted in reserve/sv/2 and cannot be forfeited",
    ),
    "corrected into what was forfeited, but bought": (
        [SEIZED, bought(2), forfeited(ONE)],
        about(
            "corrected",
            target="reserve/sv/3",
            reason="recording-error",
            data_type="reserve.forfeited.v1",
            data=forfeited(TWO)[1],
        ),
        WRONG_TARGET,
        "reserve/sv/2 is a reserve.acquired: only what was seized is forfeited",
    ),
    "said again after it was retracted": (
        [*PURCHASES, retracted()],
        bought(1),
        BEFORE,
        (
            "the same was recorded as reserve/sv/1 and retracted in reserve/sv/3: to revive it, "
            "retract reserve/sv/3"
        ),
    ),
    "corrected again after it was retracted": (
        [*PURCHASES, corrected(), retracted()],
        corrected(),
        BEFORE,
        (
            "the same was recorded as reserve/sv/3, but reserve/sv/1 was retracted in "
            "reserve/sv/4: to revive it, retract reserve/sv/4"
        ),
    ),
    "linked again after it was told apart": (
        [*PURCHASES, same(), distinct()],
        same(),
        BEFORE,
        (
            "the same was recorded as reserve/sv/3, but reserve/sv/4 says otherwise since: "
            "to revive it, retract reserve/sv/4"
        ),
    ),
    "linked again as the same after it was a part": (
        [*PURCHASES, same(), same(part_of=ONE)],
        same(),
        BEFORE,
        (
            "the same was recorded as reserve/sv/3, but reserve/sv/4 says otherwise since: "
            "to revive it, retract reserve/sv/4"
        ),
    ),
}

LINK_CORRECTED = about(
    "corrected",
    target="reserve/sv/3",
    reason="recording-error",
    data_type="claim.same-occurrence.v1",
    data=same(part_of=ONE)[1],
)
REFUSED["linked again after the link was corrected"] = (
    [*PURCHASES, same(), LINK_CORRECTED],
    same(),
    BEFORE,
    (
        "the same was recorded as reserve/sv/3, but reserve/sv/4 says otherwise since: "
        "to revive it, retract reserve/sv/4"
    ),
)


@pytest.mark.parametrize("case", REFUSED)
def test_what_names_no_fitting_claim_is_refused_and_says_which(case: str) -> None:
    before, fact, rule, sentence = REFUSED[case]
    (result,) = take(recorded(*before), [fact])
    assert result.reason == (rule, sentence)


TAKEN: dict[str, tuple[list[Told], Told]] = {
    "one of two": (PURCHASES, retracted(TWO)),
    "a retraction": ([*PURCHASES, retracted()], retracted("reserve/sv/3")),
    "corrected": (PURCHASES, corrected()),
    "a correction, once more": ([*PURCHASES, corrected()], corrected("reserve/sv/3", on="2025-07")),
    "corrected anew, after the first correction was taken back": (
        [*PURCHASES, corrected(), retracted("reserve/sv/3")],
        corrected(on="2025-07-05"),
    ),
    "denied": (PURCHASES, denied(TWO)),
    "the same": (PURCHASES, same()),
    "told apart after they were the same": ([*PURCHASES, same()], distinct()),
    "resolved, once they are one": ([*PURCHASES, same()], resolved()),
    "resolved against what was retracted": (
        [*PURCHASES, bought(3, "2025-07-03"), same(), same(TWO, "reserve/sv/3"), retracted(TWO)],
        about("resolved", winner=ONE, among=[ONE, TWO], ground="It is the register's."),
    ),
    "forfeited after it was seized": ([SEIZED], forfeited(ONE)),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_names_a_fitting_claim_is_recorded(case: str) -> None:
    before, fact = TAKEN[case]
    (result,) = take(recorded(*before), [fact])
    assert (result.outcome, result.id) == ("recorded", f"reserve/sv/{len(before) + 1}")


REPEATED: dict[str, tuple[list[Told], Told, str]] = {
    "a purchase": (PURCHASES, bought(2, "2025-07-02"), TWO),
    "one that was revived": ([*PURCHASES, retracted(), retracted("reserve/sv/3")], bought(1), ONE),
    "a correction": ([*PURCHASES, corrected()], corrected(), "reserve/sv/3"),
    "a link": ([*PURCHASES, same()], same(), "reserve/sv/3"),
    "a link that holds again": (
        [*PURCHASES, same(), distinct(), retracted("reserve/sv/4")],
        same(),
        "reserve/sv/3",
    ),
    "a link beside one of others": (
        [*PURCHASES, bought(5, "2025-07-05"), same(), distinct(TWO, "reserve/sv/3")],
        same(),
        "reserve/sv/4",
    ),
}

THREE = [*PURCHASES, bought(5, "2025-07-05")]
INTO_ANOTHER_LINK = {**LINK_CORRECTED[1], "target": "reserve/sv/4"}
INTO_ANOTHER_LINK["data"] = same(TWO, "reserve/sv/3")[1]
REPEATED["a link that was corrected into one of others"] = (
    [*THREE, same(), (LINK_CORRECTED[0], INTO_ANOTHER_LINK)],
    same(),
    "reserve/sv/4",
)


@pytest.mark.parametrize("case", REPEATED)
def test_what_has_effect_is_recorded_once(case: str) -> None:
    before, fact, earlier = REPEATED[case]
    (result,) = take(recorded(*before), [fact])
    assert (result.outcome, result.id) == ("already recorded", earlier)


def test_an_import_that_is_run_again_repeats_what_was_retracted_since() -> None:
    (result,) = take(recorded(*PURCHASES, retracted(), rerun=True), [bought(1)])
    assert (result.outcome, result.id) == ("already recorded", ONE)


DESCRIBED = told("agreement.described", title="A treaty", kind="treaty")
SIGNED = told("agreement.signed", party="party/sv", mode="simple")
ANNOUNCED = told("agreement.announced")


@pytest.mark.parametrize(
    ("one", "other", "which"),
    [
        (DESCRIBED, SIGNED, "an agreement.described and agreement/x/2 an agreement.signed"),
        (SIGNED, DESCRIBED, "an agreement.signed and agreement/x/2 an agreement.described"),
    ],
)
def test_a_description_is_no_act(one: Told, other: Told, which: str) -> None:
    (result,) = take(
        recorded(one, other, thing=AGREED), [same(f"{AGREED}/1", f"{AGREED}/2")], AGREED
    )
    assert result.reason == (
        WRONG_TARGET,
        f"agreement/x/1 is {which}: a description is never the same occurrence as an act",
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SIGNED, ANNOUNCED),
        (DESCRIBED, told("agreement.described", title="The treaty", asserted_by="party/sv")),
    ],
)
def test_two_acts_and_two_descriptions_may_be_one(one: Told, other: Told) -> None:
    link = same(f"{AGREED}/1", f"{AGREED}/2")
    (result,) = take(recorded(one, other, thing=AGREED), [link], AGREED)
    assert result.outcome == "recorded", result.reason
