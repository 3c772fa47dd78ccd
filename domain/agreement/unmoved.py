"""Who certainly stands to an agreement after an act as before it?

Where a side stands follows from its own record and from a little of the agreement. An act of one
side leaves most others where they were, and whoever asks after each act need not ask for them all.
"""

from operator import attrgetter

from domain.agreement.state import Agreement, start

_AROUND = attrgetter("on", "gate", "rule", "suspended")


def unmoved(before: Agreement, after: Agreement) -> frozenset[str]:
    """Return sides whose standing is what it was, perhaps not all; none of a bilateral agreement.

    There the notice of one side may end it for the other (VCLT 70(1)).
    """
    if before.bilateral or after.bilateral or _AROUND(before) != _AROUND(after):
        return frozenset()
    if start(before) != start(after):
        return frozenset()
    known, acting = before.acting, after.acting
    as_before = {who for who, side in acting.items() if known.get(who) is side}
    return frozenset(as_before | (after.sides - acting.keys() - known.keys()))
