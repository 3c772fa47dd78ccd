"""Has every kind of thing its place in every room?"""

from datetime import date
from importlib import import_module

import pytest

from cli.app import app
from domain.claims.claim import Clocks
from domain.claims.ranking import DEFAULT, policy
from domain.claims.resolution import fold
from events.catalogue import all_types, types_for
from events.identifiers import KINDS
from projections.kinds.registry import answer, summary

# What was done to the ledger itself is shown by `log` and `status`.
OF_OTHERS = [kind for kind in KINDS if kind != "ledger"]


def test_the_catalogue_has_types_of_every_kind_and_of_no_other() -> None:
    named = {name.partition(".")[0] for name in all_types()}
    assert named == {*KINDS, "claim"}


@pytest.mark.parametrize("kind", OF_OTHERS)
def test_a_kind_can_be_claimed_about(kind: str) -> None:
    assert {name.partition(".")[0] for name in types_for(kind)} == {kind, "claim"}


@pytest.mark.parametrize("kind", OF_OTHERS)
def test_a_kind_is_decided(kind: str) -> None:
    decisions = import_module(f"domain.kinds.{kind}")
    assert [word for word in ("initial", "evolve", "judge") if not hasattr(decisions, word)] == []


@pytest.mark.parametrize("kind", OF_OTHERS)
def test_a_kind_is_answered(kind: str) -> None:
    view = fold((), Clocks(date(2025, 7, 18)), policy(DEFAULT))
    assert answer(f"{kind}/x", view)
    assert summary(f"{kind}/x", view)


@pytest.mark.parametrize("kind", OF_OTHERS)
def test_a_kind_is_asked_for_at_the_counter(kind: str) -> None:
    import typer.main

    counter = typer.main.get_command(app)
    context = counter.context_class(counter, info_name="depositary")
    group = counter.get_command(context, kind)  # type: ignore[attr-defined]
    assert {"list", "show", "history"} <= set(group.list_commands(context))
