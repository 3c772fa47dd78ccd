"""Say under which clocks an answer was given, and which command gives it again."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import typer

from cli.clocks import AskedAt
from domain.claims.publication import Excluded
from domain.claims.ranking import DEFAULT
from events.text import count_noun

CLOCKS = ("as_of", "public_at", "known_at", "policy", "excluded")
_CLOCKS = frozenset(("as_of", "public_at", "known_at", "policy"))

Document = dict[str, Any]


def clocks_document(question: AskedAt, excluded: Excluded, *, dated: bool = True) -> Document:
    """Return the clocks as resolved, the policy, and how many claims were excluded."""
    return {
        "as_of": question.clocks.as_of_text if dated else None,
        "public_at": question.clocks.public_at_text,
        "known_at": question.position,
        "policy": question.policy.document,
        "excluded": excluded._asdict(),
    }


def answer_head(
    context: typer.Context, question: AskedAt, excluded: Excluded, *, dated: bool = True
) -> Document:
    """Return the head of a document: clocks, command; `as_of` null where it is not `dated`."""
    again = rerun_command(context, question, unpinned=() if dated else ("as_of",))
    return {**clocks_document(question, excluded, dated=dated), "reproduce": again}


def footer(head: Document, then: str = "") -> list[str]:
    """Return the lines below a table: the clocks, what they excluded, the command, the next."""
    below = [f"next: depositary {then}"] if then else []
    return ["", *clocks_lines(head), f"reproduce: {head['reproduce']}", *below]


def with_left(head: Document, left: int, narrow: str) -> tuple[Document, list[str]]:
    """Return the head, and the note below the rows, of an answer that left subjects out."""
    if not left:
        return head, []
    many = f"{count_noun(left, 'more subject')} at these clocks or under this policy"
    return {**head, "left": left}, ["", f"not folded: {many}; {narrow}"]


def about(subject: str, verb: str = "show") -> str:
    """Return the command that shows a subject, after `depositary`: `reserve show sv`."""
    kind, _, name = subject.partition("/")
    return f"{kind} {verb} {name}"


def clocks_lines(document: Document) -> list[str]:
    """Return the clocks of an answer in words, and what was excluded because of them."""
    public = (
        f"public by {document['public_at']}" if document["public_at"] else "any publication date"
    )
    day = f"as of {document['as_of']}" if document["as_of"] else "all effective dates"
    policy = document["policy"]
    digest = f", {policy['digest'][:19]}" if "digest" in policy else ""
    name = f"{policy['name']} v{policy['version']}{digest}"
    lines = [f"{day}, {public}, known at @{document['known_at']}, policy {name}"]
    if document["public_at"]:
        lines.append(excluded_in_words(Excluded(**document["excluded"])))
    if acts := document.get("by_day_of_act"):
        lines.append(f"dated by the day of the act: {', '.join(acts).replace('-', ' ')}")
    return lines


def excluded_in_words(excluded: Excluded) -> str:
    """Return how many claims a day of publication excluded."""
    unknown, perhaps = excluded
    return f"excluded: {unknown} with unknown publication date, {perhaps} perhaps published"


def rerun_command(
    context: typer.Context,
    question: AskedAt,
    *,
    given: Mapping[str, Any] | None = None,
    unpinned: Sequence[str] = (),
) -> str:
    """Return the command that gives this answer at any later time.

    `given` stands for what was typed, by parameter, and None for what is left away; so are the
    clocks named in `unpinned`.
    """
    taken = {parameter.name for parameter in context.command.params} - set(unpinned)
    return shlex.join((*_words(context, given or {}), *_pinned(taken, question)))


def pinned_command(words: str, question: AskedAt, taken: Iterable[str] = _CLOCKS) -> str:
    """Return a command of these words after `depositary`, at the clocks of a question."""
    return f"depositary {words} {shlex.join(_pinned(taken, question))}"


def typed_command(context: typer.Context, **given: Any) -> str:
    """Return what was typed after `depositary`; `given` stands for it, by parameter."""
    return shlex.join(list(_words(context, given))[1:])


def _words(context: typer.Context, given: Mapping[str, Any]) -> Iterator[str]:
    values: dict[Any, Any] = {**context.params, **given}
    yield from context.command_path.split()
    for one in context.command.params:
        yield from _typed(one, values.get(one.name))


def _typed(parameter: Any, value: Any) -> Iterator[str]:
    if parameter.name in _CLOCKS or value in (None, False, (), []) or value == parameter.default:
        return
    values = value if isinstance(value, list | tuple) else (value,)
    if parameter.param_type_name == "argument":
        yield from map(str, values)
    elif value is True:
        yield parameter.opts[0]
    else:
        for one in values:
            yield from (parameter.opts[0], str(one))


def _pinned(taken: Iterable[str | None], question: AskedAt) -> Iterator[str]:
    if "as_of" in taken:
        yield from ("--as-of", question.clocks.as_of_text)
    if question.clocks.public_at and "public_at" in taken:
        yield from ("--public-at", str(question.clocks.public_at_text))
    if "known_at" in taken:
        yield from ("--known-at", f"@{question.position}")
    if "policy" in taken and str(question.policy) != DEFAULT:
        yield from ("--policy", str(question.policy))
