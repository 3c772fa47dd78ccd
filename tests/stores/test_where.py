"""Is an address read as libpq reads it, and never a password with it?"""

from pathlib import Path
from string import ascii_letters
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events.store.location import Address, AddressError, PasswordInAddressError, parse_location

SECRET = "s3cret"  # noqa: S105 - of nobody

names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=":"), max_size=12)
ports = st.integers(1, 65_535).map(str)
hosts = st.one_of(
    st.text(ascii_letters + "0123456789.-", min_size=1, max_size=12),
    st.sampled_from(["::1", "/run/postgresql", "/run/a b@c?d#e:f/%"]),
)


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    several = draw(st.lists(hosts, max_size=3))
    how_many = st.sampled_from([0, 1, len(several)])
    numbers = draw(how_many.flatmap(lambda n: st.lists(ports, min_size=n, max_size=n)))
    if len(set(numbers)) == 1:
        numbers = numbers[:1]  # one for all
    options = st.dictionaries(
        st.sampled_from(["sslmode", "target_session_attrs", "service", "connect_timeout"]),
        names.filter(bool),
    )
    return Address(
        host=",".join(several) or None,
        port=",".join(numbers) or None,
        user=draw(names) or None,
        dbname=draw(names) or None,
        options=tuple(sorted(draw(options).items())),
        schema=draw(st.from_regex(r"[a-z][a-z0-9_]{0,40}", fullmatch=True)),
    )


@given(addresses())
@example(Address(port="5433"))
@example(Address(host="a,b", port="1,2", options=(("target_session_attrs", "read-write"),)))
def test_an_address_that_is_written_is_read_back(address: Address) -> None:
    assert Address.parse(str(address)) == address
    assert parse_location(str(address)) == address


@given(addresses())
def test_libpq_reads_what_we_read(address: Address) -> None:
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    text = str(address).partition("schema=")[0].rstrip("?&")
    read: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(text)
    assert by_host(read) == by_host(address.parameters())


def by_host(parameters: dict[str, Any]) -> Any:
    several = parameters.pop("host", "").split(",")
    numbers = parameters.pop("port", "").split(",")
    return parameters, several, numbers * len(several) if len(numbers) == 1 else numbers


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://me:{SECRET}@db.example/ledgers",
        f"postgres://me:{SECRET}/1@db.example/ledgers",
        f"postgresql://me:{SECRET}?x@db.example/ledgers",
        f"postgresql://me:{SECRET}#@db.example",
        f"postgresql://me:{SECRET}@x@db.example",
        f"postgresql://:{SECRET}@db.example",
        f"postgresql://me%3A{SECRET}@db.example",
        f"postgresql://db.example/ledgers?user=me&password={SECRET}",
        f"postgresql://db.example/ledgers?sslpassword={SECRET}",
        f"postgresql://db.example/ledgers?oauth_client_secret={SECRET}",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(PasswordInAddressError) as refused:
        parse_location(text)
    assert SECRET not in str(refused.value)
    assert "PGPASSWORD" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mysql://db.example/x", "begins with postgresql://"),
        ("POSTGRESQL://db.example/x", "begins with postgresql://"),
        ("postgresql://db.example:0/x", "port"),
        ("postgresql://db.example:65536/x", "port"),
        ("postgresql://db.example:five/x", "port"),
        ("postgresql://db.example:5432:5433/x", "port"),
        ("postgresql://[::1/x", "port"),
        ("postgresql://db.example/x?schema=Public", "schema"),
        ("postgresql://db.example/x?schema=", "schema"),
        ("postgresql://db.example/x?schema=a%22b", "schema"),
        ("postgresql://db.example/x?schema=" + "a" * 42, "schema"),
        ("postgresql://db.example/x?schema=a&schema=b", "schema twice"),
        ("postgresql://db.example/x?host=other", "host twice"),
        ("postgresql://db.example/x?dbname=y", "dbname twice"),
        ("postgresql://db.example/x?sslmode", "parameters"),
        ("postgresql://db.example/x?=a", "parameters"),
        ("postgresql://db.example/x?a&b=c", "parameters"),
        ("postgresql://db.example/%ff", "UTF-8"),
        ("postgresql://db.example/a%00b", "cannot be seen"),
        ("postgresql://db.example/a\nb", "cannot be seen"),
    ],
)
def test_what_is_no_address_is_said_without_repeating_it(text: str, why: str) -> None:
    with pytest.raises(AddressError, match=why) as refused:
        parse_location(text)
    assert "db.example" not in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    try:
        address = Address.parse(f"postgresql://{text}")
    except AddressError:
        return
    assert Address.parse(str(address)) == address


def test_what_has_no_scheme_is_a_path() -> None:
    assert parse_location("ledgers/a:b@c?d") == Path("ledgers/a:b@c?d")


def test_the_parts_of_an_address_are_named() -> None:
    text = "postgres://me@a:5433,[::1]:5434/d%20b?target_session_attrs=read-write&schema=treaties"
    address = parse_location(text)
    assert isinstance(address, Address)
    assert address.parameters() == {
        "host": "a,::1",
        "port": "5433,5434",
        "user": "me",
        "dbname": "d b",
        "target_session_attrs": "read-write",
    }
    assert address.schema == "treaties"
    assert str(address) == (
        "postgresql://me@a:5433,[::1]:5434/d%20b?target_session_attrs=read-write&schema=treaties"
    )
    assert Address.parse("postgresql://").schema == "depositary"
