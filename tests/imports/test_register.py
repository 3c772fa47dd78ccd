"""Is a party found by the names that lists give it, and never guessed?"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from domain.importers.register import Register, bundled_parties, fold_name


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Turkey", "party/tr"),
        ("Türkiye", "party/tr"),
        ("Swaziland", "party/sz"),
        ("The former Yugoslav Republic of Macedonia", "party/mk"),
        ("St. Kitts and Nevis", "party/kn"),
        ("Bahamas", "party/bs"),
        ("Bolivia (Plurinational State of)", "party/bo"),
        ("Democratic Republic of the Congo", "party/cd"),
        ("Congo", "party/cg"),
        ("Republic of Korea", "party/kr"),
        ("Côte d'Ivoire", "party/ci"),
        ("Hong Kong", "party/hk"),
        ("European Union", "party/eu"),
        ("World Health Organization", "party/who"),
        ("Czechoslovakia", "party/cs"),
        ("pk", "party/pk"),
    ],
)
def test_a_name_means_its_party(name: str, id_: str) -> None:
    found = Register().find(name)
    assert found is not None
    assert found.id == id_


@pytest.mark.parametrize("name", ["Pakistn", "Korea", "xx", "Atlantis", ""])
def test_what_no_list_of_names_has_is_not_guessed(name: str) -> None:
    assert Register().find(name) is None


def test_what_comes_near_is_offered() -> None:
    assert Register().near("Pakistn")[0] == "Pakistan (party/pk)"


def test_an_alias_goes_first() -> None:
    register = Register([("Onbtc", "party/onbtc"), ("Congo", "party/cd")])
    found = [register.find(name) for name in ("Onbtc", "Congo")]
    assert [party and party.id for party in found] == ["party/onbtc", "party/cd"]


def test_no_name_means_two_parties() -> None:
    parties, names, _ = bundled_parties()
    assert len(parties) > 270
    assert set(names.values()) == set(parties)
    assert fold_name("The Bahamas") == fold_name("Bahamas (the)")


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("Korea, Republic of", [("party/kr", "name")]),
        ("TR", [("party/tr", "iso2")]),
        ("RUS", [("party/ru", 'codes = "iso3"')]),
        ("260", [("party/tf", 'codes = "numeric"'), ("party/de", 'codes = "cow"'),
                 ("party/de", 'codes = "gw"')]),
    ],
)  # fmt: skip
def test_party_find_tells_the_id(
    name: str, rows: list[tuple[str, str]], ask: Callable[..., Any]
) -> None:
    found = json.loads(ask("party", "find", name, "--json").out)
    assert [(row["id"], row["by"]) for row in found] == rows


def test_party_find_says_what_comes_near(ask: Callable[..., Any]) -> None:
    ran = ask("party", "find", "Pakistn")
    assert ran.code == 3
    assert "did you mean Pakistan (party/pk)?" in ran.err
