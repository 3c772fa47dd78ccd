"""How does a test get a PostgreSQL of its own, and hurt it?

From the binaries that Debian's package `postgresql` leaves in a folder a version, or those on PATH:
a copy of one data folder, a port on loopback and a socket that nobody else uses. As root, which
PostgreSQL refuses, it runs as the user `postgres`. It stops, and its folder goes, when whoever
asked for it ends, however that is: a keeper waits at the other end of a pipe.
"""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

USER = "postgres"  # the user of the machine, if we are root, and the superuser of the server
OWNER = "depositary"  # the role that tests work as
PASSWORD = "a-word-for-tests"  # noqa: S105 - of a server that lives as long as a test

# Sorting text by English rules, so that whoever relies on the order of bytes has to ask for it.
INITDB = (
    "--encoding=UTF8 --locale=C --locale-provider=icu --icu-locale=en"
    " --data-checksums --no-instructions"
)
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%a ",
    "password_encryption": "scram-sha-256",
}
# The machine does not fall over in a test, so nothing has to reach its disk; nor is a server there
# for long enough to be tidied up.
CARELESS = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
# The socket is in a folder of our own; over the network a password is asked for.
HBA = """
local  all          all                trust
local  replication  all                trust
host   all          all  127.0.0.1/32  scram-sha-256
host   replication  all  127.0.0.1/32  scram-sha-256
"""
# Names the data folder to copy, for the processes that a test starts too.
TEMPLATE = "DEPOSITARY_TEST_TEMPLATE"


class NoPostgresError(Exception):
    """PostgreSQL cannot be had here: Debian's package `postgresql` brings it."""


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL found: Debian's, or that of PATH."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3])
    )
    on_path = shutil.which("postgres")
    found = [*versions, *([Path(on_path)] if on_path else [])]
    if not found:
        message = "no PostgreSQL is installed (Debian: apt-get install postgresql)"
        raise NoPostgresError(message)
    return (versions or found)[-1].parent


def identity() -> dict[str, Any]:
    """Return as whom servers run: ourselves, or the user `postgres` if we are root."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam(USER)
    except KeyError:
        message = f"PostgreSQL refuses to run as root, and there is no user {USER} here"
        raise NoPostgresError(message) from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def command(program: str, *arguments: str | Path, cwd: Path) -> str:
    """Run a program of PostgreSQL's, or one named by its path, as whom servers run.

    Return what it said; raise NoPostgresError if it fails.
    """
    ran = subprocess.run(
        [binaries() / program, *arguments],
        cwd=cwd,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
        **identity(),
    )
    if ran.returncode != 0:
        message = f"{program} {' '.join(map(str, arguments))}: {ran.stdout.strip()[-2000:]}"
        raise NoPostgresError(message)
    return str(ran.stdout)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def folder_for_servers() -> Iterator[Path]:
    """Give a folder for data folders; whatever happens, stop their servers and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="depositary-pg-", dir=_reachable()))
    who = identity()
    if who:
        os.chown(folder, who["user"], who["group"])
    keep = """
        while read -r _; do :; done
        for pid in "$0"/*/postmaster.pid; do
            if [ -e "$pid" ]; then "$1" stop -s -m immediate -D "${pid%/*}"; fi
        done
        rm -rf "$0"
    """
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", keep, folder, binaries() / "pg_ctl"],
        cwd=folder.parent,
        env={"PATH": os.defpath},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the tests; the keeper goes by the pipe
        **who,
    )
    try:
        yield folder
    finally:
        keeper.communicate(timeout=120)


def _reachable() -> Path:
    """Return a folder for temporary files that the servers' user can enter.

    It is in memory where the folders of the tests are (tests/conftest.py).
    """
    asked = Path(os.environ.get("PYTEST_DEBUG_TEMPROOT") or tempfile.gettempdir()).resolve()
    others_may = all(step.stat().st_mode & 0o001 for step in (asked, *asked.parents))
    return asked if others_may or os.geteuid() != 0 else Path("/var/tmp")  # noqa: S108


def template() -> Path:
    """Return the data folder of a server that stands still, made once for this process.

    The processes that it starts copy the same one.
    """
    known = os.environ.get(TEMPLATE)
    if known is None:
        kept = ExitStack()
        atexit.register(kept.close)
        data = kept.enter_context(folder_for_servers()) / "template"
        Server.initialise(data).stop()
        known = os.environ[TEMPLATE] = str(data)
    return Path(known)


@dataclass
class Server:
    """One PostgreSQL: a data folder, and the port it listens on once started."""

    data: Path
    port: int = 0
    PASSWORD: ClassVar[str] = PASSWORD

    @classmethod
    def make(cls, data: Path, settings: Mapping[str, str] = CARELESS) -> "Server":
        """Make an empty server with the role `depositary` and a database of the same name."""
        server = cls.copied(template(), data, settings)
        server.start()
        return server

    @classmethod
    def copied(cls, source: Path, data: Path, settings: Mapping[str, str]) -> "Server":
        """Copy the data folder of a server that stands still, and do not start it yet."""
        command("/bin/cp", "-a", source, data, cwd=data.parent)
        server = cls(data)
        server.configure({**settings, "unix_socket_directories": str(data.parent)})
        return server

    @classmethod
    def initialise(cls, data: Path) -> "Server":
        """Make the data folder of a server with its role and database, and start it."""
        arguments = [*INITDB.split(), "--no-sync", f"--username={USER}", "--auth=trust"]
        command("initdb", *arguments, "-D", data, cwd=data.parent)
        server = cls(data)
        server.configure({**SETTINGS, "unix_socket_directories": str(data.parent)})
        server.write("pg_hba.conf", HBA)
        server.start()
        server.sql(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}'")
        server.sql(f"CREATE DATABASE {OWNER} OWNER {OWNER}")
        return server

    def write(self, name: str, text: str) -> None:
        """Write one of the files of the data folder, which stay their owner's."""
        (self.data / name).write_text(text, "utf-8")
        if who := identity():
            os.chown(self.data / name, who["user"], who["group"])

    def configure(self, settings: Mapping[str, str]) -> None:
        """Add settings to those in force; they count from the next start, or a reload."""
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(lines)

    def start(self) -> None:
        """Start it and wait until it answers, on the port it had if it had one."""
        for attempt in range(5):
            port = self.port or free_port()
            options = ["-s", "-w", "-t", "60", "-l", str(self.data / "log"), "-o", f"-p {port}"]
            try:
                command("pg_ctl", "start", "-D", self.data, *options, cwd=self.data.parent)
            except NoPostgresError as error:
                if attempt == 4:
                    raise NoPostgresError(f"{error}\n{self.log()[-2000:]}") from None
                time.sleep(0.2 if self.port else 0)  # somebody else may have it for a moment
            else:
                self.port = port
                return

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast`, as an operator does, or `immediate`, as a power cut does."""
        command("pg_ctl", "stop", "-s", "-D", self.data, "-m", mode, cwd=self.data.parent)

    def reload(self) -> None:
        """Read the settings again."""
        command("pg_ctl", "reload", "-s", "-D", self.data, cwd=self.data.parent)

    def promote(self) -> None:
        """Make a primary of a standby, and wait until it is one."""
        command("pg_ctl", "promote", "-s", "-w", "-D", self.data, cwd=self.data.parent)

    def log(self) -> str:
        """Return what the server wrote down about itself."""
        path = self.data / "log"
        return path.read_text("utf-8", errors="replace") if path.exists() else ""

    def address(self, database: str = OWNER, role: str = OWNER) -> str:
        """Return the address over the private socket, where nobody is asked for a password."""
        where = f"host={quote(str(self.data.parent), safe='')}&port={self.port}"
        return f"postgresql://{role}@/{database}?{where}"

    def guarded_address(self, database: str = OWNER, role: str = OWNER) -> str:
        """Return the address over the network, where the password of the role is asked for."""
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """Make a database that nobody else uses; return its name."""
        name = f"d{uuid.uuid4().hex[:12]}"
        self.sql(f"CREATE DATABASE {name} OWNER {OWNER}")
        return name

    def script(self, schema: str) -> "Script":
        """Return what makes a schema again as it is now: under other names, tests change it."""
        found = command(
            "pg_dump",
            "--inserts",
            "--schema",
            schema,
            "--dbname",
            self.address(),
            cwd=self.data.parent,
        )
        lines = found.splitlines(keepends=True)
        return Script(self, schema, "".join(line for line in lines if not line.startswith("\\")))

    def sql(self, statement: str, *values: object, database: str = USER) -> list[Any]:
        """Do one statement as the superuser, committed at once; return its rows."""
        import psycopg

        with psycopg.connect(self.address(database, USER), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True)
class Script:
    """The statements that make a schema with all that is in it, by the name it had."""

    server: Server
    schema: str
    statements: str

    def run(self, schema: str) -> None:
        """Make such a schema under another name: in an eighth of the time that a copy takes."""
        import psycopg

        renamed = self.statements.replace(self.schema, schema)
        with psycopg.connect(self.server.address(), autocommit=True) as connection:
            connection.execute(renamed.encode())
