"""Say in a line what each field of a fact means, for templates, schemas, options and reference.

A line is `name: text`. A name may begin with a kind or a type where a field means another thing
there: `reserve.to`, `claim.denied.type`. Parts of a table follow its name: `sources.origin`.
"""

_TEXTS = """\
asserted_by: the party that asserts the claim
basis: the kind of evidence
effective: when it took effect, as the sources say
acted: when it was done, where that differs from effective
zone: time zone of the dates, where a source or the place states it
place: where it was done
relayed: second-hand: the sources only quote the asserting party
sources: the documents; only basis recorder needs none
sources.source: the document
sources.published: when it was made public
sources.retrieved: when it was last read
sources.origin: the party quoted first, if not the asserting party
note: a remark, without effect on answers
key: a text that tells apart two identical acts asserted by one party
party: the party that acts
party.continued-by.party: the State that continues it
party.same-as.party: the other id of the same party
amount: how much
by: the party that does it
agreement.amended.by: the amending agreement or the party
mode: the way it was done
agreement.signed.mode: simple is to be ratified, definitive binds at once
agreement.entered-into-force.mode: operation is of a paper that is not binding
agreement.consent-expressed.mode: the act by which it is bound, such as ratification or accession
ref: a short name of the reservation
programme.ref: a short name of the condition
to: the party that receives it
reserve.transferred.to: the receiving addresses
reserve.address-disclosed.to: the party told, or public
reserve.custodian-changed.to: the new custodian
proposal.to: the party that decides
from: the party before
reserve.transferred.from: what was moved, in words
target: the earlier claim that it is about
reason: why
body: the body that did it
party.body: the body in which the office is held
ground: why, in words
for: the side for which it is done
about: the subjects that it touches
gist: what was said, in the recorder's words
kind: what it calls itself, or its sort
price.kind: open, close or spot price
until: the last day
purpose: what for
with: the other claim
agreement.registered.with: the party that keeps the register
account: owned (the default) or custody
power: how much power
name: its name
type: the sort of party
claim.denied.type: the type of event that is denied
office: the office
title: its title
topics: what it is about, in short names
votes: the votes for, against and abstaining
rule: how it enters into force
law.in-force.rule: the rule by which it came into force, in words
rule.when: the event that sets it going
rule.when.on: the sort of event
rule.when.n: how many
rule.when.acts: the acts that count
rule.when.not_counted: parties that do not count
rule.when.whose: whose consents are needed
rule.when.which: the first or the last signature
rule.when.counted: whether sending or receipt counts
rule.when.day: the day
rule.when.thing: the other agreement
rule.when.by: the party that decides
rule.when.of: the events combined
rule.when.words: the rule in the text's own words, not computed
rule.delay: how long after the event
rule.snap: whether the first day of a month is awaited
rule.not_before: not before this day, or this long after opening
rule.later: the rule for States that consent later
rule.later.delay: how long after its consent
rule.later.snap: whether the first day of a month is awaited
rule.later.same: as for the first entry into force
rule.clause: the article
between: the parties between which it holds
number: its number
volume: the volume of the register
territory: the territory
label: a name of the reserve
holder: the party that holds it
words: the text
price: the price of one BTC
addresses: bitcoin addresses
value: what it is worth
price.observed.value: the price
review: the number of the review
months: how long, in months
access: how much may be drawn in all
access_usd: the same in dollars, as published
available: how much may be drawn from now
phase: the phase of the plan
state: the State that it is an agency of
under: the body above it
rank: the rank of the office
quantity: a figure in the statement
publisher: the party that published it
locator: its address
published: when it was made public
via: the sources that it quotes, nearest first
sha256: the hash of the copy
media_type: the form of the copy, such as text/html
bytes: the size of the copy
outcome: what was found
binding: whether it binds, as asserted
parties: the parties that it names
signatory: the person who signed
effect: what the confirmation makes of the signature
established_by: how the consent was established
act_words: what the act is called in the source
version: the text to which it consents
predecessor: the State that it succeeds
articles: the articles concerned
notified: when the other parties were told
confirms: the reservation at signature that this confirms
precludes: no entry into force between the two
planned: how much it is to hold or cost
legal_basis: the law that it rests on
policy: a short name of the policy
counterparty: the other side of the deal
spent: money spent in all
proceeds: money received in all
to_count: how many addresses receive
each: how much each address receives
fee: the fee of the transfer
seizures: the seizures that it ends
cause: how it was lost
scope: the part that the figure covers; without it, the whole
height: the block height at which it was counted
of: the amount that is valued; without it, the whole
method: quoted by the party, or computed
expected: the ledger balance at that time
observed: what the addresses held
explanation: what explains the difference
facility: the name of the IMF facility
due: when it is due
verdict: whether it was met
n: the number of the review
received_by: the party that received it
purposes: what for, in short names
authority: the authority that set it aside
terms: the terms, in words
in_part: only a part was endorsed
law: the law that it became
form: act, decree, ordinance or order
amends: the law that it changes
gazette: the gazette
how: repealed, lapsed or struck down
participants: who took part
participants.party: the participant
participants.role: as what
pair: the two currencies, such as btc-usd
data_type: the type of the new text
data: the whole new text
span: the span of days
winner: the claim that is right
among: the claims that it decides between
part_of: the claim that covers the whole
"""
_BY_NAME = dict(line.split(": ", 1) for line in _TEXTS.splitlines())


def field_text(type_: str, path: str) -> str:
    """Return what a field means, in a line; empty for one that depositary alone writes."""
    kind = type_.partition(".")[0]
    names = (f"{type_}.{path}", f"{kind}.{path}", path)
    return next((_BY_NAME[name] for name in names if name in _BY_NAME), "")
