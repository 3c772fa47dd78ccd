"""Locate a ledger: a file, or a PostgreSQL server, database and schema.

An address is written as libpq reads it, `postgresql://user@host:5432/database?sslmode=verify-full`,
with several hosts if needed, and one parameter of our own: `schema`. It never holds a password.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, unquote

from events.value import Value

SCHEMES = ("postgresql://", "postgres://")
DEFAULT_SCHEMA = "depositary"

_is_schema = re.compile(r"[a-z][a-z0-9_]{0,40}").fullmatch
_is_name = re.compile(r"[a-z][a-z_]{0,40}").fullmatch
_is_v6 = re.compile(r"[0-9A-Fa-f.]*:[0-9A-Fa-f.:]*").fullmatch
_has_scheme = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://").match
_split_host = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(.*))?").fullmatch
_SECRETS = frozenset(("password", "sslpassword", "oauth_client_secret"))
_OF_THE_PATH = ("host", "port", "user", "dbname")
# What else an address may say that a folder names: others of libpq name files, services, settings.
FOLDER_OPTIONS = ("application_name", "connect_timeout", "sslmode", "sslrootcert")
TLS_MODES = ("require", "verify-ca", "verify-full")


class AddressError(ValueError):
    """An address is postgresql://[user@]host[:port][,...]/database[?name=value&...].

    Its message never repeats the address, because what was read wrongly may be a password.
    """


class PasswordInAddressError(AddressError):
    """A password belongs in PGPASSWORD, a password file or a service file."""

    def __init__(self) -> None:
        super().__init__(
            "A password does not belong in the address, where others see it: it stands in"
            " PGPASSWORD, in ~/.pgpass (or the file that PGPASSFILE names), or in a service file."
        )


class Address(Value):
    """A schema of a PostgreSQL database; what is None or absent libpq takes from elsewhere."""

    host: str | None = None
    port: str | None = None
    user: str | None = None
    dbname: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    schema: str = DEFAULT_SCHEMA

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Return the address that a text spells; raise AddressError or PasswordInAddressError."""
        rest = next((text[len(s) :] for s in SCHEMES if text.startswith(s)), None)
        if rest is None:
            raise AddressError("An address of PostgreSQL begins with postgresql://.")
        authority, path, query = _split_address(rest)
        given = dict(_parameters(query))
        schema = _check_schema(given.pop("schema", DEFAULT_SCHEMA))
        for name, found in (*_authority_parameters(authority), ("dbname", _decode(path))):
            if found and given.setdefault(name, found) != found:
                raise AddressError(f"The address says its {name} twice.")
        main = {name: given.pop(name, None) or None for name in _OF_THE_PATH}
        return cls(**main, options=tuple(sorted(given.items())), schema=schema)

    def with_schema(self, schema: str) -> "Address":
        """Return the address of another schema of the same database."""
        fields = {name: getattr(self, name) for name in (*_OF_THE_PATH, "options")}
        return Address(**fields, schema=_check_schema(schema))

    def parameters(self) -> dict[str, str]:
        """Return the parameters for libpq, by its own names."""
        named = {name: getattr(self, name) for name in _OF_THE_PATH}
        return {name: v for name, v in named.items() if v is not None} | dict(self.options)

    def __str__(self) -> str:
        query = [*self.options]
        hosts = (self.host or "").split(",")
        ports = (self.port or "").split(",")
        if len(ports) > 1 and len(ports) != len(hosts):
            query.append(("port", str(self.port)))
            ports = [""]
        pairs = zip(hosts, ports if len(ports) > 1 else ports * len(hosts), strict=True)
        user = f"{quote(self.user, safe='')}@" if self.user else ""
        where = ",".join(_format_host(host, port) for host, port in pairs)
        path = f"/{quote(self.dbname, safe='')}" if self.dbname else ""
        if self.schema != DEFAULT_SCHEMA:
            query.append(("schema", self.schema))
        asked = "&".join(f"{name}={quote(found, safe='/,')}" for name, found in query)
        return f"postgresql://{user}{where}{path}{'?' if asked else ''}{asked}"

    @property
    def channel(self) -> str:
        """Return the name under which followers are notified of appended events (LISTEN)."""
        return f"{self.schema}_appended"


def beyond_loopback(hosts: str | None) -> bool:
    """Say whether any of the hosts of a list is another machine, as far as their names tell.

    A host that begins with / or @ is a socket, and none at all is libpq's own, which is one too.
    """
    return any(not _is_here(host) for host in (hosts or "").split(","))


def _is_here(host: str) -> bool:
    if not host or host[0] in "/@" or host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False  # a name, and a resolver may say anything of it


def check_folder_address(where: Address) -> Address:
    """Return an address that a folder may name, or raise AddressError.

    It has FOLDER_OPTIONS and no others, and asks for TLS where it says anything of it and a host is
    another machine.
    """
    given = dict(where.options)
    for name in given:
        if name not in FOLDER_OPTIONS:
            raise AddressError(
                f"An address that a folder names says no {name}: host, port, user, database,"
                f" schema, {', '.join(FOLDER_OPTIONS)} are all that it may say."
            )
    mode = given.get("sslmode", TLS_MODES[0])
    if beyond_loopback(where.host) and mode not in TLS_MODES:
        raise AddressError(
            "An address that a folder names asks for TLS beyond this machine: sslmode is"
            f" {', '.join(TLS_MODES)}."
        )
    return where


Location = Path | Address


def parse_location(text: str) -> Location:
    """Return the address or the path that a text spells; raise AddressError."""
    return Address.parse(text) if _has_scheme(text) else Path(text)


def _check_schema(schema: str) -> str:
    if not _is_schema(schema):
        raise AddressError(
            "The schema of an address is a lower-case letter, and then at most 40 of a-z, 0-9"
            " and _."
        )
    return schema


def _split_address(rest: str) -> tuple[str, str, str]:
    before, _, query = rest.partition("?")
    user, at, _ = before.rpartition("@")
    # Its place is not checked: a password may contain characters that end the part before it.
    if (at and ":" in user) or "@" in query.partition("=")[0]:
        raise PasswordInAddressError
    authority, _, path = before.partition("/")
    return authority, path, query


def _parameters(query: str) -> Iterator[tuple[str, str]]:
    seen = set()
    for part in query.split("&") if query else ():
        name, equals, found = part.partition("=")
        if not equals or not _is_name(name):
            raise AddressError("After its ?, an address has parameters: name=value&name=value.")
        if name in _SECRETS:
            raise PasswordInAddressError
        if name in seen:
            raise AddressError(f"The address says its {name} twice.")
        seen.add(name)
        yield name, _decode(found)


def _authority_parameters(authority: str) -> Iterator[tuple[str, str]]:
    user, _, hosts = authority.rpartition("@")
    if ":" in _decode(user):
        raise PasswordInAddressError
    yield "user", _decode(user)
    found = [_host(part) for part in hosts.split(",")]
    yield "host", ",".join(host for host, _ in found) if any(h for h, _ in found) else ""
    ports = [port for _, port in found]
    if any(ports):
        yield "port", ",".join(ports) if len(set(ports)) > 1 else ports[0]


def _host(part: str) -> tuple[str, str]:
    split = _split_host(part)
    host, port = split.groups("") if split else ("", "-")
    if port and not (port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
        raise AddressError("A port of the address is not a number from 1 to 65535.")
    return _decode(host.removeprefix("[").removesuffix("]")), port


def _decode(text: str) -> str:
    try:
        found = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise AddressError("The address is not UTF-8 once its %-signs are resolved.") from None
    if not found.isprintable():
        raise AddressError("The address has a character in it that cannot be seen.")
    return found


def _format_host(host: str, port: str) -> str:
    name = f"[{host}]" if _is_v6(host) else quote(host, safe="")
    return f"{name}:{port}" if port else name
