"""Say each rule about a side's status in a sentence, and for what is refused how it is satisfied.

One sentence a name, used for a refusal and for the finding alike; `{who}` stands as `{standing}`
under `{thing}` before the act.
"""

RULES = {
    "accedes-after-signing": (
        "{who} signed {thing}: a signatory ratifies, accepts or approves, others accede (VCLT 15)"
    ),
    "after-the-end": (
        "{thing} has ended: no act takes effect after its end but registration and description"
    ),
    "already": "{who} is already {standing}: {thing} is in force for it",
    "already-consented": (
        "{who} is {standing}: it can no longer declare that it will not become a party (VCLT 18(a))"
    ),
    "already-in-force": (
        "{who} is {standing}: {thing} is in force for it, so nothing is applied provisionally "
        "(VCLT 25(1))"
    ),
    "confirm-first": (
        "{who} signed ad referendum and has not confirmed its signature (VCLT 12(2)(b))"
    ),
    "consent-before-adoption": "a consent to {thing} is dated before the adoption of its text",
    "consents-after-the-end": (
        "{thing} had ended by the denunciation of one side: it is in force again when both have "
        "consented again (VCLT 70)"
    ),
    "consents-not-recorded": (
        "{thing} enters into force on a day by which no consent to be bound is recorded (VCLT 24)"
    ),
    "consents-twice": "{who} has already consented to be bound by {thing}",
    "counter-offer": (
        "a reservation to a bilateral agreement offers other terms: {thing} needs the "
        "other side's acceptance (VCLT 20(2))"
    ),
    "definitive-after-simple": "{who} signed {thing} subject to ratification and then definitively",
    "effect-before-notice": (
        "the withdrawal of {who} takes effect before its notice was received (VCLT 65, 67, 78(b))"
    ),
    "enters-for-both": "{thing} has two sides: it enters into force for both (VCLT 24)",
    "enters-twice": "the same party has already asserted that {thing} entered into force",
    "in-force-for-it": (
        "{who} is {standing}: consent is taken back only before the entry into force (VCLT 18(b))"
    ),
    "late-reservation": "{who} formulated its reservation after it consented (VCLT 19)",
    "no-consent": "{who} has not consented to be bound by {thing}: it is {standing}",
    "not-a-party": "{who} is {standing} under {thing}: only a party withdraws (VCLT 54)",
    "not-binding": "{thing} is not shown to bind: this act belongs to treaties",
    "not-in-force": (
        "{thing} is not in force for {who}: there is no operation to suspend or resume (VCLT 57)"
    ),
    "not-in-force-at-all": (
        "{thing} is not in force on the day on which it is claimed to enter into force for {who}"
    ),
    "not-the-computed-day": (
        "the day claimed for the entry into force of {thing} is not the one that its rule gives"
    ),
    "not-while-consenting": (
        "{who} is {standing} and does not consent on that day: a reservation is formulated when"
        " signing or consenting (VCLT 19)"
    ),
    "nothing-to-confirm": (
        "{who} is {standing}: only a signature ad referendum is confirmed (VCLT 12(2)(b))"
    ),
    "nothing-to-postpone": (
        "{who} is {standing} under {thing}: no notice of withdrawal is recorded whose day could"
        " be moved"
    ),
    "nothing-to-revoke": "{who} is {standing} and has given no notice of withdrawal (VCLT 68)",
    "objector-must-be-contracting": (
        "{who} is {standing}: only a contracting State objects to a reservation (VCLT 20(4)(b))"
    ),
    "operation-of-a-binding-text": (
        "{thing} is not shown to be non-binding: it enters into force rather than into operation"
    ),
    "order-unclear": "the recorded days do not tell whether this act came in its order",
    "out-of-order": "no effect: {who} is already {standing} under {thing}",
    "predecessor-not-stated": (
        "{who} succeeds to {thing}, which has two sides, and no claim says which side it succeeds"
    ),
    "ratifies-unsigned": (
        "{who} ratifies {thing}, but while others are recorded to have signed, it is not"
    ),
    "reference-taken": "another reservation to {thing} has the same reference",
    "registered-before-in-force": "{thing} is registered before any entry into force (VCLT 80(1))",
    "reservation-unconfirmed": (
        "a reservation that {who} formulated on signing is not confirmed at consent (VCLT 23(2))"
    ),
    "retroactive": "{thing} entered into force with effect from a day before the act that did it",
    "revoke-first": (
        "{who} is withdrawing: to consent again it first revokes its notice (VCLT 68)"
    ),
    "signature-after-closing": "{who} signed {thing} after it was closed for signature",
    "signs-after-consent": "{who} is {standing} under {thing}: it signs no more",
    "signs-twice": "{who} has already signed {thing}",
    "took-effect": "the withdrawal of {who} has taken effect: it cannot be revoked (VCLT 68)",
    "two-sides-only": "{who} is not one of the two sides of {thing}",
    "unknown-objection": "{who} is not recorded to have objected to that reservation",
    "unknown-reservation": "no reservation to {thing} of that reference is recorded by that day",
    "withdraws-twice": "{who} has already given notice of withdrawal from {thing}",
}

# What to do instead; other findings refuse nothing.
HINTS = {
    "after-the-end": "date the act before the end, or correct the termination",
    "effect-before-notice": (
        "give in acted the day of the notice, in effective the day on which it takes effect"
    ),
    "not-binding": (
        "first record a claim that it binds: record agreement.described ID --binding binding ..."
    ),
}


def rule_sentence(name: str, who: str, standing: str, thing: str) -> str:
    """Return a rule with its values in their places; of whom nothing is recorded none is said."""
    known = "of no recorded status" if standing == "none" else standing
    return RULES[name].format(who=who or "a side not stated", standing=known, thing=thing)
