"""Say each rule of standing in a sentence, and how it is satisfied.

One sentence a name, used for a refusal and for the finding alike; `{who}` stands as `{standing}`
under `{thing}` before the act. The second text says what to do instead.
"""

from typing import NamedTuple


class RuleText(NamedTuple):
    """What is the matter, and what to do instead (empty: nothing)."""

    sentence: str
    hint: str = ""


RULES = {
    "accedes-after-signing": RuleText(
        "{who} signed {thing}: a signatory ratifies, accepts or approves, others accede (VCLT 15)"
    ),
    "after-the-end": RuleText(
        "{thing} has ended: no act takes effect after its end but registration and description",
        "date the act before the end, or correct the termination",
    ),
    "already": RuleText("{who} is {standing} already: {thing} is in force for it"),
    "already-consented": RuleText(
        "{who} is {standing}: the time to make clear that it will not become a party is "
        "past (VCLT 18(a))",
        "record agreement.consent-withdrawn, or as a party agreement.withdrawal-notified",
    ),
    "already-in-force": RuleText(
        "{who} is {standing}: {thing} is in force for it, so nothing is applied "
        "provisionally (VCLT 25(1))",
        "leave the provisional application out, or date it before the entry into force",
    ),
    "confirm-first": RuleText(
        "{who} signed ad referendum and has not confirmed its signature (VCLT 12(2)(b))",
        "record agreement.signature-confirmed first",
    ),
    "consent-before-adoption": RuleText(
        "a consent to {thing} is dated before the adoption of its text"
    ),
    "consents-not-recorded": RuleText(
        "{thing} enters into force on a day by which no consent to be bound is recorded (VCLT 24)"
    ),
    "consents-twice": RuleText(
        "{who} has consented to be bound by {thing} already",
        "a second source of the same act has the same day; a wrong day is corrected",
    ),
    "counter-offer": RuleText(
        "a reservation to a bilateral agreement is an offer of other terms: {thing} needs"
        " the other side's acceptance (VCLT 20(2))"
    ),
    "definitive-after-simple": RuleText(
        "{who} signed {thing} subject to ratification and then definitively"
    ),
    "effect-before-notice": RuleText(
        "the withdrawal of {who} takes effect before its notice was received (VCLT 65, 67, 78(b))",
        "give in acted the day of the notice, in effective the day on which it takes effect",
    ),
    "enters-for-both": RuleText(
        "{thing} has two sides: it enters into force for both (VCLT 24)",
        "record agreement.entered-into-force",
    ),
    "enters-twice": RuleText(
        "the same asserter has said already that {thing} entered into force",
        "correct its earlier claim",
    ),
    "in-force-for-it": RuleText(
        "{who} is {standing}: consent is taken back only before the entry into force (VCLT 18(b))",
        "record agreement.withdrawal-notified",
    ),
    "late-reservation": RuleText("{who} formulated its reservation after it consented (VCLT 19)"),
    "no-consent": RuleText(
        "{who} has not consented to be bound by {thing}: it is {standing}",
        "first record agreement.consent-expressed",
    ),
    "not-a-party": RuleText(
        "{who} is {standing} under {thing}: only a party withdraws (VCLT 54)",
        "a signatory records agreement.intention-not-to-become-party, a contracting State"
        " agreement.consent-withdrawn",
    ),
    "not-binding": RuleText(
        "{thing} is not shown to bind: what treaties know does not happen to it",
        "first record who says it binds: record agreement.described ID --binding binding ...",
    ),
    "not-in-force": RuleText(
        "{thing} is not in force for {who}: there is no operation to suspend or resume (VCLT 57)",
        "first record the entry into force",
    ),
    "not-in-force-at-all": RuleText(
        "{thing} is not in force by the day on which it is said to enter into force for {who}",
        "first record agreement.entered-into-force",
    ),
    "not-the-computed-day": RuleText(
        "the day claimed for the entry into force of {thing} is not the one that its rule gives"
    ),
    "not-while-consenting": RuleText(
        "{who} is {standing} and does not consent on that day: a reservation is "
        "formulated when signing or consenting (VCLT 19)",
        "give the reservation the day of the act that it goes with",
    ),
    "nothing-to-confirm": RuleText(
        "{who} is {standing}: only a signature ad referendum is confirmed (VCLT 12(2)(b))",
        "first record the signature with mode ad-referendum",
    ),
    "nothing-to-postpone": RuleText(
        "{who} is {standing} under {thing}: no notice of withdrawal is recorded whose day could be"
        " moved"
    ),
    "nothing-to-revoke": RuleText(
        "{who} is {standing} and has given no notice of withdrawal (VCLT 68)",
        "first record agreement.withdrawal-notified",
    ),
    "objector-must-be-contracting": RuleText(
        "{who} is {standing}: only a contracting State objects to a reservation (VCLT 20(4)(b))",
        "first record its consent",
    ),
    "operation-of-a-binding-text": RuleText(
        "{thing} is not shown to be non-binding: it enters into force rather than into operation"
    ),
    "order-unclear": RuleText("the days on record do not tell whether this act came in its order"),
    "out-of-order": RuleText("{who} is {standing} under {thing}: the act changes nothing"),
    "ratifies-unsigned": RuleText(
        "{who} ratifies {thing}, but while others are recorded to have signed, it is not"
    ),
    "reference-taken": RuleText("another reservation to {thing} bears the same reference"),
    "registered-before-in-force": RuleText(
        "{thing} is registered before any entry into force (VCLT 80(1))"
    ),
    "reservation-unconfirmed": RuleText(
        "a reservation that {who} formulated on signing is not confirmed at consent (VCLT 23(2))"
    ),
    "retroactive": RuleText(
        "{thing} entered into force with effect from before the act that set it so"
    ),
    "revoke-first": RuleText(
        "{who} is withdrawing: consenting anew needs its notice revoked first (VCLT 68)",
        "record agreement.withdrawal-revoked",
    ),
    "signature-after-closing": RuleText("{who} signed {thing} after it was closed for signature"),
    "signs-after-consent": RuleText(
        "{who} is {standing} under {thing}: it signs no more",
        "date the signature before the consent, or correct the consent",
    ),
    "signs-twice": RuleText(
        "{who} has signed {thing} already",
        "a second source of the same signature has the same day; a wrong one is corrected",
    ),
    "took-effect": RuleText(
        "the withdrawal of {who} has taken effect: it cannot be revoked (VCLT 68)",
        "record agreement.consent-expressed with mode accession if it came back",
    ),
    "two-sides-only": RuleText(
        "{who} is none of the two sides of {thing}",
        "record agreement.described with all its parties, or name the side in for",
    ),
    "unknown-objection": RuleText("{who} is not recorded to have objected to that reservation"),
    "unknown-reservation": RuleText(
        "no reservation to {thing} of that reference is recorded by that day",
        "first record agreement.reservation-formulated",
    ),
    "withdraws-twice": RuleText(
        "{who} has given notice of withdrawal from {thing} already",
        "a second source of the same notice has the same day; a wrong one is corrected",
    ),
}


def rule_sentence(name: str, who: str, standing: str, thing: str) -> RuleText:
    """Return a rule with its values in their places."""
    rule = RULES[name]
    return rule._replace(
        sentence=rule.sentence.format(who=who or "nobody", standing=standing, thing=thing)
    )
