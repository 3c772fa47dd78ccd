"""Merge the answers that a question has with each alternative of what is contested.

Under `strict` (docs/spec/answers.md, 13) the same outcome each time is the answer. Otherwise a word
says `contested`, a list holds what all have in common, any other value is null, and `contested`
names the value with its outcomes.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from domain.claims.alternatives import strict_views
from domain.claims.resolution import Resolution
from projections.queries.document import Document, canonical_text

# Lists whose members are told apart by one of their fields.
MEMBER_KEYS = ("party", "ref", "policy", "office", "pair", "act", "scope")
# What an answer says in a word, of which `contested` is one more.
_WORDS = frozenset(("agree", "counts_as", "in_force", "phase", "status"))

Question = Callable[[Resolution], Document]


def answer_strictly(view: Resolution, question: Question) -> Document:
    """Return the answer about a view; under `strict` with each alternative in turn."""
    views = strict_views(view) if view.policy.strict else ()
    if not views:
        return question(view)
    return merge_outcomes([question(one) for one in views])


def merge_outcomes(answers: Sequence[Document]) -> Document:
    """Return what the answers have in common, and under `contested` in what they differ."""
    contested: list[Document] = []
    merged = _merged(answers, "", contested)
    assert isinstance(merged, dict)
    if contested:
        if "certain" in merged:
            merged["certain"] = False
        merged["contested"] = contested
    return merged


BESIDE = "_perhaps"


def differing_values(answer: Document, other: Document) -> Document | None:
    """Return by name the values of another answer that differ from this one's; None for none.

    What has a place of its own beside the answer (`NAME_perhaps`) is told there, not here.
    """
    own = {name.removesuffix(BESIDE) for name in answer if name.endswith(BESIDE) and answer[name]}
    own |= {
        f"{name}_{part}" for name in own for part in ("lower_sat", "upper_sat", "unknown_flows")
    }
    names = (name for name in other if name != "certain" and not name.endswith(BESIDE))
    found = {
        name: other[name] for name in names if name not in own and other[name] != answer.get(name)
    }
    return found or None


def _merged(values: Sequence[Any], name: str, contested: list[Document]) -> Any:
    first = values[0]
    if all(value == first for value in values):
        return first
    if name == "certain":
        return False
    if all(isinstance(value, dict) for value in values) and not _is_whole(values):
        keys = dict.fromkeys(key for value in values for key in value)
        parts = ((key, [value.get(key, None) for value in values]) for key in keys)
        return {key: _merged(of, _within(name, key), contested) for key, of in parts}
    if all(isinstance(value, list) for value in values) and (key := _key_of(values)):
        return list(_members(values, key, name, contested))
    contested.append({"field": name, "outcomes": list(_outcomes(values))})
    if all(isinstance(value, list) for value in values):
        return [one for one in first if all(one in value for value in values)]
    return "contested" if name.rpartition(".")[2] in _WORDS else None


def _members(
    values: Sequence[list[Document]], key: str, name: str, contested: list[Document]
) -> Iterator[Any]:
    """Yield the members of lists, each merged with those of its name in the others."""
    known = [{member[key]: member for member in value} for value in values]
    names = sorted({of for one in known for of in one})
    for of in names:
        whole = next(one[of] for one in known if of in one)
        absent: Document = {f: [] if isinstance(v, list) else None for f, v in whole.items()}
        members = [{**one.get(of, absent), key: of} for one in known]
        yield _merged(members, _within(name, of), contested)


def _key_of(values: Sequence[list[Any]]) -> str | None:
    members = [member for value in values for member in value]
    if not all(isinstance(member, dict) for member in members):
        return None
    for key in MEMBER_KEYS:
        if all(member.get(key) for member in members) and all(
            len({member[key] for member in value}) == len(value) for value in values
        ):
            return key
    return None


def _is_whole(values: Sequence[Document]) -> bool:
    """Say whether these are amounts, which stay whole."""
    return any("text" in value or "unit" in value for value in values)


def _outcomes(values: Sequence[Any]) -> Iterator[Any]:
    seen: set[str] = set()
    for value in values:
        text = canonical_text(value)
        if text not in seen:
            seen.add(text)
            yield value


def _within(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key
